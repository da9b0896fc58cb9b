"""
Who can change the key policy: a policy that nobody can change locks everybody out for good.

Sources: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html and
https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html (own account only)
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice

from msgspec.structs import replace

from trailseal.access.caller import ANYBODY, CallerKind, caller_kind, read_caller
from trailseal.access.derived_facts import facts_of
from trailseal.access.facts import VIA, Value
from trailseal.access.lint.admission import PEOPLE
from trailseal.access.lint.asking import (
    Asker,
    PolicyQuestion,
    as_text,
    free_value,
    is_principal,
    passes,
    tests,
)
from trailseal.access.lint.finding import LintFinding, LintSeverity
from trailseal.access.lint.matching import EVERYBODY, account_root, is_open, reaches
from trailseal.access.lint.never import is_dead
from trailseal.access.lint.place import PolicyPlace
from trailseal.access.lint.resources import may_be_key, resource_of
from trailseal.access.lint.strangers import Person, role_or_user_arns
from trailseal.access.lint.together import moments
from trailseal.access.lint.written import WrittenPolicy, WrittenStatement
from trailseal.access.match.wildcard import has_wildcard
from trailseal.messages import Message, message
from trailseal.model.arn import account_of

CHANGING = "kms:PutKeyPolicy"
SOMEBODYS = "111111111111"
"""The owner's account where the policy names none."""
NAMES = frozenset({"aws:username", "aws:userid"})
MAX_ASKED = 120
MAX_KEYS = 5


def check(policy: WrittenPolicy, place: PolicyPlace) -> Iterator[LintFinding]:
    """Yield a finding when nobody can change the key policy, or only one user can."""
    if not any(map(_is_about_a_key, policy.statements)):
        return
    live = [s for s in policy.statements if reaches(s, CHANGING) and not is_dead(s)]
    able = [s for s in live if s.grants and s.principals]
    if not able:
        yield _locked(message("no statement lets anybody change the key policy: only AWS Support could help"))
        return
    keepers = _keepers(live, able, place)
    if not keepers:
        yield _locked(
            message(
                "nobody gets through to kms:PutKeyPolicy, so nobody can change the key policy: only AWS "
                "Support could help"
            )
        )
    elif len(keepers) == 1 and _is_one_user(only := keepers[0]):
        yield LintFinding(
            rule="KP107",
            severity=LintSeverity.WARNING,
            statement=able[0].name,
            text=message("only `{who}` can change the key policy: when it is deleted, nobody can", who=only),
            remedy=message("add an administrator role, or the account itself, for kms:PutKeyPolicy"),
        )


def _is_about_a_key(statement: WrittenStatement) -> bool:
    """Whether the statement is one of a key's policy: that on a bucket may allow every action too."""
    if not (reaches(statement, "kms:Decrypt") or reaches(statement, "kms:DescribeKey")):
        return False
    if "Resource" in statement.negated or not statement.resources:
        return True
    by_name = any(action.lower().startswith("kms:") for action in statement.actions)
    return by_name or any(map(may_be_key, statement.resources))


def _is_one_user(arn: str) -> bool:
    """Whether this is a user, and not one who stands for all users of an account."""
    return caller_kind(arn) is CallerKind.USER and read_caller(arn).name != ANYBODY


def _locked(text: Message) -> LintFinding:
    return LintFinding(
        rule="KP107",
        severity=LintSeverity.ERROR,
        statement="",
        text=text,
        remedy=message("allow kms:PutKeyPolicy to an administrator role, or to the account"),
    )


def _keepers(
    live: list[WrittenStatement], able: list[WrittenStatement], place: PolicyPlace
) -> tuple[str, ...]:
    """Return up to two whom the whole policy lets change it; of very many the first are asked."""
    text = as_text(live, place.version)
    times = moments(tuple(clause for statement in live for clause in statement.clauses))
    found: list[str] = []
    asked_about = chain(_named(able, place), _exceptions(live, place))
    for who, account in islice(asked_about, MAX_ASKED):
        owner = place.owner or account
        keys = {resource_of(s, CHANGING, owner, place.partition): None for s in able[:MAX_KEYS]}
        asked = [PolicyQuestion(text=text, action=CHANGING, resource=key, owner=owner) for key in keys]
        one = _with_context(who, live, owner)
        tries = ((each, replace(one, context=one.context | then)) for each in asked for then in times)
        if who.principal not in found and any(passes(each, at, by_iam=True) for each, at in tries):
            found.append(who.principal)
        if len(found) > 1:
            break
    return tuple(found)


def _named(able: list[WrittenStatement], place: PolicyPlace) -> Iterator[tuple[Asker, str]]:
    """Yield those whom a statement names, and some of each account and of everybody."""
    for statement in able:
        for principal in (EVERYBODY,) if is_open(statement) else statement.principals:
            account = account_root(principal) or account_of(principal[1])
            if principal == EVERYBODY or account_root(principal):
                yield from _some_of(account or place.owner or SOMEBODYS, place)
            elif is_principal(principal[1]):
                yield Asker(principal=principal[1]), account


def _exceptions(live: list[WrittenStatement], place: PolicyPlace) -> Iterator[tuple[Asker, str]]:
    """Yield those whom a Deny spares by name: they may be the only ones left."""
    for statement in live:
        listed = statement.principals if "Principal" in statement.negated else ()
        tested = [
            value
            for clause in statement.clauses
            for value in clause.values
            if clause.key.lower() == "aws:principalarn" and not has_wildcard(value)
        ]
        for value in (*(value for _, value in listed), *tested):
            if is_principal(value):
                yield Asker(principal=value), place.owner or account_of(value)


def _some_of(account: str, place: PolicyPlace) -> Iterator[tuple[Asker, str]]:
    for kind in PEOPLE:
        who = Person(kind=kind, account=account, partition=place.partition)
        arns = role_or_user_arns(who)[0]
        yield Asker(principal=who.principal, context={"aws:principalarn": arns}), account


def _with_context(who: Asker, live: list[WrittenStatement], owner: str) -> Asker:
    """Whatever else the statements test, somebody may have: it has only to be possible."""
    told = _told(who, owner)
    context: dict[str, Value] = {}
    for statement in live:
        for key in tests(statement):
            if key not in told:
                context[key] = free_value(key, who.kind, CHANGING)
    return Asker(principal=who.principal, context=context | who.context)


def _told(who: Asker, owner: str) -> frozenset[str]:
    """
    Return the keys that nobody chooses, as they follow from the caller and the key's owner.

    Who stands for all of his kind may have any name. That a service makes the call for him is left open.
    """
    caller = read_caller(who.principal)
    found = facts_of(
        caller, action=CHANGING, resource="", resource_account=owner, given={}, derive=True, closed=False
    )
    return frozenset(found.known) - {VIA} - (NAMES if caller.name == ANYBODY else frozenset())
