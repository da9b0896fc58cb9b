"""A principal that lives is the one whose unique ID a policy or a grant holds, wherever it stands."""

from __future__ import annotations

import itertools

import pytest

from estates.build import (
    KEYADMIN,
    READER,
    ROOT,
    ROOT_B,
    S3,
    Scene,
    Statement,
    X,
    deny,
    iam,
    opens_bucket,
    opens_key,
    person,
    rows_of,
    sts,
    verdict_of,
)
from trailseal.access.decision import Effect
from trailseal.access.evaluate import authorize
from trailseal.access.request import Policies, Request
from trailseal.model.key import Grant
from trailseal.model.principal import Principal

ROLE, USER = person("role/x", S3), person("user/u", S3)
FETCHING = {"role/x": opens_bucket(X), "user/u": opens_bucket(iam("user/u"))}
SESSION = sts("assumed-role/x/s1")
PEOPLE = ((ROLE, ""), (USER, ""), (ROLE, SESSION))
KEY_ARN = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"


def granting(to: str) -> Grant:
    return Grant(grant_id="g1", grantee_principal=to, operations=("Decrypt",))


def spares(*more: str) -> Statement:
    listed = {"AWS": [ROOT, READER, KEYADMIN, *more]}
    return {"Effect": "Deny", "NotPrincipal": listed, "Action": "kms:*", "Resource": "*"}


def scene(who: Principal, session: str, **traits: object) -> Scene:
    """A session that is named has a row of its own."""
    named = (deny(session, "s3:Put*"),) if session else ()
    return Scene(people=(who,), bucket=named, **traits)  # type: ignore[arg-type]  # a scene's traits


@pytest.mark.parametrize(("who", "session"), PEOPLE, ids=lambda each: getattr(each, "arn", each))
def test_who_and_the_proof_find_a_principal_by_its_id(who: Principal, session: str) -> None:
    one = session or who.arn
    opened = {
        "key policy": {"key": (opens_key(who.principal_id),)},
        "grant": {"grants": (granting(who.principal_id),)},
    }
    for traits in opened.values():
        found = scene(who, session, **traits)
        assert rows_of(found)[one] == "can read"
        assert verdict_of(found) == "REFUTED"

    shut = scene(who, session, key=(opens_key(who.arn), deny(who.principal_id, "kms:*")))
    assert rows_of(shut)[one] == "can fetch, cannot decrypt"
    assert verdict_of(shut) == "PROVEN"


def test_a_user_whom_notprincipal_spares_by_its_id_is_spared() -> None:
    spared = Scene(people=(USER,), key=(opens_key(USER.arn), spares(USER.principal_id)))
    assert (rows_of(spared)[USER.arn], verdict_of(spared)) == ("can read", "REFUTED")


def test_a_principal_named_by_its_id_is_told_from_others_with_the_same_policies() -> None:
    people = tuple(person(f"user/u{n}", S3) for n in range(4))
    rows = rows_of(Scene(people=people, key=(opens_key(people[2].principal_id),)))
    assert {p.arn for p in people if rows[p.arn] == "can read"} == {people[2].arn}


def test_an_id_that_nobody_read_has_is_nobodys_in_a_policy_and_may_be_anybodys_in_a_grant() -> None:
    gone, outside = "AROAGONE1234567890AB", opens_bucket(ROOT_B)
    by_policy = Scene(key=(opens_key(gone),), bucket=(outside,), people=(ROLE,))
    by_grant = Scene(grants=(granting(gone),), bucket=(outside,), people=(ROLE,))

    assert (rows_of(by_policy)[ROOT_B], verdict_of(by_policy)) == ("can fetch, cannot decrypt", "PROVEN")
    assert (rows_of(by_grant)[ROOT_B], verdict_of(by_grant)) == ("unknown", "UNKNOWN")
    assert rows_of(by_grant)[X] == "can fetch, cannot decrypt"


@pytest.mark.parametrize(
    ("caller", "unique", "told"),
    [
        (iam("user/u"), "AIDAU0000000", "AIDAU0000000"),
        (SESSION, "AROAX0000000", "AROAX0000000:s1"),
        (X, "AROAX0000000", "AROAX0000000:s1"),
    ],
)
def test_a_request_that_tells_the_id_is_held_against_it(caller: str, unique: str, told: str) -> None:
    statement = {**opens_key(unique), "Action": "kms:*"}
    by_policy = {"resource": {"Version": "2012-10-17", "Statement": [statement]}}
    by_grant = {"grants": ({"GrantId": "g1", "GranteePrincipal": unique, "Operations": ["Decrypt"]},)}
    contexts: tuple[dict[str, tuple[str, ...]], ...] = (
        {"aws:userid": (told,)},
        {"aws:userid": (f"{unique}0:s1",)},
        {},
    )
    for policies, context in itertools.product((by_policy, by_grant), contexts):
        request = Request(principal=caller, action="kms:Decrypt", resource=KEY_ARN, context=context)
        shut = Effect.UNKNOWN if not context and policies is by_grant else Effect.IMPLICITLY_DENIED
        right = Effect.ALLOWED if context.get("aws:userid") == (told,) else shut
        assert authorize(request, Policies(**policies)).effect is right  # type: ignore[arg-type]
