"""
The demo's stage: a lab of its own in a folder of its own, real commands on it, and a look at what came out.

Each act says what will be seen, runs one command as a user would, and compares its exit code and, through
`--format json`, its facts with what was said.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct

from trailseal.errors import TrailsealError
from trailseal.locale.language import language, translate
from trailseal.messages import N_, message

CONTROL = "CloudTrail.2"
PATIENCE = 60
PLAN_ENDS, UNDO_ENDS = 6, 2
"""Lines at the end of these screens, which say what matters most."""
WIDTH = "100"
"""Columns where no terminal says how wide it is."""
CLEAN, FOUND = frozenset({0}), frozenset({3})


class Stage(Struct, frozen=True, kw_only=True):
    """Where the demo plays: its folder and its environment."""

    folder: Path
    environment: dict[str, str]

    @classmethod
    @contextmanager
    def open(cls, *, cycle: float) -> Iterator[Stage]:
        """Start a lab of the story, stop it whatever happens, and say what is left: nothing."""
        with tempfile.TemporaryDirectory(prefix="trailseal-demo-") as folder:
            stage = cls(folder=Path(folder), environment=_environment(folder))
            tell(N_("An embedded AWS with one trail on SSE-S3, two days of log files, and their readers."))
            stage.run("lab", "up", "--scenario", "story", "--cycle", f"{cycle:g}", "--detach")
            try:
                yield cls(folder=stage.folder, environment={**stage.environment, **stage.lab_variables()})
            finally:
                stage.run("lab", "down")
        tell(
            N_("Nothing is left on this machine: the lab is stopped, and the folder of this play is removed.")
        )

    def run(self, *arguments: str, exits: frozenset[int] = CLEAN, last: int = 0) -> None:
        """
        Run one command before the user's eyes; with `last`, show so many lines of its end alone.

        Raises:
            TrailsealError: it ended otherwise than told.
        """
        shown = " ".join(("trailseal", *arguments))
        print(f"$ {shown}{f' 2>&1 | tail -n {last}' if last else ''}", flush=True)  # noqa: T201 - a prompt
        done = _start(_command(*arguments), self.environment, self.folder, merged=bool(last))
        if done.returncode not in exits:
            told = ", ".join(map(str, sorted(exits)))
            _show(done.stdout)
            what = message(
                "`{command}` ended with {code}, not {told}", command=shown, code=done.returncode, told=told
            )
            raise TrailsealError(what)
        _show(done.stdout, last)

    def facts(self, *arguments: str) -> dict[str, Any]:
        """Return what a command answers with `--format json`, without showing it."""
        done = _start(_command(*arguments, "--format", "json"), self.environment, self.folder, quiet=True)
        found: dict[str, Any] = json.loads(done.stdout or b"{}")
        return found

    def lab_variables(self) -> dict[str, str]:
        """Return what `lab env` exports, as a shell would take it."""
        done = _start(_command("lab", "env"), self.environment, self.folder, quiet=True)
        exports = [
            line.removeprefix("export ")
            for line in done.stdout.decode().splitlines()
            if line.startswith("export ")
        ]
        return {name: value.strip("'\"") for name, _, value in (each.partition("=") for each in exports)}

    def await_security_hub(self, status: str) -> dict[str, Any]:
        """
        Return the check's facts once Security Hub has looked again and says `status` of CloudTrail.2.

        Raises:
            TrailsealError: it did not, for as long as anybody would watch.
        """
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            seen = self.facts("check")
            if hub_says(seen) == status:
                return seen
            time.sleep(0.5)
        raise TrailsealError(
            message("Security Hub did not say {status} of {control}", status=status, control=CONTROL)
        )

    def await_deliveries(self) -> dict[str, Any]:
        """
        Return the check's facts once the Region of IAM's events has delivered too, as it has in any account.

        Raises:
            TrailsealError: it did not, for as long as anybody would watch.
        """
        self.facts("who")
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            seen = self.facts("check")
            if len({each["region"] for row in seen["trails"] for each in row["deliveries"]}) > 1:
                return seen
            time.sleep(0.5)
        raise TrailsealError(message("nothing was delivered in a second Region"))


def _environment(folder: str) -> dict[str, str]:
    """A clean environment: whatever AWS account the user has configured is out of the play."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "TRAILSEAL_"))}
    nowhere = str(Path(folder, "no-such-file"))
    return {
        **kept,
        "TRAILSEAL_HOME": str(Path(folder, "state")),
        "AWS_CONFIG_FILE": nowhere,
        "AWS_SHARED_CREDENTIALS_FILE": nowhere,
        "PYTHONUNBUFFERED": "1",
        "COLUMNS": os.environ.get("COLUMNS") or (_columns() if sys.stdout.isatty() else WIDTH),
    }


def _columns() -> str:
    """Return how wide the terminal is: what runs into a pipe cannot ask."""
    return str(shutil.get_terminal_size().columns)


def _start(
    command: list[str],
    environment: dict[str, str],
    folder: Path,
    *,
    quiet: bool = False,
    merged: bool = False,
) -> subprocess.CompletedProcess[bytes]:
    """Run our own command line; its output is shown, kept, or kept with what goes to stderr."""
    out = subprocess.PIPE if quiet or merged else None
    err = subprocess.STDOUT if merged else out
    return subprocess.run(command, env=environment, cwd=folder, stdout=out, stderr=err, check=False)  # noqa: S603 - ours


def _show(output: bytes | None, last: int = 0) -> None:
    """Show what was kept of a command's output, or the last lines of it."""
    lines = (output or b"").decode(errors="replace").splitlines(keepends=True)
    sys.stdout.write("".join(lines[-last:]))
    sys.stdout.flush()


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "trailseal", *arguments, "--lang", language()]


def tell(text: str) -> None:
    """Say, in the user's language, what comes next."""
    print(f"\n# {translate(text)}", flush=True)  # noqa: T201 - the demo's own voice


def verdict_of(facts: dict[str, Any]) -> str:
    """Return our verdict on CloudTrail.2 for the story's one trail."""
    rows = [row for row in facts.get("findings", ()) if row["finding"]["check"] == CONTROL]
    return str(rows[0]["finding"]["verdict"]) if rows else ""


def hub_says(facts: dict[str, Any]) -> str:
    """Return Security Hub's status of CloudTrail.2, "" where it says nothing."""
    rows = [row for row in facts.get("findings", ()) if row["finding"]["check"] == CONTROL]
    view = rows[0].get("security_hub") if rows else None
    return str(view["status"]) if view else ""


def score_of(facts: dict[str, Any]) -> int:
    """Return the score of the first standard, in percent."""
    return int(facts["scores"][0]["now"])


def expect(true: bool, what: str) -> None:  # noqa: FBT001 - reads as a sentence: expect(facts, "what")
    """
    Return when what was told has come out.

    Raises:
        TrailsealError: it has not.
    """
    if not true:
        raise TrailsealError(message("this did not come out as announced: {what}", what=translate(what)))


def play(stage: Stage) -> None:
    """
    Play the story, act by act; it ends with before and after.

    Raises:
        TrailsealError: an act came out otherwise than told.
    """
    before = stage.await_deliveries()
    expect(
        (verdict_of(before), hub_says(before)) == ("fail", "FAILED"),
        N_("CloudTrail.2 fails before the switch"),
    )
    tell(N_("CloudTrail.2 has FAILED, and Security Hub's score shows it."))
    stage.run("check", "--control", CONTROL, "--save", "before.json", exits=FOUND)
    tell(N_("What would be done, and who loses access. Nothing is changed yet."))
    stage.run("plan", "--out", "plan.json", exits=FOUND, last=PLAN_ENDS)
    tell(N_("Exactly that is done; then the next deliveries are awaited and looked at."))
    stage.run("apply", "plan.json", "--yes")
    tell(
        N_(
            "The delivered objects themselves: the new ones encrypted with the key, the older ones as they "
            "were."
        )
    )
    stage.run("verify", "--brief")
    expect_sealed(stage.facts("verify"))
    tell(N_("Security Hub looks again: after 12 to 24 hours on AWS, every second cycle here."))
    after = stage.await_security_hub("PASSED")
    expect(verdict_of(after) == "pass", N_("CloudTrail.2 passes after the switch"))
    expect(score_of(after) > score_of(before), N_("the score went up"))
    stage.run("check", "--brief", "--save", "after.json", exits=CLEAN | FOUND)
    tell(N_("And back: the trail as it was. The key stays, because objects are encrypted with it."))
    stage.run("undo", "--yes", last=UNDO_ENDS)
    back = stage.await_security_hub("FAILED")
    expect(verdict_of(back) == "fail", N_("the trail is on SSE-S3 again"))
    tell(N_("What the switch had changed, from what was saved before it and after it."))
    stage.run("check", "--snapshot", "after.json", "--compare", "before.json", exits=CLEAN | FOUND)


def tell_next() -> None:
    """Say what to type next."""
    tell(N_("Next: on your own account, which it only reads:"))
    print("$ trailseal check", flush=True)  # noqa: T201 - a prompt
    tell(N_("or by hand on a lab, which stays until `trailseal lab down`:"))
    print("$ trailseal lab up --scenario story --detach", flush=True)  # noqa: T201 - a prompt


def expect_sealed(facts: dict[str, Any]) -> None:
    """
    Return when objects from before are AES256 and all from after are `aws:kms`.

    Raises:
        TrailsealError: they are not.
    """
    encryptions = _encryptions(facts)
    expect(encryptions.get("before the switch", set()) == {"AES256"}, N_("older log files stay AES256"))
    expect(
        encryptions.get("under the key", set()) == {"aws:kms"},
        N_("new log files are encrypted with the key (aws:kms)"),
    )


def _encryptions(facts: dict[str, Any]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for trail in facts["trails"]:
        for row in trail["rows"]:
            found.setdefault(str(row["finding"]), set()).add(str(row["encryption"]))
    return found
