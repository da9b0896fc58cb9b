"""What CloudTrail lacks is added; nothing that was there is lost."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from plan_estate import ACCOUNT, KEY, OTHER, ROOT, ROOT_ONLY, TRAIL
from trailseal.access.lint.difference import Change
from trailseal.plan.difference import differences
from trailseal.plan.document import normal, parse, same, statements
from trailseal.plan.key_policy import CONTEXT, KeyUse, console_policy, least_policy
from trailseal.plan.merge import merge

SECOND = TRAIL + "-2"


def use(*arns: str, bucket_key: bool = False) -> KeyUse:
    return KeyUse(account=ACCOUNT, partition="aws", trail_arns=arns or (TRAIL,), bucket_key=bucket_key)


def sids(policy: str) -> list[str]:
    return [str(statement.get("Sid")) for statement in statements(parse(policy))]


def test_a_policy_that_lets_nobody_but_the_account_in_gets_both_statements() -> None:
    merged = merge(ROOT_ONLY, key_arn=KEY, use=use())

    assert sids(merged.policy) == ["Root", "AllowCloudTrailEncryptLogs", "AllowCloudTrailDescribeKey"]


def test_a_bucket_key_asks_for_decrypt_too() -> None:
    merged = merge(ROOT_ONLY, key_arn=KEY, use=use(bucket_key=True))

    assert sids(merged.policy)[-1] == "AllowCloudTrailDecrypt"


def test_merging_twice_changes_nothing_the_second_time() -> None:
    once = merge(ROOT_ONLY, key_arn=KEY, use=use(bucket_key=True)).policy

    assert merge(once, key_arn=KEY, use=use(bucket_key=True)).policy == once


def test_a_second_trail_gets_statements_of_its_own() -> None:
    once = merge(ROOT_ONLY, key_arn=KEY, use=use()).policy

    twice = merge(once, key_arn=KEY, use=use(TRAIL, SECOND)).policy

    added = statements(parse(twice))[3:]
    assert [s["Sid"] for s in added] == ["AllowCloudTrailEncryptLogs2", "AllowCloudTrailDescribeKey2"]
    assert all(s["Condition"]["StringEquals"]["aws:SourceArn"] == SECOND for s in added)


def test_what_the_console_made_needs_nothing_more() -> None:
    console = console_policy(use(), caller_arn=f"arn:aws:iam::{ACCOUNT}:user/admin")

    assert merge(console, key_arn=KEY, use=use()).policy == console


def test_a_denial_is_named_and_cannot_be_merged_away() -> None:
    deny = {
        "Sid": "No",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "kms:GenerateDataKey*",
        "Resource": "*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [ROOT, deny]})

    assert merge(policy, key_arn=KEY, use=use()).denied_by == ("No",)


def test_a_new_keys_policy_names_exactly_the_trails_and_no_star_principal() -> None:
    policy = parse(least_policy(use(TRAIL, SECOND)))

    encrypt = statements(policy)[1]
    assert encrypt["Condition"]["StringEquals"]["aws:SourceArn"] == [TRAIL, SECOND]
    assert encrypt["Condition"]["StringLike"][CONTEXT] == f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/*"
    assert all(s["Principal"] != {"AWS": "*"} for s in statements(policy))


def test_one_key_serves_the_trails_of_several_accounts() -> None:
    foreign = TRAIL.replace(ACCOUNT, OTHER)

    contexts = use(TRAIL, foreign).contexts

    assert contexts == (
        f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/*",
        f"arn:aws:cloudtrail:*:{OTHER}:trail/*",
    )


def test_the_consoles_policy_gets_decrypt_where_a_bucket_key_needs_it() -> None:
    made = console_policy(use(bucket_key=True), caller_arn=f"arn:aws:iam::{ACCOUNT}:root")

    assert sids(made) == [
        "Enable IAM user permissions",
        "Allow CloudTrail to encrypt logs",
        "Allow CloudTrail to describe key",
        "Allow principals in the account to decrypt log files",
        "Enable cross account log decryption",
        "AllowCloudTrailDecrypt",
    ]


statement = st.fixed_dictionaries(
    {
        "Effect": st.just("Allow"),
        "Principal": st.sampled_from(
            [{"AWS": f"arn:aws:iam::{ACCOUNT}:role/a"}, {"Service": "s3.amazonaws.com"}]
        ),
        "Action": st.sampled_from(["kms:Decrypt", ["kms:Encrypt", "kms:Decrypt"]]),
        "Resource": st.just("*"),
    },
    optional={"Sid": st.sampled_from(["a", "b", "AllowCloudTrailEncryptLogs"])},
)


@given(st.lists(statement, min_size=1, max_size=5), st.booleans())
def test_nothing_that_was_there_is_lost(
    given_statements: list[dict[str, Any]],
    bucket_key: bool,  # noqa: FBT001 - hypothesis gives it
) -> None:
    policy = json.dumps({"Version": "2012-10-17", "Id": "kept", "Statement": given_statements})

    merged = parse(merge(policy, key_arn=KEY, use=use(bucket_key=bucket_key)).policy)

    kept = statements(merged)[: len(given_statements)]
    assert [normal(s) for s in kept] == [normal(s) for s in given_statements]
    assert merged["Id"] == "kept"
    named = [s["Sid"] for s in statements(merged)[len(given_statements) :]]
    assert not set(named) & {s.get("Sid") for s in given_statements}


def test_a_difference_tells_added_changed_removed_and_kept() -> None:
    gone = {**ROOT, "Sid": "Gone", "Action": "kms:Get*"}
    before = json.dumps({"Statement": [ROOT, {**ROOT, "Sid": "Old"}, gone]})
    changed = {**ROOT, "Sid": "Old", "Action": "kms:Decrypt"}
    after = json.dumps({"Statement": [ROOT, changed, {"Effect": "Deny", "Principal": "*"}]})

    found = [(change.change, change.name) for change in differences(before, after)]

    assert found == [
        (Change.SAME, "Root"),
        (Change.CHANGED, "Old"),
        (Change.ADDED, "#3"),
        (Change.REMOVED, "Gone"),
    ]


def test_all_of_a_new_policy_is_added() -> None:
    changes = differences("", ROOT_ONLY)

    assert [change.change for change in changes] == [Change.ADDED]
    whole = json.dumps({"Version": "2012-10-17", "Statement": json.loads(changes[0].after)})
    assert same(ROOT_ONLY, whole)
