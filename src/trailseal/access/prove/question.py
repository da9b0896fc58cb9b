"""
One caller and one object: is there any request of his that both S3 and KMS let through?

What the caller or chance may choose is left unknown first. While the engine answers unknown, one key
after the other is set to each kind of value that the policies can tell apart.
"""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.access.caller import read_caller
from trailseal.access.decision import Effect
from trailseal.access.evaluate import authorize
from trailseal.access.facts import Lack, OneOf, facts_of
from trailseal.access.lint.matching import glob
from trailseal.access.prove.values import Values, candidates
from trailseal.access.prove.vocabulary import Comparison, Looked, Vocabulary
from trailseal.access.public_access_block import LAYER
from trailseal.access.readers.questions import DENIED, Asked
from trailseal.access.request import Request
from trailseal.access.split.automaton import TooMany
from trailseal.messages import Message, message

USER_ID = "aws:userid"


class Budget:
    """How many decisions may still be made. A number and not a clock, so that an answer is repeatable."""

    def __init__(self, decisions: int) -> None:
        self.left = decisions
        self.made = 0

    def spend(self) -> None:
        """Take one decision off."""
        self.left -= 1
        self.made += 1
        if self.left < 0:
            raise TooMany


def way_in(
    asked: tuple[Asked, ...], looked: Vocabulary, budget: Budget, barred: tuple[str, ...] = ()
) -> tuple[Asked, ...] | None:
    """
    Return the requests, completed, that are all allowed; None when there is no such choice.

    Each is looked at alone first: S3's call to KMS need not show the caller's network or time as the
    call to S3 did, so one that is denied under every context settles it. A way in must then hold
    under one and the same context. `barred` are patterns of aws:userid that are somebody else.

    Raises:
        TooMany: the budget is spent, a key can not be split, or only different contexts let both through.
    """
    choices = _Choices(looked, barred, budget)
    if any(_search((one,), _free_keys((one,), looked), choices) is None for one in asked):
        return None
    together = _search(asked, _free_keys(asked, looked), choices)
    if together is None:
        raise TooMany(message("only different contexts let the two requests through"))
    return together


class _Choices:
    """What a key that is left open may be, within a budget."""

    def __init__(self, looked: Vocabulary, barred: tuple[str, ...], budget: Budget) -> None:
        self._looked = looked
        self._barred = barred
        self.budget = budget

    def of(self, key: str) -> Iterator[Values]:
        """Yield one value of each kind; a session that is barred is told apart and left out."""
        looked = self._looked.keys[key]
        if key != USER_ID or not self._barred:
            yield from candidates(looked)
            return
        more = frozenset(Comparison(family="StringLike", value=pattern) for pattern in self._barred)
        for values in candidates(Looked(tests=looked.tests | more, as_set=looked.as_set)):
            if not any(glob(pattern, value) for value in values for pattern in self._barred):
                yield values


def _search(asked: tuple[Asked, ...], free: tuple[str, ...], choices: _Choices) -> tuple[Asked, ...] | None:
    effects = [_decide(one, choices.budget) for one in asked]
    if any(effect in DENIED for effect in effects):
        return None
    if all(effect is Effect.ALLOWED for effect in effects):
        return asked
    if Effect.INVALID in effects:
        raise TooMany(message("one of the policies is not valid"))
    if not free:
        raise TooMany(_why_open(asked))
    for values in choices.of(free[0]):
        found = _search(tuple(_with(one, free[0], values) for one in asked), free[1:], choices)
        if found is not None:
            return found
    return None


def _why_open(asked: tuple[Asked, ...]) -> Message:
    """Return why no more context settles it."""
    answers = [authorize(one.request, one.policies, stored=True) for one in asked]
    if any(r.layer == LAYER and r.outcome == "unknown" for answer in answers for r in answer.reasons):
        return message("whether S3 Block Public Access shuts the bucket policy is not known")
    odd = next((r for answer in answers for r in answer.reasons if r.outcome == "not decided"), None)
    if odd is not None:
        return message(
            "a policy is not decided because of its form: {form} ({place})",
            form=str(odd.detail),
            place=odd.statement,
        )
    return message("a policy looks at something that is not split into kinds")


def _decide(one: Asked, budget: Budget) -> Effect:
    budget.spend()
    return authorize(one.request, one.policies, stored=True).effect


def _free_keys(asked: tuple[Asked, ...], looked: Vocabulary) -> tuple[str, ...]:
    """Return the keys that some request leaves unknown, in an order that does not change."""
    unknown = {key for one in asked for key in looked.keys if _is_unknown(one.request, key)}
    return tuple(sorted(unknown, key=lambda key: (len(looked.keys[key].tests), key)))


def _is_unknown(request: Request, key: str) -> bool:
    facts = facts_of(
        read_caller(request.principal),
        action=request.action,
        resource=request.resource,
        resource_account=request.resource_account,
        given=request.context,
        derive=True,
        closed=False,
    )
    return facts.get(key) is Lack.UNKNOWN or isinstance(facts.get(key), OneOf)


def _with(one: Asked, key: str, values: Values) -> Asked:
    if not _is_unknown(one.request, key):
        return one
    context = {**one.request.context, key: values}
    request = Request(
        principal=one.request.principal,
        action=one.request.action,
        resource=one.request.resource,
        resource_account=one.request.resource_account,
        context=context,
    )
    return Asked(request=request, policies=one.policies)
