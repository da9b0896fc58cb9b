"""
KMS grants: an allow for one principal, under constraints on the encryption context.

Sources:
https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html
https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from trailseal.access.caller import Caller, CallerKind, is_maker, is_session_of, may_have_id
from trailseal.access.decision import Reason
from trailseal.access.facts import OTHERS, Facts, Lack, OneOf, Value
from trailseal.access.kleene import Kleene, both, either
from trailseal.access.layer import SILENT, LayerAnswer
from trailseal.access.match.principal import account_names, is_itself, is_role_of
from trailseal.access.match.statement import RequestFacts
from trailseal.access.match.wildcard import matches
from trailseal.access.pairs import CONTEXT, carries_context
from trailseal.access.service_name import is_service_name, names_service
from trailseal.access.split.members import meets
from trailseal.messages import Message, message
from trailseal.model.arn import is_arn

RETIRE, CREATE_GRANT = "retiregrant", "kms:creategrant"
GRANTEE = ("GranteePrincipal",)
RETIRE_GRANT = f"kms:{RETIRE}"
"""The one action of KMS that RCPs do not restrict, and that a key policy alone lets nobody do."""


def granted(
    grants: Iterable[Mapping[str, Any]], caller: Caller, asked: RequestFacts, *, through_another: bool = False
) -> LayerAnswer:
    """
    Return what the grants allow the caller. A grant never denies, and is for its own key alone.

    Those that name it, or with `through_another` those that name its role, or the user who made it.
    """
    answers = [
        (grant, _covers(grant, caller, action=asked.action, facts=asked.facts))
        for grant in grants
        if _is_for(asked.resource, str(grant.get("KeyId") or ""))
        and _names_another(grant, caller, asked.action) is through_another
    ]
    telling = [(grant, answer) for grant, answer in answers if answer is not False]
    if not telling:
        return SILENT
    return LayerAnswer(
        allows=either(*(answer for _, answer in telling)),
        denies=False,
        reasons=tuple(
            Reason(
                layer="grant",
                outcome="allow" if answer else "unknown",
                policy=str(grant.get("GrantId", "")),
                detail=str(grant.get("Name", "")),
            )
            for grant, answer in telling
        ),
        conditions=tuple(
            text for grant, answer in telling if answer is None for text in _conditions(grant, caller, asked)
        ),
    )


def retired_by_account(grants: Iterable[Mapping[str, Any]], caller: Caller) -> LayerAnswer:
    """
    Return whether some grant may be retired by the caller's account, which leaves it to its IAM policies.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html
    """
    names = account_names(caller) if caller.account else ()
    found = [grant for grant in grants if grant.get("RetiringPrincipal") in names]
    if not found:
        return SILENT
    reasons = (
        Reason(layer="grant", outcome="delegates", policy=str(grant.get("GrantId", ""))) for grant in found
    )
    return LayerAnswer(allows=True, denies=False, reasons=tuple(reasons))


def _names_another(grant: Mapping[str, Any], caller: Caller, action: str) -> bool:
    """Whether a grant reaches the caller through its role, or through the user who made it."""
    names = ("GranteePrincipal", "RetiringPrincipal") if action.lower() == RETIRE_GRANT else GRANTEE
    principals = [str(grant.get(name) or "") for name in names]
    if caller.kind is CallerKind.ROLE:
        return any(is_itself(each, caller) for each in principals)
    if caller.kind is CallerKind.SESSION:
        return any(is_role_of(each, caller) for each in principals)
    return any(is_maker(each, caller) is not False for each in principals)


def _is_for(resource: str, key: str) -> bool:
    """Whether a grant is one of the key that is asked about: its KeyId is an ARN or a key ID."""
    return not key or resource == (key if is_arn(key) else f"{resource.rpartition('/')[0]}/{key}")


def _covers(grant: Mapping[str, Any], caller: Caller, *, action: str, facts: Facts) -> Kleene:
    name = action.partition(":")[2].lower()
    if not action.lower().startswith("kms:"):
        return False
    return either(name == RETIRE and _retires(grant, caller), _lets(grant, caller, action, facts))


def _lets(grant: Mapping[str, Any], caller: Caller, action: str, facts: Facts) -> Kleene:
    """Whether the caller is the grantee, and the operation one that the grant lets it do."""
    operations, constraints = _operations(grant), _constraints(grant)
    if action.partition(":")[2].lower() not in operations:
        return False
    return both(
        _is_grantee(grant, caller),
        _hands_on(operations, facts) if action.lower() == CREATE_GRANT else True,
        _constrained(constraints, facts, action),
        _source_fits(str(constraints.get("SourceArn", "")), facts),
    )


def _is_grantee(grant: Mapping[str, Any], caller: Caller) -> Kleene:
    """
    Whether the grant is the caller's. A service listed as GranteePrincipal may stand for anybody.

    Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantListEntry.html
    """
    listed, service = (str(grant.get(name) or "") for name in ("GranteePrincipal", "GranteeServicePrincipal"))
    if service:
        return _is(service, caller)
    if is_service_name(listed) and caller.kind not in {CallerKind.SERVICE, CallerKind.ANONYMOUS}:
        return None
    return _is(listed, caller)


def _operations(grant: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(str(each).lower() for each in grant.get("Operations", ()))


def _hands_on(operations: frozenset[str], facts: Facts) -> Kleene:
    """
    Whether a grant lets its grantee make another: of the same operations or fewer, which the request names.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html
    """
    wanted = facts.get("kms:grantoperations")
    if not isinstance(wanted, tuple) or not wanted:
        return None
    return {each.lower() for each in wanted} <= operations


def _conditions(grant: Mapping[str, Any], caller: Caller, asked: RequestFacts) -> Iterator[Message]:
    """Yield what is not known of a grant that may cover the request."""
    identity, facts, constraints = str(grant.get("GrantId", "")), asked.facts, _constraints(grant)
    if asked.action.lower() == RETIRE_GRANT and _retires(grant, caller) is None:
        yield _whose(identity, _named(grant, "Retiring"), caller)
    elif _is_grantee(grant, caller) is None:
        yield _whose(identity, _named(grant, "Grantee"), caller)
    if asked.action.lower() == CREATE_GRANT and _hands_on(_operations(grant), facts) is None:
        operations = ", ".join(map(str, grant.get("Operations", ())))
        yield message(
            "(grant {grant}: the grant that is made is of {operations} alone)",
            grant=identity,
            operations=operations,
        )
    source = str(constraints.get("SourceArn", ""))
    if _source_fits(source, facts) is None:
        yield message("(grant {grant}: aws:SourceArn {arn})", grant=identity, arn=source)
    if _constrained(constraints, facts, asked.action) is None:
        yield message("(grant {grant}: the encryption context fits)", grant=identity)


def _named(grant: Mapping[str, Any], role: str) -> str:
    """Return whom a grant names as its grantee, or as who retires it: a service, or anybody else."""
    return str(grant.get(f"{role}ServicePrincipal") or grant.get(f"{role}Principal") or "")


def _whose(identity: str, principal: str, caller: Caller) -> Message:
    if caller.kind is CallerKind.SERVICE:
        return message(
            "(grant {grant}: {service} is a name of the caller)", grant=identity, service=principal
        )
    if is_service_name(principal):
        return message("(grant {grant}: {service} may represent others)", grant=identity, service=principal)
    if may_have_id(principal, caller):
        return message("(grant {grant}: the caller's unique ID is {id})", grant=identity, id=principal)
    if principal in account_names(caller):
        return message(
            "(grant {grant}: it reaches the users and roles of {account})", grant=identity, account=principal
        )
    if is_maker(principal, caller) is None:
        return message("(grant {grant}: the session is of {user})", grant=identity, user=principal)
    return message("(grant {grant}: the session is {session})", grant=identity, session=principal)


def _constraints(grant: Mapping[str, Any]) -> Mapping[str, Any]:
    return grant.get("Constraints") or {}


def _is(grantee: str, caller: Caller) -> Kleene:
    """
    Whether the caller is the grantee. A grant to a role covers its sessions; one to a session, only that.

    A role that is asked about as such is any of its sessions, so that a grant to one of them may be its.
    So may one to a user be a federated user's whose maker is not told. No page of KMS's says that it shows a
    unique ID for the deleted alone, as policies do: it may be of anybody whose own is not told.
    An account may be a grantee as well; what that gives its users and roles, no page tells.
    Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html
    """
    if caller.kind is CallerKind.SERVICE:
        return names_service(grantee, caller.text)
    if not grantee or is_itself(grantee, caller):
        return bool(grantee)
    if caller.account and grantee in account_names(caller):
        return True if caller.kind is CallerKind.ROOT else None
    is_one_of_its = caller.kind is CallerKind.ROLE and is_session_of(grantee, caller.text)
    if is_one_of_its or may_have_id(grantee, caller):
        return None
    if caller.kind is CallerKind.FEDERATED:
        return is_maker(grantee, caller)
    return caller.kind is CallerKind.SESSION and is_role_of(grantee, caller)


def _retires(grant: Mapping[str, Any], caller: Caller) -> Kleene:
    """Whether the caller is the retiring principal; what an account may retire, its IAM policies decide."""
    if caller.kind is CallerKind.SERVICE:
        return _is(_named(grant, "Retiring"), caller)
    principal = str(grant.get("RetiringPrincipal") or "")
    is_account = principal in account_names(caller) and caller.kind is not CallerKind.ROOT
    return False if is_account else _is(principal, caller)


def _constrained(constraints: Mapping[str, Any], facts: Facts, action: str) -> Kleene:
    """
    Return whether a grant's constraints on the encryption context let the operation through.

    They do not bear on operations that have none, such as DescribeKey and RetireGrant. A grant that is made
    under such a constraint has to carry one as strict, which the request does not show.
    Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html
    """
    if not {"EncryptionContextEquals", "EncryptionContextSubset"} & set(constraints):
        return True
    if action.lower() == CREATE_GRANT:
        return None
    free = action.lower() == RETIRE_GRANT or not carries_context(action)
    return True if free else _context_fits(constraints, facts)


def _context_fits(constraints: Mapping[str, Any], facts: Facts) -> Kleene:
    """
    Names of context pairs are compared without case, values with.

    What an empty EncryptionContextEquals lets through but a request without a context, AWS does not say.
    """
    context = {
        key.removeprefix(CONTEXT): value
        for key, value in facts.known.items()
        if key.startswith(CONTEXT) and value and value is not Lack.ABSENT
    }
    subset = _pairs(constraints.get("EncryptionContextSubset"))
    fits = [_is_value(_pair(context, key), value) for key, value in subset.items()]
    if (raw := constraints.get("EncryptionContextEquals")) is not None:
        wanted = _pairs(raw)
        others = [value for key, value in context.items() if key not in wanted]
        fits += [None if value is Lack.UNKNOWN or not wanted else False for value in others]
        fits += [_is_value(_pair(context, key), value) for key, value in wanted.items()]
    return both(*fits)


def _pair(context: Mapping[str, Value], key: str) -> Value:
    return context.get(key, context.get(OTHERS, ()))


def _is_value(found: object, wanted: str) -> Kleene:
    if isinstance(found, OneOf):
        return meets(found.patterns, (wanted,), "equals")
    return None if found is Lack.UNKNOWN else found == (wanted,)


def _pairs(raw: Mapping[str, str] | None) -> dict[str, str]:
    return {key.lower(): value for key, value in (raw or {}).items()}


def _source_fits(pattern: str, facts: Facts) -> Kleene:
    if not pattern:
        return True
    source = facts.get("aws:sourcearn")
    if isinstance(source, OneOf):
        return meets(source.patterns, (pattern,), "like")
    if isinstance(source, Lack):
        return None if source is Lack.UNKNOWN else False
    return any(matches(pattern, each) for each in source)
