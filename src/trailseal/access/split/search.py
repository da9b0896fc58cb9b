"""
Is there a completion of what is left open under which all requests are allowed?

The engine is asked with everything open left unknown. While it answers unknown, one key after the other
that stands between yes and no is set to each of its choices. Where it still answers unknown after that,
nothing is decided, and the form that stopped it is named.
"""

from __future__ import annotations

from trailseal.access.called_via import ENDS_OF_CHAIN
from trailseal.access.decision import DENIED, Effect
from trailseal.access.facts import OneOf, Value
from trailseal.access.keys.key import ConditionKey, SetBy, There, Travels
from trailseal.access.keys.table import find
from trailseal.access.request import Request
from trailseal.access.split.call import Answered, Budget, Form, NotSplit, Part, SplitCall
from trailseal.access.split.candidates import ABSENT, CLOCK, settled
from trailseal.access.split.choices import choices
from trailseal.access.split.complete import complete
from trailseal.messages import Message, message

TIME = "time"
HANDED_ON = frozenset({Travels.YES, Travels.PUBLIC_ENDPOINT})
MAX_FORMS = 5


def is_handed_on(row: ConditionKey) -> bool:
    """Whether a value of the caller's may be taken for the service's that calls for him."""
    return row.travels is not Travels.UNVERIFIED or row.set_by is SetBy.SESSION


class _Search:
    """A search over several calls of one caller; `apart`: keys may differ where no page says they travel."""

    def __init__(self, parts: list[Part], now: float | None, *, apart: bool, checks: bool) -> None:
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
        for i, (part, request) in enumerate(zip(self._parts, whole, strict=True)):
            words = self._not_told(i, chosen) or (part.call.doubts and part.call.doubts(request))
            if words:
                self.forms.append(Form(request.action, words=words))
                return None
        return whole

    def _not_told(self, i: int, chosen: dict[str, Value]) -> Message | None:
        """
        Return what the way rests on of which no page speaks, None for nothing.

        That a key is in a service's call, or is not in a request in which AWS says that it always is. A
        forward access session passes on "identity, permissions, and session attributes".
        Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
        """
        part = self._parts[i]
        looked_at = ((key, value) for key, value in self._of(i, chosen).items() if key in part.tests.by_key)
        for key, value in looked_at:
            row = find(key)
            if row is not None and value and part.call.behind and not is_handed_on(row):
                return message("no page says that {key} is in the call that a service makes", key=row.name)
            if row is not None and value == ABSENT and row.there is There.SAID:
                return message("no page says that a request can be without {key}", key=row.name)
        return None

    def _filled(self, chosen: dict[str, Value]) -> dict[str, Value]:
        """
        Return the choices with one for every key that is looked at and in the request in any case.

        The ends of a chain of services follow from the chain.
        """
        filled = dict(chosen)
        for i, part in enumerate(self._parts):
            for key in part.tests.by_key:
                variable = self._variable(i, key)
                known = part.known(key)
                if variable not in filled and key not in ENDS_OF_CHAIN and isinstance(known, OneOf):
                    values = self._choices_of(variable, i, key)
                    filled[variable] = values[0] if values else known
        return filled

    def _next(self, answers: list[Answered], chosen: dict[str, Value]) -> str | None:
        """
        Return the open variable with the fewest choices, None when none can be split.

        A key that is known and stands open all the same is one whose comparison AWS does not tell.
        """
        options: list[tuple[int, str]] = []
        for i, answer in enumerate(answers):
            for key in answer.open_keys:
                variable = self._variable(i, key)
                free = variable not in chosen and not settled(self._parts[i].known(key))
                if free and (values := self._choices_of(variable, i, key)) is not None:
                    options.append((len(values), variable))
        return min(options)[1] if options else None

    def _note(self, answers: list[Answered]) -> None:
        undecided = next((i, a) for i, a in enumerate(answers) if a.effect not in DENIED | {Effect.ALLOWED})
        action = self._parts[undecided[0]].call.request.action
        reasons = [r for r in undecided[1].reasons if r.outcome not in {"allow", "delegates", "deny"}]
        if len(self.forms) < MAX_FORMS:
            words = next(iter(undecided[1].conditions), "")
            self.forms.append(Form(action, reason=reasons[0] if reasons else None, words=words))

    def _variable(self, i: int, key: str) -> str:
        if key in CLOCK:
            return TIME
        return key if self._is_shared(key) else f"{i}:{key}"

    def _is_shared(self, key: str) -> bool:
        """A key that one of the calls settles, by being absent from it say, is of its own in the other."""
        row = find(key)
        if row is None or len(self._parts) == 1 or any(settled(part.known(key)) for part in self._parts):
            return False
        if row.set_by is SetBy.REQUEST and row.travels is Travels.UNVERIFIED:
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
            self._choices[variable] = choices(key, sharing, self._now)
        return self._choices[variable]


def somebody(
    calls: tuple[SplitCall, ...], budget: Budget, *, now: float | None = None
) -> tuple[Request, ...] | None:
    """
    Return the calls' requests, completed, that are all allowed; None when there are certainly none.

    Each call is looked at alone first: one that is denied whatever is chosen settles it.

    Raises:
        NotSplit: something that matters is in a form that is not split.
        TooMany: the budget is spent.
    """
    parts = [Part(call, budget) for call in calls]
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


def _together(parts: list[Part], now: float | None) -> tuple[Request, ...] | None:
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
