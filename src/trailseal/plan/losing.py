"""
Who loses access by a plan, and whether whoever made it has accepted that.

An active reader's loss is accepted once, when the plan is made: `--accept readers-lose-access` seals it into
the plan with the reader's ARN. Nobody else takes it on afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from trailseal.access.readers.reading import Access
from trailseal.errors import UsageProblem
from trailseal.messages import message
from trailseal.plan.concern import kept_out
from trailseal.plan.concern_facts import Code, Weight
from trailseal.plan.plan import Plan
from trailseal.plan.reading import ReaderImpact, ReaderOutlook


class Losing(Struct, frozen=True, kw_only=True):
    """Whose reading ends with a plan: those who read today, those who merely could, and the doubtful."""

    active: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()
    """They can read today, and nothing shows that they ever did."""
    maybe: tuple[str, ...] = ()
    """They can read today, and whether they can afterwards is not known."""

    @property
    def all(self) -> tuple[str, ...]:
        """Whoever loses access for certain."""
        return (*self.active, *self.idle)


def losing(plan: Plan) -> Losing:
    """Return whose reading ends when the steps of `plan` are done; what it keeps out changes for nobody."""
    touched = tuple(readers_touched(plan))
    active = dict.fromkeys(each.principal for each in touched if each.loses and each.active)
    lost = dict.fromkeys(each.principal for each in touched if each.loses)
    maybe = dict.fromkeys(
        each.principal
        for each in touched
        if each.outlook is ReaderOutlook.UNKNOWN and each.before is Access.READ
    )
    return Losing(
        active=tuple(active),
        idle=tuple(arn for arn in lost if arn not in active),
        maybe=tuple(arn for arn in maybe if arn not in lost),
    )


def readers_touched(plan: Plan) -> Iterator[ReaderImpact]:
    """Yield what the plan says of the readers of the trails that it is carried out for."""
    left = kept_out(plan.concerns) - {step.trail_arn for step in plan.switches}
    yield from (each for each in plan.readers if plan.can_apply and not left.issuperset(each.trails))


def see_accepted(plan: Plan, *, name: str) -> None:
    """
    Return when whoever made `plan` has accepted the loss of each active reader.

    Raises:
        UsageProblem: nobody has, for one of them.
    """
    accepted = {
        each.facts.reader
        for each in plan.concerns
        if each.code is Code.READERS_LOSE_ACCESS and each.weight is Weight.WARNING
    }
    if left := [arn for arn in losing(plan).active if arn not in accepted]:
        raise UsageProblem(
            message(
                "`{name}` takes access from active readers, and nobody has accepted that: {readers}",
                name=name,
                readers=tuple(left),
            ),
            message(
                "plan again: name with --reader those who must keep "
                "access, or give --accept readers-lose-access"
            ),
        )
