"""Where a trail delivers, as far as a snapshot tells: every account in every Region."""

from __future__ import annotations

import pytest

from plan_estate import ACCOUNT, BUCKET, DENIED, HOME, NOW, OTHER, bucket, delivery, log_file, snapshot, trail
from trailseal.access.cloudtrail.destination import destination_of
from trailseal.model.bucket import BucketEncryption, UnreadBucket
from trailseal.model.log_file import StoredObject
from trailseal.model.organization import NoOrganization, Organization
from trailseal.model.trail import TrailStatus

ELSEWHERE, ID = "eu-west-1", "o-example12345"
MANAGED = Organization(organization_id=ID, management_account=ACCOUNT, accounts=(ACCOUNT, OTHER))
STATUSES = (TrailStatus(region=HOME, is_logging=True), TrailStatus(region=ELSEWHERE, is_logging=True), DENIED)


def places(seen=None, **changed):
    to = destination_of(trail(**changed), seen or snapshot())
    return [(each.organization, each.account, each.region) for each in to.places if not each.is_stand_in]


def stored(path: str) -> StoredObject:
    return StoredObject(bucket=BUCKET, key=path, size=1, last_modified=NOW, encryption="AES256")


def member_file(account: str = OTHER, region: str = ELSEWHERE, organization: str = ID) -> StoredObject:
    return stored(f"AWSLogs/{organization}/{account}/CloudTrail/{region}/2026/11/23/x.json.gz")


def test_a_trail_of_one_region_delivers_there_only():
    assert places(statuses=STATUSES) == [("", ACCOUNT, HOME)]


def test_a_multi_region_trail_delivers_wherever_its_status_or_its_files_are():
    far = delivery(region="us-west-2", log_file=log_file(NOW, region="us-west-2"))

    assert places(snapshot(deliveries=(far,)), is_multi_region_trail=True, statuses=STATUSES) == [
        ("", ACCOUNT, HOME),
        ("", ACCOUNT, ELSEWHERE),
        ("", ACCOUNT, "us-west-2"),
    ]


@pytest.mark.parametrize("is_multi_region", [False, True])
def test_regions_that_nobody_saw_have_a_stand_in_where_a_trail_has_many(is_multi_region):
    found = destination_of(trail(is_multi_region_trail=is_multi_region, statuses=STATUSES), snapshot()).places

    assert [each.region for each in found if each.is_stand_in] == ["xx-somewhere-0"] * is_multi_region


def test_another_organization_in_the_same_bucket_adds_no_member():
    theirs = member_file(account="111122223333", organization="o-other67890")
    seen = snapshot(organization=MANAGED, deliveries=(delivery(log_file=theirs),))

    assert places(seen, is_organization_trail=True) == [(ID, ACCOUNT, HOME), (ID, OTHER, HOME)]


def test_an_organization_trail_delivers_for_every_account():
    assert places(snapshot(organization=MANAGED), is_organization_trail=True) == [
        (ID, ACCOUNT, HOME),
        (ID, OTHER, HOME),
    ]


@pytest.mark.parametrize("listed", [(), (ACCOUNT, OTHER)])
def test_members_that_nobody_lists_have_a_stand_in(listed):
    known = Organization(organization_id=ID, management_account=ACCOUNT, accounts=listed)
    seen = snapshot(organization=known, deliveries=(delivery(log_file=member_file("111122223333", HOME)),))
    found = destination_of(trail(is_organization_trail=True), seen).places

    assert {place.account for place in found if place.is_stand_in} == (set() if listed else {"000000000000"})
    assert {ACCOUNT, "111122223333"} <= {place.account for place in found}


@pytest.mark.parametrize(
    "organization",
    [None, DENIED, NoOrganization(), Organization(organization_id="o-other67890", management_account=OTHER)],
)
def test_the_organization_is_the_one_that_its_files_show(organization):
    shown = snapshot(organization=organization, deliveries=(delivery(log_file=member_file()),))
    hidden = snapshot(organization=organization, deliveries=())

    assert {
        place.organization for place in destination_of(trail(is_organization_trail=True), shown).places
    } == {ID}
    assert all(
        place.is_stand_in for place in destination_of(trail(is_organization_trail=True), hidden).places
    )


@pytest.mark.parametrize(
    "other",
    [
        stored(f"other/AWSLogs/{ACCOUNT}/CloudTrail/{ELSEWHERE}/2026/11/23/x.json.gz"),
        stored(f"AWSLogs/{OTHER}/CloudTrail/{ELSEWHERE}/2026/11/23/x.json.gz"),
        member_file(account=ACCOUNT),
        stored("something else"),
        DENIED,
        None,
    ],
)
def test_what_another_trail_delivered_adds_no_place(other):
    seen = snapshot(deliveries=(delivery(log_file=other), delivery(bucket="elsewhere")))

    assert places(seen, is_multi_region_trail=True) == [("", ACCOUNT, HOME)]


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (bucket(), False),
        (bucket(encryption=BucketEncryption(bucket_key_enabled=True)), True),
        (bucket(encryption=DENIED), None),
        (UnreadBucket(name=BUCKET, reason=DENIED), None),
    ],
)
def test_whether_there_is_a_bucket_key_is_what_was_read(held, expected):
    assert destination_of(trail(), snapshot(buckets=(held,))).bucket_key is expected
