"""When one clause covers another, by what is written and nothing else."""

from __future__ import annotations

import re
from functools import lru_cache

from trailseal.access.caller import CallerKind, caller_kind
from trailseal.access.lint.written import WrittenStatement
from trailseal.access.match.wildcard import has_wildcard
from trailseal.model.arn import ACCOUNT, account_of

EVERYBODY = ("AWS", "*")
WILD = re.compile(r"[*?]")
DECRYPTING = ("kms:Decrypt", "kms:ReEncryptFrom")


@lru_cache(maxsize=4096)
def glob(pattern: str, text: str) -> bool:
    """Whether `text` matches a pattern with `*` and `?`; linear in their product, so no bomb goes off."""
    head, tail = WILD.split(pattern, maxsplit=1)[0], WILD.split(pattern)[-1]
    if not text.startswith(head) or not text.endswith(tail):
        return False
    at = mark = 0
    star = -1
    read = 0
    while read < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, mark = at, read
            at += 1
        elif at < len(pattern) and pattern[at] in (text[read], "?"):
            at += 1
            read += 1
        elif star >= 0:
            at = star + 1
            mark += 1
            read = mark
        else:
            return False
    return pattern[at:].strip("*") == ""


def names_action(pattern: str, action: str) -> bool:
    """Whether an Action element names an action; the case of letters does not matter."""
    plain = pattern.lower()
    return plain == action.lower() or (has_wildcard(plain) and glob(plain, action.lower()))


def reaches(statement: WrittenStatement, action: str) -> bool:
    """Whether the statement is about `action`, NotAction included."""
    named = any(names_action(pattern, action) for pattern in statement.actions)
    return bool(statement.actions) and named != ("Action" in statement.negated)


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
