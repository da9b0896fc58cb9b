"""How an apply ended, the exit code of that, and the one command to type next."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from trailseal.errors import ExitCode
from trailseal.messages import Message
from trailseal.model.arn import Arn
from trailseal.plan.plan import Plan
from trailseal.plan.step import PutKeyPolicy, Step
from trailseal.run.arrivals import CHANGED, Arrival, WatchedArrival
from trailseal.run.flow import FileFlow, FlowSeen


class Outcome(StrEnum):
    """How an apply ended. Every outcome but the first leaves something to look at."""

    PROVEN = "proven"
    """Each Region that was delivering has delivered under the key."""
    APPLIED = "applied"
    """The steps are done and nobody waited, or there was no trail to wait for."""
    UNPROVEN = "unproven"
    """The steps are done, and the time was up before every Region had delivered."""
    WRONG = "wrong"
    """The steps are done, and deliveries still arrive under something else."""
    ROLLED_BACK = "rolled back"
    """Deliveries failed, so the trails have what they had before."""
    NOT_ROLLED_BACK = "not rolled back"
    """Deliveries fail, and AWS refused to put a trail back for as long as it was tried."""
    CHANGED = "changed"
    """Somebody else turned or deleted a trail meanwhile."""
    NOTHING = "nothing to do"
    """The plan has no steps, and needs none."""
    BLOCKED = "blocked"
    """The plan has no steps, because what was asked for is refused in it."""
    NOT_READ = "not read"
    """The plan has no steps, because not everything that it needs could be read."""


UNDONE = "undone"
"""How a run ended that an undo has taken back, all of it."""
ENDS = {
    Outcome.ROLLED_BACK: ExitCode.FAILED,
    Outcome.NOT_ROLLED_BACK: ExitCode.FAILED,
    Outcome.CHANGED: ExitCode.FAILED,
    Outcome.WRONG: ExitCode.FINDINGS,
    Outcome.UNPROVEN: ExitCode.INCOMPLETE,
    Outcome.BLOCKED: ExitCode.FINDINGS,
    Outcome.NOT_READ: ExitCode.INCOMPLETE,
}
"""The exit code where it is not 0."""


class NotPutBack(Struct, frozen=True, kw_only=True):
    """A trail whose deliveries fail, and why it could not be put back."""

    trail_arn: str
    why: Message


class SeenThrough(Struct, frozen=True, kw_only=True):
    """What came of the watch after the steps."""

    outcome: Outcome
    log_files: FlowSeen | None
    seen: tuple[WatchedArrival, ...]
    rolled_back: tuple[Step, ...] = ()
    not_put_back: tuple[NotPutBack, ...] = ()


def outcome_of(
    seen: tuple[WatchedArrival, ...], *, rolled_back: tuple[Step, ...], not_put_back: tuple[NotPutBack, ...]
) -> Outcome:
    """Return how it ended: the worst that is known of any place."""
    arrivals = {each.arrival for each in seen}
    if not_put_back:
        return Outcome.NOT_ROLLED_BACK
    if rolled_back:
        return Outcome.ROLLED_BACK
    if arrivals & CHANGED:
        return Outcome.CHANGED
    if Arrival.WRONG in arrivals:
        return Outcome.WRONG
    return Outcome.PROVEN if arrivals == {Arrival.PROVEN} else Outcome.UNPROVEN


def nothing_done(plan: Plan) -> Outcome:
    """Return how an apply of a plan without steps ends."""
    if not plan.is_complete:
        return Outcome.NOT_READ
    return Outcome.BLOCKED if plan.refusals else Outcome.NOTHING


def look_afterwards(plan: Plan) -> str:
    """Return the command that shows what a plan came to which turns no trail: who reads, or how it stands."""
    only = [f"--only {arn}" for arn in plan.intent.readers.principals]
    if not only and not any(isinstance(step, PutKeyPolicy) for step in plan.steps):
        return "trailseal check"
    named = [f"--trail {arn}" for arn in plan.trails] if len(plan.trails) == 1 else []
    return " ".join(["trailseal who", *named, *(["--prove", *only] if only else [])])


def next_command(outcome: Outcome, log_files: FlowSeen | None, *, run: str, stopped: str = "") -> str:
    """Return the one command to type, "" where nothing is left; `stopped` is a trail that does not log."""
    if stopped:
        return f"aws cloudtrail start-logging --name {stopped} --region {Arn.parse(stopped).region}"
    if log_files is not None and log_files.flow is FileFlow.NOT_ARRIVING and outcome is Outcome.UNPROVEN:
        return f"trailseal undo {run}"
    return {
        Outcome.PROVEN: "",
        Outcome.NOTHING: "trailseal check",
        Outcome.APPLIED: "trailseal verify --wait",
        Outcome.UNPROVEN: "trailseal verify --wait",
        Outcome.WRONG: "trailseal verify",
        Outcome.ROLLED_BACK: "trailseal check",
        Outcome.NOT_ROLLED_BACK: f"trailseal undo {run}",
        Outcome.CHANGED: "trailseal plan",
    }.get(outcome, "")
