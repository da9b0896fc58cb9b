"""Where a policy stands: what its statements themselves tell of the account and the partition."""

from __future__ import annotations

from msgspec import Struct

from trailseal.access.lint.matching import account_root, reaches
from trailseal.access.lint.written import WrittenPolicy, WrittenStatement
from trailseal.model.arn import ACCOUNT, PARTITION, account_of


class PolicyPlace(Struct, frozen=True, kw_only=True):
    """Where the statements stand: the policy's version, whose account and partition it is in."""

    version: str
    owner: str
    """The account that owns the key or bucket; "" when nothing tells."""
    partition: str


def place_of(policy: WrittenPolicy, owner: str) -> PolicyPlace:
    """Return where a policy stands, as far as it tells itself; `owner` is known from elsewhere."""
    return PolicyPlace(
        version=policy.version, owner=owner or _owner(policy), partition=_partition(policy.statements)
    )


def _partition(statements: tuple[WrittenStatement, ...]) -> str:
    """Return the partition of the first ARN, of a principal where there is one: a policy names no other."""
    named = [value for s in statements for _, value in s.principals]
    named += [value for s in statements for value in s.resources]
    named += [value for s in statements for clause in s.clauses for value in clause.values]
    found = (value.split(":")[1] for value in named if value.startswith("arn:"))
    return next((each for each in found if PARTITION.fullmatch(each)), "aws")


def _owner(policy: WrittenPolicy) -> str:
    """A key's policy can be changed from its own account only, so who may do that belongs to it."""
    keys = {account_of(r) for s in policy.statements for r in s.resources if ":kms:" in r} - {"", "*"}
    keepers = {
        account_root(principal) or account_of(principal[1])
        for s in policy.statements
        if s.grants and not s.negated and reaches(s, "kms:PutKeyPolicy")
        for principal in s.principals
    } - {""}
    found = keys or keepers
    account = next(iter(found)) if len(found) == 1 else ""
    return account if ACCOUNT.fullmatch(account) else ""
