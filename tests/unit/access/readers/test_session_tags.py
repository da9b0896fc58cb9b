"""A role's tags and those of its sessions: what the trust policy lets somebody pass wins."""

from __future__ import annotations

import pytest

from key_policies import ACCOUNT, policy, statement
from story_account import KEY, account, document, person
from trailseal.access.facts import OTHERS, Lack, OneOf
from trailseal.access.readers.from_snapshot import estate_of, target_of
from trailseal.access.readers.population import population
from trailseal.access.readers.reading import Access, read_all
from trailseal.access.readers.session_tags import tags_of_sessions, tags_of_user
from trailseal.access.readers.tag_passing import may_pass

TAGS = {"env": "test"}
MINE = "aws:PrincipalTag/env"
EVERY = "aws:PrincipalTag/" + OTHERS


def trust(action="sts:TagSession", effect="Allow", **condition):
    return policy(
        statement(
            Principal={"AWS": ACCOUNT},
            Effect=effect,
            Action=["sts:AssumeRole", action],
            Resource=None,
            Condition=condition or None,
        )
    )


def test_a_user_has_the_tags_that_were_read_and_no_others():
    assert tags_of_user(TAGS) == {MINE: ("test",), EVERY: ()}


@pytest.mark.parametrize("text", ["", trust("sts:SetSourceIdentity"), trust(effect="Deny")])
def test_where_nobody_may_pass_tags_a_session_has_its_roles(text):
    assert tags_of_sessions(TAGS, text) == tags_of_user(TAGS)


@pytest.mark.parametrize(
    "text", [trust(), trust("sts:*"), "{", '{"Version": "2012-10-17", "Statement": [7]}']
)
def test_where_tags_may_be_passed_the_value_is_any(text):
    assert tags_of_sessions(TAGS, text) == {EVERY: Lack.UNKNOWN, MINE: OneOf(("test", "*"))}


@pytest.mark.parametrize(
    ("condition", "values"),
    [
        ({"StringEquals": {"aws:RequestTag/env": ["dev", "qa"]}}, OneOf(("test", "dev", "qa"))),
        ({"StringLike": {"aws:requesttag/Env": "d*"}}, OneOf(("test", "d*"))),
        ({"StringEqualsIfExists": {"aws:RequestTag/env": "dev"}}, OneOf(("test", "*"))),
        ({"StringEquals": {"aws:RequestTag/env": "${aws:username}"}}, OneOf(("test", "*"))),
        ({"StringEquals": {"aws:RequestTag/other": "dev"}}, OneOf(("test", "*"))),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "cost"]}}, ("test",)),
        ({"ForAllValues:StringLike": {"aws:TagKeys": "E*"}}, OneOf(("test", "*"))),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": "${aws:username}"}}, OneOf(("test", "*"))),
        ({"ForAnyValue:StringEquals": {"aws:TagKeys": "team"}}, OneOf(("test", "*"))),
        ({"ForAllValues:StringNotEquals": {"aws:TagKeys": "team"}}, OneOf(("test", "*"))),
        ({"StringEquals": {"aws:RequestTag/env": []}}, OneOf(("test", "*"))),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": []}}, ("test",)),
    ],
)
def test_conditions_on_what_is_passed_are_read(condition, values):
    assert tags_of_sessions(TAGS, trust(**condition))[MINE] == values


NOT_U = {"ForAnyValue:StringNotEquals": {"aws:TagKeys": "u"}}


@pytest.mark.parametrize(
    ("condition", "tag", "right"),
    [
        ({"ForAllValues:StringEquals": {"aws:TagKeys": ["u"]}}, "t", ()),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": ["u"]}}, "u", Lack.UNKNOWN),
        ({"ForAllValues:StringLike": {"aws:TagKeys": ["u*"]}}, "t", Lack.UNKNOWN),
        ({"StringEquals": {"aws:RequestTag/t": "2"}}, "t", Lack.UNKNOWN),
    ],
)
def test_a_tag_that_nobody_may_pass_is_absent_where_the_role_has_none(condition, tag, right):
    found = {key.lower(): value for key, value in tags_of_sessions({}, trust(**condition)).items()}

    assert found.get(f"aws:principaltag/{tag}", found[EVERY.lower()]) == right


def denied(who="*", **condition):
    both = (
        statement(Principal={"AWS": ACCOUNT}, Action="sts:TagSession", Resource=None),
        statement(
            "D", Effect="Deny", Principal=who, Action="sts:*", Resource=None, Condition=condition or None
        ),
    )
    return policy(*both)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (denied(), ("test",)),
        (denied(**NOT_U), ("test",)),
        (denied(**{"ForAnyValue:StringNotEquals": {"aws:TagKeys": []}}), OneOf(("test", "*"))),
        (denied(Null={"aws:RequestTag/env": "false"}), ("test",)),
        (denied(Null={"aws:RequestTag/env": "False"}), ("test",)),
        (denied(Null={"aws:RequestTag/env": ["false", "true"]}), ("test",)),
        (denied(Null={"aws:RequestTag/env": "True"}), OneOf(("test", "*"))),
        (denied(Null={"aws:RequestTag/u": "false"}), OneOf(("test", "*"))),
        (denied({"AWS": ACCOUNT}), OneOf(("test", "*"))),
        (denied(Bool={"aws:MultiFactorAuthPresent": "false"}), OneOf(("test", "*"))),
    ],
)
def test_what_is_denied_to_everybody_is_passed_by_nobody(text, right):
    assert tags_of_sessions(TAGS, text)[MINE] == right


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (trust(), True),
        (trust(StringEquals={"aws:RequestTag/t": "1"}), True),
        (trust(StringEquals={"aws:RequestTag/t": "2"}), False),
        (trust(StringEquals={"aws:RequestTag/t": "${aws:username}"}), False),
        (trust(**{"ForAllValues:StringEquals": {"aws:TagKeys": "T"}}), True),
        (trust(Bool={"aws:MultiFactorAuthPresent": "true"}), True),
        (denied(), False),
        (denied({"AWS": ACCOUNT}), False),
        (denied(StringEquals={"aws:RequestTag/t": "2"}), True),
        ('{"Version": "2012-10-17", "Statement": [7]}', False),
        (trust(Null={"aws:RequestTag/u": "true"}), True),
        (trust(Null={"aws:RequestTag/u": "false"}), False),
        (trust(StringNotEquals={"aws:RequestTag/u": "2"}), True),
        (trust(StringEqualsIfExists={"aws:RequestTag/u": "2"}), True),
        (trust(StringEquals={"aws:RequestTag/u": "2"}), False),
        (trust(StringNotEqualsIfExists={"aws:RequestTag/t": "1"}), False),
        (denied(Null={"aws:RequestTag/u": "false"}), True),
        (denied(Null={"aws:RequestTag/u": "true"}), False),
        (denied(StringEquals={"aws:RequestTag/u": "1"}), True),
        (denied(StringNotEquals={"aws:RequestTag/u": "1"}), False),
    ],
)
def test_tags_that_were_chosen_have_to_be_such_as_may_be_passed(text, right):
    assert may_pass(text, {"t": "1"}) is right


def reads(trusted):
    unless_prod = {"StringNotEquals": {MINE: "prod"}}
    powers = document({"Effect": "Allow", "Action": ["s3:GetObject", "kms:Decrypt"], "Resource": "*"})
    build = person("build", powers, kind="role", trust=trusted, tags=TAGS)
    key = policy(
        statement(Principal={"AWS": ACCOUNT}, Action="kms:*"),
        statement("D", Effect="Deny", Principal="*", Condition=unless_prod),
    )
    seen = account(key, principals=(build,))
    target, estate = (f(seen, seen.trails[0], kms_key=KEY) for f in (target_of, estate_of))
    return read_all(estate, target, population(estate, target))[0].access


def test_a_session_that_may_be_tagged_reads_perhaps():
    only_dev = trust(StringEquals={"aws:RequestTag/env": "dev"})

    assert reads(trust()) is Access.UNKNOWN
    assert reads(trust("sts:SetSourceIdentity")) is Access.FETCH_ONLY
    assert reads(only_dev) is Access.FETCH_ONLY
