"""
Whom a statement lets in, of callers that are not named: strangers, insiders, people, other people's trails.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from msgspec.structs import replace

from trailseal.access.caller import ANYBODY, NOBODYS, CallerKind
from trailseal.access.facts import Lack, Value
from trailseal.access.keys.presence import Presence, presence
from trailseal.access.keys.table import find
from trailseal.access.lint.asking import TELLING, PolicyQuestion, as_text, fillings, passes, questions
from trailseal.access.lint.denying import NO_DENIES, Denies, actions_against
from trailseal.access.lint.matching import TRAIL_PAIR, fill, reaches
from trailseal.access.lint.place import PolicyPlace
from trailseal.access.lint.resources import with_free_variables
from trailseal.access.lint.strangers import (
    FIRST,
    SERVICE_KEYS,
    SHAPES,
    UNIQUE,
    Candidates,
    Person,
    arns_of,
    asker,
    askers,
    like_arns,
    named_accounts,
    of_a_source,
    strange_values,
    unknown_accounts,
)
from trailseal.access.lint.surroundings import ORGANIZATIONS, PATHS, surrounding_values
from trailseal.access.lint.written import WrittenStatement
from trailseal.access.service_name import CLOUDTRAIL

TRAIL = "arn:{partition}:cloudtrail:us-east-1:{account}:trail/any"
PEOPLE = (CallerKind.USER, CallerKind.SESSION, CallerKind.ROOT, CallerKind.FEDERATED)
INSIDERS = (CallerKind.USER, CallerKind.SESSION)
GIVING = ("kms:Decrypt", "kms:ReEncryptFrom", "kms:CreateGrant", "kms:PutKeyPolicy")
"""With these one reads, or gives oneself what one lacks."""
GRANTING = frozenset({"kms:grantisforawsresource", "kms:granteeprincipal"})
SESSION_TAG = "aws:principaltag/"


def admits_strangers(
    statement: WrittenStatement, place: PolicyPlace, denies: Denies
) -> frozenset[CallerKind]:
    """Return a kind of caller of an account that nobody named who gets through; services come last."""
    alone = _first_stranger(statement, place, NO_DENIES, also_services=False)
    if alone is None or not denies.statements:
        return frozenset({alone} if alone else ())
    left = _first_stranger(statement, place, denies, also_services=alone is not CallerKind.SERVICE)
    return frozenset({left} if left else ())


def _first_stranger(
    statement: WrittenStatement, place: PolicyPlace, denies: Denies, *, also_services: bool
) -> CallerKind | None:
    """A Deny may spare services: they are asked too where a statement is for everybody."""
    for account in unknown_accounts(_together(statement, denies)):
        services = tuple(_services(statement, denies, account, place)) if also_services else ()
        for who in (*_strangers(statement, account, place), *services):
            if _admits(
                statement,
                who,
                place,
                strange_values,
                owner=place.owner or NOBODYS,
                by_iam=True,
                denies=denies,
            ):
                return who.kind
    return None


def _together(statement: WrittenStatement, denies: Denies) -> WrittenStatement:
    return replace(
        statement,
        principals=tuple(p for each in (statement, *denies.statements) for p in each.principals),
        clauses=tuple(c for each in (statement, *denies.statements) for c in each.clauses),
    )


def _strangers(statement: WrittenStatement, account: str, place: PolicyPlace) -> Iterator[Person]:
    for kind in PEOPLE:
        yield Person(kind=kind, account=account, partition=place.partition)
    if reaches(statement, "s3:GetObject") or reaches(statement, "s3:PutObject"):
        yield Person(kind=CallerKind.ANONYMOUS, account="", partition=place.partition)
    if any(_tells_of_services(clause.key.lower()) for clause in statement.clauses):
        yield from _services(statement, NO_DENIES, account, place)


def _services(
    statement: WrittenStatement, denies: Denies, account: str, place: PolicyPlace
) -> Iterator[Person]:
    clauses = _together(statement, denies).clauses
    named = [fill(v, "x") for c in clauses if c.key.lower() == "aws:principalservicename" for v in c.values]
    for service in dict.fromkeys([*named[:3], "trailseal.amazonaws.com"]):
        yield Person(kind=CallerKind.SERVICE, account=account, partition=place.partition, service=service)


def _tells_of_services(key: str) -> bool:
    """Whether a key makes sense with services only: a statement that tests it may be meant for them."""
    row = find(key)
    return row is not None and (key in SERVICE_KEYS or presence(row, CallerKind.USER) is Presence.NEVER)


def admits_insiders(statement: WrittenStatement, place: PolicyPlace, denies: Denies) -> frozenset[CallerKind]:
    """Return the kinds of unnamed callers of the owner's account who get through without IAM."""
    accounts = (place.owner,) if place.owner else named_accounts(statement) or (NOBODYS,)
    return frozenset(
        kind
        for account in accounts
        for kind in INSIDERS
        if _admits(
            statement,
            Person(kind=kind, account=account, partition=place.partition),
            place,
            _inside_values,
            owner=account,
            by_iam=False,
            denies=denies,
            actions=GIVING,
        )
    )


def needs_no_iam(statement: WrittenStatement, place: PolicyPlace) -> bool:
    """Whether somebody of the owner's account can get through with no IAM policy."""
    named = named_accounts(statement)
    accounts = (place.owner,) if place.owner else named[:1] or (NOBODYS,)
    return any(_admits_somebody(statement, a, place, owner=a, by_iam=False) for a in accounts)


def admits_others(statement: WrittenStatement, place: PolicyPlace) -> bool:
    """Whether somebody of another account than the owner's can get through, if IAM there lets him."""
    named = named_accounts(statement)
    owner = place.owner or (named[0] if len(named) == 1 else NOBODYS)
    others = [account for account in (*unknown_accounts(statement), *named) if account != owner]
    return any(_admits_somebody(statement, a, place, owner=owner, by_iam=True) for a in others)


def admits_people(statement: WrittenStatement, account: str, place: PolicyPlace) -> bool:
    """Whether anybody of an account can get through, whoever he is, if IAM allows him everything."""
    return _admits_somebody(statement, account, place, owner=place.owner or account, by_iam=True)


def _admits_somebody(
    statement: WrittenStatement, account: str, place: PolicyPlace, *, owner: str, by_iam: bool
) -> bool:
    return any(
        _admits(
            statement,
            Person(kind=kind, account=account, partition=place.partition),
            place,
            _any_values,
            owner=owner,
            by_iam=by_iam,
            denies=NO_DENIES,
        )
        for kind in PEOPLE
    )


def admits_trails(
    statement: WrittenStatement, place: PolicyPlace, denies: Denies, *, with_context: bool = False
) -> bool:
    """
    Whether CloudTrail gets through for a trail of an account that nobody named.

    `with_context`: the encryption context counts too, which names the trail. AWS advises not to rest on it
    alone: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
    """
    return any(
        _admits(
            statement,
            Person(kind=CallerKind.SERVICE, account=account, partition=place.partition, service=CLOUDTRAIL),
            place,
            _trail_values_and_pair if with_context else _trail_values,
            owner=place.owner or NOBODYS,
            by_iam=False,
            denies=denies,
            actions=TELLING,
        )
        for account in unknown_accounts(_together(statement, denies))
    )


def admits_grantors(statement: WrittenStatement, account: str, place: PolicyPlace) -> bool:
    """Whether somebody of an account can make a grant for anybody, and not only as the owner says."""
    alone = replace(statement, principals=(("AWS", account),), negated=statement.negated - {"Principal"})
    return _can_grant(alone, account, place, _grantor_values)


def admits_an_organization(statement: WrittenStatement, place: PolicyPlace) -> bool:
    """Whether some account of an organization that is named, itself not named, can make grants so."""
    if not any(clause.key.lower() in ORGANIZATIONS | PATHS for clause in statement.clauses):
        return False
    return any(
        _can_grant(statement, account, place, _members_values) for account in unknown_accounts(statement)
    )


def _can_grant(statement: WrittenStatement, account: str, place: PolicyPlace, candidates: Candidates) -> bool:
    return any(
        passes(each, asker(statement, each, who, candidates), by_iam=True)
        for kind in PEOPLE
        for who in (Person(kind=kind, account=account, partition=place.partition),)
        for each in _about(statement, "kms:CreateGrant", place, owner=place.owner or NOBODYS)
    )


def only_about(statement: WrittenStatement, action: str) -> WrittenStatement:
    """Return the statement as if it named this one action."""
    return replace(statement, actions=(action,), negated=statement.negated - {"Action"})


def _about(
    statement: WrittenStatement, action: str, place: PolicyPlace, *, owner: str
) -> tuple[PolicyQuestion, ...]:
    only = only_about(statement, action)
    return questions(only, version=place.version, owner=owner, partition=place.partition)


def _grantor_values(key: str, written: tuple[str, ...], who: Person) -> tuple[Value, ...]:
    if key == "kms:grantisforawsresource":
        return Lack.ABSENT, ("false",)
    if key == "kms:granteeprincipal":
        arns = tuple((text,) for text in fillings(written, "trailseal"))
        return (f"arn:{who.partition}:iam::{FIRST}:user/{ANYBODY}",), *arns
    return _any_values(key, written, who)


def _members_values(key: str, written: tuple[str, ...], who: Person) -> tuple[Value, ...]:
    """A member of an organization: a stranger in all else."""
    if key in ORGANIZATIONS | PATHS:
        return ()
    return _grantor_values(key, written, who) if key in GRANTING else strange_values(key, written, who)


def _admits(
    statement: WrittenStatement,
    who: Person,
    place: PolicyPlace,
    candidates: Candidates,
    *,
    owner: str,
    by_iam: bool,
    denies: Denies,
    actions: tuple[str, ...] = (),
) -> bool:
    """Whether somebody gets through: through the statement alone first, and then past the Denies."""
    asked: tuple[PolicyQuestion, ...] = questions(
        statement, version=place.version, owner=owner, partition=place.partition
    )
    if not any(passes(each, asker(statement, each, who, candidates), by_iam=by_iam) for each in asked):
        return False
    return not denies.statements or any(
        not denies.take() or passes(past, one, by_iam=by_iam)
        for against, each, past in _past(statement, denies.statements, place, owner, actions)
        for one in askers(statement, against, each, who, candidates)
    )


@lru_cache(maxsize=1)
def _past(
    statement: WrittenStatement,
    denies: tuple[WrittenStatement, ...],
    place: PolicyPlace,
    owner: str,
    actions: tuple[str, ...],
) -> tuple[tuple[tuple[WrittenStatement, ...], PolicyQuestion, PolicyQuestion], ...]:
    """
    Return each question about a statement, alone and beside the Denies about its action.

    Kept for the callers that are asked one after another of the same statement.
    """
    wide = with_free_variables(statement)
    return tuple(
        (against, each, replace(each, text=as_text([wide, *against], place.version)))
        for action, against in actions_against(statement, Denies(denies), actions)
        for each in _about(statement, action, place, owner=owner)
    )


def _inside_values(key: str, written: tuple[str, ...], who: Person) -> tuple[Value, ...]:
    """Somebody of the account of whom nothing special is true: no tag, no path, no known name."""
    role = who.kind is CallerKind.SESSION
    if key == "aws:principalarn":
        kind = "role" if role else "user"
        return ((f"arn:{who.partition}:iam::{who.account}:{kind}/{ANYBODY}",),)
    if key == "aws:userid":
        return ((f"AROA{UNIQUE}:{ANYBODY}" if role else f"AIDA{UNIQUE}",),)
    if key == "aws:username":
        return (Lack.ABSENT,) if role else ((ANYBODY,),)
    if key.startswith(SESSION_TAG) or key == "aws:sourceidentity":
        return Lack.ABSENT, (ANYBODY,)
    if key in SHAPES:
        return (Lack.ABSENT,)
    return surrounding_values(key, written)


def _any_values(key: str, written: tuple[str, ...], who: Person) -> tuple[Value, ...]:
    return arns_of(written, who) if key == "aws:principalarn" else ()


def _trail_values(key: str, written: tuple[str, ...], who: Person) -> tuple[Value, ...]:
    """CloudTrail names the trail that it works for, and its account; perhaps not in every request."""
    return of_a_source(key, written, who, TRAIL) or surrounding_values(key, written)


def _trail_values_and_pair(key: str, written: tuple[str, ...], who: Person) -> tuple[Value, ...]:
    """What CloudTrail says of the trail, and the encryption context, which holds its ARN."""
    if key == TRAIL_PAIR:
        shape = TRAIL.format(partition=who.partition, account=who.account)
        return tuple((text,) for text in like_arns(written, shape))
    return _trail_values(key, written, who)
