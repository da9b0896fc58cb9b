"""
The layers' answers put together: who needs what, by kind of caller and by whose account it is.

Sources:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from msgspec import Struct

from trailseal.access.caller import Caller, CallerKind
from trailseal.access.decision import Decision, Effect, Reason
from trailseal.access.layer import SILENT, Answer, Kleene
from trailseal.access.match.statement import Asked
from trailseal.access.resource_policy import ResourceAnswer

OUTSIDE_IAM = {CallerKind.SERVICE, CallerKind.ANONYMOUS}


class Answers(Struct, frozen=True, kw_only=True):
    """What each layer said."""

    identity: Answer
    boundary: Answer
    session: Answer
    scp: Answer
    rcp: Answer
    vpc_endpoint: Answer
    resource: ResourceAnswer
    grant: Answer
    public_access_block: Answer = SILENT


class Path(Struct, frozen=True):
    """One way to be granted something: the layers that have to allow it together, and whether all do."""

    needs: tuple[tuple[str, Answer], ...]
    allows: Kleene


def path(*needs: tuple[str, Answer]) -> Path:
    """Return the way that needs all of these."""
    return Path(needs, _all_of([answer.allows for _, answer in needs]))


def _all_of(answers: list[Kleene]) -> Kleene:
    if False in answers:
        return False
    return None if None in answers else True


def _any_of(answers: list[Kleene]) -> Kleene:
    if True in answers:
        return True
    return None if None in answers else False


def combine(answers: Answers, caller: Caller, asked: Asked, *, owner: str) -> Decision:
    """Return the decision: an explicit deny first, then a whole path of allows, else a denial."""
    heard = _heard(answers, caller)
    denies = _any_of([answer.denies for answer in heard])
    if denies:
        return Decision(effect=Effect.EXPLICITLY_DENIED, reasons=_with(heard, "deny"))
    paths = _paths(answers, caller, asked, owner=owner)
    guards = _guards(answers, caller)
    allows = _all_of([_any_of([way.allows for way in paths]), *[answer.allows for _, answer in guards]])
    if allows is False:
        return Decision(effect=Effect.IMPLICITLY_DENIED, reasons=_missing(paths, guards, answers))
    if allows is None or denies is None:
        return _unknown(paths, guards, heard)
    return Decision(effect=Effect.ALLOWED, reasons=_granting(paths, guards))


def _paths(answers: Answers, caller: Caller, asked: Asked, *, owner: str) -> list[Path]:
    resource = answers.resource
    if caller.kind is CallerKind.ANONYMOUS:
        return [] if _is_kms(asked) else [path(("resource", resource.direct))]
    if caller.kind is CallerKind.SERVICE:
        return [path(("resource", resource.direct)), *_by_grant(answers)]
    own = _own(answers, caller)
    if caller.account != owner:
        allowed = _let_in(answers)
        return [path(*own, ("resource", allowed))]
    limits = (("boundary", answers.boundary), ("session", answers.session))
    paths = [
        path(("resource", resource.direct)),
        path(("resource", resource.role), *limits),
        *_by_grant(answers),
    ]
    if _needs_delegation(asked):
        return [*paths, path(("resource", resource.delegated), *own)]
    return [*paths, path(*own)]


def _by_grant(answers: Answers) -> list[Path]:
    """A grant that says nothing is not named as missing: nobody asks for one where a policy would do."""
    return [] if answers.grant is SILENT else [path(("grant", answers.grant))]


def _own(answers: Answers, caller: Caller) -> tuple[tuple[str, Answer], ...]:
    """What the caller brings along. The root user needs no IAM policy in its own account."""
    if caller.kind is CallerKind.ROOT:
        return (("identity", Answer(allows=True, denies=False)),)
    return ("identity", answers.identity), ("boundary", answers.boundary), ("session", answers.session)


def _let_in(answers: Answers) -> Answer:
    """What the resource's owner says of a caller from elsewhere; it takes both sides."""
    heard = [a for a in (*answers.resource.answers, answers.grant) if a is not SILENT]
    if not heard:
        return SILENT
    return Answer(
        allows=_any_of([answer.allows for answer in heard]),
        denies=False,
        reasons=tuple([r for answer in heard for r in answer.reasons if r.outcome != "deny"]),
        conditions=tuple([c for answer in heard for c in answer.conditions]),
    )


def _is_kms(asked: Asked) -> bool:
    return asked.action.lower().startswith("kms:")


def _needs_delegation(asked: Asked) -> bool:
    """A key and a role are used only by those whom their own policy lets in, IAM or not."""
    action = asked.action.lower()
    if action.startswith("kms:"):
        return ":key/" in asked.resource
    return action.startswith("sts:assumerole") and ":role/" in asked.resource


def _guards(answers: Answers, caller: Caller) -> list[tuple[str, Answer]]:
    """SCPs limit the principals of accounts, not services; RCPs and endpoints limit everybody."""
    guards = [("rcp", answers.rcp), ("vpc_endpoint", answers.vpc_endpoint)]
    return guards if caller.kind in OUTSIDE_IAM else [("scp", answers.scp), *guards]


def _heard(answers: Answers, caller: Caller) -> list[Answer]:
    """Every layer whose denies count for this caller."""
    common = [answers.rcp, answers.vpc_endpoint, *answers.resource.answers]
    if answers.public_access_block is not SILENT:
        common.insert(0, answers.public_access_block)
    if caller.kind in OUTSIDE_IAM:
        return common
    own = (
        [answers.scp]
        if caller.kind is CallerKind.ROOT
        else [answers.scp, answers.identity, answers.boundary, answers.session]
    )
    return [*own, *common]


def _with(answers: Iterable[Answer], outcome: str) -> tuple[Reason, ...]:
    return tuple(dict.fromkeys(r for a in answers for r in a.reasons if r.outcome == outcome))


def _granting(paths: list[Path], guards: list[tuple[str, Answer]]) -> tuple[Reason, ...]:
    whole = [way for way in paths if way.allows]
    answers = [answer for way in whole for _, answer in way.needs] + [answer for _, answer in guards]
    told = [r for a in answers for r in a.reasons if r.outcome in {"allow", "delegates"}]
    return tuple(dict.fromkeys(told))


def _missing(paths: list[Path], guards: list[tuple[str, Answer]], answers: Answers) -> tuple[Reason, ...]:
    """Name each layer that would have had to allow the request and did not."""
    asked = [*guards, *[need for way in paths for need in way.needs]]
    lacking = dict.fromkeys([name for name, answer in asked if answer.allows is False])
    delegating = [r for r in answers.resource.delegated.reasons if r.outcome == "delegates"]
    return (*delegating, *[_lacking(name) for name in lacking])


@cache
def _lacking(layer: str) -> Reason:
    return Reason(layer=layer, outcome="missing")


def _unknown(paths: list[Path], guards: list[tuple[str, Answer]], heard: list[Answer]) -> Decision:
    possible = [way for way in paths if way.allows is not False]
    answers = [answer for way in possible for _, answer in way.needs] + [answer for _, answer in guards]
    open_ones = [*answers, *(answer for answer in heard if answer.denies is None)]
    reasons = [r for a in open_ones for r in a.reasons if r.outcome in {"unknown", "allow", "delegates"}]
    conditions = [condition for a in open_ones for condition in a.conditions]
    return Decision(
        effect=Effect.UNKNOWN,
        reasons=tuple(dict.fromkeys(reasons)),
        conditions=tuple(dict.fromkeys(conditions)),
    )
