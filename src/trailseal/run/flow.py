"""Whether log files are arriving, as far as anybody looked, and what to do where somebody changed a trail."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct, structs

from trailseal.errors import TrailsealError
from trailseal.messages import Message, message
from trailseal.model.arn import Arn
from trailseal.model.trail import TrailStatus
from trailseal.model.unreadable import Unreadable
from trailseal.plan.facts import NO_TRAIL
from trailseal.run.arrivals import ARRIVED, GET_STATUS, Arrival, WatchedArrival
from trailseal.run.deliveries import Deliveries


class FileFlow(StrEnum):
    """What is known of the log files. Silence is not a failure, and no proof of anything."""

    ARRIVING = "arriving"
    NOT_KNOWN = "not known"
    NOT_ARRIVING = "not arriving"


class FlowSeen(Struct, frozen=True, kw_only=True):
    """
    Whether log files arrive; `trails` and `why` tell of those of which that cannot be said.

    Where nobody has looked at any trail, it is not known, and none is named.
    """

    flow: FileFlow
    trails: tuple[str, ...] = ()
    why: str = ""
    by_status: bool = False
    """Whether only CloudTrail's own status was asked, and no object was looked at."""

    @property
    def told(self) -> Message:
        """The sentence."""
        trails = self.trails
        match self.flow:
            case FileFlow.ARRIVING if self.by_status:
                return message("CloudTrail says that it logs, and reports no delivery error.")
            case FileFlow.ARRIVING:
                return message("Log files are arriving.")
            case FileFlow.NOT_KNOWN if not trails:
                return message("It is not known whether log files are arriving.")
            case FileFlow.NOT_KNOWN if self.why:
                return message(
                    "It is not known whether log files of {trails} are arriving ({why}).",
                    trails=trails,
                    why=self.why,
                )
            case FileFlow.NOT_KNOWN:
                return message("It is not known whether log files of {trails} are arriving.", trails=trails)
            case FileFlow.NOT_ARRIVING:
                return message("Log files of {trails} are NOT arriving ({why}).", trails=trails, why=self.why)


class _Seen(Struct, frozen=True, kw_only=True):
    trail: str
    flow: FileFlow
    why: str = ""


def flow_after(seen: Iterable[WatchedArrival]) -> FlowSeen:
    """Return what the last look at each place tells: the worst of them."""
    return _worst(_Seen(trail=each.place.trail_arn, flow=_of(each), why=_why(each)) for each in seen)


def flow_now(deliveries: Deliveries, trails: Iterable[str]) -> FlowSeen:
    """Return what CloudTrail says of the trails with these ARNs now, each asked in its home Region."""
    seen = (_told(deliveries, arn, Arn.parse(arn).region) for arn in trails)
    return structs.replace(_worst(seen), by_status=True)


def _told(deliveries: Deliveries, arn: str, region: str) -> _Seen:
    status: TrailStatus | Unreadable
    try:
        status = deliveries.status(arn, region)
    except TrailsealError as problem:
        status = Unreadable(call=GET_STATUS, code=str(problem.what))
    if isinstance(status, Unreadable):
        if status.code == NO_TRAIL:
            return _Seen(trail=arn, flow=FileFlow.NOT_ARRIVING, why="deleted")
        return _Seen(trail=arn, flow=FileFlow.NOT_KNOWN, why=f"{status.call} {status.code}")
    if not status.is_logging:
        return _Seen(trail=arn, flow=FileFlow.NOT_ARRIVING, why="stopped")
    if status.log_file_error:
        # It may be older than the last delivery: CloudTrail gives no time of it.
        return _Seen(trail=arn, flow=FileFlow.NOT_KNOWN, why=status.log_file_error)
    return _Seen(trail=arn, flow=FileFlow.ARRIVING)


def _worst(seen: Iterable[_Seen]) -> FlowSeen:
    known = tuple(seen)
    for flow in (FileFlow.NOT_ARRIVING, FileFlow.NOT_KNOWN):
        if found := [each for each in known if each.flow is flow]:
            why = dict.fromkeys(each.why for each in found if each.why)
            trails = dict.fromkeys(each.trail for each in found)
            return FlowSeen(flow=flow, trails=tuple(trails), why=", ".join(why))
    return FlowSeen(flow=FileFlow.ARRIVING if known else FileFlow.NOT_KNOWN)


def _of(seen: WatchedArrival) -> FileFlow:
    if seen.arrival in ARRIVED:
        return FileFlow.ARRIVING
    if seen.arrival in {Arrival.FAILING, Arrival.DELETED, Arrival.STOPPED}:
        return FileFlow.NOT_ARRIVING
    quiet = seen.arrival is Arrival.WAITING and not seen.error
    told = seen.delivered is not None and (quiet or seen.arrival is Arrival.UNREADABLE)
    return FileFlow.ARRIVING if told else FileFlow.NOT_KNOWN


def _why(seen: WatchedArrival) -> str:
    if seen.arrival in {Arrival.DELETED, Arrival.STOPPED}:
        return seen.arrival.value
    return seen.error or ", ".join(f"{each.call} {each.code}" for each in seen.unread)


def what_to_do(seen: WatchedArrival) -> Message | None:
    """Return what somebody else did to the trail and what to do, None where nobody did anything."""
    arn = seen.place.trail_arn
    match seen.arrival:
        case Arrival.DELETED:
            return message(
                "{trail} was deleted, and nothing arrives any more; make it again, and plan: trailseal plan",
                trail=arn,
            )
        case Arrival.TURNED:
            return message(
                "{trail} was set to {other} by somebody else and is left there; to look and plan again: "
                "trailseal plan",
                trail=arn,
                other=seen.error,
            )
        case Arrival.STOPPED:
            return message(
                "{trail} does not log, so nothing arrives: aws cloudtrail start-logging --name {trail} "
                "--region {region}",
                trail=arn,
                region=Arn.parse(arn).region,
            )
        case _:
            return None
