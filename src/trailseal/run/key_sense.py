"""
What a key policy means, in a line: to whom it leaves the key, whether CloudTrail may use it, whom it lets in.

Nothing is decided here: conditions are counted and not tried. `trailseal policy show` tells each statement,
`trailseal who` decides.
"""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.access.lint.matching import account_root, names_action
from trailseal.access.lint.written import WrittenStatement, read_written
from trailseal.access.service_name import CLOUDTRAIL
from trailseal.errors import TrailsealError
from trailseal.messages import Message, counted, message
from trailseal.model.key import KeyPolicies, KmsKey

ALL, DECRYPT, ENCRYPT = "kms:*", "kms:Decrypt", "kms:GenerateDataKey"
ANYBODY = "*"


def sense_of(key: KmsKey) -> tuple[Message, ...]:
    """Return what the policy of a key means, nothing where it was not read."""
    if not isinstance(key.policies, KeyPolicies) or not key.policies.default:
        return ()
    try:
        statements = read_written(key.policies.default, name=key.arn).statements
    except TrailsealError:
        return (message("of a form that is not understood here"),)
    shared = (message("shared through RAM"),) if key.policies.aws_ram else ()
    return (*_allowed(tuple(s for s in statements if s.grants), key.account), *_denied(statements), *shared)


def _allowed(statements: tuple[WrittenStatement, ...], owner: str) -> Iterator[Message]:
    whole = {a for s in statements for a in _accounts(s) if ALL in (action.lower() for action in s.actions)}
    for account in sorted({a for s in statements for a in _accounts(s)}):
        if account in whole:
            yield message("leaves everything to IAM of account {account}", account=account)
        else:
            yield message("leaves some actions to IAM of account {account}", account=account)
    if any(("Service", CLOUDTRAIL) in s.principals and _names(s, ENCRYPT) for s in statements):
        yield message("lets CloudTrail encrypt")
    if any(value == ANYBODY or s.negated for s in statements for _, value in s.principals):
        yield message("has statements for anybody, with their conditions")
    named = {value: s for s in statements for value in _named(s)}
    readers = {value for s in statements if _names(s, DECRYPT) for value in _named(s)}
    if readers:
        yield counted("lets {count} by name decrypt", "lets {count} by name decrypt", len(readers))
    if others := len(named) - len(readers):
        yield counted("lets {count} by name do other things", "lets {count} by name do other things", others)
    if not statements:
        yield message("allows nothing to {account} or anybody else", account=owner)


def _denied(statements: tuple[WrittenStatement, ...]) -> Iterator[Message]:
    if denying := sum(not statement.grants for statement in statements):
        yield counted("{count} statement denies", "{count} statements deny", denying)


def _accounts(statement: WrittenStatement) -> list[str]:
    """Return the accounts to whose IAM a statement leaves its actions."""
    return [account for principal in statement.principals if (account := account_root(principal))]


def _named(statement: WrittenStatement) -> list[str]:
    """Return who is named: users, roles and services, but for CloudTrail."""
    return [
        value
        for kind, value in statement.principals
        if value not in {ANYBODY, CLOUDTRAIL} and not account_root((kind, value))
    ]


def _names(statement: WrittenStatement, action: str) -> bool:
    return "Action" not in statement.negated and any(names_action(each, action) for each in statement.actions)
