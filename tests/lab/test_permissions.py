"""Each verb does its work with exactly the policy that `trailseal permissions` prints for it."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labs import RunningLab
from trailseal.cli.main import run
from trailseal.run.permissions.calls import actions_of
from trailseal.run.permissions.document import needs_of, policy
from trailseal.run.permissions.narrowing import Narrowing
from trailseal.run.permissions.needs import VERBS

ACCOUNT = "123456789012"
CALL = re.compile(r"^([\w-]+:\w+) ")
REFUSED = re.compile(r"AccessDenied|AWS does not allow|not read:|not readable")


WITH_COPIES = "check --copies"


def policy_of(verb: str) -> dict[str, Any]:
    name, _, option = verb.partition(" --")
    return policy(name, Narrowing(copies=bool(option)))


class Workers:
    """A user for each verb, with its policy and nothing else; made before a plan reads who there is."""

    def __init__(self, lab: RunningLab, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lab, self._patch = lab, monkeypatch
        self._iam = lab.client("iam")
        for verb in (*VERBS, WITH_COPIES):
            name = self.name(verb)
            self._iam.create_user(UserName=name)
            text = json.dumps(policy_of(verb))
            self._iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=text)

    def name(self, verb: str) -> str:
        return f"for-{verb.replace(' ', '-')}"

    def run(self, verb: str, words: str) -> int:
        for name, value in self.lab.environment(f"arn:aws:iam::{ACCOUNT}:user/{self.name(verb)}").items():
            self._patch.setenv(name, value)
        return run(words.split())


ELSEWHERE = "arn:aws:cloudtrail:ap-northeast-1:444455556666:trail/theirs"
STORY = (
    ("check", "check --save FOLDER/seen.json", 3),
    ("explain", "explain", 0),
    ("history validate", "history validate --start-time 2026-11-23", 0),
    ("plan", "plan --out FOLDER/plan.json", 3),
    ("apply", "apply FOLDER/plan.json --yes --no-wait", 0),
    ("TICK", "3", 0),
    ("check", "check", 3),
    ("check --copies", "check --copies", 3),
    ("verify", "verify", 0),
    ("who", "who", 0),
    ("policy", "policy show alias/trailseal-cloudtrail", 0),
    ("key show", "key show alias/trailseal-cloudtrail", 0),
    ("key rotate", "key rotate alias/trailseal-cloudtrail --now --yes --every 200", 0),
    ("cost", "cost --count-reads", 0),
    ("history census", "history census --manifest FOLDER/manifest.csv --versions", 4),
    ("history census", "history census --manifest FOLDER/manifest.csv", 3),
    (
        "history reencrypt",
        "history reencrypt --manifest FOLDER/manifest.csv --yes --accept readers-lose-access",
        0,
    ),
    ("TICK", "12", 0),
    ("history validate", "history validate --start-time 2026-11-23", 0),
    ("undo", "undo --yes", 0),
    ("plan", "plan --key create --alias alias/own --origin external --out FOLDER/own.json", 3),
    ("apply", "apply FOLDER/own.json --yes --no-wait", 3),
    ("key import", "key import alias/own --generate FOLDER/material", 0),
    ("plan", f"plan --key alias/trailseal-cloudtrail --also-for {ELSEWHERE} --out FOLDER/again.json", 3),
    ("apply", "apply FOLDER/again.json --yes --no-wait", 0),
    ("undo", "undo --yes", 0),
)
"""
A verb's user, what it types, and the exit code, as the account's administrator has it.

A Region that has just begun to deliver has no digest file until an hour's cycles have passed, and until then
its hours are not known.
"""


@pytest.fixture
def workers(fresh_lab: Callable[..., RunningLab], monkeypatch: pytest.MonkeyPatch) -> Workers:
    return Workers(fresh_lab("story"), monkeypatch)


def test_each_verb_works_with_exactly_its_policy(
    workers: Workers, tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO, logger="trailseal")
    assert {verb for verb, *_ in STORY} == {*VERBS, WITH_COPIES, "TICK"}
    for verb, words, code in STORY:
        if verb == "TICK":
            workers.lab.tick(int(words))
            continue
        caplog.clear()
        got = workers.run(verb, words.replace("FOLDER", str(tmp_path)))
        told = capsys.readouterr()

        assert got == code, f"{words}\n{told.err}"
        assert not REFUSED.search(told.out + told.err), f"{words}\n{told.out}\n{told.err}"
        called = {match[1] for each in caplog.records if (match := CALL.match(each.getMessage()))}
        needed = {action for call in called for action in actions_of(call)}
        allowed = needs_of(verb.partition(" --")[0], copies=verb == WITH_COPIES)
        assert needed <= {need.action for need in allowed}, words
