"""Completing what is open, until all requests are allowed or certainly none is."""

from __future__ import annotations

import json

import pytest

from trailseal.access.evaluate import authorize
from trailseal.access.facts import Lack, OneOf
from trailseal.access.request import Policies, Request
from trailseal.access.split.automaton import TooMany
from trailseal.access.split.call import Budget, NotSplit, SplitCall
from trailseal.access.split.complete import complete
from trailseal.access.split.search import somebody
from trailseal.messages import Message

A = "123456789012"
KEY = f"arn:aws:kms:eu-west-1:{A}:key/k"
USER = f"arn:aws:iam::{A}:user/zed"
SESSION = f"arn:aws:sts::{A}:assumed-role/r/trailseal-anybody"
VIA = {"aws:ViaAWSService": ("true",), "kms:ViaService": ("s3.eu-west-1.amazonaws.com",)}


def policy(*conditions, deny=(), action="*"):
    made = [("Allow", c) for c in conditions] + [("Deny", c) for c in deny]
    base = {"Principal": "*", "Action": action, "Resource": "*"}
    statements = [{"Sid": f"S{n}", "Effect": e, **base, "Condition": c} for n, (e, c) in enumerate(made)]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def decrypt(*conditions, principal=USER, context=None, without=None, **more):
    return SplitCall(
        request=Request(
            principal=principal,
            action="kms:Decrypt",
            resource=KEY,
            resource_account=A,
            context=VIA if context is None else context,
        ),
        policies=Policies(resource=policy(*conditions, **more)),
        behind=context is None,
        without=without or {},
    )


def fetch(*conditions, principal=USER, context=None, **more):
    return SplitCall(
        request=Request(
            principal=principal,
            action="s3:GetObject",
            resource="arn:aws:s3:::logs/o",
            resource_account=A,
            context=context or {},
        ),
        policies=Policies(resource=policy(*conditions, **more)),
    )


def found(*calls, now=None, bound=2_000):
    return somebody(calls, Budget(bound), now=now)


def stopped(*calls):
    with pytest.raises(NotSplit) as why:
        found(*calls)
    form = why.value.form
    return str(form.words or form.reason.detail)


def test_a_completed_request_is_allowed_with_nothing_left_open():
    [request] = found(decrypt({"StringLike": {"aws:PrincipalTag/a": "x-*"}}))

    assert request.context["aws:principaltag/a"] == ("x-",)
    assert authorize(request, decrypt({}).policies, unknown_context="absent")


def test_conditions_that_exclude_each_other_let_nobody_in():
    both = {"StringEquals": {"aws:PrincipalTag/a": "x"}, "StringLike": {"aws:PrincipalTag/a": "y*"}}

    assert found(decrypt(both)) is None


def test_a_deny_is_walked_around():
    [request] = found(
        decrypt(
            {"StringLike": {"aws:PrincipalTag/a": "x*"}}, deny=[{"StringEquals": {"aws:PrincipalTag/a": "x"}}]
        )
    )

    assert request.context["aws:principaltag/a"] not in {("x",), ()}


def test_the_callers_tag_is_one_and_the_same_in_both_calls():
    x, y = ({"StringEquals": {"aws:PrincipalTag/a": v}} for v in "xy")

    assert found(fetch(x), decrypt(y)) is None
    assert len(found(fetch(x), decrypt(x))) == 2


@pytest.mark.parametrize("key", ["aws:UserAgent", "aws:referer"])
def test_what_a_request_says_of_itself_may_be_another_thing_in_each_call(key):
    """Nobody documents that S3 hands it on to KMS: the two conditions do not exclude each other."""
    x, y = ({"StringEquals": {key: value}} for value in "xy")

    told = [request.context[key.lower()] for request in found(fetch(x), decrypt(y, context={}))]
    assert told == [("x",), ("y",)]


def test_the_network_of_the_first_call_does_not_reach_the_second():
    mine = {"StringEquals": {"aws:SourceVpce": "vpce-1"}}

    assert found(fetch(mine), decrypt({}))[0].context["aws:sourcevpce"] == ("vpce-1",)
    assert found(fetch({}), decrypt(mine)) is None


def test_the_way_that_was_found_is_one_that_a_request_can_take():
    through = {"StringEquals": {"aws:SourceVpce": "vpce-1"}}
    past = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}

    assert "VPC endpoint" in stopped(fetch({**through, **past}))
    assert "VPC endpoint" in stopped(fetch(through), decrypt(past))


def test_a_key_that_may_not_be_handed_on_refutes_only_with_one_value():
    some, other = ({"Bool": {"aws:MultiFactorAuthPresent": v}} for v in ("true", "false"))
    first = fetch(some, principal=SESSION)

    assert found(first, decrypt(some, principal=SESSION)) is not None
    assert "different contexts" in stopped(first, decrypt(other, principal=SESSION))


def test_time_is_one_in_both_keys_and_does_not_go_back():
    until = {"DateLessThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}}
    late = {"NumericGreaterThan": {"aws:EpochTime": "1830297600"}}

    assert found(decrypt(until | late)) is None
    assert found(decrypt(until), now=1_900_000_000.0) is None
    [request] = found(decrypt(until), now=1_700_000_000.0)
    assert request.context["aws:epochtime"] == ("1700000000",)


def test_a_form_outside_the_table_is_named_where_it_matters():
    tags = {"StringEquals": {"aws:PrincipalTag/a": "${aws:PrincipalTag/b}"}}
    odd = {"NumericLessThan": {"aws:PrincipalTag/n": "5"}}

    assert "aws:PrincipalTag/a" in stopped(decrypt(tags))
    assert "aws:PrincipalTag/n" in stopped(decrypt(odd), fetch({}))
    assert found(decrypt(odd, {})) is not None
    assert found(decrypt({}, deny=[{}]), fetch(odd)) is None


def test_many_forms_end_in_the_first_of_them():
    odd = {"NumericLessThan": {"aws:PrincipalTag/n": "5"}}
    tags = [{"StringEquals": {"aws:PrincipalTag/a": letter}, **odd} for letter in "abcdefgh"]

    assert "aws:PrincipalTag/n" in stopped(decrypt(*tags))


def test_a_source_does_not_come_with_a_call_that_s3_makes():
    source = {"StringLike": {"aws:SourceArn": "arn:*"}}

    assert found(decrypt(source, principal="x.amazonaws.com")) is None


def test_another_branch_may_still_let_somebody_in():
    odd = {"NumericLessThan": {"aws:PrincipalTag/n": "5"}}
    [request] = found(decrypt(odd, {"StringEquals": {"aws:PrincipalTag/a": "x"}}))

    assert request.context["aws:principaltag/a"] == ("x",)


def test_only_a_joint_way_counts_and_its_form_is_named():
    a = {"StringEquals": {"aws:PrincipalTag/a": "x"}}
    odd = {"NumericLessThan": {"aws:PrincipalTag/n": "5"}}
    not_a = {"StringNotEquals": {"aws:PrincipalTag/a": "x"}}

    assert "aws:PrincipalTag/n" in stopped(fetch(a), decrypt(not_a, odd))


def test_a_spent_budget_is_not_an_answer():
    with pytest.raises(TooMany):
        found(decrypt({"StringEquals": {"aws:PrincipalTag/a": "x"}}), bound=1)


def test_the_chosen_user_id_is_that_of_the_session_that_asks():
    context = {"aws:PrincipalArn": (f"arn:aws:iam::{A}:role/r",), "aws:userid": OneOf(("AROA*:*",)), **VIA}
    like = {"StringLike": {"aws:userid": "*:al*"}}
    [request] = found(decrypt(like, principal=SESSION, context=context))

    assert request.principal.endswith(":assumed-role/r/al")
    assert (
        found(decrypt(like, principal=SESSION, context=context, without={"aws:userid": ("*:al*",)})) is None
    )


def test_what_is_there_in_any_case_is_filled_in():
    context = {"aws:userid": OneOf(("AROA1:*",)), "aws:username": Lack.UNKNOWN, **VIA}
    [request] = found(decrypt({"Null": {"aws:EpochTime": "false"}}, principal=SESSION, context=context))

    assert request.context["aws:userid"] == ("AROA1:trailseal-anybody",)
    assert request.context["aws:epochtime"] == ("0",)
    assert "aws:username" not in request.context


def test_organization_and_paths_go_together():
    paths = {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-abc/r-1/*"}}
    [request] = found(decrypt({**paths, "StringLike": {"aws:PrincipalOrgID": "o-*"}}))

    assert request.context["aws:principalorgid"] == ("o-abc",)
    other = {**paths, "StringEquals": {"aws:PrincipalOrgID": "o-xyz"}}
    assert "organization" in stopped(decrypt(other))


def test_a_service_brings_a_source_that_hangs_together():
    source = {
        "ArnLike": {"aws:SourceArn": f"arn:aws:x:*:{A}:thing/*"},
        "StringLike": {"aws:SourceAccount": "*"},
    }
    direct = decrypt(source, principal="x.amazonaws.com", context={})
    [request] = found(direct)
    other = {**source, "StringEquals": {"aws:SourceAccount": "444455556666"}}

    assert request.context["aws:sourceaccount"] == (A,)
    assert "source" in stopped(decrypt(other, principal="x.amazonaws.com", context={}))


def test_services_on_the_way_hang_together():
    through = {"ForAnyValue:StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}}
    [request] = found(decrypt(through))

    assert request.context["aws:calledvia"] == ("athena.amazonaws.com",)
    ends = {**through, "StringEquals": {"aws:CalledViaFirst": "other.amazonaws.com"}}
    assert "services on the way" in stopped(decrypt(ends))


def test_the_age_of_mfa_comes_with_mfa():
    old = {"NumericLessThan": {"aws:MultiFactorAuthAge": "60"}}
    [request] = found(fetch({**old, "Bool": {"aws:MultiFactorAuthPresent": "true"}}))

    assert request.context["aws:multifactorauthpresent"] == ("true",)
    assert "MFA" in stopped(fetch({**old, "Bool": {"aws:MultiFactorAuthPresent": "false"}}))


def test_every_layer_is_looked_into():
    condition = {"StringEquals": {"aws:PrincipalTag/a": "x"}}
    own = json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    )
    limited = own.replace('"Resource": "*"', f'"Resource": "*", "Condition": {json.dumps(condition)}')
    call = SplitCall(
        request=decrypt({}).request,
        policies=Policies(
            resource=policy({}),
            identity=(own,),
            boundary=(own,),
            scp=((limited,),),
            rcp=((own,),),
            grants=({"GrantId": "g", "Operations": [], "GranteePrincipal": USER},),
        ),
    )

    assert found(call)[0].context["aws:principaltag/a"] == ("x",)


def test_a_request_that_is_denied_when_nothing_is_left_open_is_none():
    call = decrypt({}, deny=[{}])

    assert isinstance(complete((call.request,), (call.policies,)), Message)
