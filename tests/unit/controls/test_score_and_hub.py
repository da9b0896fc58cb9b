"""The score as Security Hub counts it, and its findings joined to ours."""

from __future__ import annotations

import pytest

from plan_estate import ACCOUNT, BUCKET, HOME, KEY, NOW, OTHER, TRAIL, snapshot, trail
from trailseal.controls.catalogue import judge
from trailseal.controls.hub import said_of
from trailseal.controls.score import scores
from trailseal.model.securityhub import ControlState, HubFinding, NoSecurityHub, SecurityHub, Standard


def hub(*controls, findings=(), is_partial=False):
    states = tuple(ControlState(control_id=i, status=s, enabled=s != "DISABLED") for i, s in controls)
    standards = (Standard(arn="arn:fsbp", name="FSBP", controls=states),)
    return SecurityHub(region=HOME, standards=standards, findings=tuple(findings), is_partial=is_partial)


def said(control="CloudTrail.2", **changed):
    given = {
        "finding_id": "f",
        "control_id": control,
        "account": ACCOUNT,
        "region": HOME,
        "resource": TRAIL,
        "status": "FAILED",
        "severity": "MEDIUM",
        "updated": NOW,
    }
    return HubFinding(**{**given, **changed})


def joined(check, *findings, **seen):
    given = snapshot(hubs=(hub(findings=findings), NoSecurityHub(region="eu-west-1")), **seen)
    (ours,) = judge(given, frozenset({check}))
    return said_of(ours, given)


def test_the_score_leaves_out_what_is_disabled_or_has_no_data():
    (found,) = scores(
        snapshot(
            hubs=(
                hub(
                    ("CloudTrail.2", "FAILED"),
                    ("A", "PASSED"),
                    ("B", "PASSED"),
                    ("C", "UNKNOWN"),
                    ("D", "NO DATA"),
                    ("E", "DISABLED"),
                ),
            )
        )
    )

    assert (found.passed, found.failed, found.unknown, found.no_data) == (2, 1, 1, 1)
    assert (found.now, found.after) == (50, 75)


@pytest.mark.parametrize(
    ("passed", "total", "now"),
    [(1, 8, 13), (1, 3, 33), (2, 3, 67), (3, 3, 100)],
)
def test_a_half_is_rounded_up(passed, total, now):
    controls = [(f"P{n}", "PASSED" if n < passed else "FAILED") for n in range(total)]

    assert scores(snapshot(hubs=(hub(*controls),)))[0].now == now


def test_with_cloudtrail_2_passed_there_is_nothing_to_gain():
    assert scores(snapshot(hubs=(hub(("CloudTrail.2", "PASSED")),)))[0].after is None


def test_what_holds_here_already_is_due_at_the_next_look():
    failing = hub(("CloudTrail.2", "FAILED"))
    (before,) = scores(snapshot(hubs=(failing,)))
    (after,) = scores(snapshot(hubs=(failing,), trails=(trail(kms_key_id=KEY),)))

    assert (before.after, before.is_due) == (100, False)
    assert (after.after, after.is_due) == (100, True)


def test_without_any_data_there_is_no_score():
    assert scores(snapshot(hubs=(hub(("A", "NO DATA")),)))[0].now is None


def test_not_all_findings_read_means_no_score():
    found = scores(snapshot(hubs=(hub(("CloudTrail.2", "FAILED"), is_partial=True),)))[0]

    assert (found.now, found.after) == (None, None)


def test_security_hub_agrees():
    found = joined("CloudTrail.2", said())

    assert found is not None
    assert (found.status, found.disagrees) == ("FAILED", False)


def test_security_hub_has_not_looked_since_the_switch():
    found = joined("CloudTrail.2", said(), trails=(trail(kms_key_id=KEY),))

    assert found is not None
    assert found.disagrees


def test_a_warning_is_no_verdict_to_disagree_with():
    found = joined("CloudTrail.2", said(status="WARNING"))

    assert found is not None
    assert not found.disagrees


def test_of_several_regions_the_home_regions_finding_counts():
    found = joined("CloudTrail.2", said(region="eu-west-1", status="PASSED"), said())

    assert found is not None
    assert found.region == HOME


@pytest.mark.parametrize(
    ("check", "resource"),
    [
        ("CloudTrail.2", TRAIL),
        ("CloudTrail.7", f"arn:aws:s3:::{BUCKET}"),
        ("CloudTrail.7", TRAIL),
    ],
)
def test_a_finding_on_the_account_is_joined_by_what_else_it_names(check, resource):
    about = said(check, resource=f"AWS::::Account:{OTHER}", other_resources=(resource,))

    assert joined(check, about) is not None


@pytest.mark.parametrize(
    ("check", "resource"),
    [
        ("CloudTrail.1", f"AWS::::Account:{ACCOUNT}"),
        ("CloudTrail.7", f"arn:aws:s3:::{BUCKET}"),
        ("CloudTrail.7", TRAIL),
    ],
)
def test_a_finding_is_joined_by_what_it_is_about(check, resource):
    assert joined(check, said(check, resource=resource)) is not None


@pytest.mark.parametrize(
    "other",
    [
        said(resource=f"{TRAIL}-2"),
        said("CloudTrail.4"),
        said(record_state="ARCHIVED"),
    ],
)
def test_a_finding_about_something_else_is_not_joined(other):
    assert joined("CloudTrail.2", other) is None


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_a_bucket_is_known_by_its_arn_in_every_partition(partition):
    about = said("CloudTrail.7", resource=f"arn:{partition}:s3:::{BUCKET}")

    assert joined("CloudTrail.7", about, partition=partition).status == "FAILED"
