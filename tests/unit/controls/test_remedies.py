"""Each remedy of a failed check is a command that can be typed, or says who must do what where."""

from __future__ import annotations

import json
import shlex
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from hypothesis import given

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
    other_trail,
    snapshot,
    taking,
    trail,
)
from trailseal.cli.check import check as check_verb
from trailseal.cli.plan import plan
from trailseal.cli.verify import verify
from trailseal.controls.bucket_remedies import for_cloudtrail, make
from trailseal.controls.catalogue import CHECKS, judge
from trailseal.controls.finding import Verdict
from trailseal.controls.mended_policy import mended_policy
from trailseal.controls.typed import typed
from trailseal.messages import Message
from trailseal.model.bucket import UnreadBucket
from trailseal.model.key import KeyPolicies, KeyState, KmsKey, UnreadKey
from trailseal.model.organization import Organization
from trailseal.model.securityhub import ControlState, SecurityHub, Standard
from trailseal.model.trail import EventSelection, TrailStatus
from trailseal.model.unreadable import Unreadable
from unit.controls.test_nothing_left_out import snapshots

SENTENCES = {
    "account {owner} must do this there: {todo}": "no caller of this account can change what another owns",
    "whoever keeps its key material must import it again, from a FILE: "
    "trailseal key import {key} --material FILE": "only whoever keeps the material knows its file",
    "wait until KMS says Enabled, then look again": "KMS itself ends this state, and nobody can hasten it",
    "{bucket} takes S3 access logs, which S3 delivers to buckets on SSE-S3 alone: whoever manages them must "
    "have them delivered elsewhere first": "where they are to go is theirs to say",
    "let {statements} of the policy of {bucket} except CloudTrail": "the statement asks for AWS services "
    "already, in a way that only its author can weigh",
}
"""What is no command, with why."""
SEALED = trail(kms_key_id=KEY)
GONE_KEY = UnreadKey(arn=KEY, reason=Unreadable(call="kms:DescribeKey", code="NotFoundException"))
GONE = UnreadBucket(name=BUCKET, reason=Unreadable(call="s3:ListBucket", code="404"))
SERVICES = {"s3api": "s3"}
GLOBAL = {"iam"}
BARE = {"include-global-service-events", "is-multi-region-trail", "enable-log-file-validation", "wait"}
VERBS = {"plan": plan, "check": check_verb, "verify": verify}


def remedies(check: str, **seen: Any) -> list[Message]:
    found = judge(snapshot(**seen), frozenset({check}))
    return [each.remedy for each in found if each.verdict is Verdict.FAIL and each.remedy]


def command(check: str, **seen: Any) -> str:
    [remedy] = remedies(check, **seen)
    return str(remedy.facts["command"])


def is_well_formed(line: str) -> bool:
    """Whether each part is a command of the AWS CLI's model, or ours, with values for its options."""
    for part in line.split(" && "):
        words = shlex.split(part)
        first = next(number for number, word in enumerate(words) if word.startswith("--"))
        options = options_in(words[first:])
        if words[0] == "trailseal":
            known = {name for each in VERBS[words[1]].params for name in each.opts}
            assert {f"--{option}" for option in options} <= known, part
            continue
        _, service, operation = words[:first]
        model = botocore.session.get_session().get_service_model(SERVICES.get(service, service))
        names = {xform_name(name, "-"): name for name in model.operation_names}
        shape = model.operation_model(names[operation]).input_shape
        members = {xform_name(name, "-") for name in shape.members}
        assert options - {"region"} <= members, part
        assert {xform_name(name, "-") for name in shape.required_members} <= options, part
        assert ("region" in options) is (service not in GLOBAL), part
    return True


def options_in(words: list[str]) -> set[str]:
    """Return the names of options, each of which has its value beside it, if it takes one."""
    found, rest = set(), iter(words)
    for word in rest:
        assert word.startswith("--"), words
        found.add(name := word.removeprefix("--"))
        if name not in BARE:
            assert not next(rest).startswith("--"), words
    return found


@pytest.mark.sweep
@given(snapshots)
def test_whatever_fails_has_a_command_or_says_who_must_do_what(seen):
    for finding in judge(seen):
        if finding.verdict is not Verdict.FAIL:
            continue
        assert finding.remedy is not None
        if finding.remedy.template not in SENTENCES:
            line = str(finding.remedy.facts["command"])
            assert str(finding.remedy).endswith(line)
            assert line.split(maxsplit=1)[0] in {"aws", "trailseal"}
            assert "  " not in line


EVENTS = EventSelection(read_management=True, write_management=True)
LOGGING = TrailStatus(region=HOME, is_logging=True, latest_delivery_time=NOW)
FAILING = TrailStatus(region=HOME, is_logging=True, latest_delivery_error="AccessDenied")
HUB = SecurityHub(
    region=HOME,
    standards=(
        Standard(
            arn="n", name="N", controls=(ControlState(control_id="S3.17", enabled=True, status="FAILED"),)
        ),
    ),
    findings=(),
)
OPEN = key(policies=KeyPolicies(default=json.dumps({"Version": "2012-10-17", "Statement": [ROOT]})))
SHUT = key(
    policies=KeyPolicies(
        default=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    ROOT,
                    {"Sid": "No", "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"},
                ],
            }
        )
    )
)
SHUT_TO_SERVICES = key(
    policies=KeyPolicies(
        default=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    ROOT,
                    {
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "kms:*",
                        "Resource": "*",
                        "Condition": {"Bool": {"aws:PrincipalIsAWSService": "true"}},
                    },
                ],
            }
        )
    )
)
THEIR_KEY = KEY.replace(ACCOUNT, OTHER)
DISABLED = KeyState.DISABLED
ANOTHER = f"trailseal plan --trail {TRAIL} --key create"
STATES: list[tuple[str, dict[str, Any], str]] = [
    ("CloudTrail.1", {"trails": (trail(events=EVENTS),)}, f"aws cloudtrail update-trail --name {TRAIL}"),
    (
        "CloudTrail.1",
        {"trails": ()},
        f"aws s3api create-bucket --bucket aws-cloudtrail-logs-{ACCOUNT}-{HOME}",
    ),
    ("CloudTrail.2", {}, f"trailseal plan --trail {TRAIL}"),
    ("CloudTrail.4", {}, f"aws cloudtrail update-trail --name {TRAIL} --region {HOME}"),
    ("CloudTrail.5", {}, "aws logs create-log-group --log-group-name /aws/cloudtrail/management-events"),
    ("CloudTrail.6", {"buckets": (bucket(acl_is_public=True),)}, "aws s3api put-public-access-block"),
    ("CloudTrail.7", {}, f"aws s3api create-bucket --bucket {BUCKET}-access-logs --region {HOME}"),
    ("KMS.4", {"trails": (SEALED,), "keys": (key(),)}, f"aws kms enable-key-rotation --key-id {KEY}"),
    ("S3.17", {"hubs": (HUB,)}, f"trailseal plan --trail {TRAIL}"),
    ("S3.17", {"hubs": (HUB,), "trails": (SEALED,), "keys": (GONE_KEY,)}, f"trailseal plan --trail {TRAIL}"),
    (
        "S3.17",
        {"hubs": (HUB,), "trails": (SEALED,), "keys": (key(),)},
        f"aws s3api put-bucket-encryption --bucket {BUCKET} --region {HOME}",
    ),
    ("TS101", {"trails": (SEALED,), "keys": (GONE_KEY,)}, ANOTHER),
    (
        "TS102",
        {"trails": (SEALED,), "keys": (key(state=KeyState.DISABLED),)},
        f"trailseal plan --trail {TRAIL}",
    ),
    (
        "TS102",
        {"trails": (SEALED,), "keys": (key(state=KeyState.PENDING_DELETION),)},
        f"trailseal plan --trail {TRAIL}",
    ),
    ("TS103", {"trails": (SEALED,), "keys": (key(key_spec="RSA_2048"),)}, ANOTHER),
    ("TS104", {"trails": (SEALED,), "keys": (key(),), "buckets": (bucket(region="eu-west-1"),)}, ANOTHER),
    ("TS105", {"trails": (SEALED,), "keys": (OPEN,)}, f"trailseal plan --trail {TRAIL} --key {KEY}"),
    ("TS105", {"trails": (SEALED,), "keys": (SHUT,)}, f"aws kms put-key-policy --key-id {KEY} "),
    ("TS105", {"trails": (SEALED,), "keys": (SHUT_TO_SERVICES,)}, ANOTHER),
    (
        "TS106",
        {"trails": (trail(statuses=(TrailStatus(region=HOME, is_logging=False),)),)},
        "aws cloudtrail start-",
    ),
    ("TS106", {"trails": (trail(statuses=(LOGGING,)),), "buckets": (GONE,)}, "aws s3api create-bucket"),
    ("TS106", {"trails": (trail(statuses=(FAILING,)),)}, f"trailseal check --trail {TRAIL} --control TS106"),
    (
        "TS106",
        {"trails": (trail(statuses=(FAILING,)),), "buckets": (bucket(policy=""),)},
        f"aws s3api put-bucket-policy --bucket {BUCKET}",
    ),
    ("TS107", {"trails": (SEALED,), "buckets": (GONE,)}, f"aws s3api create-bucket --bucket {BUCKET}"),
    ("TS107", {"trails": (SEALED,), "keys": (GONE_KEY,)}, ANOTHER),
    ("TS107", {"trails": (SEALED,), "deliveries": (delivery(log_file=log_file(NOW)),)}, "trailseal verify"),
    ("TS108", {"buckets": (bucket(policy=""),)}, f"aws s3api put-bucket-policy --bucket {BUCKET}"),
    (
        "TS109",
        {
            "trails": (
                trail(
                    cloud_watch_logs_log_group_arn=f"arn:aws:logs:{HOME}:{ACCOUNT}:log-group:g:*",
                    cloud_watch_logs_role_arn=f"arn:aws:iam::{ACCOUNT}:role/service-role/writer",
                    statuses=(
                        TrailStatus(
                            region=HOME,
                            is_logging=True,
                            latest_cloud_watch_logs_delivery_error="AccessDenied",
                        ),
                    ),
                ),
            )
        },
        "aws iam put-role-policy --role-name writer",
    ),
]


@pytest.mark.sweep
@pytest.mark.parametrize(("check", "seen", "begins"), STATES, ids=range(len(STATES)))
def test_each_state_has_a_command_that_the_programs_know(check, seen, begins):
    line = command(check, **seen)

    assert line.startswith(begins)
    assert is_well_formed(line)


def test_every_check_has_a_state_here():
    assert {check for check, *_ in STATES} == set(CHECKS)


@pytest.mark.parametrize(
    ("check", "seen"),
    [
        ("CloudTrail.2", {"trails": (trail(arn=TRAIL.replace(ACCOUNT, OTHER)),)}),
        ("KMS.4", {"trails": (trail(kms_key_id=THEIR_KEY),), "keys": (key(arn=THEIR_KEY),)}),
        (
            "TS102",
            {"trails": (trail(kms_key_id=THEIR_KEY),), "keys": (key(arn=THEIR_KEY, state=DISABLED),)},
        ),
        ("TS102", {"trails": (SEALED,), "keys": (key(state=KeyState.PENDING_IMPORT),)}),
        ("TS102", {"trails": (SEALED,), "keys": (key(state=KeyState.UNAVAILABLE),)}),
        ("TS108", {"buckets": (bucket(policy="", account=OTHER),)}),
        ("S3.17", {"hubs": (HUB,), "buckets": (bucket(logging_target=BUCKET),)}),
    ],
)
def test_where_nobody_here_can_it_says_who_must_do_what(check, seen):
    [remedy] = remedies(check, **seen)

    assert remedy.template in SENTENCES


def test_the_delegated_administrator_is_one_who_can():
    theirs = trail(arn=TRAIL.replace(ACCOUNT, OTHER), is_organization_trail=True)
    organization = Organization(
        organization_id="o-abc1234567", management_account=OTHER, cloudtrail_administrators=(ACCOUNT,)
    )
    line = command("CloudTrail.4", trails=(theirs,), organization=organization)

    assert line.startswith(f"aws cloudtrail update-trail --name {theirs.arn}")


def test_a_multi_region_key_rotates_on_its_primary():
    primary = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/mrk-1"
    replica = key(multi_region=True, multi_region_key_type="REPLICA", primary_key=primary)
    line = command("KMS.4", trails=(SEALED,), keys=(replica,))

    assert line == f"aws kms enable-key-rotation --key-id {primary} --region us-east-1"


def test_a_key_that_can_not_serve_the_bucket_does_not_seal_it():
    far = KEY.replace(HOME, "us-east-1")
    seen = {"hubs": (HUB,), "trails": (trail(kms_key_id=far),), "keys": (key(arn=far),)}

    assert command("S3.17", **seen).startswith("trailseal plan")


def selection(kind: str, *selectors: Any) -> EventSelection:
    return EventSelection(
        read_management=True, write_management=False, as_given=json.dumps({kind: selectors})
    )


DATA = {
    "ReadWriteType": "All",
    "IncludeManagementEvents": True,
    "DataResources": [{"Type": "AWS::S3::Object"}],
}
OF_DATA = {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]}
OF_MANAGEMENT = {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}
UNSAID = {"FieldSelectors": [{"Field": "readOnly", "Equals": ["true"]}]}


@pytest.mark.parametrize(
    ("events", "option", "kept"),
    [
        (selection("EventSelectors", DATA, {"ReadWriteType": "ReadOnly"}), "--event-selectors", 1),
        (
            selection("AdvancedEventSelectors", OF_DATA, OF_MANAGEMENT, UNSAID),
            "--advanced-event-selectors",
            1,
        ),
        (EventSelection(read_management=False, write_management=True), "--event-selectors", 0),
        *(
            (
                EventSelection(read_management=False, write_management=True, as_given=text),
                "--event-selectors",
                0,
            )
            for text in ("{", "3", "{}", '{"EventSelectors": 3}', '{"EventSelectors": [3]}')
        ),
    ],
)
def test_selectors_for_everything_keep_the_data_events(events, option, kept):
    words = shlex.split(command("CloudTrail.1", trails=(trail(is_multi_region_trail=True, events=events),)))
    given = json.loads(words[words.index(option) + 1])

    assert len(given) == 1 + kept
    if option == "--event-selectors":
        assert [each["IncludeManagementEvents"] for each in given] == [True] + [False] * kept


def test_the_trail_that_needs_least_is_changed():
    whole = other_trail("b", events=EVENTS)
    line = command("CloudTrail.1", trails=(other_trail("a", events=DENIED), whole))

    assert line.split()[4] == whole.arn
    assert "put-event-selectors" not in line


ALLOW = {"Sid": "Mine", "Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "s3:*", "Resource": "*"}
DENY = {"Sid": "No", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "*"}
BARE_DENY = {name: value for name, value in DENY.items() if name != "Sid"}
ON_SERVICES = {**DENY, "Condition": {"Bool": {"aws:principalisawsservice": "true"}}}


def policy(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def test_a_bucket_policy_keeps_what_it_has_and_excepts_services_from_what_denies():
    added = for_cloudtrail(trail())
    mended = json.loads(mended_policy(policy(ALLOW, DENY, BARE_DENY, *added), added, ["No", "#3"]) or "")

    assert mended["Statement"][0] == ALLOW
    assert [each["Condition"] for each in mended["Statement"][1:3]] == [
        {"Bool": {"aws:PrincipalIsAWSService": "false"}}
    ] * 2
    assert mended["Statement"][3:] == list(added)


def test_one_statement_alone_is_a_list_too_and_no_policy_is_none():
    alone = json.dumps({"Version": "2012-10-17", "Statement": ALLOW})

    assert json.loads(mended_policy(alone, (), []) or "")["Statement"] == [ALLOW]
    assert json.loads(mended_policy("", (), []) or "")["Statement"] == []


@pytest.mark.parametrize("service", ["cloudtrail.amazonaws.com", ["cloudtrail.amazonaws.com"]])
def test_what_let_cloudtrail_in_under_the_same_sid_is_replaced(service):
    added = for_cloudtrail(trail())
    earlier = {**added[0], "Principal": {"Service": service}, "Resource": "*"}

    assert json.loads(mended_policy(policy(earlier), added, []) or "")["Statement"] == list(added)


@pytest.mark.parametrize("denying", [["No"], ["#7"]])
def test_a_statement_that_weighs_services_itself_is_left_to_its_author(denying):
    assert mended_policy(policy(ON_SERVICES), (), denying) is None


LETS_IN = json.loads(taking())["Statement"]
OURS = for_cloudtrail(trail())
OWN_SID = str(OURS[1]["Sid"])


@pytest.mark.parametrize(
    ("others", "denies"),
    [
        ([ALLOW], [DENY, {**DENY, "Action": "s3:GetBucketAcl"}]),
        ([{**ALLOW, "Sid": "No"}], [DENY]),
        ([ALLOW], [BARE_DENY, {**BARE_DENY, "Action": "s3:GetBucketAcl"}]),
        ([{**ALLOW, "Sid": OWN_SID}], [DENY]),
        ([ALLOW], [{**DENY, "Sid": OWN_SID}]),
        ([ALLOW], [{**DENY, "Condition": {"bool": {"aws:SecureTransport": "true"}}}]),
        ([ALLOW], [{**BARE_DENY, "Sid": "#4"}]),
    ],
    ids=["one Sid", "an Allow's Sid", "no Sid", "an added Sid", "an added Sid denies", "bool", "#4"],
)
def test_what_the_command_puts_lets_cloudtrail_in_and_keeps_the_others(others, denies):
    held = bucket(policy=policy(*LETS_IN, *others, *denies))
    words = shlex.split(command("TS108", buckets=(held,)))
    put = words[words.index("--policy") + 1]

    assert remedies("TS108", buckets=(bucket(policy=put),)) == []
    assert all(each in json.loads(put)["Statement"] for each in others)
    assert sum(each["Effect"] == "Deny" for each in json.loads(put)["Statement"]) == len(denies)


@pytest.mark.parametrize(
    "odd",
    [
        "x",
        {},
        {"Sid": "No"},
        {**DENY, "Sid": ["No"]},
        {**DENY, "Sid": 3},
        {**DENY, "Condition": []},
        {**DENY, "Condition": {"Bool": ["aws:x"]}},
    ],
)
def test_a_policy_with_what_is_no_statement_is_left_to_its_author(odd):
    [remedy] = remedies("TS108", buckets=(bucket(policy=policy(DENY, odd)),))

    assert remedy.template in SENTENCES


def test_a_deny_that_weighs_services_is_told_as_such():
    [remedy] = remedies(
        "TS108", buckets=(bucket(policy=policy(*json.loads(taking())["Statement"], ON_SERVICES)),)
    )

    assert remedy.template in SENTENCES


def test_an_organization_s_trail_writes_into_its_folder_too():
    organization = Organization(organization_id="o-abc1234567", management_account=ACCOUNT)
    one = trail(is_organization_trail=True)
    line = command("TS108", trails=(one,), organization=organization, buckets=(bucket(policy=""),))

    assert "AWSLogs/o-abc1234567/*" in line


def test_us_east_1_takes_no_location():
    assert make("b", "us-east-1") == "aws s3api create-bucket --bucket b --region us-east-1"


def test_options_are_written_as_a_shell_takes_them():
    line = typed("x", name="a b", flag=True, left=False, empty="", many=("1", "2"))

    assert shlex.split(line) == ["x", "--name", "a b", "--flag", "--many", "1", "--many", "2"]


def test_a_bucket_that_is_gone_is_made_where_the_key_lies():
    far = KEY.replace(HOME, "eu-west-1")
    line = command("TS107", trails=(trail(kms_key_id=far),), buckets=(GONE,))

    assert "LocationConstraint=eu-west-1" in line
    assert isinstance(key(), KmsKey)
