"""
Narrowing who can decrypt: statements for readers, and two ways to shut out everybody else.

`grant` takes away what lets the others in and leaves administration as it was. `perimeter` leaves
every statement and adds an explicit Deny, which no Allow, no grant and no IAM policy overcomes.
Sources: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trailseal.access.actions import ACTIONS
from trailseal.access.caller import role_arn
from trailseal.access.lint.matching import names_action, reaches
from trailseal.access.lint.written import read_written
from trailseal.access.service_name import CLOUDTRAIL
from trailseal.model.arn import Arn
from trailseal.plan.document import Statement, listed, normal, parse, statements, write
from trailseal.plan.key_policy import CONTEXT
from trailseal.plan.merge import add

READERS = "AllowReadersToDecryptLogFiles"
DENY = "DenyDecryptToEverybodyElse"
DENY_SERVICES = "DenyDecryptToOtherServices"
DENY_SESSIONS = "DenyDecryptToOtherSessions"
OPENING = ("kms:Decrypt", "kms:ReEncryptFrom", "kms:CreateGrant")
"""What opens ciphertext of this key, or lets somebody hand that out."""
KEPT = (
    "kms:CreateAlias",
    "kms:Describe*",
    "kms:Enable*",
    "kms:List*",
    "kms:Put*",
    "kms:Update*",
    "kms:Revoke*",
    "kms:Disable*",
    "kms:Get*",
    "kms:Delete*",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:ScheduleKeyDeletion",
    "kms:CancelKeyDeletion",
    "kms:RotateKeyOnDemand",
    "kms:ImportKeyMaterial",
    "kms:ReplicateKey",
    "kms:SynchronizeMultiRegionKey",
    "kms:Encrypt",
    "kms:GenerateDataKey*",
)
"""What `kms:*` comes to without `OPENING`: the console's list for key administrators, and encrypting."""


def reader_statement(readers: tuple[str, ...], trail_arns: tuple[str, ...]) -> Statement:
    """Return the narrowest statement that lets `readers` decrypt what these trails deliver."""
    return {
        "Sid": READERS,
        "Effect": "Allow",
        "Principal": {"AWS": _one_or_list(readers)},
        "Action": "kms:Decrypt",
        "Resource": "*",
        "Condition": {"StringEquals": {CONTEXT: _one_or_list(trail_arns)}},
    }


def admit(policy: str, readers: tuple[str, ...], trail_arns: tuple[str, ...]) -> str:
    """Return the policy with a statement for `readers` at its end; unchanged for none."""
    return add(policy, parse(policy), (reader_statement(readers, trail_arns),) if readers else ())


def is_admitted(policy: str, reader: str, trail_arns: tuple[str, ...]) -> bool:
    """Whether a statement of the form that `admit` adds lets this reader in, for all of these trails."""
    return any(_admits(each, reader, trail_arns) for each in statements(parse(policy)))


def _admits(statement: Statement, reader: str, trail_arns: tuple[str, ...]) -> bool:
    match statement:
        case {"Principal": {"AWS": named}, "Condition": {"StringEquals": {**equals}}}:
            readers, trails = _texts(named), _texts(equals.get(CONTEXT))
            if reader not in readers or not set(trail_arns) <= set(trails):
                return False
            form = reader_statement(readers, trails)
            return bool(normal({**statement, "Sid": ""}) == normal({**form, "Sid": ""}))
        case _:
            return False


def _texts(value: Any) -> tuple[str, ...]:
    """Return a text or a list of texts as a tuple; nothing for anything else."""
    found = listed(value) if isinstance(value, str | list) else ()
    return found if all(isinstance(each, str) for each in found) else ()


def is_restricted(policy: str) -> bool:
    """
    Whether a plan has left the key to readers that it names: by a wall, or as all that lets anybody decrypt.

    An empty policy, of a key that is yet to be made, is not.
    """
    written = statements(parse(policy)) if policy else []
    named = [s for s in written if str(s.get("Sid", "")).startswith(READERS)]
    walls = [s for s in written if str(s.get("Sid", "")).startswith(DENY) and s.get("Effect") == "Deny"]
    opening = [s for s in written if s not in named and list(_without_opening(s)) != [s]]
    return bool(walls or (named and not opening))


def restrict_by_grant(policy: str, readers: tuple[str, ...], trail_arns: tuple[str, ...]) -> str:
    """
    Return the policy under which its statements let only `readers` decrypt.

    Statements for services stay; Deny statements stay; administration stays, without handing out
    grants. Grants that stand already are not the policy's to take back.
    """
    document = parse(policy)
    kept = [left for s in statements(document) for left in _without_opening(s)]
    return admit(write({**document, "Statement": kept}), readers, trail_arns)


def _without_opening(statement: Statement) -> Iterator[Statement]:
    principal = statement.get("Principal")
    only_services = isinstance(principal, dict) and set(principal) == {"Service"}
    if statement.get("Effect") != "Allow" or only_services:
        yield statement
        return
    actions = tuple(_narrowed(statement))
    if isinstance(principal, dict) and "Service" in principal:
        yield {**statement, "Principal": {"Service": principal["Service"]}}
        statement = {**statement, "Principal": {k: v for k, v in principal.items() if k != "Service"}}
    if actions:
        rest = {k: v for k, v in statement.items() if k not in {"Action", "NotAction"}}
        yield {**rest, "Action": _one_or_list(actions)}


def _narrowed(statement: Statement) -> Iterator[str]:
    if "NotAction" in statement:
        spared = listed(statement["NotAction"])
        every = sorted(f"kms:{name}" for name in ACTIONS["kms"])
        yield from (a for a in every if a not in OPENING and not any(names_action(s, a) for s in spared))
        return
    for pattern in listed(statement.get("Action", ())):
        if not any(names_action(pattern, opening) for opening in OPENING):
            yield pattern
        elif pattern.lower() in {"*", "kms:*"}:
            yield from KEPT
        else:
            every = sorted(f"kms:{name}" for name in ACTIONS["kms"])
            yield from (a for a in every if names_action(pattern, a) and a not in OPENING)


def restrict_by_perimeter(policy: str, readers: tuple[str, ...], trail_arns: tuple[str, ...]) -> str:
    """
    Return the policy with readers admitted and everybody else denied.

    Of AWS's services only CloudTrail is let through, and those that the policy names for decrypting.
    A reader that is one session of a role is let through the first Deny as its role and its role's
    other sessions are caught by a second one, on `aws:userid`.
    """
    through = tuple(dict.fromkeys(_principal_arn(reader) for reader in readers))
    outside = {
        "ArnNotEquals": {"aws:PrincipalArn": _one_or_list(through)},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    }
    needed = _services(policy)
    services = {
        "Bool": {"aws:PrincipalIsAWSService": "true"},
        "StringNotEquals": {"aws:PrincipalServiceName": _one_or_list(needed)},
    }
    walls = [_deny(DENY, outside), _deny(DENY_SERVICES, services)]
    for role, sessions in _sessions(readers).items():
        names = _one_or_list(tuple(f"*:{session}" for session in sessions))
        within = {"ArnEquals": {"aws:PrincipalArn": role}, "StringNotLike": {"aws:userid": names}}
        walls.append(_deny(DENY_SESSIONS, within))
    admitted = admit(policy, readers, trail_arns)
    return add(admitted, parse(admitted), tuple(walls))


def _services(policy: str) -> tuple[str, ...]:
    """Return the services that some statement lets decrypt by name, CloudTrail first in any case."""
    found = {CLOUDTRAIL: None}
    for statement in read_written(policy).statements:
        if statement.grants and reaches(statement, "kms:Decrypt"):
            found |= {value: None for kind, value in statement.principals if kind == "Service"}
    return tuple(found)


def _deny(sid: str, condition: dict[str, object]) -> Statement:
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": ["kms:Decrypt", "kms:ReEncryptFrom"],
        "Resource": "*",
        "Condition": condition,
    }


def _principal_arn(reader: str) -> str:
    """Return what aws:PrincipalArn holds for a reader: a session's is its role's."""
    return role_arn(reader) or reader


def _sessions(readers: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the listed sessions of each role that is not listed itself."""
    found: dict[str, list[str]] = {}
    for reader in readers:
        role = _principal_arn(reader)
        if role != reader and role not in readers:
            found.setdefault(role, []).append(Arn.parse(reader).resource_name.rpartition("/")[2])
    return found


def _one_or_list(values: tuple[str, ...]) -> str | list[str]:
    return values[0] if len(values) == 1 else list(values)
