"""
Whether AWS takes the credentials at all: if so, a Region that does not is a fact of that Region.

In a Region that the account has not enabled, AWS answers as if the credentials were wrong. So each such
refusal is told from bad credentials once, here, by what was answered elsewhere, and the error that comes of
it says so itself. The same holds for a Region in which nobody answers.
Source: https://repost.aws/knowledge-center/iam-validate-access-credentials
"""

from __future__ import annotations

from typing import Any, Protocol, cast

from trailseal.aws.errors import ONLY_THERE, UNREACHABLE
from trailseal.errors import TrailsealError
from trailseal.model.region_off import NOT_TAKEN

FIRST_REFUSAL = 300
ASKS = ("sts", "GetCallerIdentity")
"""The call that says whose the credentials are; no policy can deny it, and no answer of it is looked into."""


class AsksWho(Protocol):
    """Asks AWS whose the credentials are."""

    def __call__(self, *, once: bool = False) -> object:
        """Return its answer, or raise a `TrailsealError`."""
        ...


class Acceptance:
    """
    What one session's answers have shown.

    `ask` asks whose the credentials are, with `once` a single time, and raises our errors.
    """

    def __init__(self, ask: AsksWho) -> None:
        self._ask = ask
        self._answered = False

    def attach(self, client: Any) -> None:
        """Look at each answer of a client, and mark errors that are of its Region alone."""
        service, region = client.meta.service_model.service_name, client.meta.region_name

        def after(http_response: Any, parsed: dict[str, Any], model: Any, **_: Any) -> None:
            if getattr(http_response, "status_code", FIRST_REFUSAL) < FIRST_REFUSAL:
                self._answered = True
            elif _code(parsed) in NOT_TAKEN and self._is_taken((service, model.name)):
                parsed["Error"][ONLY_THERE] = region

        def unanswered(exception: Exception, event_name: str, **_: Any) -> None:
            call = (service, event_name.rpartition(".")[2])
            if isinstance(exception, UNREACHABLE) and self._is_taken(call, once=True):
                cast("dict[str, Any]", exception.kwargs)[ONLY_THERE] = region

        client.meta.events.register("after-call.*.*", after)
        client.meta.events.register("after-call-error.*.*", unanswered)

    def _is_taken(self, call: tuple[str, str], *, once: bool = False) -> bool:
        """Whether AWS has answered anywhere; where it has not yet, it is asked to be sure."""
        if not self._answered and call != ASKS:
            try:
                self._ask(once=once)
            except TrailsealError:
                return False
        return self._answered


def _code(parsed: dict[str, Any]) -> str:
    return str(parsed.get("Error", {}).get("Code", ""))
