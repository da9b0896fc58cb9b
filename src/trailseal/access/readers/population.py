"""Everybody worth asking about: the inventories' principals and each one that any policy or grant names."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from trailseal.access.caller import ANYBODY, caller_kind
from trailseal.access.lint.matching import EVERYBODY, account_root
from trailseal.access.lint.written import principals_in, statements_in
from trailseal.access.readers.classes import BY_ARN
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.federation import as_made, named_users, unnamed
from trailseal.access.readers.log_object import LogObject
from trailseal.access.readers.strangers import KINDS
from trailseal.access.readers.subject import (
    Knowledge,
    Subject,
    session_of,
    stranger_of,
    subject_of,
)
from trailseal.access.readers.subject_kind import SubjectKind
from trailseal.access.service_name import is_service_name
from trailseal.model.arn import ACCOUNT, account_of
from trailseal.model.principal import Principal, PrincipalKind

Named = tuple[str, str]
ACCOUNT_KEYS = frozenset({"aws:principalaccount", "kms:calleraccount"})
ANONYMOUS = Subject(arn="anonymous", asks_as="anonymous", kind=SubjectKind.ANONYMOUS)


def population(estate: Estate, target: LogObject) -> tuple[Subject, ...]:
    """Return every subject once: known principals by ARN, then named ones in order of their names."""
    known = [subject_of(p, estate) for inventory in estate.inventories for p in inventory.principals]
    seen = {subject.arn for subject in known}
    named = sorted(set(named_principals(estate)))
    found = [s for name in named if (s := _subject(name, estate, target)) and s.arn not in seen]
    unique = {subject.arn: subject for subject in found}
    nobody = (ANONYMOUS,) if EVERYBODY in set(_governed(estate)) else ()
    return (*known, *unique.values(), *nobody)


def named_principals(estate: Estate) -> Iterator[Named]:
    """Yield (kind, value) of each principal in key, bucket and trust policies, and in grants."""
    yield from _governed(estate)
    for grant in estate.grants if isinstance(estate.grants, tuple) else ():
        grantee = grant.grantee_service_principal or grant.grantee_principal
        yield ("Service" if is_service_name(grantee) else "AWS", grantee)
    for role in trusted_roles(estate):
        yield from (named for named in principals_in(role.trust) if named[0] == "AWS")


def _governed(estate: Estate) -> Iterator[Named]:
    """Yield the principals in the policies of bucket and key."""
    documents = [estate.bucket_policy] if isinstance(estate.bucket_policy, str) else []
    for document in (*documents, *estate.key_documents):
        yield from principals_in(document)
        yield from _told_apart(document)


def trusted_roles(estate: Estate) -> Iterator[Principal]:
    """Yield the known roles that have a trust policy, once for each distinct policy."""
    seen: set[str] = set()
    for inventory in estate.inventories:
        for principal in inventory.principals:
            if principal.kind is PrincipalKind.ROLE and principal.trust and principal.trust not in seen:
                seen.add(principal.trust)
                yield principal


def _told_apart(document: str) -> Iterator[Named]:
    """
    Yield whom conditions name: principals by their ARN, and accounts.

    Where everybody is named, a condition is what lets one account in, and that account is not anybody.
    """
    for statement in statements_in(document):
        for clause in statement.clauses:
            key = clause.key.lower()
            if key in ACCOUNT_KEYS:
                yield from (("AWS", value) for value in clause.values if ACCOUNT.fullmatch(value))
            elif key == BY_ARN:
                yield from (named for value in clause.values if (named := _by_arn(value)))


def _by_arn(value: str) -> Named | None:
    account = account_of(value)
    if not ACCOUNT.fullmatch(account) or "${" in value:
        return None
    return ("AWS", account) if {"*", "?"} & set(value) else ("AWS", value)


def _subject(named: Named, estate: Estate, target: LogObject) -> Subject | None:
    kind, value = named
    match kind:
        case "Service":
            return Subject(arn=value, asks_as=value, kind=SubjectKind.SERVICE)
        case "CanonicalUser":
            return structs.replace(_anybody(estate, target), arn=value, kind=SubjectKind.CANONICAL)
        case "Federated" if account_of(value):
            return _whole_account(account_of(value), estate, target)
        case "AWS":
            return _principal(value, estate, target)
        case _:
            return None


def _principal(value: str, estate: Estate, target: LogObject) -> Subject | None:
    if value == "*":
        return _anybody(estate, target)
    if account := account_root(("AWS", value)):
        return _whole_account(account, estate, target)
    return _one(value, estate)


def _anybody(estate: Estate, target: LogObject) -> Subject:
    """A principal of an account that nothing names."""
    taken = set(estate.by_account) | {target.key_account, target.bucket_account} | set(_accounts(estate))
    account = next(a for n in range(1000) if (a := f"{999999999999 - n}") not in taken)
    return Subject(
        arn="*",
        asks_as=f"arn:{target.partition}:iam::{account}:user/{ANYBODY}",
        kind=SubjectKind.ANYBODY,
        account=account,
        knowledge=Knowledge.NOT_READ,
    )


def _accounts(estate: Estate) -> Iterator[str]:
    for _, value in named_principals(estate):
        yield from ACCOUNT.findall(value)


def _whole_account(account: str, estate: Estate, target: LogObject) -> Subject | None:
    """An account that was read stands by its principals."""
    if account in estate.by_account:
        return None
    root = f"arn:{target.partition}:iam::{account}:root"
    return stranger_of(root, SubjectKind.ACCOUNT, account, estate)


def _one(value: str, estate: Estate) -> Subject | None:
    if (caller := caller_kind(value)) is None:
        return None
    account, kind = account_of(value), KINDS[caller]
    roles = estate.roles_of_session(value)
    if len(roles) == 1:
        return session_of(value, roles[0], estate)
    found = stranger_of(value, kind, account, estate)
    if account not in estate.by_account or roles:
        return found
    if kind is SubjectKind.FEDERATED:
        if as_made(found, estate):
            return structs.replace(found, knowledge=Knowledge.READ)
        found = unnamed(found, named_users(estate))
    return structs.replace(found, knowledge=Knowledge.MISSING)
