"""One call of a search: its request, what is known of it, and the answers given so far."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct, structs

from trailseal.access.caller import CallerKind
from trailseal.access.decision import Effect, Reason
from trailseal.access.evaluate import authorize
from trailseal.access.facts import Lack, Value
from trailseal.access.request import Policies, Request
from trailseal.access.split.automaton import TooMany
from trailseal.access.split.candidates import settled
from trailseal.access.split.request_policies import facts, looked_at, open_keys
from trailseal.access.split.vocabulary import Tests, tests_of
from trailseal.messages import Message, Words

OF_SERVICES = frozenset(
    {
        "aws:principalservicenameslist",
        "aws:principalaccount",
        "kms:calleraccount",
        "aws:principaltype",
        "aws:principalarn",
        "aws:userid",
    }
)
FOLLOWS = {
    "aws:sourcearn": ("aws:sourceaccount",),
    "aws:calledvia": ("aws:calledviafirst", "aws:calledvialast"),
}
"""Keys that the engine derives from a given one: they are chosen for themselves, never by a sample."""


class Form(Struct, frozen=True):
    """What stopped a search: the action, and the engine's reason, or a sentence, or both."""

    action: str
    reason: Reason | None = None
    words: Words = ""


class NotSplit(Exception):
    """Nothing is decided: something that matters is in a form that is not split."""

    def __init__(self, form: Form) -> None:
        super().__init__(form.action)
        self.form = form


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


class SplitCall(Struct, frozen=True, kw_only=True):
    """
    One request with the policies over it. `behind`: a service makes it for the caller of the others.

    `without` are patterns of values, by key, that are somebody else's. `doubts` tells why nobody may be
    able to make the request with what was chosen for it.
    """

    request: Request
    policies: Policies
    behind: bool = False
    without: dict[str, tuple[str, ...]] = {}
    doubts: Callable[[Request], Message | None] | None = None


class Answered(Struct, frozen=True):
    """The engine's answer to a call, and the keys that stand between yes and no in it."""

    effect: Effect
    open_keys: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    conditions: tuple[Words, ...] = ()


class Part:
    """One call: what is looked at in it, what is known, and the answers given so far."""

    def __init__(self, call: SplitCall, budget: Budget) -> None:
        self.call = call
        self.facts = facts(call.request)
        looked = looked_at(call.policies, call.request.action)
        self.tests: Tests = tests_of(looked, self.facts)
        self.principals = looked.principals
        """Whom statements name, by type and value."""
        self._given = frozenset(key.lower() for key in call.request.context)
        self._budget = budget
        self._answers: dict[frozenset[tuple[str, Value]], Answered] = {}

    def hides(self, key: str) -> bool:
        """Whether a key of a service's is one of which no page tells what it holds."""
        service = self.facts.caller.kind is CallerKind.SERVICE
        return service and key in OF_SERVICES and not settled(self.known(key))

    def known(self, key: str) -> Value:
        """Return what the request itself tells of a key."""
        return self.facts.get(key)

    def derived(self) -> dict[str, Value]:
        """Return the keys that are looked at and follow from the caller, so that a request tells them too."""
        looked = {key: self.known(key) for key in self.tests.by_key if key not in self._given}
        return {key: value for key, value in looked.items() if isinstance(value, tuple) and value}

    def ask(self, chosen: dict[str, Value]) -> Answered:
        """Return the answer when the keys are set; what would follow from them stays open."""
        place = frozenset(chosen.items())
        if place not in self._answers:
            self._budget.spend()
            request = self.completed(chosen)
            decision = authorize(request, self.call.policies, stored=True)
            keys = open_keys(request, self.call.policies) if decision.effect is Effect.UNKNOWN else ()
            self._answers[place] = Answered(
                decision.effect, tuple(dict.fromkeys(keys)), decision.reasons, decision.conditions
            )
        return self._answers[place]

    def completed(self, chosen: dict[str, Value]) -> Request:
        """Return the request with what was chosen, and what would follow from it left open."""
        request = self.call.request
        following = {key for origin in chosen for key in FOLLOWS.get(origin, ())} - self._given
        follows: dict[str, Value] = dict.fromkeys(sorted(following), Lack.UNKNOWN)
        kept = {key: value for key, value in request.context.items() if key.lower() not in chosen}
        return structs.replace(request, context=kept | follows | chosen)
