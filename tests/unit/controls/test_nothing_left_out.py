"""Each check says something of each resource that it is about, whatever was seen or not seen."""

from __future__ import annotations

from datetime import timedelta
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from plan_estate import (
    ACCOUNT,
    BUCKET,
    DENIED,
    HOME,
    KEY,
    NOW,
    OTHER,
    TRAIL,
    bucket,
    delivery,
    key,
    log_file,
    snapshot,
    trail,
)
from trailseal.controls.catalogue import CHECKS, judge
from trailseal.controls.finding import Verdict
from trailseal.model.bucket import BucketEncryption, UnreadBucket
from trailseal.model.key import KeyState, Rotation, UnreadKey
from trailseal.model.organization import NoOrganization, Organization
from trailseal.model.securityhub import ControlState, NoSecurityHub, SecurityHub, Standard
from trailseal.model.snapshot import Delivery, Snapshot
from trailseal.model.trail import EventSelection, Trail, TrailStatus, UnreadTrail
from trailseal.model.unreadable import Unreadable

KEYS = ("", KEY, f"{KEY}0", f"arn:aws:kms:eu-west-1:{OTHER}:key/far")
BUCKETS = (BUCKET, "another-bucket")
REGIONS = (HOME, "eu-west-1")
MISSING_KEY = Unreadable(call="kms:DescribeKey", code="NotFoundException")
MISSING_BUCKET = Unreadable(call="s3:ListBucket", code="404")
EVENTS = EventSelection(read_management=True, write_management=True)
S3_17 = ControlState(control_id="S3.17", enabled=True, status="FAILED")
ASKED = SecurityHub(region=HOME, standards=(Standard(arn="n", name="N", controls=(S3_17,)),), findings=())

moments = st.sampled_from([None, NOW - timedelta(minutes=1), NOW - timedelta(days=40)])
statuses = st.one_of(
    st.just(DENIED),
    st.builds(
        TrailStatus,
        region=st.sampled_from(REGIONS),
        is_logging=st.booleans(),
        latest_delivery_time=moments,
        start_logging_time=moments,
        latest_delivery_error=st.sampled_from(["", "AccessDenied"]),
        latest_digest_delivery_time=moments,
        latest_cloud_watch_logs_delivery_time=moments,
    ),
)
trails = st.one_of(
    st.builds(
        lambda name: UnreadTrail(arn=f"{TRAIL}-{name}", name=name, home_region=HOME, reason=DENIED),
        st.sampled_from("xy"),
    ),
    st.builds(
        lambda name, **given: trail(arn=f"{TRAIL}-{name}", name=name, **given),
        st.sampled_from("abc"),
        s3_bucket_name=st.sampled_from(BUCKETS),
        s3_key_prefix=st.sampled_from(["", "p"]),
        kms_key_id=st.sampled_from(KEYS),
        is_organization_trail=st.booleans(),
        is_multi_region_trail=st.booleans(),
        log_file_validation_enabled=st.booleans(),
        validation_turned_on=st.sampled_from([None, DENIED, NOW]),
        cloud_watch_logs_log_group_arn=st.sampled_from(["", "group"]),
        events=st.sampled_from([None, DENIED, EVENTS]),
        statuses=st.lists(statuses, max_size=3).map(tuple),
    ),
)
keys = st.sampled_from(KEYS[1:]).flatmap(
    lambda arn: st.one_of(
        st.builds(UnreadKey, arn=st.just(arn), reason=st.sampled_from([DENIED, MISSING_KEY])),
        st.builds(
            key,
            arn=st.just(arn),
            state=st.sampled_from(KeyState),
            key_spec=st.sampled_from(["SYMMETRIC_DEFAULT", "RSA_2048"]),
            rotation=st.sampled_from([None, DENIED, Rotation(enabled=False), Rotation(enabled=True)]),
        ),
    )
)
buckets = st.sampled_from(BUCKETS).flatmap(
    lambda name: st.one_of(
        st.builds(UnreadBucket, name=st.just(name), reason=st.sampled_from([DENIED, MISSING_BUCKET])),
        st.builds(
            bucket,
            name=st.just(name),
            account=st.sampled_from(["", ACCOUNT, OTHER]),
            region=st.sampled_from([HOME, "eu-west-1", DENIED]),
            encryption=st.sampled_from(
                [DENIED, BucketEncryption(), BucketEncryption(bucket_key_enabled=True)]
            ),
            logging_target=st.sampled_from(["", "logs", DENIED]),
        ),
    )
)
objects = st.sampled_from(
    [
        None,
        DENIED,
        log_file(NOW),
        log_file(NOW, kms=KEY),
        structs.replace(log_file(NOW), key="notes.txt"),
        structs.replace(log_file(NOW, kms=KEY), key=f"p/{log_file(NOW).key}"),
    ]
)
deliveries = st.builds(
    delivery,
    bucket=st.sampled_from(BUCKETS),
    account=st.sampled_from(["", ACCOUNT, OTHER]),
    region=st.sampled_from(["", *REGIONS]),
    log_file=objects,
    digest_file=objects,
)
snapshots = st.builds(
    snapshot,
    trails=st.lists(trails, max_size=3, unique_by=lambda each: each.arn).map(tuple),
    keys=st.lists(keys, max_size=3, unique_by=lambda each: each.arn).map(tuple),
    buckets=st.lists(buckets, max_size=2, unique_by=lambda each: each.name).map(tuple),
    deliveries=st.lists(deliveries, max_size=4).map(tuple),
    hubs=st.sampled_from([(), (ASKED,), (DENIED,), (NoSecurityHub(region=HOME),)]),
    organization=st.sampled_from(
        [None, DENIED, NoOrganization(), Organization(organization_id="o-x", management_account=ACCOUNT)]
    ),
    unreadable=st.sampled_from([(), (DENIED,)]),
)
OF_TRAILS = {"CloudTrail.2", "CloudTrail.4", "CloudTrail.5", "TS106", "TS108"}
OF_SEALED_TRAILS = {"TS104", "TS105", "TS107"}
OF_KEYS = {"TS101", "TS102", "TS103", "KMS.4"}
OF_BUCKETS = {"CloudTrail.6", "CloudTrail.7"}


def about(check: str, seen: Snapshot) -> set[str]:
    """Return the resources that a check is about."""
    told = [each for each in seen.trails if isinstance(each, Trail)]
    unread = {each.arn for each in seen.trails if isinstance(each, UnreadTrail)}
    if check in OF_TRAILS:
        return {each.arn for each in told} | unread
    if check in OF_SEALED_TRAILS:
        return {each.arn for each in told if each.kms_key_id} | unread
    if check == "TS109":
        return {each.arn for each in told if each.cloud_watch_logs_log_group_arn} | unread
    if check in OF_KEYS:
        return {each.kms_key_id for each in told if each.kms_key_id}
    if check in OF_BUCKETS or (check == "S3.17" and ASKED in seen.hubs):
        return {each.s3_bucket_name for each in told}
    return set() if check == "S3.17" else {seen.account}


def test_every_check_is_about_something() -> None:
    kinds = (OF_TRAILS, OF_SEALED_TRAILS, OF_KEYS, OF_BUCKETS, {"S3.17", "CloudTrail.1", "TS109"})

    assert sorted(chain(*kinds)) == sorted(CHECKS)


@pytest.mark.sweep
@given(snapshots)
def test_each_check_says_something_of_each_resource_that_it_is_about(seen: Snapshot) -> None:
    for check in CHECKS:
        told = judge(seen, frozenset({check}))
        named = {finding.subject for finding in told}.union(*(finding.trails for finding in told))
        assert about(check, seen) <= named, check
        assert bool(told) == bool(about(check, seen)), check


@pytest.mark.sweep
@given(snapshots)
def test_an_emptied_bucket_is_never_a_pass(seen: Snapshot) -> None:
    """CloudTrail says that it delivered a minute ago, and nothing is there."""
    well = TrailStatus(region=HOME, is_logging=True, latest_delivery_time=NOW - timedelta(minutes=1))
    emptied = structs.replace(
        seen,
        trails=tuple(
            structs.replace(each, statuses=(well,), kms_key_id=KEY) if isinstance(each, Trail) else each
            for each in seen.trails
        ),
        deliveries=(),
    )
    found = judge(emptied, frozenset({"TS106", "TS107"}))

    assert {(finding.check, finding.subject) for finding in found} == {
        (check, each.arn) for check in ("TS106", "TS107") for each in seen.trails
    }
    assert {finding.verdict for finding in found} <= {Verdict.UNKNOWN, Verdict.FAIL}


@pytest.mark.sweep
@given(snapshots, deliveries)
def test_what_lies_elsewhere_hides_no_emptied_folder(seen: Snapshot, other: Delivery) -> None:
    well = TrailStatus(region=HOME, is_logging=True, latest_delivery_time=NOW - timedelta(minutes=1))
    elsewhere = structs.replace(other, region="eu-west-1")
    one = trail(statuses=(well,), kms_key_id=KEY)
    found = judge(structs.replace(seen, trails=(one,), deliveries=(elsewhere,)), frozenset({"TS107"}))

    assert {finding.verdict for finding in found if finding.region == HOME} <= {Verdict.UNKNOWN}
    assert found
