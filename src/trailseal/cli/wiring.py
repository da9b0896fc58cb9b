"""How the verbs reach AWS, the journal and the clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from trailseal.home import state_home

if TYPE_CHECKING:
    from trailseal.aws.collector import AwsCollector
    from trailseal.aws.deliveries import AwsDeliveries
    from trailseal.aws.session import AwsSession
    from trailseal.journal.store import SqliteJournal
    from trailseal.plan.proof import DeliveryProof
    from trailseal.run.apply import Ports
    from trailseal.run.events import Observer
    from trailseal.run.verify import VerifyOptions

JOURNAL = "journal.sqlite3"


def journal() -> SqliteJournal:
    """Return this user's journal."""
    from trailseal.journal.store import SqliteJournal

    return SqliteJournal(state_home() / JOURNAL)


def session(profile: str | None, region: str | None) -> AwsSession:
    """Return how AWS is reached; nothing is called yet."""
    from trailseal.aws.session import AwsSession

    return AwsSession(profile=profile, region=region)


@contextmanager
def open_collector(
    profile: str | None, region: str | None, *, meanwhile: str = "", tells: bool = True
) -> Iterator[AwsCollector]:
    """
    Yield what reads an account; its progress line is gone when the block ends.

    `meanwhile` names a module that is imported while AWS is waited for; with `tells`, folders that are
    passed over are told at once, for an answer that does not name them.
    """
    from trailseal.aws.collector import AwsCollector
    from trailseal.aws.threads import load
    from trailseal.view.progress import ProgressLine

    if meanwhile:
        load(meanwhile)
    with ProgressLine() as progress:
        yield AwsCollector(session(profile, region), observe=progress, tells=tells)


def deliveries(aws: AwsSession, profile: str | None) -> AwsDeliveries:
    """Return what looks at delivered objects."""
    from trailseal.aws.deliveries import AwsDeliveries

    return AwsDeliveries(aws, profile=profile)


def ports(
    aws: AwsSession,
    profile: str | None,
    observe: Observer,
    *,
    material: str | None = None,
    settle: float = 0,
) -> Ports:
    """Return all that an apply or an undo needs; `settle` in seconds matters where something is made."""
    from datetime import timedelta

    from trailseal.aws.clock import SystemClock
    from trailseal.aws.collector import AwsCollector
    from trailseal.aws.control_plane import AwsControlPlane
    from trailseal.run.apply import Ports
    from trailseal.run.material import read_material

    return Ports(
        control=AwsControlPlane(aws),
        deliveries=deliveries(aws, profile),
        journal=journal(),
        clock=SystemClock(),
        observe=observe,
        material=read_material(material) if material else None,
        collector=AwsCollector(aws),
        settle=timedelta(seconds=settle),
    )


def verify_live(asked: VerifyOptions, profile: str | None, region: str | None) -> DeliveryProof:
    """Return the proof over what stands in AWS now."""
    from trailseal.aws.clock import SystemClock
    from trailseal.aws.collector import AwsCollector
    from trailseal.aws.trail_history import AwsTrailHistory
    from trailseal.run.ports import SnapshotScope
    from trailseal.run.verify import VerifyPorts, verify
    from trailseal.view.progress import ProgressLine

    aws = session(profile, region)
    with ProgressLine() as progress, closing(deliveries(aws, profile)) as delivered:
        snapshot = AwsCollector(aws, observe=progress).collect(SnapshotScope(trails=asked.trails, hub=False))
        found = VerifyPorts(
            deliveries=delivered,
            history=AwsTrailHistory(aws),
            journal=journal(),
            clock=SystemClock(),
            observe=progress,
        )
        return verify(snapshot, asked, found)
