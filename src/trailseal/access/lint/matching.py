"""When one clause covers another, by what is written and nothing else."""

from __future__ import annotations

from functools import lru_cache

from trailseal.access.caller import CallerKind, caller_kind
from trailseal.access.lint.written import WrittenStatement
from trailseal.access.match.wildcard import has_wildcard, matches
from trailseal.access.service_name import CLOUDTRAIL
from trailseal.access.split.members import LIKE, meets
from trailseal.model.arn import ACCOUNT, account_of

EVERYBODY = ("AWS", "*")
CLOUDTRAIL_PRINCIPAL = ("Service", CLOUDTRAIL)
TRAIL_PAIR = "kms:encryptioncontext:aws:cloudtrail:arn"
"""The key, in lower case, that tells which trail CloudTrail uses a key for."""
KEPT = 20_000
DECRYPTING = ("kms:Decrypt", "kms:ReEncryptFrom")


@lru_cache(maxsize=KEPT)
def names_action(pattern: str, action: str) -> bool:
    """Whether an Action element names an action; the case of letters does not matter."""
    return matches(pattern.lower(), action.lower())


def takes_all(wide: str, narrow: str) -> bool:
    """
    Whether one pattern certainly takes every text that another one takes.

    A star takes the other's wildcards with all else. A question mark takes one sign, and a star is more.
    """
    if "?" in wide and has_wildcard(narrow):
        return meets((narrow,), (wide,), LIKE) is True
    return matches(wide, narrow)


def reaches(statement: WrittenStatement, action: str) -> bool:
    """Whether the statement is about `action`, NotAction included."""
    return _reaches(statement.actions, "Action" in statement.negated, action)


@lru_cache(maxsize=KEPT)
def _reaches(actions: tuple[str, ...], negated: bool, action: str) -> bool:  # noqa: FBT001 - a remembered answer's key
    """Remembered, as many statements of a policy name the same actions."""
    return bool(actions) and any(names_action(pattern, action) for pattern in actions) != negated


def is_open(statement: WrittenStatement) -> bool:
    """Whether the Principal element leaves the caller open: `*`, or everybody but somebody."""
    return "Principal" in statement.negated or EVERYBODY in statement.principals


def account_root(principal: tuple[str, str]) -> str:
    """Return the account that a principal delegates to (`...:root` or twelve digits), else ""."""
    kind, value = principal
    if kind == "AWS" and ACCOUNT.fullmatch(value):
        return value
    return account_of(value) if kind == "AWS" and caller_kind(value) is CallerKind.ROOT else ""


def decrypts(statement: WrittenStatement) -> bool:
    """Whether the statement is about turning ciphertext of this key into plaintext."""
    return any(reaches(statement, action) for action in DECRYPTING)


def fill(pattern: str, filler: str) -> str:
    """Return a text that matches a pattern: its wildcards filled."""
    return pattern.replace("*", filler).replace("?", filler[:1] or "x")
