"""Rows that stand for many: an account that was not read, anybody, and the account in the headline."""

from __future__ import annotations

import pytest
from msgspec import structs

from key_policies import ACCOUNT, policy, statement
from story_account import BUCKET, FETCHING, KEY, account, document, person
from trailseal.access.readers import crowd
from trailseal.access.readers.chains import find_chains
from trailseal.access.readers.from_snapshot import estate_of, target_of
from trailseal.access.readers.population import population
from trailseal.access.readers.reading import Access, read_all
from trailseal.access.readers.scope import Openness, stand
from trailseal.access.readers.subject import Knowledge
from trailseal.access.readers.sureness import Sureness

VENDOR = "444455556666"
THEM = {"AWS": f"arn:aws:iam::{VENDOR}:root"}
ROW = f"arn:aws:iam::{VENDOR}:root"


def fetching(principal=THEM, effect="Allow", **more):
    return statement(
        "in",
        Effect=effect,
        Principal=principal,
        Action="s3:GetObject",
        Resource=f"arn:aws:s3:::{BUCKET}/*",
        **more,
    )


def look(*key, bucket=None, sealed=True, principals=()):
    fetched = policy(*(bucket or (fetching(),)))
    seen = account(policy(*key), bucket_policy=fetched, principals=principals, sealed=sealed)
    arn = KEY if sealed else ""
    trail = seen.trails[0]
    return target_of(seen, trail, kms_key=arn), estate_of(seen, trail, kms_key=arn)


def rows(*key, **more):
    target, estate = look(*key, **more)
    return {r.principal: r for r in read_all(estate, target, population(estate, target))}


def told(reading):
    return reading.access, [str(c) for c in reading.classes]


def allow(principal=THEM, **condition):
    return statement(Principal=principal, **({"Condition": condition} if condition else {}))


def test_all_of_an_account_that_is_let_in_depends_on_its_own_policies():
    row = rows(allow())[ROW]

    assert told(row) == (Access.UNKNOWN, [])
    assert VENDOR in str(row.conditions[0])


PATHS = ["one like role/:user/a", "one like role/aws-service-role/:user/a"]
"""A path can hold colons, and AWS's services make roles under a path of their own."""


@pytest.mark.parametrize(
    ("condition", "classes"),
    [
        ({"StringEquals": {"aws:PrincipalType": "AssumedRole"}}, ["a session of a role"]),
        ({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{VENDOR}:role/*"}}, ["a session of a role"]),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/svc-*"}}, ["one like role/svc-"]),
        ({"ArnLike": {"aws:PrincipalArn": "arn:*:iam::*:user/*"}}, ["a user"]),
        ({"StringLike": {"aws:PrincipalArn": "*:user/*"}}, ["a user", *PATHS]),
    ],
    ids=["type", "roles", "names", "users", "paths"],
)
def test_a_kind_of_caller_that_the_key_lets_in_makes_the_account_unknown(condition, classes):
    assert told(rows(allow(**condition))[ROW]) == (Access.UNKNOWN, classes)


def test_the_condition_may_stand_on_the_bucket_and_in_a_deny():
    deny = fetching("*", "Deny", Condition={"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}})

    assert told(rows(allow(), bucket=(fetching(), deny))[ROW]) == (Access.UNKNOWN, ["a session of a role"])


def test_both_halves_have_to_be_open_to_one_and_the_same_kind():
    users = fetching(Condition={"ArnLike": {"aws:PrincipalArn": "arn:*:iam::*:user/*"}})
    roles = allow(StringEquals={"aws:PrincipalType": "AssumedRole"})

    assert told(rows(roles, bucket=(users,))[ROW]) == (Access.NONE, [])


def test_an_account_that_no_class_of_callers_gets_out_of_is_denied():
    row = rows(allow(StringEquals={"aws:PrincipalType": "Nobody"}))[ROW]

    assert told(row) == (Access.FETCH_ONLY, [])  # its root user fetches for certain


def test_anybody_can_make_the_one_kind_of_principal_that_is_let_in():
    roles = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/reader"}}
    row = rows(allow("*", **roles), bucket=(fetching("*"),))["*"]

    assert told(row) == (Access.READ, ["one like role/reader"])


def test_anybody_is_asked_in_every_account_that_patterns_tell_apart():
    some = {"StringLike": {"kms:CallerAccount": "4444*"}}
    row = rows(allow("*", **some), bucket=(fetching("*"),))["*"]

    assert row.access is Access.READ


def test_what_is_named_alone_does_not_speak_for_the_rest_of_its_account():
    bob = f"arn:aws:iam::{VENDOR}:user/bob"
    found = rows(allow(), allow({"AWS": bob}), bucket=(fetching({"AWS": [bob, ROW]}),))
    only = rows(allow({"AWS": bob}), bucket=(fetching({"AWS": [bob, ROW]}),))

    assert found[bob].access is found[ROW].access is Access.UNKNOWN
    assert told(only[ROW]) == (Access.FETCH_ONLY, [])


def own_row(key, *bucket):
    """The row of the trail's own account where its principals were not read."""
    seen = account(key or "", bucket_policy=policy(*bucket), principals=(), sealed=key is not None)
    seen = structs.replace(seen, inventories=())
    trail, arn = seen.trails[0], KEY if key is not None else ""
    target, estate = target_of(seen, trail, kms_key=arn), estate_of(seen, trail, kms_key=arn)
    subjects = population(estate, target)
    return next(
        r for r in read_all(estate, target, subjects) if r.principal == f"arn:aws:iam::{ACCOUNT}:root"
    )


def test_the_unread_account_of_the_key_reads_for_certain_where_everybody_is_named():
    everybody = policy(allow({"AWS": ["*", ACCOUNT]}))

    assert told(own_row(everybody, fetching("*"))) == (Access.READ, [])


@pytest.mark.parametrize("sealed", [True, False])
def test_a_kind_of_the_unread_account_of_the_key_is_no_more_than_possible(*, sealed):
    but_roles = {"StringNotEquals": {"aws:PrincipalType": "AssumedRole"}}
    shut = {**fetching("*", "Deny", Condition=but_roles), "Action": "s3:*"}
    bucket = fetching({"AWS": ["*", ACCOUNT]}), shut
    own = own_row(policy(allow({"AWS": ["*", ACCOUNT]})) if sealed else None, *bucket)

    assert told(own) == (Access.UNKNOWN, ["a session of a role"])
    assert any("of that kind" in str(c) for c in own.conditions)


def test_more_classes_than_are_asked_are_unknown_and_say_so(monkeypatch):
    monkeypatch.setattr(crowd, "MAX_CLASSES", 1)
    for sealed in (True, False):
        row = rows(allow(), sealed=sealed)[ROW]

        assert row.access is Access.UNKNOWN
        assert "more kinds of callers" in str(row.conditions[0])


def scope(*key):
    target, estate = look(*key)
    return stand(estate, target, read_all(estate, target, population(estate, target)))


def test_the_headline_asks_every_kind_of_caller_of_the_account():
    anyone = {"AWS": "*"}
    roles = scope(
        allow(anyone, StringEquals={"kms:CallerAccount": ACCOUNT, "aws:PrincipalType": "AssumedRole"})
    )
    everyone = scope(allow(anyone, StringEquals={"kms:CallerAccount": ACCOUNT}))

    assert (roles.scope, [str(k) for k in roles.kinds]) == (Openness.KINDS, ["a session of a role"])
    assert roles.causes == everyone.causes == ("S",)
    assert everyone.scope is Openness.ACCOUNT


def test_a_principal_that_happens_to_have_a_witness_name_takes_no_class_away():
    same = tuple(person("a", kind=kind) for kind in ("user", "role"))
    target, estate = look(allow({"AWS": "*"}, StringEquals={"kms:CallerAccount": ACCOUNT}), principals=same)

    assert (
        stand(estate, target, read_all(estate, target, population(estate, target))).scope is Openness.ACCOUNT
    )


def test_a_reader_named_by_a_condition_is_no_kind_of_principals():
    reader = person("Reader", FETCHING, kind="role")
    key = allow({"AWS": "*"}, ArnEquals={"aws:PrincipalArn": reader.arn})
    target, estate = look(key, principals=(reader,))

    assert stand(estate, target, read_all(estate, target, population(estate, target))).scope is Openness.NAMED


def test_iam_decides_where_it_can_let_in_callers_of_any_kind():
    own = {"AWS": ACCOUNT}

    assert scope(allow(own, StringEquals={"aws:PrincipalType": "AssumedRole"})).scope is Openness.IAM
    assert scope(allow(own)).scope is Openness.IAM


def test_a_key_that_opens_under_a_condition_is_not_for_named_principals_only():
    anyone = allow({"AWS": "*"}, Bool={"aws:MultiFactorAuthPresent": "true"})

    assert scope(anyone).scope is Openness.CONDITIONAL


def test_a_headline_over_too_many_kinds_is_not_known(monkeypatch):
    monkeypatch.setattr(crowd, "MAX_CLASSES", 1)

    assert scope(allow()).scope is Openness.NOT_KNOWN


def chains(trust, **more):
    assumed = {**{k: v for k, v in trust.items() if k != "Resource"}, "Action": "sts:AssumeRole"}
    reader = person("Reader", FETCHING, kind="role", trust=policy(assumed))
    target, estate = look(allow(), principals=(reader,), **more)
    found = find_chains(estate, target, population(estate, target), frozenset({reader.arn}))
    return {c.principal: c.sureness for c in found.found}


def test_an_account_is_followed_into_a_role_as_each_kind_of_caller():
    nobody = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:group/*"}}
    roles = {"StringEquals": {"aws:PrincipalType": "AssumedRole"}}

    assert chains(allow(THEM, **roles)) == {ROW: Sureness.UNKNOWN}
    assert chains(allow(THEM, **nobody)) == {}


def test_a_role_that_trusts_everybody_can_be_assumed_by_anybody():
    assert chains(allow("*"))["*"] is Sureness.OPEN


def test_a_trust_policy_with_too_many_kinds_may_be_open(monkeypatch):
    monkeypatch.setattr(crowd, "MAX_CLASSES", 1)

    assert chains(allow(THEM)) == {ROW: Sureness.UNKNOWN}


CANONICAL = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"


def test_a_canonical_user_stands_for_an_account_that_is_not_told():
    bucket = fetching({"CanonicalUser": CANONICAL})

    assert rows(allow("*"), bucket=(bucket,))[CANONICAL].access is Access.UNKNOWN
    assert rows(allow(), bucket=(bucket,))[CANONICAL].access is Access.NONE


def test_a_saml_provider_stands_for_its_account():
    provider = {"Federated": f"arn:aws:iam::{VENDOR}:saml-provider/corp"}
    own = {"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/corp"}

    assert rows(allow(), bucket=(fetching(provider),))[ROW].access is Access.UNKNOWN
    assert f"arn:aws:iam::{ACCOUNT}:root" not in rows(allow(), bucket=(fetching(own),))
    assert set(rows(allow(), bucket=(fetching({"Federated": "accounts.google.com"}),))) == {ROW}


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"kms:CallerAccount": VENDOR}},
        {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{VENDOR}:role/*"}},
    ],
    ids=["account", "roles"],
)
def test_an_account_that_a_condition_lets_in_has_a_row_and_is_not_anybody(condition):
    found = rows(allow("*", **condition), bucket=(fetching("*"),))

    assert (found[ROW].access, found["*"].access) == (Access.UNKNOWN, Access.FETCH_ONLY)


def test_a_principal_that_a_condition_names_has_a_row():
    role = f"arn:aws:iam::{VENDOR}:role/x"
    some = {
        "StringEquals": {"aws:PrincipalArn": [role, "*", f"arn:aws:iam::{VENDOR}:role/${{aws:username}}"]}
    }

    assert rows(allow("*", **some), bucket=(fetching("*"),))[role].access is Access.UNKNOWN


AUDITOR = f"arn:aws:sts::{ACCOUNT}:federated-user/auditor"


def maker(name, *, may=True, **condition):
    reads = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "*"}
    makes = {"Effect": "Allow", "Action": "sts:GetFederationToken", "Resource": "*", **condition}
    return person(name, document(reads, makes) if may else document(makes))


def federated(*principals):
    return rows(allow({"AWS": AUDITOR}), bucket=(fetching({"AWS": THEM["AWS"]}),), principals=principals)[
        AUDITOR
    ]


def test_a_federated_users_session_is_there_as_soon_as_somebody_may_make_it():
    twins = (maker("a"), maker("b"))

    assert told(federated(*twins, person("idle", FETCHING))) == (Access.READ, [])
    assert told(federated(*twins, maker("c", may=False))) == (Access.READ, ["made by user/a"])


def test_a_federated_user_that_nobody_may_make_is_missing():
    only_roles = person("r", document({"Effect": "Allow", "Action": "sts:*", "Resource": "*"}), kind="role")

    assert federated(only_roles).knowledge is Knowledge.MISSING


def test_a_session_that_may_be_made_under_a_condition_is_unknown():
    network = {"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}

    assert federated(maker("a", **network)).access is Access.UNKNOWN


def test_a_session_that_only_a_session_could_make_is_not_made():
    mfa = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}

    assert federated(maker("a", **mfa)).access is Access.DECRYPT_ONLY


def test_a_federated_user_of_an_account_that_was_not_read_is_up_to_that_account():
    them = AUDITOR.replace(ACCOUNT, VENDOR)

    assert rows(allow({"AWS": them}), bucket=(fetching({"AWS": them}),))[them].access is Access.UNKNOWN


OTHER = "555566667777"


def two_rows(*conditions):
    both = {"AWS": [THEM["AWS"], f"arn:aws:iam::{OTHER}:root"]}
    key = [allow(both, **condition) for condition in conditions]
    found = rows(*key, bucket=(fetching(both),))
    return told(found[ROW]), told(found[f"arn:aws:iam::{OTHER}:root"])


def test_accounts_of_which_the_same_is_said_get_the_same_answer():
    roles = [f"arn:aws:iam::{account}:role/siem-*" for account in (VENDOR, OTHER)]
    one, other = two_rows({"ArnLike": {"aws:PrincipalArn": roles}})

    assert one == other == (Access.UNKNOWN, ["one like role/siem-"])


def test_accounts_of_which_something_else_is_said_are_told_apart():
    one, other = two_rows({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{VENDOR}:role/siem-*"}})

    assert (one, other[0]) == ((Access.UNKNOWN, ["one like role/siem-"]), Access.FETCH_ONLY)


@pytest.mark.parametrize(
    "condition",
    [
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::4444*:role/*"}},
        {"StringLike": {"kms:CallerAccount": "4444*"}},
    ],
    ids=["arn", "account"],
)
def test_accounts_that_a_pattern_tells_apart_are_asked_one_by_one(condition):
    one, other = two_rows(condition)

    assert (one[0], other[0]) == (Access.UNKNOWN, Access.FETCH_ONLY)


def test_accounts_that_a_variable_may_tell_apart_are_asked_one_by_one():
    folder = f"arn:aws:s3:::{BUCKET}/AWSLogs/${{aws:PrincipalAccount}}/*"
    bucket = {**fetching(), "Resource": folder}

    assert rows(allow(), bucket=(bucket,))[ROW].access is Access.DECRYPT_ONLY


@pytest.mark.parametrize(
    "condition",
    [{"StringEquals": {"aws:PrincipalType": "Account"}}, {"StringEquals": {"aws:userid": VENDOR}}],
    ids=["type", "ID"],
)
def test_the_root_user_is_one_of_its_account(condition):
    assert told(rows(allow(**condition))[ROW]) == (Access.UNKNOWN, ["the root user"])
