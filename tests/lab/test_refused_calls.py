"""Each call that a verb makes is refused in turn: what the answer rests on is never missing in silence."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable

import pytest

from copies_of_events import with_copies
from labs import RunningLab
from trailseal.cli.main import run
from trailseal.run.permissions.calls import actions_of

CALL = re.compile(r"^([\w-]+):(\w+) ")
TOLD = re.compile(r"(not read|not known|does not allow).*\b\w[\w-]*:\w+", re.DOTALL)
ELSEWHERE = {"HeadBucket"}
"""The Region of a bucket, which its refusal tells as well."""
SIGNED_FOR = {"s3control": "s3-control"}
"""What the lab calls a service, where botocore has another name."""
NO_CALLER = "GetCallerIdentity"
"""Without it there is no account to speak of, and the command fails."""


@pytest.fixture
def lab(fresh_lab: Callable[..., RunningLab], monkeypatch: pytest.MonkeyPatch) -> RunningLab:
    made = fresh_lab("clean")
    for name, value in made.environment().items():
        monkeypatch.setenv(name, value)
    return made


def calls_of(words: list[str], caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """Return each call that a command makes, after it ended with 0."""
    caplog.clear()
    with caplog.at_level(logging.INFO, logger="trailseal"):
        assert run(words) == 0
    found = (CALL.match(record.getMessage()) for record in caplog.records)
    return sorted({(match[1], match[2]) for match in found if match})


def refused(lab: RunningLab, service: str, operation: str, words: list[str]) -> int:
    from trailseal_lab import remote

    lab.fault("denied", service=SIGNED_FOR.get(service, service), operation=operation, count=100_000)
    try:
        return run(words)
    finally:
        remote.clear_faults(lab.running)


def key_of(lab: RunningLab) -> str:
    return str(lab.client("cloudtrail").describe_trails()["trailList"][0]["KmsKeyId"])


@pytest.mark.parametrize("verb", ["plan", "key show"])
def test_a_refused_call_is_named_and_the_answer_is_not_complete(
    verb: str, lab: RunningLab, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [*verb.split(), *([key_of(lab)] if verb == "key show" else [])]
    for service, operation in calls_of(words, caplog):
        capsys.readouterr()
        code = refused(lab, service, operation, words)
        told = capsys.readouterr()

        if operation in ELSEWHERE:
            continue
        assert code == (1 if operation == NO_CALLER else 4), operation
        assert not re.search("Nothing selected|No changes", told.out), operation
        assert TOLD.search(told.out + told.err), operation


def verdicts(document: str) -> list[tuple[str, str, str]]:
    found = [row["finding"] for row in json.loads(document)["findings"]]
    return sorted((each["check"], each["subject"], each["verdict"]) for each in found)


def test_a_refused_call_leaves_no_verdict_of_check_out(
    lab: RunningLab, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["check", "--format", "json"]
    called = calls_of(words, caplog)
    usual = verdicts(capsys.readouterr().out)
    for service, operation in called:
        code = refused(lab, service, operation, words)
        told = capsys.readouterr().out

        assert code in {1, 4} or verdicts(told) == usual, operation


OF_PLANS = {
    "GetBucketAcl",
    "GetBucketEncryption",
    "GetBucketLogging",
    "GetBucketPolicyStatus",
    "GetPublicAccessBlock",
}
"""Settings of a bucket that bear on a plan or a check; on a reader only where the bucket may be public."""
BESIDE = {
    "verify": set[str](),
    "explain": set[str](),
    "who": {
        *OF_PLANS,
        "GetKeyRotationStatus",
        "ListAliases",
        "ListResourceTags",
        "HeadObject",
        "ListObjectsV2",
    },
    "history validate --start-time 2026-11-20": set[str](),
    "policy show KEY": set[str](),
    "cost --count-reads": set[str](),
}
"""Verbs, with the calls on which their answers about this account do not rest: other accounts' may."""


@pytest.mark.parametrize("verb", BESIDE)
def test_a_verb_names_the_action_that_it_lacks_wherever_its_answer_rests_on_it(
    verb: str, lab: RunningLab, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [key_of(lab) if word == "KEY" else word for word in verb.split()]
    for service, operation in calls_of(words, caplog):
        capsys.readouterr()
        code = refused(lab, service, operation, words)
        told = capsys.readouterr()

        if operation in BESIDE[verb] | ELSEWHERE:
            assert code == 0, operation
            continue
        if operation == NO_CALLER and code == 0:  # no policy can deny it, and this answer is of no account
            continue
        named = actions_of(f"{service}:{operation}") or (operation,)
        assert code in {1, 4}, operation
        assert any(action in told.out + told.err for action in named), operation


def test_check_names_the_action_that_it_lacks_for_a_copy_of_the_events(
    lab: RunningLab, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with_copies(lab)
    plain = {*calls_of(["check", "--save", str(lab.home / "seen.json")], caplog)}
    words = ["check", "--copies"]
    added = [call for call in calls_of(words, caplog) if call not in plain]
    assert len(added) >= 8
    for service, operation in (*added, ("s3", "GetBucketReplication")):
        capsys.readouterr()
        code = refused(lab, service, operation, words)
        told = capsys.readouterr()

        (action,) = actions_of(f"{service}:{operation}")
        assert code == 4, operation
        assert action in told.out + told.err, operation
