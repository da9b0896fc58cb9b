"""
KMS grants: an allow for one principal, under constraints on the encryption context.

Sources:
https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from trailseal.access.caller import Caller, CallerKind
from trailseal.access.decision import Reason
from trailseal.access.facts import Facts, Lack
from trailseal.access.layer import SILENT, Answer, either
from trailseal.access.match.wildcard import matches
from trailseal.messages import message

CONTEXT = "kms:encryptioncontext:"


def granted(grants: Iterable[Mapping[str, Any]], caller: Caller, *, action: str, facts: Facts) -> Answer:
    """Return what the grants allow the caller. A grant never denies."""
    answers = [(grant, _covers(grant, caller, action=action, facts=facts)) for grant in grants]
    telling = [(grant, answer) for grant, answer in answers if answer is not False]
    if not telling:
        return SILENT
    return Answer(
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
            message(
                "(grant {grant}: aws:SourceArn {arn})",
                grant=str(grant.get("GrantId", "")),
                arn=str(_constraints(grant)["SourceArn"]),
            )
            for grant, answer in telling
            if answer is None
        ),
    )


def _covers(grant: Mapping[str, Any], caller: Caller, *, action: str, facts: Facts) -> bool | None:
    name = action.partition(":")[2].lower()
    if not action.lower().startswith("kms:"):
        return False
    if name == "retiregrant":
        return _is(grant.get("RetiringPrincipal", ""), caller)
    if name not in {str(each).lower() for each in grant.get("Operations", ())}:
        return False
    grantee = grant.get("GranteeServicePrincipal") or grant.get("GranteePrincipal", "")
    if not _is(str(grantee), caller):
        return False
    constraints = _constraints(grant)
    if not _context_fits(constraints, facts):
        return False
    return _source_fits(str(constraints.get("SourceArn", "")), facts)


def _constraints(grant: Mapping[str, Any]) -> Mapping[str, Any]:
    return grant.get("Constraints") or {}


def _is(grantee: str, caller: Caller) -> bool:
    """A grant to a role covers its sessions; one to a session, only that session."""
    if not grantee:
        return False
    if grantee == caller.text:
        return True
    return (
        caller.kind is CallerKind.SESSION
        and ":role/" in grantee
        and grantee.split(":")[4] == caller.account
        and grantee.rpartition("/")[2] == caller.name
    )


def _context_fits(constraints: Mapping[str, Any], facts: Facts) -> bool:
    """Names of context pairs are compared without case, values with."""
    context = {key.removeprefix(CONTEXT): v for key, v in facts.known.items() if key.startswith(CONTEXT)}
    subset = _pairs(constraints.get("EncryptionContextSubset"))
    if any(context.get(key) != value for key, value in subset.items()):
        return False
    equals = constraints.get("EncryptionContextEquals")
    return equals is None or _pairs(equals) == context


def _pairs(raw: Mapping[str, str] | None) -> dict[str, tuple[str, ...]]:
    return {key.lower(): (value,) for key, value in (raw or {}).items()}


def _source_fits(pattern: str, facts: Facts) -> bool | None:
    if not pattern:
        return True
    source = facts.get("aws:sourcearn")
    if isinstance(source, Lack):
        return None if source is Lack.UNKNOWN else False
    return any(matches(pattern, each) for each in source)
