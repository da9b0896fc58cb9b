"""How the verbs reach AWS, the journal and the clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from trailseal.home import state_home

if TYPE_CHECKING:
    from trailseal.aws.accounts import AwsAccounts
    from trailseal.aws.collector import AwsCollector
    from trailseal.aws.deliveries import AwsDeliveries
    from trailseal.aws.session import AwsSession
    from trailseal.journal.store import SqliteJournal
    from trailseal.plan.proof import DeliveryProof
    from trailseal.run.apply import Ports
    from trailseal.run.events import Observer
    from trailseal.run.verify import VerifyOptions

JOURNAL = "journal.sqlite3"


def journal(endpoint: str = "") -> SqliteJournal:
    """Return this user's journal, of the runs at `endpoint`; "" is AWS itself."""
    from trailseal.journal.store import SqliteJournal

    return SqliteJournal(state_home() / JOURNAL, endpoint)


def session(profile: str | None, region: str | None) -> AwsSession:
    """Return how AWS is reached; nothing is called yet."""
    from trailseal.aws.session import AwsSession

    return AwsSession(profile=profile, region=region)


def accounts(profile: str | None, region: str | None, further: tuple[str, ...] = ()) -> AwsAccounts:
    """Return how AWS is reached as the account in question and as further ones; nothing is called yet."""
    from trailseal.aws.accounts import AwsAccounts
    from trailseal.aws.session import AwsSession

    first = session(profile, region)
    return AwsAccounts(first, [AwsSession(profile=name, otherwise=first.region) for name in further])


@contextmanager
def open_collector(
    profile: str | None,
    region: str | None,
    *,
    further: tuple[str, ...] = (),
    meanwhile: str = "",
    tells: bool = True,
) -> Iterator[AwsCollector]:
    """
    Yield what reads an account; its progress line is gone when the block ends.

    `meanwhile` names a module that is imported while AWS is waited for; with `tells`, folders that are
    passed over are told at once, for an answer that does not name them.
    """
    from trailseal.aws.collector import AwsCollector
    from trailseal.view.progress import ProgressLine

    aws = accounts(profile, region, further)
    with ProgressLine() as progress:
        yield AwsCollector(aws.first, further=aws.further, observe=progress, tells=tells, meanwhile=meanwhile)


def deliveries(aws: AwsAccounts) -> AwsDeliveries:
    """Return what looks at delivered objects."""
    from trailseal.aws.deliveries import AwsDeliveries

    return AwsDeliveries(aws)


def ports(
    aws: AwsAccounts,
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
        control=AwsControlPlane(aws.first, further=aws.further),
        deliveries=deliveries(aws),
        journal=journal(aws.first.endpoint),
        clock=SystemClock(),
        observe=observe,
        material=read_material(material) if material else None,
        collector=AwsCollector(aws.first, further=aws.further),
        settle=timedelta(seconds=settle),
    )


def verify_live(
    asked: VerifyOptions, profile: str | None, region: str | None, further: tuple[str, ...]
) -> DeliveryProof:
    """Return the proof over what stands in AWS now."""
    from trailseal.aws.clock import SystemClock
    from trailseal.aws.collector import AwsCollector
    from trailseal.aws.trail_history import AwsTrailHistory
    from trailseal.run.ports import SnapshotScope
    from trailseal.run.verify import VerifyPorts, verify
    from trailseal.view.progress import ProgressLine

    aws = accounts(profile, region, further)
    with ProgressLine() as progress, closing(deliveries(aws)) as delivered:
        collector = AwsCollector(aws.first, further=aws.further, observe=progress)
        waits = asked.wait is not None
        scope = SnapshotScope(trails=asked.trails, settings=False, hub=False, deliveries=waits)
        snapshot = collector.collect(scope)
        found = VerifyPorts(
            deliveries=delivered,
            find=None if waits else delivered.places,
            history=AwsTrailHistory(aws.first),
            journal=journal(aws.first.endpoint),
            clock=SystemClock(),
            observe=progress,
        )
        return verify(snapshot, asked, found)
