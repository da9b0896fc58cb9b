"""CloudTrail.1 and CloudTrail.6 as the rules of AWS Config and S3 word them: tables over whole states."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from plan_estate import BUCKET, DENIED, HOME, NOW, bucket, other_trail, snapshot, trail
from trailseal.aws.event_selection import read_event_selection
from trailseal.controls.catalogue import judge
from trailseal.model.bucket import PublicAccessBlock
from trailseal.model.trail import TrailStatus
from trailseal.model.unreadable import Unreadable

KMS, RDS = "kms.amazonaws.com", "rdsdata.amazonaws.com"


class Selectors:
    """GetEventSelectors with these, and nothing else."""

    def __init__(self, **answer: Any) -> None:
        self._answer = answer

    def get_event_selectors(self, **_: str) -> dict[str, Any]:
        return self._answer


def basic(kind: str = "All", *left_out: str, management: bool = True) -> dict[str, Any]:
    return {
        "ReadWriteType": kind,
        "IncludeManagementEvents": management,
        "ExcludeManagementEventSources": list(left_out),
    }


def advanced(**fields: Any) -> dict[str, Any]:
    given = {"eventCategory": {"Equals": ["Management"]}, **fields}
    return {"FieldSelectors": [{"Field": name, **how} for name, how in given.items() if how]}


def by(*selectors: dict[str, Any]) -> dict[str, Any]:
    kind = "AdvancedEventSelectors" if "FieldSelectors" in selectors[0] else "EventSelectors"
    return {kind: list(selectors)}


READS, WRITES = {"readOnly": {"Equals": ["true"]}}, {"readOnly": {"Equals": ["false"]}}
RULES = [
    # https://docs.aws.amazon.com/config/latest/developerguide/multi-region-cloudtrail-enabled.html
    ("pass", by(basic())),
    ("pass", by({"ReadWriteType": "All"})),
    ("pass", by(basic("ReadOnly"), basic("WriteOnly"))),
    ("pass", by(basic(), basic(management=False))),
    ("fail", by(basic("ReadOnly"))),
    ("fail", by(basic("WriteOnly"))),
    ("fail", by(basic(management=False))),
    ("fail", by(basic("All", KMS))),
    ("fail", by(basic("All", RDS))),
    ("fail", by(basic("ReadOnly"), basic("WriteOnly", KMS))),
    ("fail", by(basic(), basic("WriteOnly", RDS))),
    ("fail", by(basic(), basic("All", KMS, management=False))),
    # https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html
    ("pass", by(advanced())),
    ("pass", by(advanced(**READS), advanced(**WRITES))),
    ("pass", by(advanced(), advanced(eventCategory={"Equals": ["Data"]}, eventName={"StartsWith": ["Put"]}))),
    ("fail", by(advanced(**READS))),
    ("fail", by(advanced(eventCategory={"Equals": ["Data"]}))),
    ("fail", by(advanced(eventSource={"NotEquals": [KMS]}))),
    ("fail", by(advanced(**READS), advanced(**WRITES, eventSource={"NotEquals": [KMS]}))),
    ("fail", by(advanced(), advanced(eventSource={"NotEquals": [RDS]}))),
    ("fail", by(advanced(eventName={"Equals": ["x"]}), advanced(eventSource={"NotEquals": [RDS]}))),
    ("unknown", by(advanced(eventSource={"Equals": [KMS]}))),
    ("unknown", by(advanced(eventSource={"NotStartsWith": ["kms"]}))),
    ("unknown", by(advanced(eventName={"NotEquals": ["Decrypt"]}))),
    ("unknown", by(advanced(readOnly={"NotEquals": ["true"]}))),
    ("unknown", by(advanced(eventCategory={"StartsWith": ["Manage"]}))),
    ("unknown", by(advanced(eventCategory=None, eventName={"Equals": ["Decrypt"]}))),
    ("unknown", by(advanced(newlyMade={"Equals": ["x"]}))),
]


def verdict(check: str, **seen: Any) -> tuple[str, str]:
    [found] = judge(snapshot(**seen), frozenset({check}))
    return found.verdict.value, str(found.text)


@pytest.mark.parametrize(("expected", "answer"), RULES)
def test_whatever_a_selector_leaves_out_does_not_meet_the_rule(expected, answer):
    events = read_event_selection(Selectors(**answer), "t")

    assert verdict("CloudTrail.1", trails=(trail(is_multi_region_trail=True, events=events),))[0] == expected


def test_another_trail_that_meets_the_rule_settles_it():
    good, bad, open_one = (
        read_event_selection(Selectors(**answer), "t")
        for answer in (by(basic()), by(basic("All", KMS)), by(advanced(eventName={"Equals": ["x"]})))
    )
    others = [
        other_trail(name, is_multi_region_trail=True, events=events)
        for name, events in (("a", bad), ("b", open_one), ("c", good))
    ]

    assert verdict("CloudTrail.1", trails=tuple(others))[0] == "pass"
    assert verdict("CloudTrail.1", trails=tuple(others[:2])) == (
        "unknown",
        "not known: AWS's page does not say what these event selectors leave out: b eventName Equals",
    )


def test_a_running_trail_is_the_witness_and_a_stopped_one_only_would_record():
    events = read_event_selection(Selectors(**by(basic())), "t")
    stopped, running = (
        other_trail(
            name,
            is_multi_region_trail=True,
            events=events,
            statuses=(TrailStatus(region=HOME, is_logging=logging, latest_delivery_time=NOW),),
        )
        for name, logging in (("a", False), ("b", True))
    )
    unread = other_trail("c", is_multi_region_trail=True, events=events, statuses=(DENIED,))

    assert verdict("CloudTrail.1", trails=(stopped, running))[1].startswith("b records all")
    assert verdict("CloudTrail.1", trails=(stopped,))[1].startswith("a would record all")
    assert verdict("CloudTrail.1", trails=(unread,))[1].startswith("c is set to record all")


OFF = PublicAccessBlock()
ON = PublicAccessBlock(restrict_public_buckets=True, ignore_public_acls=True)
POLICIES_ONLY = PublicAccessBlock(restrict_public_buckets=True)
UNTOLD = {
    part: Unreadable(call=f"s3:{part}", code="AccessDenied", where=BUCKET)
    for part in ("GetBucketPublicAccessBlock", "GetAccountPublicAccessBlock", "Status", "Acl")
}
OWN = {"none": None, "off": OFF, "on": ON, "unread": UNTOLD["GetBucketPublicAccessBlock"]}
OF_ACCOUNT = {"none": None, "off": OFF, "on": ON, "unread": UNTOLD["GetAccountPublicAccessBlock"]}


@pytest.mark.parametrize(("own", "account"), list(product(OWN, OF_ACCOUNT)))
@pytest.mark.parametrize("way", ["policy_is_public", "acl_is_public"])
def test_the_stricter_of_bucket_and_account_shuts_the_public_out(way, own, account):
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html"""
    given = {way: True, "public_access_block": OWN[own], "account_block": OF_ACCOUNT[account]}
    expected = "pass" if "on" in (own, account) else "unknown" if "unread" in (own, account) else "fail"

    assert verdict("CloudTrail.6", buckets=(bucket(**given),))[0] == expected


def test_a_setting_shuts_the_way_that_it_is_for():
    given = {"policy_is_public": True, "acl_is_public": True, "account_block": POLICIES_ONLY}

    assert verdict("CloudTrail.6", buckets=(bucket(**given),)) == ("fail", f"{BUCKET} is public by its ACL")


def test_all_that_would_have_to_be_known_is_named():
    given = {
        "policy_is_public": UNTOLD["Status"],
        "acl_is_public": UNTOLD["Acl"],
        "public_access_block": UNTOLD["GetBucketPublicAccessBlock"],
        "account_block": UNTOLD["GetAccountPublicAccessBlock"],
    }
    [found] = judge(snapshot(buckets=(bucket(**given),)), frozenset({"CloudTrail.6"}))

    assert set(found.missing) == set(UNTOLD.values())
    assert all(each.call in str(found.text) for each in UNTOLD.values())


def test_where_no_block_stands_against_it_only_the_way_is_named():
    given = {"policy_is_public": UNTOLD["Status"], "public_access_block": OFF}
    [found] = judge(snapshot(buckets=(bucket(**given),)), frozenset({"CloudTrail.6"}))

    assert found.missing == (UNTOLD["Status"],)
