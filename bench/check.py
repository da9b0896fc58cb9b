"""`trailseal check` beside Cloud Custodian's one-policy run, on one account of the lab."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import in_turn, median, report

ROOT = Path(__file__).parent.parent
POLICY = """
policies:
  - name: cloudtrail-without-kms
    resource: aws.cloudtrail
    filters:
      - type: value
        key: KmsKeyId
        value: absent
"""
REGION = "ap-northeast-1"


def lab_environment(home: str) -> dict[str, str]:
    """Start a lab of its own whose clock stands still, and return the variables that point at it."""
    environment = {**os.environ, "TRAILSEAL_HOME": home}
    trailseal = [sys.executable, "-m", "trailseal"]
    up = [*trailseal, "lab", "up", "--detach", "--scenario", "story", "--cycle", "0"]
    subprocess.run(up, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    printed = subprocess.run([*trailseal, "lab", "env"], env=environment, check=True, capture_output=True)
    lines = (line.removeprefix("export ") for line in printed.stdout.decode().splitlines() if "=" in line)
    given = dict(line.split("=", 1) for line in lines)
    return {"TRAILSEAL_HOME": home, **{name: value.strip("'\"") for name, value in given.items()}}


def custodian() -> str:
    """Return the witness's program."""
    environments = Path(os.environ.get("TRAILSEAL_WITNESSES", ROOT / ".venvs"))
    return str(environments / "c7n" / "bin" / "custodian")


def main() -> None:
    """Measure whole processes in turn against the same endpoint."""
    with tempfile.TemporaryDirectory() as folder:
        environment = lab_environment(folder)
        try:
            policy = Path(folder, "policy.yml")
            policy.write_text(POLICY)
            theirs = [custodian(), "run", "-s", f"{folder}/out", "--region", REGION, "--cache-period", "0",
                      str(policy)]  # fmt: skip
            command = [str(Path(sys.executable).with_name("trailseal")), "check", "--format", "json"]
            # Installed programs have their bytecode; the uncounted first run of each writes it here.
            ours, peer = in_turn(command, theirs, env={**environment, "PYTHONDONTWRITEBYTECODE": ""})
        finally:
            down = [sys.executable, "-m", "trailseal", "lab", "down"]
            subprocess.run(down, env={**os.environ, **environment}, check=False, stdout=subprocess.DEVNULL)
    if any(each.exit_code for each in peer):
        raise SystemExit("custodian failed")
    answer = json.loads(ours[0].output)
    ours_wall, peer_wall = median([r.wall for r in ours]), median([r.wall for r in peer])
    report(
        bench="check",
        ours=ours_wall,
        peer=peer_wall,
        peer_name="Cloud Custodian, one policy",
        unit="s",
        n=len(answer["trails"]),
        ratio=peer_wall / ours_wall,
        peak_memory_mb=round(max(r.peak_memory for r in ours) / 1e6, 1),
        peer_peak_memory_mb=round(max(r.peak_memory for r in peer) / 1e6, 1),
        cpu_s=round(median([r.cpu for r in ours]), 3),
        peer_cpu_s=round(median([r.cpu for r in peer]), 3),
        verdicts=answer["counts"],
    )


if __name__ == "__main__":
    main()
