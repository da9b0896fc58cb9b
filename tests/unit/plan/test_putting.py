"""Would KMS take it: every reason to refuse a policy, on every way that puts one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from msgspec import structs

from key_policies import ACCOUNT
from plan_estate import FakeClock, Told
from story_account import (
    ADMIN,
    ALICE,
    KEY,
    REGION,
    ROLE1,
    ROOT,
    SESSION1,
    USER1,
    delivering_account,
    people,
    person,
)
from trailseal.errors import WorldMoved
from trailseal.model.key import KeyPolicies
from trailseal.model.snapshot import Snapshot
from trailseal.model.unreadable import Unreadable
from trailseal.plan.author import Lockout, lockout_of
from trailseal.plan.build import build_plan
from trailseal.plan.concern import Concern
from trailseal.plan.concern_facts import Code, Weight
from trailseal.plan.history_readers import plan_readers
from trailseal.plan.intent import Intent, WantedReaders
from trailseal.plan.key_policy import KeyUse, least_policy
from trailseal.plan.plan import Plan, seal
from trailseal.plan.put_words import why_refused
from trailseal.plan.putting import PolicyPut, names_somebody_new, put_concerns
from trailseal.plan.readers import shape_readers
from trailseal.plan.restriction import reader_statement
from trailseal.plan.step import CreateKey, EnableKey, PutKeyPolicy, roll_back
from trailseal.run.policies_now import not_taken_back, see_policies

NOW = FakeClock().now()
TRAIL = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/management-events"
TEAM = f"arn:aws:iam::{ACCOUNT}:role/Team"
USERS_ID, ROLES_ID = "AIDACKCEVSQ6C2EXAMPLE", "AROACKCEVSQ6C2EXAMPLE"
ELSEWHERE = "arn:aws:iam::210987654321:role/Whoever"
DELEGATING = {
    "Sid": "Root",
    "Effect": "Allow",
    "Principal": {"AWS": ROOT},
    "Action": "kms:*",
    "Resource": "*",
}
KEEPERS = DELEGATING | {"Principal": {"AWS": ROLE1}}
"""Leaves nothing to the account's IAM policies."""


def listing(principal: Any, **changed: Any) -> dict[str, Any]:
    named = {"AWS": principal} if isinstance(principal, str | list) else principal
    given = {"Sid": "List", "Effect": "Allow", "Principal": named, "Action": "kms:List*", "Resource": "*"}
    return {**given, **changed}


def sparing(principal: str) -> dict[str, Any]:
    given = listing(principal, Effect="Deny", NotPrincipal={"AWS": [ROOT, ALICE, principal]})
    return {name: value for name, value in given.items() if name != "Principal"}


def policy(*statements: dict[str, Any], **more: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements), **more})


FINE = {
    "nobody else": policy(DELEGATING),
    "who is there": policy(DELEGATING, listing([ALICE, ROLE1, SESSION1, ROOT, ACCOUNT, "*"])),
    "an account that was not read": policy(DELEGATING, listing(ELSEWHERE)),
    "a service": policy(DELEGATING, listing({"Service": "logs.amazonaws.com"})),
    "an unique ID in a condition": policy(
        DELEGATING, listing(ROOT, Condition={"StringLike": {"aws:userid": f"{ROLES_ID}:*"}})
    ),
    "no Sids": policy(DELEGATING, *(listing(ALICE, Sid="") for _ in range(2))),
    "long as it is stored": json.dumps(
        json.loads(policy(DELEGATING, *(listing(ALICE, Sid=f"S{n}") for n in range(180)))), indent=8
    ),
}
PUT = {"key-policy-cannot-be-put"}
REFUSED = {
    "a deleted user": (policy(DELEGATING, listing([ALICE, USERS_ID])), PUT),
    "a deleted role": (policy(DELEGATING, listing(ROLES_ID)), PUT),
    "a deleted role that is spared": (policy(DELEGATING, sparing(ROLES_ID)), PUT),
    "a role that is not there": (policy(DELEGATING, listing([ALICE, TEAM])), PUT),
    "a role under another path": (policy(DELEGATING, listing(ROLE1.replace("role/", "role/x/"))), PUT),
    "a user that is not there": (policy(DELEGATING, listing(TEAM.replace("role/", "user/"))), PUT),
    "a session of no role": (policy(DELEGATING, listing(SESSION1.replace("Role1", "Team"))), PUT),
    "a Sid twice": (policy(DELEGATING, listing(ALICE), listing(ROLE1)), PUT),
    "too long": (policy(DELEGATING, Id="x" * 32_700), {"key-policy-too-long"}),
    "a caller whom it shuts out": (policy(KEEPERS), {"caller-shut-out"}),
}
BY_THE_TEXT = {"a deleted user", "a deleted role", "a deleted role that is spared", "a Sid twice", "too long"}
"""What shows without anybody having been looked for."""
PUTTING = {Code.KEY_POLICY_CANNOT_BE_PUT, Code.KEY_POLICY_TOO_LONG, Code.CALLER_SHUT_OUT, Code.LOCKS_OUT}


def holding(text: str, **more: Any) -> Snapshot:
    """The story's account with a key that has this policy, and a trail that has no key yet."""
    seen = delivering_account(text)
    unsealed = (structs.replace(seen.trails[0], kms_key_id=""),)  # type: ignore[type-var]
    return structs.replace(seen, **{"trails": unsealed, **more})


def built(text: str, seen: Snapshot, **wanted: Any) -> Plan:
    given = {"key": KEY, "accept": ("readers-lose-access", "still-open"), **wanted}
    return build_plan(seen, Intent(**given), made_at=NOW, shape=shape_readers({}))


def merged(text: str) -> Plan:
    sealed = delivering_account(text)
    return build_plan(sealed, Intent(), made_at=NOW, shape=shape_readers({}))


def of_history(text: str) -> Plan:
    new = reader_statement((ALICE,), (TRAIL,))
    return plan_readers(text, (new,), key_arn=KEY, trail_arn=TRAIL, made_at=NOW)


PLANS: dict[str, Callable[[str], Plan]] = {
    "merge": merged,
    "readers": lambda text: built(text, holding(text)),
    "grant": lambda text: built(text, holding(text), readers=WantedReaders(principals=(USER1, ROLE1))),
    "perimeter": lambda text: built(
        text, holding(text), readers=WantedReaders(mode="perimeter", principals=(USER1, ROLE1))
    ),
    "history": of_history,
}


def putting(plan: Plan) -> set[str]:
    return {
        each.code.value for each in plan.concerns if each.code in PUTTING and each.weight is Weight.REFUSED
    }


def steps_that_put(plan: Plan) -> list[PutKeyPolicy]:
    return [step for step in plan.steps if isinstance(step, PutKeyPolicy)]


@pytest.mark.sweep
@pytest.mark.parametrize("text", FINE.values(), ids=list(FINE))
@pytest.mark.parametrize("path", PLANS)
def test_a_policy_that_kms_takes_is_planned_to_be_put(path: str, text: str) -> None:
    plan = PLANS[path](text)

    assert putting(plan) == set()
    assert len(steps_that_put(plan)) == 1


@pytest.mark.sweep
@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("path", PLANS)
def test_a_policy_that_kms_would_refuse_is_never_planned_to_be_put(path: str, name: str) -> None:
    text, codes = REFUSED[name]
    plan = PLANS[path](text)

    if path == "history" and name not in BY_THE_TEXT:
        assert putting(plan) == set()
        return
    assert putting(plan) == codes
    assert steps_that_put(plan) == []
    assert plan.exit_code == 3


def putting_plan(before: str, after: str) -> Plan:
    steps = (PutKeyPolicy(key=KEY, before=before, after=after),)
    made = of_history(policy(DELEGATING))
    return seal(structs.replace(made, steps=steps, rollback=roll_back(steps)))


class Looking:
    """A collector of one account, as it is read for an apply or an undo."""

    def __init__(self, seen: Snapshot) -> None:
        self.seen = seen

    def collect(self, scope: Any) -> Snapshot:
        del scope
        return self.seen


class Keys:
    def read_key(self, reference: str, region: str) -> Any:
        del reference, region
        return delivering_account().keys[0]


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_asked_again_before_the_first_step(name: str) -> None:
    text, _ = REFUSED[name]
    told = Told()
    plan = putting_plan(
        text,
        policy(
            *json.loads(text)["Statement"],
            listing(ROOT, Sid="More"),
            Id="x" * 33_000 if name == "too long" else "y",
        ),
    )

    with pytest.raises(WorldMoved):
        see_policies(plan, holding(text), told)


def test_what_is_put_already_or_is_not_known_is_not_asked_about() -> None:
    dead = policy(DELEGATING, listing(ROLES_ID))
    plan = putting_plan(policy(DELEGATING), dead)

    see_policies(plan, holding(dead), Told())
    see_policies(plan, structs.replace(holding(dead), keys=()), Told())
    hidden = Unreadable(call="kms:GetKeyPolicy", code="AccessDenied")
    held = structs.replace(holding(dead).keys[0], policies=hidden)
    see_policies(plan, structs.replace(holding(dead), keys=(held,)), Told())
    with pytest.raises(WorldMoved):
        see_policies(plan, holding(policy(DELEGATING)), Told())


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("looks", [True, False], ids=["looked at", "by the text"])
def test_an_undo_leaves_what_kms_would_refuse_to_take_back(name: str, looks: bool) -> None:  # noqa: FBT001
    text, _ = REFUSED[name]
    now = policy(KEEPERS) if name == "a caller whom it shuts out" else policy(DELEGATING)
    back = PutKeyPolicy(key=KEY, before=now, after=text if now != text else policy(DELEGATING))
    plan = putting_plan(back.after, back.before)

    found = not_taken_back((back,), plan, Looking(holding(now)) if looks else None, Keys())  # type: ignore[arg-type]

    assert [each.step for each in found] == ([back] if looks or name in BY_THE_TEXT else [])
    assert all(each.why for each in found)


def test_an_undo_without_a_policy_looks_at_nothing() -> None:
    back = EnableKey(key=KEY, before="Disabled")

    assert not_taken_back((back,), putting_plan("", ""), Looking(None), Keys()) == ()  # type: ignore[arg-type]


def found_of(text: str, before: str, seen: Snapshot | None = None, **more: Any) -> list[Concern]:
    put = PolicyPut(key=KEY, before=before, after=text, trails=(TRAIL,), **more)
    return list(put_concerns(put, seen))


def test_statement_and_entry_are_named() -> None:
    many = [f"AIDA{n:017}" for n in range(9)]
    text = policy(
        DELEGATING,
        listing([ALICE, USERS_ID], Sid=""),
        listing(many, Sid="Two words"),
        listing(ROLES_ID, Sid="Word"),
    )

    first, second, third = found_of(text, "")

    assert (first.facts.statements, first.facts.principals) == (("#2",), (USERS_ID,))
    assert (second.facts.statements, len(second.facts.principals)) == (("#3",), 5)
    assert third.facts.statements == ("Word",)
    assert f"#2 names {USERS_ID}" in str(why_refused(first))


def test_equal_sids_can_be_taken_on_and_nobody_s_name_cannot() -> None:
    (twice,) = found_of(policy(DELEGATING, listing(ALICE), listing(ROLE1)), "")
    (nobody,) = found_of(policy(DELEGATING, listing(ROLES_ID)), "")

    assert (twice.facts.statements, twice.facts.principals) == (("#2", "#3"), ())
    assert (twice.can_be_taken_on, nobody.can_be_taken_on) == (True, False)
    assert "#2, #3 in the policy of" in str(why_refused(twice))


def test_a_policy_that_stays_as_it_is_is_asked_nothing_about() -> None:
    text = policy(KEEPERS, listing(ROLES_ID))

    assert found_of(text, text, holding(text)) == []


def test_a_way_back_that_is_closed_is_told_before() -> None:
    dead = policy(DELEGATING, listing(ROLES_ID))

    (found,) = found_of(policy(DELEGATING), dead, holding(dead))

    assert (found.code, found.weight, found.trails) == (Code.UNDO_CANNOT_PUT, Weight.WARNING, ())


def session(role: str) -> str:
    return f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/me"


NARROW = policy(KEEPERS)
ON_MFA = policy(DELEGATING | {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}})


@pytest.mark.parametrize(
    ("caller", "text", "by_key", "by_iam"),
    [
        (session("Admin"), policy(DELEGATING), Lockout.NONE, Lockout.NONE),
        (session("Admin"), NARROW, Lockout.CERTAIN, Lockout.CERTAIN),
        (session("Role1"), NARROW, Lockout.NONE, Lockout.NONE),
        (ROOT, policy(DELEGATING), Lockout.NONE, Lockout.NONE),
        (ROOT, NARROW, Lockout.CERTAIN, Lockout.CERTAIN),
        (ALICE, policy(DELEGATING), Lockout.NONE, Lockout.CERTAIN),
        (ALICE, policy(DELEGATING, listing(ALICE, Action="kms:Put*")), Lockout.NONE, Lockout.NONE),
        (session("Gone"), policy(DELEGATING), Lockout.NONE, Lockout.CERTAIN),
        (f"arn:aws:iam::{ACCOUNT}:user/ghost", policy(DELEGATING), Lockout.NONE, Lockout.CERTAIN),
        (session("Admin"), ON_MFA, Lockout.NONE, Lockout.NOT_KNOWN),
        ("", policy(DELEGATING), Lockout.NOT_KNOWN, Lockout.NOT_KNOWN),
    ],
)
@pytest.mark.parametrize("key", [KEY, f"new:{REGION}"])
def test_who_is_locked_out_of_a_key_s_policy(
    caller: str, text: str, by_key: Lockout, by_iam: Lockout, key: str
) -> None:
    seen = holding(text, caller_arn=caller)

    assert lockout_of(seen, key, text, by_iam=False) is by_key
    assert lockout_of(seen, key, text, by_iam=True) is by_iam


@pytest.mark.parametrize(
    ("caller", "text", "found"),
    [
        (session("Admin"), policy(DELEGATING), Lockout.NOT_KNOWN),
        (session("Admin"), NARROW, Lockout.CERTAIN),
        (session("Role1"), NARROW, Lockout.NONE),
        ("arn:aws:weird", policy(DELEGATING), Lockout.NOT_KNOWN),
    ],
)
def test_where_nobody_was_read_only_the_key_s_own_policy_tells(
    caller: str, text: str, found: Lockout
) -> None:
    seen = holding(text, caller_arn=caller, inventories=())

    assert lockout_of(seen, KEY, text, by_iam=True) is found


def test_a_role_with_a_path_may_put_what_it_can_put_again() -> None:
    everything = people()[-1]
    seen = delivering_account(
        principals=(*people(), structs.replace(person("ops/Operator", kind="role"), shared=everything.shared))
    )
    seen = structs.replace(seen, caller_arn=session("Operator"))

    assert lockout_of(seen, KEY, policy(DELEGATING), by_iam=True) is Lockout.NONE


@pytest.mark.parametrize(
    ("caller", "after", "restricts", "code"),
    [
        (ALICE, policy(DELEGATING, listing(ALICE)), True, Code.LOCKS_OUT),
        (ALICE, policy(DELEGATING, listing(ALICE)), False, None),
        (session("Admin"), NARROW, False, Code.LOCKS_OUT),
        (session("Admin"), ON_MFA, True, Code.LOCK_OUT_OPEN),
        (session("Admin"), ON_MFA, False, None),
    ],
)
@pytest.mark.parametrize("before", ["", policy(DELEGATING)], ids=["a new key", "a key that stands"])
def test_whoever_puts_a_policy_must_be_able_to_put_another(
    caller: str,
    after: str,
    restricts: bool,  # noqa: FBT001
    code: Code | None,
    before: str,
) -> None:
    found = found_of(after, before, holding(after, caller_arn=caller), restricts=restricts)

    assert [each.code for each in found] == ([code] if code else [])
    assert all(bool(each.trails) is (each.weight is Weight.REFUSED) for each in found)


def test_what_a_restriction_takes_from_its_own_author_is_refused() -> None:
    seen = holding(policy(DELEGATING), caller_arn=ALICE, keys=())
    wanted = {"key": "", "readers": WantedReaders(principals=(USER1, ROLE1))}

    assert putting(built("", seen, **wanted)) == {"locks-out"}


@pytest.mark.parametrize(
    ("step", "new"),
    [
        (PutKeyPolicy(key=KEY, before=policy(DELEGATING), after=policy(DELEGATING, listing(ALICE))), True),
        (PutKeyPolicy(key=KEY, before=policy(DELEGATING, listing(ALICE)), after=policy(DELEGATING)), False),
        (PutKeyPolicy(key=KEY, before=policy(DELEGATING), after=policy(DELEGATING, listing(ROOT))), False),
        (EnableKey(key=KEY, before="Disabled"), False),
    ],
)
def test_only_somebody_new_may_not_be_seen_yet(step: Any, new: bool) -> None:  # noqa: FBT001
    assert names_somebody_new(step) is new


@pytest.mark.parametrize(("named", "new"), [(ADMIN, True), (ROOT, False), (ACCOUNT, False)])
def test_a_new_key_s_policy_may_name_somebody_who_is_not_seen_yet(named: str, new: bool) -> None:  # noqa: FBT001
    made = CreateKey(
        key=f"new:{REGION}",
        account=ACCOUNT,
        region=REGION,
        description="CloudTrail log files",
        policy=policy(DELEGATING, listing(named)),
    )

    assert names_somebody_new(made) is new


def test_the_least_policy_is_one_that_kms_takes() -> None:
    use = KeyUse(account=ACCOUNT, partition="aws", trail_arns=(TRAIL,))

    assert found_of(least_policy(use), "", holding(policy(DELEGATING))) == []
    assert KeyPolicies().default == ""
