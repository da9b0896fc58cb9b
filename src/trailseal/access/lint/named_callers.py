"""
What the callers that a statement names can bring, and what AWS takes from them at all.

A key that only a service's own call holds is in no request of a user or role, and the other way round;
most of what KMS does it takes from callers of the key's own account alone.
Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html and
https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
"""

from __future__ import annotations

from trailseal.access.caller import ID_OF, CallerKind, caller_kind
from trailseal.access.cross_account import usable_from_elsewhere
from trailseal.access.keys.presence import PRINCIPALS, Presence, presence
from trailseal.access.keys.table import find
from trailseal.access.lint.matching import EVERYBODY, account_root
from trailseal.access.lint.spelling import EVERY_ACTION
from trailseal.access.lint.written import WrittenStatement
from trailseal.access.match.wildcard import has_wildcard, matches
from trailseal.model.arn import account_of

SERVICES = frozenset({CallerKind.SERVICE})
TAKES_IN = {
    CallerKind.ROLE: frozenset({CallerKind.ROLE, CallerKind.SESSION}),
    CallerKind.USER: frozenset({CallerKind.USER, CallerKind.FEDERATED}),
}
"""Whose ARN names others too: a role's its sessions, a user's the federated users whom it made."""


def brought_by_nobody(statement: WrittenStatement, key: str) -> bool:
    """
    Whether no request of those whom a statement names holds a condition key.

    False where the statement may name anybody, and for a key that is not in the table.
    """
    row, kinds = find(key), _kinds(statement)
    return row is not None and bool(kinds) and all(_lacks(kind, key) for kind in kinds)


def _lacks(kind: CallerKind, key: str) -> bool:
    row = find(key)
    return row is not None and presence(row, kind, on_the_way=True) is Presence.NEVER


def _kinds(statement: WrittenStatement) -> frozenset[CallerKind]:
    """Return the kinds of caller that a statement names, none where it may name any."""
    if "Principal" in statement.negated:
        return frozenset()
    each = [_kinds_of(*principal) for principal in statement.principals]
    return frozenset().union(*each) if all(each) else frozenset()


def _kinds_of(kind: str, value: str) -> frozenset[CallerKind]:
    if kind == "Service":
        return SERVICES
    if kind != "AWS" or (kind, value) == EVERYBODY:
        return frozenset()
    if account_root((kind, value)):
        return PRINCIPALS
    found = next((k for k, begin in ID_OF.items() if value.startswith(begin)), None) or caller_kind(value)
    if found is None:
        return frozenset()
    return TAKES_IN.get(found, frozenset({found}))


def is_kept_from(statement: WrittenStatement, owner: str) -> bool:
    """
    Whether an Allow names callers of other accounts alone, and nothing that AWS lets them do.

    False where it is not known whose the key or the bucket is, `owner` "".
    """
    if not (owner and statement.grants) or statement.negated & {"Principal", "Action"}:
        return False
    accounts = {_account(*principal) for principal in statement.principals}
    if not accounts or accounts & {"", owner}:
        return False
    return bool(statement.actions) and not any(map(_is_usable, statement.actions))


def _account(kind: str, value: str) -> str:
    """Return the account of a principal, "" where it tells none."""
    return (account_root((kind, value)) or account_of(value)) if kind == "AWS" else ""


def _is_usable(action: str) -> bool:
    """Whether somebody of another account can use an action, or one that a pattern takes in, or may."""
    if not has_wildcard(action):
        return usable_from_elsewhere(action) is not False
    listed = [name for name in EVERY_ACTION if matches(action.lower(), name.lower())]
    return not listed or any(usable_from_elsewhere(name) is not False for name in listed)
