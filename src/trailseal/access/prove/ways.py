"""One caller: is there an object that it can fetch and decrypt, and by which requests?"""

from __future__ import annotations

from functools import partial

from msgspec import Struct, structs

from trailseal.access.decision import Decision, Effect
from trailseal.access.facts import TRUE_OR_FALSE, Lack, Value
from trailseal.access.prove.everybody import Asking
from trailseal.access.prove.objects import PAIR, objects, pair_is_open
from trailseal.access.prove.strangers import without
from trailseal.access.prove.verdict import WayIn
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.log_object import BY_BUCKET_KEY, UNDER_A_KEY, LogObject, Sealing
from trailseal.access.readers.naming import BUCKET_POLICY, KEY_POLICY, PolicyNames
from trailseal.access.readers.questions import (
    DECRYPT,
    GET,
    GET_VERSION,
    RequestUnderPolicies,
    ask_bucket,
    ask_key,
)
from trailseal.access.readers.subject_kind import SubjectKind
from trailseal.access.readers.tag_passing import impossible_tags
from trailseal.access.request import Request
from trailseal.access.split.call import Budget, Form, NotSplit, SplitCall
from trailseal.access.split.search import somebody
from trailseal.messages import Message, Words, message

TRANSPORT = "aws:securetransport"


class FoundWay(Struct, frozen=True):
    """A way in, or the form that kept it from being decided; neither where there is none."""

    way: WayIn | None = None
    form: Words = ""


def sealings(target: LogObject) -> tuple[LogObject, ...]:
    """Return the object under every encryption that it may have."""
    if target.sealing is Sealing.SSE_S3:
        return (target,)
    return tuple(target.sealed(sealing) for sealing in UNDER_A_KEY)


def way_of(estate: Estate, target: LogObject, asking: Asking, budget: Budget, now: float | None) -> FoundWay:
    """
    Return how one subject reads some object of the trail.

    The key is asked first: where it is shut to the subject for every object, the bucket is not looked at.

    Raises:
        TooMany: the budget is spent, or objects are split into more kinds than the bound allows.
    """
    looking = _Looking(estate, asking, budget, now)
    stopped: Words = ""
    for sealed in sealings(target):
        found = looking.under(sealed)
        if found.way is not None:
            return found
        stopped = stopped or found.form
    return FoundWay(form=stopped)


def _with(asked: RequestUnderPolicies, key: str, value: Value) -> RequestUnderPolicies:
    kept = {name: known for name, known in asked.request.context.items() if name.lower() != key}
    request = structs.replace(asked.request, context={**kept, key: value})
    return RequestUnderPolicies(request=request, policies=asked.policies)


class _Looking:
    """The search for one subject."""

    def __init__(self, estate: Estate, asking: Asking, budget: Budget, now: float | None) -> None:
        self._estate = estate
        self._subject = asking.subject
        self._without = without(asking.subject, asking.sessions, asking.organization)
        self._budget = budget
        self._now = now

    def under(self, target: LogObject) -> FoundWay:
        sealed = target.sealing is not Sealing.SSE_S3
        if sealed and (self._subject.kind is SubjectKind.ANONYMOUS or not self._may_decrypt(target)):
            return FoundWay()
        stopped: Words = ""
        for action in (GET, GET_VERSION):
            fetched, opened = self._fetch(target, action), self._open(target) if sealed else None
            for place in objects(target, self._estate.folders, fetched, opened):
                opening = (self._call(self._open(place), behind=True),) if sealed else ()
                calls = (self._call(self._fetch(place, action)), *opening)
                found = self._somebody(calls)
                if isinstance(found, Form):
                    stopped = stopped or self._told(found, target)
                elif found is not None:
                    return FoundWay(way=self._way(target, calls, found))
        return FoundWay(form=stopped)

    def _may_decrypt(self, target: LogObject) -> bool:
        """Whether some object opens, or may: a form that is not split is looked at again with the bucket."""
        for place in objects(target, self._estate.folders, None, self._open(target)):
            if self._somebody((self._call(self._open(place), behind=True),)) is not None:
                return True
        return False

    def _somebody(self, calls: tuple[SplitCall, ...]) -> tuple[Request, ...] | Form | None:
        try:
            return somebody(calls, self._budget, now=self._now)
        except NotSplit as stopped:
            return stopped.form

    def _way(self, target: LogObject, calls: tuple[SplitCall, ...], found: tuple[Request, ...]) -> WayIn:
        asked = (
            RequestUnderPolicies(request=r, policies=c.policies) for r, c in zip(found, calls, strict=True)
        )
        return WayIn(principal=self._subject.arn, sealing=target.sealing.value, requests=tuple(asked))

    def _fetch(self, target: LogObject, action: str) -> RequestUnderPolicies:
        """An object that no key seals can be fetched without TLS too."""
        asked = ask_bucket(self._estate, target, self._subject, action)
        return asked if target.sealing is not Sealing.SSE_S3 else _with(asked, TRANSPORT, TRUE_OR_FALSE)

    def _open(self, target: LogObject) -> RequestUnderPolicies:
        asked = ask_key(self._estate, target, self._subject, DECRYPT)
        if target.sealing in BY_BUCKET_KEY or not pair_is_open(asked):
            return asked
        return _with(asked, PAIR, Lack.UNKNOWN)

    def _call(self, asked: RequestUnderPolicies, *, behind: bool = False) -> SplitCall:
        return SplitCall(
            request=asked.request,
            policies=asked.policies,
            behind=behind,
            without=self._without,
            doubts=partial(impossible_tags, self._subject),
        )

    def _told(self, form: Form, target: LogObject) -> Message:
        """Return the form that was not decided, with whose question it is and where it stands."""
        who = self._subject.arn
        if form.reason is None or (form.reason.layer == "grant" and form.words):
            return message("{principal}: {what}", principal=who, what=str(form.words or form.action))
        on_key = form.action == DECRYPT
        names = PolicyNames(
            estate=self._estate,
            subject=self._subject,
            resource=KEY_POLICY if on_key else BUCKET_POLICY,
            owner=target.key_account if on_key else target.bucket_account,
        )
        reason = names.of(Decision(effect=Effect.UNKNOWN, reasons=(form.reason,))).reasons[0]
        policy, what = str(reason.policy or reason.layer), str(reason.detail or reason.outcome)
        if not reason.statement:
            return message("{principal}: {policy}: {what}", principal=who, policy=policy, what=what)
        return message(
            "{principal}: {policy}, statement {statement}: {what}",
            principal=who,
            policy=policy,
            statement=reason.statement,
            what=what,
        )
