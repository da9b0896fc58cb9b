"""A statement in plain words: who, what, when, and what it really does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from trailseal.access.caller import CallerKind, caller_kind
from trailseal.access.lint.admission import admits_others, needs_no_iam
from trailseal.access.lint.kind import kind_of
from trailseal.access.lint.matching import TRAIL_PAIR, account_root, is_open, reaches
from trailseal.access.lint.named_callers import is_kept_from
from trailseal.access.lint.never import never_brought, never_held
from trailseal.access.lint.openness import delegates_to
from trailseal.access.lint.place import PolicyPlace, place_of
from trailseal.access.lint.refused import is_in_a_statement, refused_as_a_whole, refused_statements
from trailseal.access.lint.written import LONGEST, Clause, WrittenPolicy, WrittenStatement, with_names
from trailseal.access.parse.kind import PolicyKind
from trailseal.access.parse.statement import UndecidedForm
from trailseal.messages import N_, Facts, Message, message
from trailseal.model.arn import Arn, account_of

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


NOBODY = message("no user or role can meet these conditions: at most AWS services can")


class PlainStatement(Struct, frozen=True, kw_only=True):
    """One statement told; `remarks` are consequences that its words do not show."""

    name: str
    effect: str
    who: tuple[Message, ...]
    what: tuple[Message, ...]
    when: tuple[Message, ...]
    remarks: tuple[Message, ...] = ()


def tell(
    policy: WrittenPolicy, *, owner: str = "", stored_as: PolicyKind | None = None
) -> tuple[PlainStatement, ...]:
    """
    Return every statement told, in the order of the document.

    `owner` is the key's account if known. A form that AWS refuses of a policy is told; in one that AWS
    holds, `stored_as` its kind, what it comes to is not decided.
    """
    place = place_of(policy, owner)
    endless = policy.is_endless
    kind = stored_as or kind_of(policy)
    undecided = {} if endless else refused_statements(policy, kind)
    forms = () if endless else refused_as_a_whole(policy, kind, spelt=False)
    whole = next((form for form in forms if not is_in_a_statement(form)), None)

    def remarks(statement: WrittenStatement) -> Iterable[Message]:
        if endless:
            return (message("not looked at: the policy is longer than {most} characters", most=LONGEST),)
        if (form := undecided.get(statement.position, whole)) is not None:
            return _told_of_form(form, stored=stored_as is not None)
        return _remarks(statement, place)

    return tuple(
        PlainStatement(
            name=s.name,
            effect=s.effect,
            who=tuple(_who(s)),
            what=tuple(_what(s)),
            when=tuple(_when(clause, s) for clause in s.clauses),
            remarks=tuple(remarks(s)),
        )
        for s in with_names(policy).statements
    )


def _who(statement: WrittenStatement) -> Iterator[Message]:
    if "Principal" in statement.negated:
        yield message("everybody but these:")
    for kind, value in statement.principals:
        yield _spared(value) if "Principal" in statement.negated else _one(statement, kind, value)


def _spared(value: str) -> Message:
    """Under NotPrincipal an account is its root user: it does not stand for those in it."""
    if account := account_root(("AWS", value)):
        return message("account {account} itself, which is its root user", account=account)
    if caller_kind(value) is CallerKind.ROLE:
        role = Arn.parse(value).resource_name
        return message("the role {name} of account {account}", name=role, account=account_of(value))
    return _named(value)


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
    name, account = value.partition("/")[2], account_of(value)
    match caller_kind(value):
        case CallerKind.USER:
            return message("the user {name} of account {account}", name=name, account=account)
        case CallerKind.ROLE:
            return message(
                "the role {name} of account {account}, in every session", name=name, account=account
            )
        case CallerKind.SESSION:
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
            return message(
                "kms:ReEncryptFrom, which lets what the key protects be re-encrypted with another key"
            )
        case "kms:generatedatakey*" | "kms:generatedatakey":
            return message("{action}, which is encrypting a new object", action=action)
        case _:
            return message("{action}", action=action)


def _when(clause: Clause, statement: WrittenStatement) -> Message:
    key = clause.key
    values = clause.values
    match (clause.operator, key.lower()):
        case ("StringEquals", "kms:calleraccount" | "aws:principalaccount"):
            return message("the caller belongs to account {values}", values=values)
        case ("StringEquals" | "ArnEquals" | "ArnLike", "aws:sourcearn"):
            return message("it is done for {values}", values=values)
        case ("StringEquals", "kms:viaservice"):
            return message("the request comes through {values}", values=values)
        case (operator, lowered) if (
            lowered == TRAIL_PAIR
            and TESTS.get(operator) in DELIVERED
            and clause.key not in never_held(statement)
        ):
            return Message(DELIVERED[TESTS[operator]], {"values": values})
        case ("Null", _) if len(clause.wants_absent) == 1:
            return (
                message("{key} is absent", key=key)
                if True in clause.wants_absent
                else message("{key} is present", key=key)
            )
        case _:
            return _test(clause)


def _test(clause: Clause) -> Message:
    facts: Facts = {"key": clause.key, "values": clause.values}
    if clause.operator in TESTS:
        return Message(TESTS[clause.operator], facts)
    return message("{key} {operator} {values}", operator=clause.operator, **facts)


def _told_of_form(undecided: UndecidedForm, *, stored: bool) -> tuple[Message, ...]:
    place = undecided.place
    head = (
        message("it is not decided what AWS makes of {place}:", place=place or "{")
        if stored
        else message("AWS refuses {place}:", place=place or "{")
    )
    return head, undecided.form


def _remarks(statement: WrittenStatement, place: PolicyPlace) -> Iterator[Message]:
    if idle := next(never_held(statement), ""):
        yield message("it does nothing: no request for its actions holds {key}", key=idle)
    elif idle := next(never_brought(statement), ""):
        yield message("it does nothing: no request of those whom it names holds {key}", key=idle)
    elif is_kept_from(statement, place.owner):
        yield message("it grants nothing: AWS takes this from callers of the owning account only")
    elif not statement.grants:
        yield message("a Deny wins over every Allow, in this policy and in IAM")
        if "Principal" in statement.negated:
            yield message(
                "a user or role is spared only if its account is listed too, and a session its role"
            )
    elif reaches(statement, "kms:Decrypt"):
        yield from _of_grant(statement, place)


def _of_grant(statement: WrittenStatement, place: PolicyPlace) -> Iterator[Message]:
    """What else is needed to decrypt, as the engine answers for callers of this and other accounts."""
    if is_open(statement):
        yield _by_itself(needs_no_iam(statement, place), admits_others(statement, place))
    elif any(account_root(principal) for principal in statement.principals):
        yield (
            message("for the account this grants nothing by itself: it lets its IAM policies decide")
            if delegates_to(statement, place)
            else message("no user or role can meet these conditions")
        )


def _by_itself(inside: bool, outside: bool) -> Message:  # noqa: FBT001 - two answers, named where they are asked
    if inside and outside:
        return message(
            "in the key's own account this grants by itself; callers from other accounts need an IAM "
            "policy of their account too"
        )
    if inside:
        return message("this grants by itself: no IAM policy is needed to decrypt")
    return (
        message("callers need an IAM policy of their own account too: the key is in another one")
        if outside
        else NOBODY
    )
