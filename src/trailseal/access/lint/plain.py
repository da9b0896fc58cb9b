"""A statement in plain words: who, what, when, and what it really does."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from trailseal.access.lint.matching import account_of, account_root, is_open, reaches
from trailseal.access.lint.written import Clause, WrittenPolicy, WrittenStatement
from trailseal.messages import N_, Message, message

MAX_LISTED = 8
EQUAL, UNEQUAL = N_("{key} = {values}"), N_("{key} ≠ {values}")
LIKE, UNLIKE = N_("{key} like {values}"), N_("{key} not like {values}")
TESTS = {
    "StringEquals": EQUAL,
    "StringLike": LIKE,
    "ArnLike": LIKE,
    "ArnEquals": LIKE,
    "StringNotEquals": UNEQUAL,
    "StringNotLike": UNLIKE,
    "ArnNotLike": UNLIKE,
    "ArnNotEquals": UNLIKE,
}
DELIVERED = {
    EQUAL: N_("the object was delivered by the trail {values}"),
    LIKE: N_("the object was delivered by a trail like {values}"),
}
"""What tests of the trail's ARN in the encryption context come to, in words; others are told as they are."""


class PlainStatement(Struct, frozen=True, kw_only=True):
    """One statement told; `remarks` are consequences that its words do not show."""

    name: str
    effect: str
    who: tuple[Message, ...]
    what: tuple[Message, ...]
    when: tuple[Message, ...]
    remarks: tuple[Message, ...] = ()


def tell(policy: WrittenPolicy) -> tuple[PlainStatement, ...]:
    """Return every statement told, in the order of the document."""
    return tuple(
        PlainStatement(
            name=s.name,
            effect=s.effect,
            who=tuple(_who(s)),
            what=tuple(_what(s)),
            when=tuple(_when(clause) for clause in s.clauses),
            remarks=tuple(_remarks(s)),
        )
        for s in policy.statements
    )


def _who(statement: WrittenStatement) -> Iterator[Message]:
    if "Principal" in statement.negated:
        yield message("everybody but these:")
    for kind, value in statement.principals:
        yield _one(statement, kind, value)


def _one(statement: WrittenStatement, kind: str, value: str) -> Message:
    if kind == "Service":
        return message("the AWS service {service}", service=value)
    if value == "*" and kind == "AWS":
        account = _caller_account(statement)
        return (
            message("every principal of account {account}", account=account)
            if account
            else message("everybody, in every AWS account")
        )
    if account := account_root((kind, value)):
        if statement.grants:
            return message("whoever the IAM policies of account {account} allow", account=account)
        return message("every principal of account {account}", account=account)
    return _named(value)


def _named(value: str) -> Message:
    tail = value.rpartition(":")[2]
    kind, _, name = tail.partition("/")
    account = account_of(value)
    match kind:
        case "user":
            return message("the user {name} of account {account}", name=name, account=account)
        case "role":
            return message(
                "the role {name} of account {account}, in every session", name=name, account=account
            )
        case "assumed-role":
            role, _, session = name.partition("/")
            return message(
                "the session {session} of the role {role} of account {account}",
                session=session,
                role=role,
                account=account,
            )
        case _:
            return message("{principal}", principal=value)


def _caller_account(statement: WrittenStatement) -> str:
    for clause in statement.clauses:
        if clause.operator == "StringEquals" and clause.key.lower() in {
            "kms:calleraccount",
            "aws:principalaccount",
        }:
            return ", ".join(clause.values)
    return ""


def _what(statement: WrittenStatement) -> Iterator[Message]:
    if "Action" in statement.negated:
        yield message("every action but these:")
    for action in statement.actions[:MAX_LISTED]:
        yield _action(action)
    if (more := len(statement.actions) - MAX_LISTED) > 0:
        yield message("and {number} more", number=more)


def _action(action: str) -> Message:
    match action.lower():
        case "*" | "kms:*":
            return message("every action on the key, decrypting and changing this policy included")
        case "kms:decrypt":
            return message("kms:Decrypt, which is reading")
        case "kms:reencryptfrom":
            return message("kms:ReEncryptFrom, which moves what the key protects under another key")
        case "kms:generatedatakey*" | "kms:generatedatakey":
            return message("{action}, which is encrypting a new object", action=action)
        case _:
            return message("{action}", action=action)


def _when(clause: Clause) -> Message:
    key = clause.key
    values = ", ".join(clause.values)
    match (clause.operator, key.lower()):
        case ("StringEquals", "kms:calleraccount" | "aws:principalaccount"):
            return message("the caller belongs to account {values}", values=values)
        case ("StringEquals" | "ArnEquals" | "ArnLike", "aws:sourcearn"):
            return message("it is done for {values}", values=values)
        case ("StringEquals", "kms:viaservice"):
            return message("the request comes through {values}", values=values)
        case (operator, "kms:encryptioncontext:aws:cloudtrail:arn") if TESTS.get(operator) in DELIVERED:
            return Message(DELIVERED[TESTS[operator]], {"values": values})
        case ("Null", _):
            return (
                message("{key} is present", key=key)
                if values == "false"
                else message("{key} is absent", key=key)
            )
        case _:
            return _test(clause)


def _test(clause: Clause) -> Message:
    facts: dict[str, str | int] = {"key": clause.key, "values": ", ".join(clause.values)}
    if clause.operator in TESTS:
        return Message(TESTS[clause.operator], facts)
    return message("{key} {operator} {values}", operator=clause.operator, **facts)


def _remarks(statement: WrittenStatement) -> Iterator[Message]:
    opens = reaches(statement, "kms:Decrypt")
    if not statement.grants:
        yield message("a Deny wins over every Allow, in this policy and in IAM")
    elif opens and is_open(statement):
        yield message("this grants by itself: no IAM policy is needed to decrypt")
    elif opens and any(account_root(p) for p in statement.principals):
        yield message("for the account this grants nothing by itself: it lets its IAM policies decide")
