"""Each check over values: what passes, fails, and is not known."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from msgspec import structs

from plan_estate import (
    ACCOUNT,
    BUCKET,
    DENIED,
    HOME,
    KEY,
    NOW,
    OTHER,
    ROOT,
    TRAIL,
    bucket,
    delivery,
    key,
    log_file,
    object_key,
    other_trail,
    snapshot,
    trail,
)
from rows import each_row
from trailseal.controls import every_control
from trailseal.controls.catalogue import judge
from trailseal.model.bucket import BucketEncryption, PublicAccessBlock, UnreadBucket
from trailseal.model.key import Grant, KeyPolicies, KeyState, Rotation, UnreadKey
from trailseal.model.organization import Organization
from trailseal.model.securityhub import ControlState, SecurityHub, Standard
from trailseal.model.trail import EventSelection, TrailStatus, UnreadTrail
from trailseal.model.unreadable import Unreadable

GONE = UnreadBucket(name=BUCKET, reason=Unreadable(call="s3:ListBucket", code="404", where=BUCKET))

ALL = EventSelection(read_management=True, write_management=True)
SEALED = {"kms_key_id": KEY}
UNREAD = UnreadTrail(arn=TRAIL, name="management-events", home_region=HOME, reason=DENIED)
OPEN = PublicAccessBlock()
SHUT = PublicAccessBlock(
    block_public_acls=True, ignore_public_acls=True, block_public_policy=True, restrict_public_buckets=True
)
ENCRYPT = {
    "Effect": "Allow",
    "Principal": {"Service": "cloudtrail.amazonaws.com"},
    "Action": "kms:GenerateDataKey*",
    "Resource": "*",
    "Condition": {
        "StringEquals": {"aws:SourceArn": TRAIL},
        "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/*"},
    },
}
DESCRIBE = {**ENCRYPT, "Action": "kms:DescribeKey", "Condition": {"StringEquals": {"aws:SourceArn": TRAIL}}}
DECRYPT = {**DESCRIBE, "Action": "kms:Decrypt"}


NO_KEY = UnreadKey(arn=KEY, reason=Unreadable(call="kms:DescribeKey", code="NotFoundException"))


def strewn(name):
    """Return an object that somebody put into a trail's bucket."""
    return structs.replace(log_file(NOW), key=name)


def policy(*statements):
    return KeyPolicies(default=json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))


def verdicts(check, **seen):
    return [finding.verdict.value for finding in judge(snapshot(**seen), frozenset({check}))]


def texts(check, **seen):
    return [str(finding.text) for finding in judge(snapshot(**seen), frozenset({check}))]


def nist(*, enabled=True):
    control = ControlState(control_id="S3.17", enabled=enabled, status="FAILED")
    return SecurityHub(
        region=HOME, standards=(Standard(arn="n", name="NIST", controls=(control,)),), findings=()
    )


def on(trail_status):
    return (trail(statuses=(trail_status,)),)


def logging(**changed):
    given = {"region": HOME, "is_logging": True, "latest_delivery_time": NOW - timedelta(minutes=3)}
    return TrailStatus(**{**given, **changed})


@each_row(
    ("check", "verdict", "seen"),
    [
        ("CloudTrail.1", "pass", {"trails": (trail(is_multi_region_trail=True, events=ALL),)}),
        ("CloudTrail.1", "fail", {"trails": (trail(events=ALL),)}),
        ("CloudTrail.1", "fail", {"trails": ()}),
        (
            "CloudTrail.1",
            "fail",
            {
                "trails": (
                    trail(
                        is_multi_region_trail=True,
                        events=EventSelection(read_management=True, write_management=False),
                    ),
                )
            },
        ),
        (
            "CloudTrail.1",
            "fail",
            {
                "trails": (
                    trail(
                        is_multi_region_trail=True,
                        events=EventSelection(
                            read_management=True,
                            write_management=True,
                            excluded_sources=("rdsdata.amazonaws.com",),
                        ),
                    ),
                )
            },
        ),
        ("CloudTrail.1", "unknown", {"trails": (trail(is_multi_region_trail=True, events=DENIED),)}),
        ("CloudTrail.1", "unknown", {"trails": (trail(is_multi_region_trail=True),)}),
        ("CloudTrail.1", "unknown", {"trails": (UNREAD,)}),
        (
            "CloudTrail.1",
            "unknown",
            {"trails": (), "unreadable": (Unreadable(call="cloudtrail:ListTrails", code="AccessDenied"),)},
        ),
        ("CloudTrail.2", "fail", {}),
        ("CloudTrail.2", "pass", {"trails": (trail(**SEALED),)}),
        ("CloudTrail.2", "unknown", {"trails": (UNREAD,)}),
        ("CloudTrail.4", "fail", {}),
        ("CloudTrail.4", "pass", {"trails": (trail(log_file_validation_enabled=True),)}),
        ("CloudTrail.5", "fail", {}),
        ("CloudTrail.5", "pass", {"trails": (trail(cloud_watch_logs_log_group_arn="arn:group"),)}),
        ("CloudTrail.6", "pass", {}),
        ("CloudTrail.6", "fail", {"buckets": (bucket(policy_is_public=True),)}),
        ("CloudTrail.6", "fail", {"buckets": (bucket(acl_is_public=True, public_access_block=OPEN),)}),
        (
            "CloudTrail.6",
            "pass",
            {"buckets": (bucket(policy_is_public=True, acl_is_public=DENIED, public_access_block=SHUT),)},
        ),
        ("CloudTrail.6", "unknown", {"buckets": (bucket(acl_is_public=DENIED),)}),
        (
            "CloudTrail.6",
            "unknown",
            {"buckets": (bucket(policy_is_public=True, public_access_block=DENIED),)},
        ),
        ("CloudTrail.6", "no_data", {"buckets": (bucket(account=OTHER),)}),
        ("CloudTrail.6", "unknown", {"buckets": (UnreadBucket(name=BUCKET, reason=DENIED),)}),
        ("CloudTrail.6", "unknown", {"buckets": ()}),
        ("CloudTrail.7", "fail", {}),
        ("CloudTrail.7", "pass", {"buckets": (bucket(logging_target="access-logs"),)}),
        ("CloudTrail.7", "unknown", {"buckets": (bucket(logging_target=DENIED),)}),
        ("CloudTrail.7", "no_data", {"buckets": (bucket(account=OTHER),)}),
        ("CloudTrail.7", "unknown", {"buckets": (UnreadBucket(name=BUCKET, reason=DENIED),)}),
        ("CloudTrail.6", "no_data", {"buckets": (GONE,)}),
        ("CloudTrail.7", "no_data", {"buckets": (GONE,)}),
        ("S3.17", "no_data", {"hubs": (nist(),), "buckets": (GONE,)}),
        ("TS104", "no_data", {"trails": (trail(**SEALED),), "keys": (key(),), "buckets": (GONE,)}),
        ("TS106", "fail", {"trails": on(logging()), "buckets": (GONE,)}),
        ("TS107", "fail", {"trails": (trail(**SEALED),), "keys": (key(),), "buckets": (GONE,)}),
        ("KMS.4", "fail", {"trails": (trail(**SEALED),), "keys": (key(),)}),
        ("KMS.4", "fail", {"trails": (trail(**SEALED),), "keys": (key(multi_region_key_type="REPLICA"),)}),
        ("KMS.4", "pass", {"trails": (trail(**SEALED),), "keys": (key(rotation=Rotation(enabled=True)),)}),
        ("KMS.4", "unknown", {"trails": (trail(**SEALED),), "keys": (key(rotation=DENIED),)}),
        ("S3.17", "fail", {"hubs": (nist(),)}),
        ("S3.17", "unknown", {"hubs": (nist(),), "buckets": (bucket(encryption=DENIED),)}),
        (
            "S3.17",
            "pass",
            {"hubs": (nist(),), "buckets": (bucket(encryption=BucketEncryption(sse_algorithm="aws:kms")),)},
        ),
        ("S3.17", "no_data", {"hubs": (nist(),), "buckets": (bucket(account=OTHER),)}),
        ("S3.17", "unknown", {"hubs": (nist(),), "buckets": (UnreadBucket(name=BUCKET, reason=DENIED),)}),
        ("TS101", "pass", {"trails": (trail(**SEALED),), "keys": (key(),)}),
        ("TS101", "unknown", {"trails": (trail(**SEALED),), "keys": ()}),
        ("TS101", "unknown", {"trails": (trail(**SEALED),), "keys": (UnreadKey(arn=KEY, reason=DENIED),)}),
        (
            "TS101",
            "fail",
            {
                "trails": (trail(**SEALED),),
                "keys": (
                    UnreadKey(arn=KEY, reason=Unreadable(call="kms:DescribeKey", code="NotFoundException")),
                ),
            },
        ),
        ("TS102", "pass", {"trails": (trail(**SEALED),), "keys": (key(),)}),
        ("TS103", "pass", {"trails": (trail(**SEALED),), "keys": (key(),)}),
        ("TS103", "fail", {"trails": (trail(**SEALED),), "keys": (key(key_spec="RSA_2048"),)}),
        ("TS104", "pass", {"trails": (trail(**SEALED),), "keys": (key(),)}),
        (
            "TS104",
            "fail",
            {"trails": (trail(**SEALED),), "keys": (key(),), "buckets": (bucket(region="eu-west-1"),)},
        ),
        (
            "TS104",
            "unknown",
            {"trails": (trail(**SEALED),), "keys": (key(),), "buckets": (bucket(region=DENIED),)},
        ),
        ("TS104", "unknown", {"trails": (trail(**SEALED),), "keys": (key(),), "buckets": ()}),
        (
            "TS104",
            "unknown",
            {
                "trails": (trail(**SEALED),),
                "keys": (key(),),
                "buckets": (UnreadBucket(name=BUCKET, reason=DENIED),),
            },
        ),
        (
            "TS105",
            "pass",
            {"trails": (trail(**SEALED),), "keys": (key(policies=policy(ROOT, ENCRYPT, DESCRIBE)),)},
        ),
        ("TS105", "fail", {"trails": (trail(**SEALED),), "keys": (key(),)}),
        ("TS105", "unknown", {"trails": (trail(**SEALED),), "keys": (key(policies=DENIED),)}),
        ("TS106", "pass", {"trails": on(logging())}),
        ("TS106", "fail", {"trails": on(logging(is_logging=False))}),
        ("TS106", "fail", {"trails": on(logging(latest_delivery_error="AccessDenied"))}),
        ("TS106", "fail", {"trails": on(logging(latest_digest_delivery_error="AccessDenied"))}),
        (
            "TS106",
            "unknown",
            {
                "trails": on(logging(latest_delivery_time=None, start_logging_time=NOW - timedelta(hours=2))),
            },
        ),
        (
            "TS106",
            "no_data",
            {"trails": on(logging(latest_delivery_time=None, start_logging_time=NOW - timedelta(minutes=2)))},
        ),
        ("TS106", "unknown", {"trails": on(TrailStatus(region="eu-west-1", is_logging=False))}),
        ("TS106", "unknown", {"trails": on(structs.replace(DENIED, where=HOME))}),
        ("TS106", "unknown", {"trails": (trail(statuses=()),)}),
        (
            "TS107",
            "pass",
            {"trails": (trail(**SEALED),), "deliveries": (delivery(log_file=log_file(NOW, kms=KEY)),)},
        ),
        ("TS107", "fail", {"trails": (trail(**SEALED),)}),
        (
            "TS107",
            "fail",
            {
                "trails": (trail(**SEALED),),
                "deliveries": (delivery(log_file=log_file(NOW, kms=f"{KEY}0")),),
            },
        ),
        ("TS107", "unknown", {"trails": (trail(**SEALED),), "deliveries": (delivery(log_file=DENIED),)}),
        ("TS107", "no_data", {"trails": (trail(**SEALED),), "deliveries": (delivery(log_file=None),)}),
        ("TS107", "no_data", {"trails": (trail(**SEALED),), "deliveries": ()}),
        ("TS107", "no_data", {"trails": (trail(**SEALED, s3_key_prefix="elsewhere"),)}),
        ("TS107", "no_data", {"trails": (trail(**SEALED),), "deliveries": (delivery(account=OTHER),)}),
        ("TS107", "unknown", {"trails": (trail(**SEALED, statuses=()),), "deliveries": ()}),
        ("TS107", "unknown", {"trails": (trail(**SEALED, statuses=(DENIED,)),), "deliveries": ()}),
        ("TS107", "unknown", {"trails": (UNREAD,)}),
        *(
            (check, "unknown", {"trails": (trail(**SEALED, statuses=(logging(),)),), "deliveries": lying})
            for check in ("TS106", "TS107")
            for lying in (
                (),
                (delivery(log_file=None),),
                (delivery(bucket="another"),),
                (delivery(account=OTHER, log_file=log_file(NOW, account=OTHER)),),
                (delivery(log_file=strewn("a/notes.txt")),),
                (delivery(log_file=strewn(f"elsewhere/{object_key()}")),),
            )
        ),
        *(
            ("TS106", "pass", {"trails": (trail(statuses=(logging(),)),), "deliveries": lying})
            for lying in (
                (delivery(log_file=None, digest_file=log_file(NOW)),),
                (delivery(region="", log_file=DENIED),),
                (delivery(log_file=DENIED),),
            )
        ),
        *(
            (check, "unknown", {"trails": (trail(**SEALED),), "keys": seen})
            for check in ("TS101", "TS102", "TS103", "TS104", "TS105", "KMS.4")
            for seen in ((), (UnreadKey(arn=KEY, reason=DENIED),))
        ),
        *(
            (check, "no_data", {"trails": (trail(**SEALED),), "keys": (NO_KEY,)})
            for check in ("TS102", "TS103", "TS104", "TS105", "KMS.4")
        ),
        *((check, "unknown", {"trails": (UNREAD,)}) for check in ("TS104", "TS105", "TS106")),
        ("KMS.4", "no_data", {"trails": (trail(**SEALED),), "keys": (key(rotation=None),)}),
    ],
)
def test_a_check_gives_its_verdict(check, verdict, seen):
    assert verdicts(check, **seen) == [verdict]


@pytest.mark.parametrize(
    ("check", "seen"),
    [
        ("S3.17", {}),
        ("S3.17", {"hubs": (nist(enabled=False),)}),
        ("TS101", {}),
        ("TS104", {}),
        ("TS105", {}),
        ("TS107", {}),
    ],
)
def test_a_check_says_nothing_where_it_does_not_apply(check, seen):
    assert verdicts(check, **seen) == []


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (KeyState.DISABLED, "trailseal plan --trail arn:aws:cloudtrail:"),
        (KeyState.PENDING_DELETION, "trailseal plan --trail arn:aws:cloudtrail:"),
        (KeyState.PENDING_IMPORT, "key import"),
        (KeyState.UNAVAILABLE, "wait"),
    ],
)
def test_a_key_that_can_not_be_used_fails_with_the_way_to_mend_it(state, said):
    (found,) = judge(snapshot(trails=(trail(**SEALED),), keys=(key(state=state),)), frozenset({"TS102"}))

    assert found.verdict == "fail"
    assert said in str(found.remedy)


@pytest.mark.parametrize(
    ("state", "date", "said", "lost"),
    [
        (KeyState.PENDING_DELETION, NOW, "KMS deletes it at 2026-11-23", True),
        (KeyState.PENDING_DELETION, None, "at a date that AWS does not name yet", True),
        (KeyState.PENDING_REPLICA_DELETION, None, "at a date that AWS does not name yet", True),
        (KeyState.DISABLED, None, "nobody can read what is encrypted with it", False),
        (KeyState.PENDING_IMPORT, None, "nobody can read what is encrypted with it", False),
    ],
)
@pytest.mark.parametrize("owner", [ACCOUNT, OTHER])
def test_what_lies_under_a_key_out_of_use_is_told_and_who_brings_it_back(state, date, said, lost, owner):
    held = key(arn=KEY.replace(ACCOUNT, owner), state=state, deletion_date=date)
    (found,) = judge(snapshot(trails=(trail(kms_key_id=held.arn),), keys=(held,)), frozenset({"TS102"}))

    assert said in str(found.text)
    assert found.loses_history is lost
    if owner == OTHER and state.can_be_brought_back:
        assert f"account {OTHER} must do this there: aws kms " in str(found.remedy)
        assert f"aws kms enable-key --key-id {held.arn} --region {HOME}" in str(found.remedy)


def test_a_bucket_key_makes_cloudtrail_need_decrypt():
    with_bucket_key = bucket(encryption=BucketEncryption(bucket_key_enabled=True))
    seen = {"trails": (trail(**SEALED),), "buckets": (with_bucket_key,)}

    without = verdicts("TS105", **seen, keys=(key(policies=policy(ENCRYPT, DESCRIBE)),))
    given = verdicts("TS105", **seen, keys=(key(policies=policy(ENCRYPT, DESCRIBE, DECRYPT)),))

    assert (without, given) == (["fail"], ["pass"])


READ_ACL = {
    "Effect": "Allow",
    "Principal": {"Service": "cloudtrail.amazonaws.com"},
    "Action": "s3:GetBucketAcl",
    "Resource": f"arn:aws:s3:::{BUCKET}",
    "Condition": {"StringEquals": {"aws:SourceArn": TRAIL}},
}
WRITE = {**READ_ACL, "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{BUCKET}/AWSLogs/{ACCOUNT}/*"}
LOG_FILES = {**WRITE, "Resource": f"arn:aws:s3:::{BUCKET}/AWSLogs/{ACCOUNT}/CloudTrail/*"}
BY_NETWORK = {
    **WRITE,
    "Sid": "OnlyFromOurNetwork",
    "Effect": "Deny",
    "Principal": "*",
    "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}},
}
BY_TIME = {**BY_NETWORK, "Condition": {"DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}}}
UNHEARD_OF = {**WRITE, "Condition": {"Unheard": {"a": "b"}}}
OF_OBJECTS = {"StringLike": {"kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{BUCKET}/*"}}
WITH_DIGESTS = {"log_file_validation_enabled": True}


def kept(*statements):
    """A bucket with a policy of these statements."""
    return {"buckets": (bucket(policy=policy(*statements).default),)}


@pytest.mark.parametrize(
    ("verdict", "said", "seen"),
    [
        ("pass", "lets CloudTrail deliver", kept(READ_ACL, WRITE)),
        ("fail", "s3:GetBucketAcl, s3:PutObject", {"buckets": (bucket(policy=""),)}),
        ("fail", "s3:GetBucketAcl", kept(WRITE)),
        ("fail", "for AWSLogs/", kept(READ_ACL, LOG_FILES) | {"trails": (trail(**WITH_DIGESTS),)}),
        (
            "fail",
            "(OnlyFromOurNetwork)",
            kept(READ_ACL, WRITE, {k: v for k, v in BY_NETWORK.items() if k != "Condition"}),
        ),
        ("unknown", "OnlyFromOurNetwork in the policy of", kept(READ_ACL, WRITE, BY_NETWORK)),
        ("unknown", "depends on", kept(READ_ACL, {**WRITE, "Condition": BY_TIME["Condition"]})),
        ("unknown", "decided: Statement[1].Condition.Unheard", kept(READ_ACL, UNHEARD_OF)),
        ("unknown", "s3:Something", {"buckets": (bucket(policy=DENIED),)}),
        ("unknown", "s3:Something", {"buckets": (UnreadBucket(name=BUCKET, reason=DENIED),)}),
        ("unknown", "s3:GetBucketPolicy", {"buckets": ()}),
        ("unknown", "s3:Something", {"trails": (UNREAD,)}),
        ("no_data", "no bucket", {"buckets": (GONE,)}),
    ],
)
def test_the_buckets_policy_lets_each_file_in_or_it_is_said_which_not(verdict, said, seen):
    assert verdicts("TS108", **seen) == [verdict]
    assert said in texts("TS108", **seen)[0]


def test_what_is_refused_for_some_files_only_names_their_folders():
    regions = [
        TrailStatus(region=name, is_logging=True)
        for name in ("eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1")
    ]
    far = trail(is_multi_region_trail=True, statuses=(TrailStatus(region=HOME, is_logging=True), *regions))
    home = {**WRITE, "Resource": f"arn:aws:s3:::{BUCKET}/AWSLogs/{ACCOUNT}/CloudTrail/{HOME}/*"}
    (text,) = texts("TS108", trails=(far,), **kept(READ_ACL, home))

    assert "CloudTrail/eu-west-1/," in text
    assert "2026" not in text
    assert text.endswith(", …")
    assert f"CloudTrail/{HOME}/" not in text


def test_what_is_refused_names_no_place_that_only_stands_for_others():
    known = Organization(organization_id="o-example12345", management_account=ACCOUNT)
    far = trail(
        is_organization_trail=True,
        is_multi_region_trail=True,
        statuses=(TrailStatus(region="eu-west-1", is_logging=True),),
    )
    own = f"AWSLogs/o-example12345/{ACCOUNT}/CloudTrail"
    home = {**WRITE, "Resource": f"arn:aws:s3:::{BUCKET}/{own}/{HOME}/*"}
    (text,) = texts("TS108", trails=(far,), organization=known, **kept(READ_ACL, home))

    assert text.endswith(f" for {own}/eu-west-1/")


@pytest.mark.parametrize("encryption", [BucketEncryption(bucket_key_enabled=True), DENIED])
@pytest.mark.parametrize(
    ("allowed", "refused"),
    [
        ((), "kms:DescribeKey, kms:GenerateDataKey, kms:Decrypt"),
        ((DESCRIBE,), "kms:GenerateDataKey, kms:Decrypt"),
        (({**DECRYPT, "Condition": OF_OBJECTS},), "kms:DescribeKey, kms:GenerateDataKey"),
        ((DECRYPT,), "kms:DescribeKey, kms:GenerateDataKey"),
    ],
)
def test_what_is_refused_in_one_form_only_is_not_named(encryption, allowed, refused):
    seen = {"buckets": (bucket(encryption=encryption),), "keys": (key(policies=policy(ROOT, *allowed)),)}

    assert texts("TS105", trails=(trail(**SEALED),), **seen)[0].endswith(f"call {refused}")


def test_members_that_nobody_lists_leave_a_narrow_policy_unknown():
    known = Organization(organization_id="o-example12345", management_account=ACCOUNT)
    narrow = {**WRITE, "Resource": f"arn:aws:s3:::{BUCKET}/AWSLogs/o-example12345/{ACCOUNT}/*"}
    seen = {"trails": (trail(is_organization_trail=True),), "organization": known, **kept(READ_ACL, narrow)}

    assert verdicts("TS108", **seen) == ["unknown"]
    assert "for which accounts and Regions" in texts("TS108", **seen)[0]


@pytest.mark.parametrize(
    ("statements", "held", "said"),
    [
        ((ENCRYPT,), bucket(), "does not let CloudTrail call kms:DescribeKey"),
        ((ENCRYPT, DESCRIBE), bucket(encryption=DENIED), "kms:Decrypt with an S3 Bucket Key or without"),
        ((ENCRYPT, {**DESCRIBE, "Condition": BY_TIME["Condition"]}), bucket(), "depends on"),
    ],
)
def test_what_no_page_tells_of_the_key_is_not_known(statements, held, said):
    seen = {"trails": (trail(**SEALED),), "keys": (key(policies=policy(*statements)),), "buckets": (held,)}

    assert verdicts("TS105", **seen) == ["unknown"]
    assert said in texts("TS105", **seen)[0]


def test_a_deny_in_the_key_policy_is_named():
    deny = {**DESCRIBE, "Sid": "KeepOut", "Effect": "Deny", "Action": "kms:*"}
    (text,) = texts("TS105", trails=(trail(**SEALED),), keys=(key(policies=policy(ENCRYPT, DESCRIBE, deny)),))

    assert "kms:DescribeKey, kms:GenerateDataKey" in text
    assert "KeepOut" in text


def test_a_condition_on_what_nobody_tells_us_is_not_known():
    wondering = {**DESCRIBE, "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}

    found = verdicts("TS105", trails=(trail(**SEALED),), keys=(key(policies=policy(ENCRYPT, wondering)),))

    assert found == ["unknown"]


def test_what_the_second_policy_of_a_shared_key_does_is_not_known():
    shared = KeyPolicies(default=policy(ROOT).default, aws_ram=policy(ENCRYPT, DESCRIBE).default)

    assert verdicts("TS105", trails=(trail(**SEALED),), keys=(key(policies=shared),)) == ["unknown"]


SERVICE = "cloudtrail.amazonaws.com"
GRANTED = Grant(
    grant_id="g",
    grantee_principal=SERVICE,
    grantee_service_principal=SERVICE,
    operations=("GenerateDataKey", "DescribeKey"),
)
SHUT_OUT = {**DESCRIBE, "Effect": "Deny", "Action": "kms:*"}


@pytest.mark.parametrize(
    ("grants", "statements", "verdict", "said"),
    [
        ((), (), "fail", "kms:DescribeKey, kms:GenerateDataKey"),
        ((GRANTED,), (), "pass", "the grants on it"),
        ((GRANTED,), (ENCRYPT, DESCRIBE), "pass", "CloudTrail in"),
        ((GRANTED,), (SHUT_OUT,), "fail", "(#2)"),
        ((structs.replace(GRANTED, operations=("Decrypt",)),), (), "fail", "kms:GenerateDataKey"),
        ((structs.replace(GRANTED, source_arn=TRAIL),), (), "pass", "the grants on it"),
        ((structs.replace(GRANTED, source_arn=TRAIL + "2"),), (), "fail", "kms:GenerateDataKey"),
        ((structs.replace(GRANTED, grantee_service_principal="s3.amazonaws.com"),), (), "fail", "call kms"),
        (DENIED, (), "unknown", "s3:Something"),
        (DENIED, (SHUT_OUT,), "fail", "(#2)"),
        (DENIED, (ENCRYPT, DESCRIBE), "pass", "the policy of"),
    ],
)
def test_a_grant_lets_cloudtrail_in_too(grants, statements, verdict, said):
    held = key(policies=policy(ROOT, *statements), grants=grants)
    seen = {"trails": (trail(**SEALED),), "keys": (held,)}

    assert verdicts("TS105", **seen) == [verdict]
    assert said in texts("TS105", **seen)[0]


def test_the_newer_of_log_file_and_digest_file_is_judged():
    old, new = log_file(NOW - timedelta(hours=1)), log_file(NOW, kms=KEY)
    place = delivery(log_file=new, digest_file=old)

    assert verdicts("TS107", trails=(trail(**SEALED),), deliveries=(place,)) == ["pass"]


def test_trails_that_share_folders_may_have_each_others_key():
    neighbour = other_trail("neighbour", kms_key_id=f"{KEY}0")
    place = delivery(log_file=log_file(NOW, kms=f"{KEY}0"))

    found = verdicts("TS107", trails=(trail(**SEALED), neighbour), deliveries=(place,))

    assert found == ["pass", "pass"]


def test_each_account_of_an_organization_is_judged():
    members = Organization(organization_id="o-example12345", management_account=ACCOUNT)
    own = delivery(log_file=log_file(NOW, kms=KEY))
    other = delivery(account=OTHER, log_file=log_file(NOW, account=OTHER))

    found = verdicts(
        "TS107",
        trails=(trail(**SEALED, is_organization_trail=True),),
        organization=members,
        deliveries=(own, other),
    )

    assert found == ["pass", "fail"]


def test_what_is_not_known_names_the_action_that_is_missing():
    (found,) = judge(snapshot(trails=(UNREAD,)), frozenset({"CloudTrail.2"}))

    assert found.missing == (DENIED,)
    assert DENIED.call in str(found.text)


def test_every_check_has_an_id_of_its_own_and_all_its_texts():
    checks = every_control()

    assert len({check.id for check in checks}) == len(checks)
    assert all(all((c.title, c.what, c.why, c.remedy, c.page)) for c in checks)
    assert {c.id for c in checks if not c.is_security_hub} == {f"TS10{n}" for n in range(1, 10)}
