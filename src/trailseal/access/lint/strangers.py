"""
Callers of whom a statement says nothing: of an account that nobody named, or unnamed ones of a named account.

A stranger chooses his name, his tags and his session freely, since all that is done in his own account.
He does not choose his account, his organization or the network of others. A value that a statement
spells out is somebody's in particular and so never his; one that matches a wildcard can be.
Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html and, for
what counts as fixed, https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import count, product

from msgspec import Struct
from msgspec.structs import replace

from trailseal.access.caller import ANONYMOUS, ANYBODY, NOBODYS, CallerKind
from trailseal.access.facts import Lack, OneOf, Value
from trailseal.access.lint.asking import (
    Asker,
    PolicyQuestion,
    as_text,
    fillings,
    free_value,
    passes,
    questions,
    tests,
)
from trailseal.access.lint.matching import fill
from trailseal.access.lint.surroundings import ORGANIZATION, SURROUNDINGS, surrounding_values
from trailseal.access.lint.written import Clause, WrittenStatement
from trailseal.access.match.wildcard import has_wildcard
from trailseal.model.arn import ACCOUNT, PARTS

RESOURCE_ACCOUNTS = frozenset({"aws:resourceaccount", "s3:resourceaccount"})
UNIQUE = "TRAILSEALANYBODY0"
FIRST = 918_273_645_546
"""The account that strangers are of, unless somebody names it."""
DIGITS = 12
MAX_ACCOUNTS = 6
MAX_ARNS = 6
ANY_SOURCE = "arn:{partition}:sns:us-east-1:{account}:any"
LONGEST_PART = 200
ACCOUNT_PATTERN = re.compile(r"[0-9?*]*[0-9?][0-9?*]*")
PEOPLE = {
    CallerKind.USER: "arn:{partition}:iam::{account}:user/{name}",
    CallerKind.SESSION: "arn:{partition}:sts::{account}:assumed-role/{name}/{name}",
    CallerKind.ROOT: "arn:{partition}:iam::{account}:root",
    CallerKind.FEDERATED: "arn:{partition}:sts::{account}:federated-user/{name}",
}
SHAPES = {
    "aws:vpceaccount": "{account}",
    "s3:dataaccesspointaccount": "{account}",
    "s3:dataaccesspointarn": "arn:{partition}:s3:us-east-1:{account}:accesspoint/any",
    "aws:sourcevpcarn": "arn:{partition}:ec2:us-east-1:{account}:vpc/vpc-0trailseal",
    "ec2:sourceinstancearn": "arn:{partition}:ec2:us-east-1:{account}:instance/i-0trailseal",
    "ssm:sourceinstancearn": "arn:{partition}:ec2:us-east-1:{account}:instance/i-0trailseal",
    "codebuild:projectarn": "arn:{partition}:codebuild:us-east-1:{account}:project/any",
    "codebuild:buildarn": "arn:{partition}:codebuild:us-east-1:{account}:build/any",
    "aws:signinsessionarn": "arn:{partition}:signin:us-east-1:{account}:session/any",
    "lambda:sourcefunctionarn": "arn:{partition}:lambda:us-east-1:{account}:function:any",
    "aws:chatbotsourcearn": "arn:{partition}:chatbot::{account}:chat-configuration/any",
    "aws:federatedprovider": "arn:{partition}:iam::{account}:saml-provider/any",
}
"""Keys that hold something of the caller's own account, by an example of each, or are absent."""
DERIVED = frozenset(
    {
        "aws:principalaccount",
        "aws:principaltype",
        "kms:calleraccount",
    }
)
"""Keys that the engine derives from the caller, completely."""
SERVICE_KEYS = frozenset({"aws:principalisawsservice", "aws:principalservicename"})
NEWER = "2012-10-17"
ABOUT_ALL = WrittenStatement(
    position=1, effect="Allow", principals=(("AWS", "*"),), actions=("*",), resources=("*",), clauses=()
)
KEPT = 2_000
OWNER_ORGANIZATION: dict[str, Value] = {
    "aws:resourceorgid": ("o-theowners0",),
    "aws:resourceorgpaths": ("o-theowners0/r-0000/",),
}


class Person(Struct, frozen=True, kw_only=True):
    """A kind of caller of an account, or a service that acts for something in that account."""

    kind: CallerKind
    account: str
    partition: str = "aws"
    service: str = ""

    @property
    def principal(self) -> str:
        """The caller as a request names it."""
        if self.kind is CallerKind.SERVICE:
            return self.service
        if self.kind is CallerKind.ANONYMOUS:
            return ANONYMOUS
        return PEOPLE[self.kind].format(partition=self.partition, account=self.account, name=ANYBODY)


NEUTRAL = Person(kind=CallerKind.USER, account=str(FIRST))
Candidates = Callable[[str, tuple[str, ...], Person], tuple[Value, ...]]
"""The values that a key may have for somebody, given those that are written; none where he is free."""


def _possible(key: str, written: tuple[str, ...], who: Person, owner: str) -> tuple[Value, ...] | None:
    """Return what a key about the resource can hold, None for any other key: nobody chooses its owner."""
    plain = tuple((value,) for value in written if not has_wildcard(value) and "${" not in value)
    if key in RESOURCE_ACCOUNTS:
        told = () if owner != NOBODYS else tuple(one for one in plain if one != (who.account,))
        return (owner,), *told
    if key == "aws:resourceorgid":
        return OWNER_ORGANIZATION[key], *plain, Lack.ABSENT
    if key == "aws:resourceorgpaths":
        named = dict.fromkeys(value.partition("/")[0] for value in written if value.startswith("o-"))
        inside = tuple(OneOf((f"{one}/*",)) for one in named if not has_wildcard(one))
        return OWNER_ORGANIZATION[key], *inside, Lack.ABSENT
    return None


def _around(who: Person, owner: str) -> dict[str, Value]:
    """Return what is there also where it is only named as a variable: both organizations."""
    if who.kind in {CallerKind.SERVICE, CallerKind.ANONYMOUS}:
        return OWNER_ORGANIZATION
    own = OWNER_ORGANIZATION["aws:resourceorgid"] if who.account == owner else (ORGANIZATION,)
    return OWNER_ORGANIZATION | {"aws:principalorgid": own}


def asker(statement: WrittenStatement, asked: PolicyQuestion, who: Person, candidates: Candidates) -> Asker:
    """Return the caller with a value under each tested key that lets him through, where there is one."""
    context: dict[str, Value] = {}
    for key, clauses in tests(statement).items():
        if key in SERVICE_KEYS:
            continue
        if key in DERIVED and who.kind is not CallerKind.SERVICE:
            continue
        written = tuple(value for clause in clauses for value in clause.values)
        of_owner = _possible(key, written, who, asked.owner)
        possible = candidates(key, written, who) if of_owner is None else of_owner
        if not possible:
            context[key] = free_value(key, who.kind, asked.action)
        elif key in SURROUNDINGS:
            context[key] = _choose(possible, key, clauses, NEUTRAL)
        else:
            context[key] = _choose(possible, key, clauses, who)
    return Asker(principal=who.principal, context=_around(who, asked.owner) | context)


def _choose(possible: tuple[Value, ...], key: str, clauses: tuple[Clause, ...], who: Person) -> Value:
    """The tests of a statement all have to hold, so the value of each key is found for itself."""
    if len(possible) == 1:
        return possible[0]
    return next((value for value in possible if _meets(value, key, clauses, who)), possible[0])


@lru_cache(maxsize=KEPT)
def _meets(value: Value, key: str, clauses: tuple[Clause, ...], who: Person) -> bool:
    question = replace(_about_all(who.account, who.partition), text=_alone(clauses))
    one = Asker(principal=who.principal, context=_around(who, "") | {key: value})
    return passes(question, one, by_iam=True)


@lru_cache(maxsize=KEPT)
def _alone(clauses: tuple[Clause, ...]) -> str:
    return as_text([replace(ABOUT_ALL, clauses=clauses)], NEWER)


@lru_cache(maxsize=KEPT)
def _about_all(owner: str, partition: str) -> PolicyQuestion:
    (question,) = questions(ABOUT_ALL, version=NEWER, owner=owner, partition=partition, most=1)
    return question


def askers(
    statement: WrittenStatement,
    denies: tuple[WrittenStatement, ...],
    asked: PolicyQuestion,
    who: Person,
    candidates: Candidates,
) -> Iterator[Asker]:
    """Yield the caller with all values that let him through a statement, for those to pass the Denies."""
    own = tests(statement)
    together = replace(statement, clauses=tuple(c for each in (statement, *denies) for c in each.clauses))
    found: dict[str, tuple[Value, ...]] = {}
    for key, clauses in tests(together).items():
        if key in SERVICE_KEYS or (key in DERIVED and who.kind is not CallerKind.SERVICE):
            continue
        written = tuple(value for clause in clauses for value in clause.values)
        of_owner = _possible(key, written, who, asked.owner)
        possible = candidates(key, written, who) if of_owner is None else of_owner
        judge = NEUTRAL if key in SURROUNDINGS else who
        met = tuple(v for v in possible if key not in own or _meets(v, key, own[key], judge))
        found[key] = met or possible[:1] or (free_value(key, who.kind, asked.action),)
    for values in product(*found.values()):
        context = _around(who, asked.owner) | dict(zip(found, values, strict=True))
        yield Asker(principal=who.principal, context=context)


def strange_values(key: str, written: tuple[str, ...], who: Person) -> tuple[Value, ...]:
    """Return the values that a key can have for somebody of an account that nobody named."""
    if key in SHAPES:
        shape = SHAPES[key].format(partition=who.partition, account=who.account)
        others = tuple((v,) for v in written if key == "aws:federatedprovider" and not v.startswith("arn:"))
        return Lack.ABSENT, *((text,) for text in like_arns(written, shape)), *others
    if who.kind is CallerKind.SERVICE and (found := of_a_source(key, written, who, ANY_SOURCE)):
        return found
    if key == "aws:principalarn":
        return arns_of(written, who)
    if key == "aws:userid":
        return _user_ids(written, who)
    if key == "aws:username":
        return (OneOf(("*",)),) if who.kind is CallerKind.USER else (Lack.ABSENT,)
    return surrounding_values(key, written)


def of_a_source(key: str, written: tuple[str, ...], who: Person, example: str) -> tuple[Value, ...]:
    """Return what a service can say of the thing that it acts for, nothing included."""
    if key in {"aws:sourceaccount", "aws:sourceowner", "aws:principalaccount", "kms:calleraccount"}:
        return Lack.ABSENT, (who.account,)
    if key != "aws:sourcearn":
        return ()
    buckets = fillings([value for value in written if ":::" in value], "trailseal")
    shape = example.format(partition=who.partition, account=who.account)
    return Lack.ABSENT, *((text,) for text in (*like_arns(written, shape), *buckets))


def like_arns(written: tuple[str, ...], example: str) -> tuple[str, ...]:
    """Return an example's ARN, and such as the wildcards among the written ones let in, of its account."""
    if ":" not in example:
        return (example,)
    _, partition, service, region, account, name = example.split(":", PARTS - 1)
    found = [example]
    for pattern in [value for value in written if has_wildcard(value)][:MAX_ARNS]:
        parts = [*(fill(part, "x") for part in pattern.split(":", PARTS - 1)), *[""] * PARTS]
        tail = fill(pattern.rpartition(":")[2], "x")
        of_kind = f"{name.partition('/')[0]}/"
        whole = tail if tail.startswith(of_kind) else of_kind + tail
        found += [
            f"arn:{partition}:{one}:{place}:{account}:{called}"
            for one in dict.fromkeys((parts[2] or service, service))
            for place in dict.fromkeys((parts[3] or region, region))
            for called in dict.fromkeys((parts[5] or name, tail, whole))
        ]
    return tuple(dict.fromkeys(found))


def role_or_user_arns(who: Person) -> tuple[Value, ...]:
    """Return the ARNs that a caller can have: any name in his account."""
    if who.kind is CallerKind.ROOT:
        return ((who.principal,),)
    kind = {CallerKind.SESSION: "iam::{}:role", CallerKind.FEDERATED: "sts::{}:federated-user"}
    middle = kind.get(who.kind, "iam::{}:user").format(who.account)
    return (OneOf((f"arn:{who.partition}:{middle}/*",)),) if who.account else (Lack.ABSENT,)


def arns_of(written: tuple[str, ...], who: Person) -> tuple[Value, ...]:
    """Return the ARNs that a caller can have; single ones first: they are quicker to try."""
    kind = {CallerKind.USER: "user", CallerKind.SESSION: "role"}.get(who.kind, "")
    example = f"arn:{who.partition}:iam::{who.account}:{kind}/{ANYBODY}"
    alike = like_arns(written, example) if kind else ()
    single = tuple((arn,) for arn in alike if arn.startswith(example.removesuffix(ANYBODY)))
    return *single, *role_or_user_arns(who)


def _user_ids(written: tuple[str, ...], who: Person) -> tuple[Value, ...]:
    """Unique IDs are AWS's to give: a new one, or one that a wildcard lets in, before a free session name."""
    match who.kind:
        case CallerKind.USER:
            return tuple((each,) for each in (f"AIDA{UNIQUE}", *_new_ids(written, "AIDA")))
        case CallerKind.SESSION:
            return tuple(OneOf((f"{each}:*",)) for each in (f"AROA{UNIQUE}", *_new_ids(written, "AROA")))
        case CallerKind.FEDERATED:
            return (OneOf((f"{who.account}:*",)),)
        case CallerKind.ROOT:
            return ((who.account,),)
        case _:
            return (Lack.ABSENT,)


def _new_ids(written: tuple[str, ...], kind: str) -> tuple[str, ...]:
    heads = [value.partition(":")[0] for value in written]
    return tuple(text for text in fillings(heads, UNIQUE) if text.startswith(kind))


def unknown_accounts(statement: WrittenStatement) -> tuple[str, ...]:
    """Return accounts that nobody named: a new one, and such as the wildcards of the statement let in."""
    parts = _parts(_texts(statement))
    wild = sorted(p for p in parts if has_wildcard(p) and ACCOUNT_PATTERN.fullmatch(p))[:MAX_ACCOUNTS]
    new = next(account for account in map(str, count(FIRST)) if account not in parts)
    filled = [text for pattern in wild if (text := _account_like(pattern, parts))]
    return tuple(dict.fromkeys((new, *filled)))


def named_accounts(statement: WrittenStatement) -> tuple[str, ...]:
    """Return the accounts that the conditions of a statement spell out."""
    parts = _parts(value for clause in statement.clauses for value in clause.values)
    return tuple(sorted(p for p in parts if ACCOUNT.fullmatch(p)))[:MAX_ACCOUNTS]


def _parts(texts: Iterable[str]) -> set[str]:
    """Return the parts of ARNs; twelve digits with a star beside them are that account and no other."""
    parts = {part for text in texts for part in re.split("[:/]", text)}
    bare = {part.replace("*", "") for part in parts if len(part) <= LONGEST_PART}
    return parts | {part for part in bare if ACCOUNT.fullmatch(part)}


def _texts(statement: WrittenStatement) -> Iterator[str]:
    yield from (value for _, value in statement.principals)
    yield from (value for clause in statement.clauses for value in clause.values)


def _account_like(pattern: str, named: set[str]) -> str:
    """Return twelve digits that match a pattern and are no account that is spelt out; "" for none."""
    missing = DIGITS - len(pattern.replace("*", ""))
    for digit in "7012345689":
        stretched = pattern.replace("*", digit * missing, 1) if missing >= 0 else ""
        text = fill(stretched.replace("*", ""), digit)
        if ACCOUNT.fullmatch(text) and text not in named:
            return text
    return ""
