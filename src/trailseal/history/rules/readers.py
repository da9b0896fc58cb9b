"""
Readers whom the key policy lets decrypt what the trail delivers, and not the history in its new form.

UpdateObjectEncryption can carry no context, nor can the copies of a Batch job. Such an object has S3's own:
its ARN, or the bucket's with an S3 Bucket Key. So a reader who is pinned to the trail's context, to the
objects' ARNs or to the bucket's can lose it. What opens it again is a statement beside the reader's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import count
from typing import Any

from msgspec import Struct

from trailseal.access.decision import Effect
from trailseal.history.rules.forms import (
    ALLOW,
    ANY_TRAIL,
    DECRYPT,
    OBJECT_KEY,
    ObjectForm,
    delivered_forms,
    effects,
    opens,
)
from trailseal.history.rules.method import Target
from trailseal.model.arn import bucket_arn

Statement = dict[str, Any]
ANY_CONTEXT = "kms:encryptioncontext"
EVERYBODY = "*"
SID = "TrailsealReadersOfTheHistory"
DOMAINS = {"aws-cn": "amazonaws.com.cn"}
RANK = {Effect.ALLOWED: 2, Effect.UNKNOWN: 1}
"""How much an effect leaves open; nothing else leaves anything."""


class LosingStatements(Struct, frozen=True, kw_only=True):
    """
    Who loses objects of one form, by the names of statements.

    `by_trail` are pinned to the trail's context, `by_arn` to an ARN that the form does not have; `denying`
    deny without it, whatever is added. `lacking` are the statements that keep the readers.
    """

    by_trail: tuple[str, ...] = ()
    by_arn: tuple[str, ...] = ()
    denying: tuple[str, ...] = ()
    lacking: tuple[Statement, ...] = ()

    @property
    def any(self) -> bool:
        """Whether anybody loses anything."""
        return bool(self.lacking or self.denying)


def together(found: Iterable[LosingStatements], policy: dict[str, Any] | None) -> LosingStatements:
    """Return who loses objects of any of several forms, each statement once, under a Sid that is free."""
    every = tuple(found)
    return LosingStatements(
        by_trail=tuple(dict.fromkeys(name for each in every for name in each.by_trail)),
        by_arn=tuple(dict.fromkeys(name for each in every for name in each.by_arn)),
        denying=tuple(dict.fromkeys(name for each in every for name in each.denying)),
        lacking=_named((statement for each in every for statement in each.lacking), policy),
    )


def _named(lacking: Iterable[Statement], policy: dict[str, Any] | None) -> tuple[Statement, ...]:
    taken = {statement.get("Sid") for statement in _statements(policy)}
    sids = (sid for n in count(1) if (sid := f"{SID}{n if n > 1 else ''}") not in taken)
    once: list[Statement] = []
    for each in lacking:
        if each not in once:
            once.append(each)
    return tuple({**each, "Sid": sid} for each, sid in zip(once, sids, strict=False))


def via_s3(partition: str) -> str:
    """Return what kms:ViaService holds of a call that came through S3, in whichever Region."""
    return f"s3.*.{DOMAINS.get(partition, 'amazonaws.com')}"


def losing(policy: dict[str, Any] | None, form: ObjectForm, target: Target) -> LosingStatements:
    """
    Return who can read what is delivered, and loses objects of `form`; `policy` is None where not known.

    A statement is added beside each that they read by, with the same readers and the same other conditions,
    so that nobody new is let in. Those that the policy has already are left out.
    """
    stated = tuple(enumerate(_statements(policy), start=1))
    lost = [(number, each) for number, each in stated if _loses(each, form, target)]
    with_trail = ObjectForm(trail=ANY_TRAIL, bucket_key=form.bucket_key)
    by_trail = {number for number, each in lost if opens(each, with_trail, target)}
    has = [each for _, each in stated]
    lacking: list[Statement] = []
    for _, each in lost:
        if not _is_kept(each, [*has, *lacking], form, target):
            lacking.append(_beside(each, form, target))
    kept = {number for number, each in lost if _is_kept(each, has, form, target)}
    return LosingStatements(
        by_trail=tuple(_name(n, s) for n, s in lost if n in by_trail - kept),
        by_arn=tuple(_name(n, s) for n, s in lost if n not in by_trail | kept),
        denying=tuple(_name(n, s) for n, s in stated if _denies(s, form, target)),
        lacking=tuple(lacking),
    )


def _loses(statement: Statement, form: ObjectForm, target: Target) -> bool:
    if statement.get("Effect") != "Allow" or not _readers(statement):
        return False
    before = frozenset[int]().union(*(opens(statement, each, target) for each in delivered_forms(form)))
    return bool(before - opens(statement, form, target))


def _denies(statement: Statement, form: ObjectForm, target: Target) -> bool:
    """Whether a Deny shuts the form to somebody, or may, to whom it leaves something that is delivered."""
    if statement.get("Effect") != "Deny":
        return False
    now = effects(statement, form, target)
    before = [effects(statement, each, target) for each in delivered_forms(form)]
    return any(
        RANK.get(now[number], 0) < max(RANK.get(each[number], 0) for each in before)
        for number in range(len(now))
    )


def _is_kept(statement: Statement, others: list[Statement], form: ObjectForm, target: Target) -> bool:
    """Whether another statement opens the form to the same readers, on no condition but this one's."""
    readers = _readers(statement)
    return any(
        other.get("Effect") == "Allow"
        and (readers <= _readers(other) or EVERYBODY in _readers(other))
        and _certainly_opens(_without_shared(other, statement), form, target)
        for other in others
    )


def _certainly_opens(statement: Statement, form: ObjectForm, target: Target) -> bool:
    return effects(statement, form, target) == effects(ALLOW, form, target)


def _without_shared(statement: Statement, other: Statement) -> Statement:
    """Return the statement without the conditions that the other has too, but for those on the context."""
    shared = _said(other)
    condition: dict[str, dict[str, Any]] = {}
    for operator, name, value in _clauses(statement):
        said = operator.lower(), name.lower(), frozenset(_listed(value))
        if _is_context(name) or said not in shared:
            condition.setdefault(operator, {})[name] = value
    return {**statement, "Condition": condition}


def _beside(statement: Statement, form: ObjectForm, target: Target) -> Statement:
    """Return the statement that opens the form to another's readers; pins to objects stay where they fit."""
    is_pinned = any(_is_of_object(name) for _, name, _ in _clauses(statement))
    condition = _conditioned(statement, lambda name: _is_of_object(name) or not _is_context(name))
    fits = is_pinned and bool(opens({**statement, "Condition": condition}, form, target))
    through_s3: dict[str, Any] = {"kms:ViaService": via_s3(target.partition)}
    if not fits:
        condition = _conditioned(statement, lambda name: not _is_context(name))
        whole = [bucket_arn(each, target.partition) for each in (target.bucket, f"{target.bucket}/*")]
        through_s3 = {OBJECT_KEY: whole[:1] if is_pinned and form.bucket_key else whole, **through_s3}
    condition["StringLike"] = {**through_s3, **condition.get("StringLike", {})}
    readers = statement["Principal"]
    return {
        "Sid": SID,
        "Effect": "Allow",
        "Principal": readers if readers == "*" else {"AWS": readers["AWS"]},
        "Action": DECRYPT,
        "Resource": "*",
        "Condition": condition,
    }


def _conditioned(statement: Statement, keep: Callable[[str], bool]) -> dict[str, dict[str, Any]]:
    """Return the conditions on the keys that are to be kept."""
    kept: dict[str, dict[str, Any]] = {}
    for operator, name, value in _clauses(statement):
        if keep(name):
            kept.setdefault(operator, {})[name] = value
    return kept


def _clauses(statement: Statement) -> Iterator[tuple[str, str, Any]]:
    for operator, block in (statement.get("Condition") or {}).items():
        for name, value in block.items():
            yield operator, name, value


def _said(statement: Statement) -> frozenset[tuple[str, str, frozenset[str]]]:
    """Return what the conditions say, a lone value standing for a list of one."""
    return frozenset((o.lower(), n.lower(), frozenset(_listed(v))) for o, n, v in _clauses(statement))


def _is_context(name: str) -> bool:
    return name.lower().startswith(ANY_CONTEXT)


def _is_of_object(name: str) -> bool:
    return name.lower() == OBJECT_KEY.lower()


def _readers(statement: Statement) -> frozenset[str]:
    """Return who is let in by ARN or as everybody; services and the like are no readers."""
    principal = statement.get("Principal", {})
    return frozenset(_listed(principal if principal == "*" else principal.get("AWS", ())))


def _statements(policy: dict[str, Any] | None) -> list[Statement]:
    found = (policy or {}).get("Statement", [])
    return found if isinstance(found, list) else [found]


def _listed(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list | tuple) else (str(value),)


def _name(number: int, statement: Statement) -> str:
    return str(statement.get("Sid") or f"#{number}")
