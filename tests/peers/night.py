"""
The long run: each tool against each scenario, before a switch and after it, held against what is on record.

`tests/golden/peers.json` is the record, and docs/peers.md explains it. A run goes on where the last
one of the same seed stopped; with TRAILSEAL_PEERS=write it writes the record anew.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from peers.programs import PROGRAMS, ROOT, Told

SCENARIOS = ("clean", "story", "multi", "broken", "many", "empty")
MOMENTS = ("before", "after")
RECORD = ROOT / "tests" / "golden" / "peers.json"
OK = frozenset((0, 3, 4))
Counts = dict[str, dict[str, str]]
"""By tool and control: how many things pass and fail, as `2/1`."""


def run(seed: int, minutes: float, folder: Path) -> int:
    """Ask all tools for so many minutes; return 1 if any says anything else than the record has."""
    path = folder / f"nightly-peers-{seed}.json"
    found: dict[str, Counts] = json.loads(path.read_text()) if path.exists() else {}
    end = time.monotonic() + minutes * 60
    for scenario in SCENARIOS:
        if all(f"{scenario} {moment}" in found for moment in MOMENTS) or time.monotonic() > end:
            continue
        found |= told_of(scenario)
        path.write_text(json.dumps(found))
    if os.environ.get("TRAILSEAL_PEERS") == "write":
        asked = (f"{scenario} {moment}" for scenario in SCENARIOS for moment in MOMENTS)
        RECORD.write_text(json.dumps({name: found[name] for name in asked if name in found}, indent=1) + "\n")
    different = list(differences(json.loads(RECORD.read_text()), found))
    print(*different, f"{len(found)} of {len(SCENARIOS) * len(MOMENTS)} asked", sep="\n")  # noqa: T201
    return 1 if different else 0


def differences(record: dict[str, Counts], found: dict[str, Counts]) -> Iterable[str]:
    """Yield a line for each control of which something else is said than the record has."""
    for moment, tools in sorted(found.items()):
        if moment not in record:
            yield f"{moment}: not on record"
            continue
        for tool in sorted(tools):
            on_record = record[moment].get(tool, {})
            for control in sorted({*tools[tool], *on_record}):
                said, was = tools[tool].get(control), on_record.get(control)
                if said != was:
                    yield f"{moment}: {tool} {control}: {said} passed and failed, on record {was}"


def told_of(scenario: str) -> dict[str, Counts]:
    """Return what is said of a fresh lab of this scenario, before and after a switch."""
    with tempfile.TemporaryDirectory() as home:
        own = {k: v for k, v in os.environ.items() if not k.startswith("AWS_") and k != "HTTP_PROXY"}
        environment = {**own, "TRAILSEAL_HOME": home}
        trailseal(environment, "lab", "up", "--detach", "--scenario", scenario, "--cycle", "0")
        try:
            given = json.loads(trailseal(environment, "lab", "env", "--format", "json"))["environment"]
            environment |= {name: value for name, value in given.items() if value}
            before = told(environment, Path(home, "before"))
            switch(environment, Path(home, "plan.json"))
            return {f"{scenario} before": before, f"{scenario} after": told(environment, Path(home, "after"))}
        finally:
            trailseal(environment, "lab", "down")


def switch(environment: dict[str, str], plan: Path) -> None:
    """Put the trails under a key, and let CloudTrail deliver and Security Hub look again."""
    trailseal(environment, "plan", "--reader-days", "0", "--out", str(plan))
    trailseal(environment, "apply", str(plan), "--yes", "--no-wait")
    trailseal(environment, "lab", "tick", "2")


def told(environment: dict[str, str], folder: Path) -> Counts:
    """Return what trailseal and each tool say now of the trails, their buckets and their keys."""
    checked = json.loads(trailseal(environment, "check", "--format", "json"))
    trails = [each["trail"] for each in checked["trails"] if each["trail"]["type"] == "trail"]
    regions = sorted({environment["AWS_REGION"], *(trail["home_region"] for trail in trails)})
    things = {"", checked["account"]} | {name for trail in trails for name in names_of(trail)}
    counts: Counts = {"trailseal check": ours(checked)}
    for tool, ask in PROGRAMS.items():
        own = folder / tool.replace(" ", "-")
        own.mkdir(parents=True)
        said = {each for each in ask(environment, regions, own) if each.thing.split("/")[-1] in things}
        counts[tool] = counted(said)
    return counts


def names_of(trail: dict[str, Any]) -> Iterable[str]:
    """Return the names under which a tool speaks of a trail, its bucket and its key."""
    key = trail["kms_key_id"]
    return (trail["name"], trail["s3_bucket_name"], *([key.split("/")[-1]] if isinstance(key, str) else ()))


def counted(said: Collection[Told]) -> dict[str, str]:
    """Return for each control how many things pass and how many fail; "the rest" passes where none fails."""
    failed = {each.control for each in said if not each.passed}
    said = [each for each in said if each.thing or not each.passed or each.control not in failed]
    rows = Counter((each.control, each.passed) for each in said)
    return {name: f"{rows[name, True]}/{rows[name, False]}" for name in sorted({name for name, _ in rows})}


def ours(checked: dict[str, Any]) -> dict[str, str]:
    """Return the same of our own checks; what is neither passed nor failed counts as neither."""
    rows = Counter((each["finding"]["check"], each["finding"]["verdict"]) for each in checked["findings"])
    names = sorted({name for name, _ in rows})
    return {name: f"{rows[name, 'pass']}/{rows[name, 'fail']}" for name in names}


def trailseal(environment: dict[str, str], *words: str) -> str:
    """
    Run a command, and return what it prints.

    Raises:
        RuntimeError: it failed.
    """
    command = [sys.executable, "-m", "trailseal", *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in OK and words[:2] != ("lab", "tick"):
        raise RuntimeError(f"{' '.join(words)} ended with {done.returncode}: {done.stderr}")
    return done.stdout
