"""What `--brief` prints: a line for each trail, whole, with what the exit code says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from plan_estate import (
    ACCOUNT,
    DENIED,
    HOME,
    KEY,
    NOW,
    TRAIL,
    bucket,
    key,
    log_file,
    other_trail,
    plan_of,
    snapshot,
    trail,
)
from story_account import USER1, account
from trailseal.model.key import KeyPolicies
from trailseal.model.log_file import Delivered
from trailseal.model.unreadable import Unreadable
from trailseal.plan.key_policy import KeyUse, least_policy
from trailseal.plan.proof import DeliveryProof, Place, SwitchSource, prove
from trailseal.run.check import check_snapshot
from trailseal.run.runs import RunList, RunShown
from trailseal.run.who_question import Question, SavedObjects, proof, readers
from trailseal.view.brief.check import check_brief
from trailseal.view.brief.plan import plan_brief
from trailseal.view.brief.runs import runs_brief
from trailseal.view.brief.verify import verify_brief
from trailseal.view.brief.who import proof_brief, who_brief
from trailseal.view.trail_names import trail_names

OTHER = other_trail("other")
SERVING = key(
    policies=KeyPolicies(default=least_policy(KeyUse(account=ACCOUNT, partition="aws", trail_arns=(TRAIL,))))
)
UNREAD = Unreadable(call="cloudtrail:ListTrails", code="AccessDenied", where=HOME)


def test_a_name_that_two_trails_share_is_no_name() -> None:
    abroad = TRAIL.replace(HOME, "eu-west-1")

    assert trail_names((TRAIL, abroad, OTHER.arn)) == {
        TRAIL: TRAIL,
        abroad: abroad,
        OTHER.arn: "other",
    }


def test_a_check_has_a_line_for_each_trail_and_one_for_the_account() -> None:
    lines = list(check_brief(check_snapshot(snapshot(trails=(trail(), OTHER), unreadable=(UNREAD,)))))

    assert [line.partition(":")[0] for line in lines] == [
        "management-events",
        "other",
        f"account {ACCOUNT}",
        f"account {ACCOUNT}",
    ]
    assert all("CloudTrail.2" in line for line in lines[:2])
    assert lines[-1].endswith("not read: cloudtrail:ListTrails")


def test_a_check_without_a_trail_says_so() -> None:
    assert list(check_brief(check_snapshot(snapshot(trails=()), only=("TS101",)))) == [
        f"account {ACCOUNT}: no trail"
    ]


@pytest.mark.parametrize(
    ("changed", "wanted", "told"),
    [
        ({}, {}, "management-events: SSE-S3 → the new key in ap-northeast-1"),
        ({"trails": ()}, {}, f"Nothing selected: account {ACCOUNT} has no trail."),
        (
            {"trails": (trail(kms_key_id=KEY),), "keys": (key(),)},
            {"rotation_days": 90},
            "management-events: its key stays",
        ),
        (
            {"trails": (trail(kms_key_id=KEY),), "keys": (SERVING,)},
            {"key": KEY},
            "management-events: no changes",
        ),
        ({"buckets": (bucket(policy=""),)}, {}, "management-events: blocked (bucket-policy-lacks)"),
        ({"buckets": ()}, {}, "management-events: not known (bucket-unreadable)"),
    ],
)
def test_a_plan_has_a_line_for_each_trail(changed, wanted, told) -> None:
    (line,) = plan_brief(plan_of(snapshot(**changed), **wanted))

    assert line.startswith(told), line


def test_a_trail_that_another_ones_plan_leaves_alone_has_nothing_changed() -> None:
    served = trail(kms_key_id=KEY)
    plan = plan_of(snapshot(trails=(served, OTHER), keys=(SERVING,)), trails=(served.name, OTHER.name))

    assert list(plan_brief(plan)) == [
        "management-events: its key stays",
        "other: SSE-S3 → the new key in ap-northeast-1",
    ]


def places(kms: str):
    return (
        Place(
            account=ACCOUNT,
            region=HOME,
            kind=Delivered.LOG_FILE,
            objects=(log_file(NOW + timedelta(minutes=1), kms=kms),) if kms != "-" else (),
        ),
    )


@pytest.mark.parametrize(
    ("kms_key", "kms", "told"),
    [
        (KEY, KEY, f"PROVEN: 1 log file encrypted with {KEY}"),
        (KEY, "", "REFUTED: 1 object not encrypted with the key"),
        (KEY, "-", "NOT KNOWN: 0 log files seen that are encrypted with the key"),
        ("", "", "NOT PROVEN: no KMS key"),
    ],
)
def test_a_proof_has_a_line_for_each_trail(kms_key, kms, told) -> None:
    found = prove(TRAIL, kms_key, places(kms), switch=(NOW, SwitchSource.JOURNAL))
    whole = DeliveryProof(taken_at=NOW, account=ACCOUNT, since=NOW, trails=(found,), unreadable=(DENIED,))

    lines = list(verify_brief(whole))

    assert lines[0] == f"management-events: {told}"
    assert lines[1:] == [f"account {ACCOUNT}: not read: {DENIED.call}"]


def test_a_proof_without_a_trail_says_so() -> None:
    """One whose trails were not to be read says that instead."""
    nothing = DeliveryProof(taken_at=NOW, account=ACCOUNT, since=NOW, trails=())
    unread = DeliveryProof(taken_at=NOW, account=ACCOUNT, since=NOW, trails=(), unreadable=(DENIED,))

    assert list(verify_brief(nothing)) == [f"account {ACCOUNT}: no trail"]
    assert list(verify_brief(unread)) == [f"account {ACCOUNT}: not read: {DENIED.call}"]


def test_a_run_without_a_trail_ends_with_what_can_be_undone() -> None:
    """A plan for another account's trail gives it a key, and turns none."""
    run = RunShown(
        run="8ea4",
        begun_at=NOW,
        account=ACCOUNT,
        endpoint="",
        trails=(),
        outcome="",
        to_undo=0,
        changed_at=None,
    )

    assert list(runs_brief(RunList(runs=(run,)))) == ["8ea4: not ended; nothing to undo"]


def test_who_has_a_line_for_each_trail() -> None:
    told = readers(account(), Question(), SavedObjects(account()))

    assert list(who_brief(told)) == [
        "management-events: all 5 principals of the account that were read can read"
    ]


def test_a_proof_of_readers_has_a_line_for_each_trail() -> None:
    (line,) = proof_brief(proof(account(), Question(only=(USER1,))))

    assert line.startswith("management-events: REFUTED: arn:aws:iam::")
    assert line.endswith(" can read")
