"""
The how-tos: every command that one shows is run, in its order, on one lab, and ends as a reader is told.

Both languages show the same commands (`test_pages`), so those of the English page are run. What a page takes
for granted, a switched trail, files of the reader's own, is made before; examples' names are the lab's.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from pathlib import Path

import pytest

from docs.test_commands import lines_of
from docs.transcripts import ROOT, lines_on_a_lab, run_all
from forked import Forked
from labs import Nursery

LIMIT = 900
PAGES = sorted(page for page in (ROOT / "docs" / "howto").glob("*.md") if ".ja." not in page.name)
HOME = "arn:aws:iam::123456789012"
SWITCH = ("trailseal plan --out made.json", "trailseal apply made.json --yes")
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "A", "Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
    ],
}  # fmt: skip
FILES = f"echo {shlex.quote(json.dumps(POLICY))} | tee key-policy.json > deployed.json"
SIGNER = (
    "ssh-keygen -q -t ed25519 -N '' -C r -f deploy_key && echo \"r $(cat deploy_key.pub)\" > reviewers.pub"
)
MATERIAL = "head -c 32 /dev/urandom > material.bin && head -c 32 /dev/urandom > new-material.bin"
READERS = {f"{HOME}:role/LogReader": f"{HOME}:user/user1"}
SHIPPED = (0, 2)
"""Of what stands in the wheel alone: a source tree lacks it."""
DONE = (0, 3)
"""What a command that is not named in `ends` may end with: done, or findings to act on."""


class Play:
    """What a page needs to be run: a scenario, what is there before, its names, other exit codes."""

    def __init__(
        self,
        scenario: str = "story",
        *,
        before: Sequence[str] = (),
        named: Mapping[str, str] | None = None,
        ends: Mapping[str, tuple[int, ...]] | None = None,
    ) -> None:
        self.scenario, self.before, self.named, self.ends = scenario, before, named or {}, ends or {}


PLAYS = {
    "first-switch": Play(),
    "restrict-readers": Play(
        before=SWITCH,
        named=READERS | {"--out restrict.json": "--accept readers-lose-access --out restrict.json"},
    ),
    "own-key-material": Play(
        before=(MATERIAL,), ends={"trailseal key import alias/own --generate material.bin": (2,)}
    ),
    "owned-trail": Play("clean"),
    "reencrypt-history": Play(before=SWITCH, ends={"trailseal history validate": (0, 3, 4)}),
    "after-incident": Play(
        named={
            "arn:aws:cloudtrail:eu-west-3:111122223333:trail/audit": (
                "arn:aws:cloudtrail:ap-northeast-1:123456789012:trail/management-events"
            ),
            "central-logs": "example-cloudtrail-logs",
        },
        ends={"trailseal history validate": (0, 3, 4)},
    ),
    "gate-pipeline": Play(
        before=(*SWITCH, FILES, SIGNER), named=READERS, ends={"trailseal help schema": SHIPPED}
    ),
    "roll-back": Play(
        before=SWITCH,
        named={"8ea44db7": "$(trailseal runs --brief | cut -d: -f1)", "plan.json": "made.json"},
    ),
}


@pytest.fixture
def shell(
    play: Play, shell_environment: dict[str, str], tmp_path: Path, nursery: Nursery, forked: Forked
) -> Iterator[list[str]]:
    """The lines that a shell begins with, for a lab and the command to be there."""
    with lines_on_a_lab(
        play.scenario, nursery=nursery, forked=forked, environment=shell_environment, folder=tmp_path
    ) as lines:
        yield lines


def lines_to_run(name: str, play: Play) -> list[str]:
    """Return the command lines of a page, with the lab's names in the place of its examples'."""
    shown = lines_of(ROOT / "docs" / "howto" / f"{name}.md")
    return [reduce(lambda line, pair: line.replace(*pair), play.named.items(), line) for line in shown]


def ending(play: Play, line: str) -> tuple[int, ...]:
    return next((codes for start, codes in play.ends.items() if line.startswith(start)), DONE)


@pytest.mark.parametrize(("name", "play"), PLAYS.items(), ids=PLAYS)
def test_the_commands_of_a_how_to_can_be_run_in_its_order(
    name: str, play: Play, shell: list[str], shell_environment: dict[str, str], tmp_path: Path
) -> None:
    shown = lines_to_run(name, play)
    before = [*shell, *play.before]
    asked = [f"yes 2>/dev/null | {{ {line}\n}}\ncode=$?; echo; echo ended with $code" for line in shown]

    outputs = run_all([*before, *asked], shell_environment, tmp_path, limit=LIMIT)[len(before) :]

    assert len(outputs) == len(shown)
    for line, output in zip(shown, outputs, strict=True):
        said, _, code = output.rpartition("ended with ")
        assert int(code) in ending(play, line), f"{line}\n{said[-2000:]}"
        assert "Traceback" not in said


def test_every_how_to_is_run() -> None:
    """But the organization's, of several accounts' profiles: `tests/lab/test_log_archive.py` plays that."""
    assert {page.stem for page in PAGES} - PLAYS.keys() == {"organization"}
    assert all(lines_of(page) for page in PAGES)
