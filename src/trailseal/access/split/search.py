"""
Is there a completion of what is left open under which all requests are allowed?

The engine is asked with everything open left unknown. While it answers unknown, one key after the other
that stands between yes and no is set to each of its choices. Where it still answers unknown after that,
nothing is decided, and the form that stopped it is named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from msgspec import Struct, structs

from trailseal.access.caller import CallerKind, read_caller
from trailseal.access.conditions.operator import Condition
from trailseal.access.decision import DENIED, Effect, Reason
from trailseal.access.evaluate import authorize
from trailseal.access.facts import Facts, Lack, OneOf, Value, facts_of
from trailseal.access.keys.key import SetBy, Travels
from trailseal.access.keys.table import find
from trailseal.access.layer import KINDS
from trailseal.access.match.relevant import on_action, on_caller
from trailseal.access.match.statement import Asked, meet
from trailseal.access.match.wildcard import has_wildcard
from trailseal.access.parse.document import Policy
from trailseal.access.parse.kind import kind_on_resource
from trailseal.access.parse.statement import Statement
from trailseal.access.parse.stored import read_stored
from trailseal.access.request import Document, Policies, Request
from trailseal.access.split.automaton import TooMany
from trailseal.access.split.candidates import CLOCK, candidates, clock, settled
from trailseal.access.split.complete import complete
from trailseal.access.split.vocabulary import Tests, Vocabulary, merged, of_grants, tests_of, vocabulary
from trailseal.access.split.whitelist import Test
from trailseal.messages import Message, message

TIME = "time"
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
HANDED_ON = frozenset({Travels.YES, Travels.PUBLIC_ENDPOINT})
FOLLOWS = {
    "aws:sourcearn": ("aws:sourceaccount",),
    "aws:calledvia": ("aws:calledviafirst", "aws:calledvialast"),
}
"""Keys that the engine derives from a given one: they are chosen for themselves, never by a sample."""
TOGETHER = {
    "aws:principalorgid": ("aws:principalorgpaths", 0),
    "aws:sourceorgid": ("aws:sourceorgpaths", 0),
    "aws:sourceaccount": ("aws:sourcearn", 4),
}
"""A key, another one, and which part of the other's values is a value of the first."""
MAX_FORMS = 5


class Form(Struct, frozen=True):
    """What stopped a search: the action, and the engine's reason or a sentence."""

    action: str
    reason: Reason | None = None
    words: Message | None = None


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


class Call(Struct, frozen=True, kw_only=True):
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


class _Answer(Struct, frozen=True):
    effect: Effect
    open_keys: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()


class _Part:
    """One call: what is looked at in it, what is known, and the answers given so far."""

    def __init__(self, call: Call, budget: Budget) -> None:
        self.call = call
        self.facts = facts(call.request)
        self.tests: Tests = tests_of(looked_at(call.policies, call.request.action), self.facts)
        self._given = frozenset(key.lower() for key in call.request.context)
        self._budget = budget
        self._answers: dict[frozenset[tuple[str, Value]], _Answer] = {}

    def hides(self, key: str) -> bool:
        """Whether a key of a service's is one of which no page tells what it holds."""
        service = self.facts.caller.kind is CallerKind.SERVICE
        return service and key in OF_SERVICES and not settled(self.known(key))

    def known(self, key: str) -> Value:
        return self.facts.get(key)

    def derived(self) -> dict[str, Value]:
        """Return the keys that are looked at and follow from the caller, so that a request tells them too."""
        looked = {key: self.known(key) for key in self.tests.by_key if key not in self._given}
        return {key: value for key, value in looked.items() if isinstance(value, tuple) and value}

    def ask(self, chosen: dict[str, Value]) -> _Answer:
        """Return the answer when the keys are set; what would follow from them stays open."""
        place = frozenset(chosen.items())
        if place not in self._answers:
            self._budget.spend()
            request = self.completed(chosen)
            decision = authorize(request, self.call.policies, stored=True)
            keys = open_keys(request, self.call.policies) if decision.effect is Effect.UNKNOWN else ()
            self._answers[place] = _Answer(decision.effect, tuple(dict.fromkeys(keys)), decision.reasons)
        return self._answers[place]

    def completed(self, chosen: dict[str, Value]) -> Request:
        request = self.call.request
        following = {key for origin in chosen for key in FOLLOWS.get(origin, ())} - self._given
        follows: dict[str, Value] = dict.fromkeys(sorted(following), Lack.UNKNOWN)
        kept = {key: value for key, value in request.context.items() if key.lower() not in chosen}
        return structs.replace(request, context=kept | follows | chosen)


class _Search:
    """A search over several calls of one caller; `apart`: keys may differ where no page says they travel."""

    def __init__(self, parts: list[_Part], now: float | None, *, apart: bool, checks: bool) -> None:
        self._parts = parts
        self._now = now
        self._apart = apart
        self._checks = checks
        self._choices: dict[str, tuple[Value, ...] | None] = {}
        self.forms: list[Form] = []

    def run(self, chosen: dict[str, Value]) -> tuple[Request, ...] | None:
        answers = [part.ask(self._of(i, chosen)) for i, part in enumerate(self._parts)]
        if any(answer.effect in DENIED for answer in answers):
            return None
        if all(answer.effect is Effect.ALLOWED for answer in answers):
            return self._accepted(chosen)
        variable = self._next(answers, chosen)
        if variable is None:
            self._note(answers)
            return None
        for value in self._choices[variable] or ():
            if (found := self.run({**chosen, variable: value})) is not None:
                return found
        return None

    def _accepted(self, chosen: dict[str, Value]) -> tuple[Request, ...] | None:
        requests = tuple(part.completed(self._of(i, chosen)) for i, part in enumerate(self._parts))
        if not self._checks:
            return requests
        filled = self._filled(chosen)
        requests = tuple(
            part.completed(part.derived() | self._of(i, filled)) for i, part in enumerate(self._parts)
        )
        whole = complete(requests, tuple(part.call.policies for part in self._parts))
        if isinstance(whole, Message):
            self.forms.append(Form(requests[0].action, words=whole))
            return None
        for part, request in zip(self._parts, whole, strict=True):
            if part.call.doubts and (words := part.call.doubts(request)):
                self.forms.append(Form(request.action, words=words))
                return None
        return whole

    def _filled(self, chosen: dict[str, Value]) -> dict[str, Value]:
        """Return the choices with one for every key that is looked at and in the request in any case."""
        filled = dict(chosen)
        for i, part in enumerate(self._parts):
            for key in part.tests.by_key:
                variable = self._variable(i, key)
                if variable not in filled and isinstance(part.known(key), OneOf):
                    choices = self._choices_of(variable, i, key)
                    filled |= {variable: choices[0]} if choices else {}
        return filled

    def _next(self, answers: list[_Answer], chosen: dict[str, Value]) -> str | None:
        """
        Return the open variable with the fewest choices, None when none can be split.

        A key that is known and stands open all the same is one whose comparison AWS does not tell.
        """
        options: list[tuple[int, str]] = []
        for i, answer in enumerate(answers):
            for key in answer.open_keys:
                variable = self._variable(i, key)
                if settled(self._parts[i].known(key)):
                    continue
                if variable not in chosen and (choices := self._choices_of(variable, i, key)) is not None:
                    options.append((len(choices), variable))
        return min(options)[1] if options else None

    def _note(self, answers: list[_Answer]) -> None:
        undecided = next((i, a) for i, a in enumerate(answers) if a.effect not in DENIED | {Effect.ALLOWED})
        action = self._parts[undecided[0]].call.request.action
        reasons = [r for r in undecided[1].reasons if r.outcome not in {"allow", "delegates", "deny"}]
        if len(self.forms) < MAX_FORMS:
            self.forms.append(Form(action, reason=reasons[0] if reasons else None))

    def _variable(self, i: int, key: str) -> str:
        if key in CLOCK:
            return TIME
        return key if self._is_shared(key) else f"{i}:{key}"

    def _is_shared(self, key: str) -> bool:
        """A key that one of the calls settles, by being absent from it say, is of its own in the other."""
        row = find(key)
        if row is None or len(self._parts) == 1 or any(settled(part.known(key)) for part in self._parts):
            return False
        return row.travels in HANDED_ON or (row.travels is Travels.UNVERIFIED and not self._apart)

    def _of(self, i: int, chosen: dict[str, Value]) -> dict[str, Value]:
        """Return what the chosen variables set in one call. A moment is told in two keys."""
        found: dict[str, Value] = {}
        for variable, value in chosen.items():
            if variable == TIME and isinstance(value, tuple):
                found |= {key: (told,) for key, told in zip(CLOCK, value, strict=True)}
                continue
            number, colon, key = variable.partition(":")
            if not (colon and number.isdigit()):
                found[variable] = value
            elif int(number) == i:
                found[key] = value
        return found

    def _choices_of(self, variable: str, i: int, key: str) -> tuple[Value, ...] | None:
        if variable not in self._choices:
            sharing = self._parts if variable in {TIME, key} else [self._parts[i]]
            self._choices[variable] = _choices(key, sharing, self._now)
        return self._choices[variable]


def _choices(key: str, parts: list[_Part], now: float | None) -> tuple[Value, ...] | None:
    keys = CLOCK if key in CLOCK else (key,)
    if any(part.tests.tied.intersection(keys) or part.hides(key) for part in parts):
        return None
    tests = tuple(sorted({test for part in parts for each in keys for test in part.tests.on(each)}))
    if key in CLOCK:
        return clock(tests, now)
    known = _known_together([part.known(key) for part in parts])
    row = find(key)
    if row is not None and row.set_by is SetBy.RESOURCE:
        return None
    if row is not None and row.travels is Travels.NO and all(part.call.behind for part in parts):
        return ((),)
    without = tuple(sorted({each for part in parts for each in part.call.without.get(key, ())}))
    return candidates(key, (*tests, *_told_apart(key, parts)), known, without)


def _told_apart(key: str, parts: list[_Part]) -> tuple[Test, ...]:
    """Return values that another key names, so that a way in is found in which both go together."""
    other, place = TOGETHER.get(key, ("", 0))
    values = {value for part in parts for test in part.tests.on(other) for value in test.values}
    named = {pieces[place] for value in values if len(pieces := re.split("[/:]", value)) > place}
    return tuple(Test("StringEquals", "", (name,)) for name in sorted(named) if not has_wildcard(name))


def _known_together(values: list[Value]) -> Value:
    """Return what is known of a key that several calls share: the most that one of them tells."""
    sets = [value for value in values if isinstance(value, OneOf)]
    return max(sets, key=lambda each: sum(map(len, each.patterns)), default=Lack.UNKNOWN)


def somebody(
    calls: tuple[Call, ...], budget: Budget, *, now: float | None = None
) -> tuple[Request, ...] | None:
    """
    Return the calls' requests, completed, that are all allowed; None when there are certainly none.

    Each call is looked at alone first: one that is denied whatever is chosen settles it.

    Raises:
        NotSplit: something that matters is in a form that is not split.
        TooMany: the budget is spent.
    """
    parts = [_Part(call, budget) for call in calls]
    stopped: list[Form] = []
    for part in parts:
        alone = _Search([part], now, apart=False, checks=len(parts) == 1)
        found = alone.run({})
        if found is None and not alone.forms:
            return None
        if found is not None and len(parts) == 1:
            return found
        stopped += alone.forms if found is None else []
    if stopped:
        raise NotSplit(stopped[0])
    return _together(parts, now)


def _together(parts: list[_Part], now: float | None) -> tuple[Request, ...] | None:
    shared = _Search(parts, now, apart=False, checks=True)
    if (found := shared.run({})) is not None:
        return found
    if shared.forms:
        raise NotSplit(shared.forms[0])
    apart = _Search(parts, now, apart=True, checks=False)
    if apart.run({}) is None and not apart.forms:
        return None
    raise NotSplit(
        Form(
            parts[-1].call.request.action,
            words=message("only different contexts let the two requests through"),
        )
    )


def facts(request: Request) -> Facts:
    """Return what is known of a request."""
    return facts_of(
        read_caller(request.principal),
        action=request.action,
        resource=request.resource,
        resource_account=request.resource_account,
        given=request.context,
        derive=True,
        closed=False,
    )


def looked_at(policies: Policies, action: str) -> Vocabulary:
    """Return what all policies over a request look at."""
    read = tuple(policy for _, policy in _read(policies, action))
    own = vocabulary(read, action)
    return merged(own, of_grants(policies.grants)) if policies.grants else own


def open_keys(request: Request, policies: Policies) -> Iterator[str]:
    """Yield the keys, in lower case, that stand between yes and no in some statement."""
    asked = Asked(request.action, request.resource, facts(request))
    for statement in _speaking(request, policies):
        meeting = meet(statement, asked)
        if meeting.applies is None:
            yield from (each.key for each in meeting.open_conditions if isinstance(each, Condition))


def _speaking(request: Request, policies: Policies) -> Iterator[Statement]:
    """Yield the statements on the action; of the resource's own policies those that may name the caller."""
    caller = read_caller(request.principal)
    for names_callers, policy in _read(policies, request.action):
        if names_callers:
            found = on_caller(
                policy, request.action, caller, bounded=policies.boundary is not None, trust=False
            )
            yield from (statement for statement, _ in found)
        else:
            yield from on_action(policy, request.action)


def _read(policies: Policies, action: str) -> Iterator[tuple[bool, Policy]]:
    """Yield every policy of every layer, and whether its statements name callers."""
    for layer, given in _layers(policies):
        kind = KINDS.get(layer) or kind_on_resource(action)
        for document in given:
            yield layer == "resource", read_stored(document, kind)


def _layers(policies: Policies) -> Iterator[tuple[str, tuple[Document, ...]]]:
    own = tuple(each for each in (policies.resource, policies.resource_shared) if each is not None)
    yield "resource", own
    for layer, given in (("identity", policies.identity), ("boundary", policies.boundary)):
        yield layer, given or ()
    for layer, levels in (("scp", policies.scp), ("rcp", policies.rcp)):
        for level in levels or ():
            yield layer, level
