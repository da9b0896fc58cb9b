"""What makes the answer of check incomplete: what was not read of the trails that it is about."""

from __future__ import annotations

import pytest
from msgspec import structs

from plan_estate import (
    ACCOUNT,
    DENIED,
    NOW,
    OTHER,
    bucket,
    delivery,
    log_file,
    other_trail,
    snapshot,
    trail,
)
from trailseal.errors import ExitCode
from trailseal.model.organization import Organization
from trailseal.run.check import check_snapshot

ELSEWHERE = "another-bucket"
FIRST, SECOND = trail(), other_trail("second", s3_bucket_name=ELSEWHERE)
LIES = {"log_file": log_file(NOW)}
UNREAD = structs.replace(DENIED, call="s3:ListBucket")
GONE = structs.replace(UNREAD, code="NoSuchBucket")


def left_open(*deliveries, first=FIRST, only=("CloudTrail.4",), names=("management-events",), **seen):
    """Return the unread facts beside the findings, of the first of two trails."""
    buckets = (bucket(), bucket(name=ELSEWHERE))
    one = snapshot(trails=(first, SECOND), buckets=buckets, deliveries=deliveries, **seen)
    result = check_snapshot(one, trails=names, only=only)
    assert (result.exit_code is ExitCode.INCOMPLETE) is bool(result.unreadable)
    return result.unreadable


@pytest.mark.parametrize("part", ["log_file", "digest_file"])
def test_a_newest_object_that_was_not_read_leaves_its_trail_open(part):
    unread = delivery(**{**LIES, part: UNREAD})

    assert left_open(unread) == left_open(unread, unread) == (UNREAD,)


@pytest.mark.parametrize(
    "unread",
    [
        delivery(bucket=ELSEWHERE, log_file=UNREAD),
        delivery(account=OTHER, log_file=UNREAD),
        delivery(log_file=GONE),
    ],
    ids=["another trail's", "another account's", "no bucket, which fails"],
)
def test_what_lies_elsewhere_leaves_a_trail_closed(unread):
    assert left_open(delivery(**LIES), unread) == ()


@pytest.mark.parametrize("account", ["", OTHER])
def test_the_folders_of_an_organization_are_its_trail_s(account):
    ours = Organization(organization_id="o-abc1234567", management_account=ACCOUNT)
    unread = delivery(account=account, region="", log_file=UNREAD)

    assert left_open(unread, first=trail(is_organization_trail=True), organization=ours) == (UNREAD,)


def test_all_trails_are_asked_about_where_none_is_named():
    assert left_open(delivery(bucket=ELSEWHERE, log_file=UNREAD), names=()) == (UNREAD,)
