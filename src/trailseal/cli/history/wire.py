"""Where the work of a re-encryption runs: on this machine, in S3 Batch Operations, or on Spark."""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct

from trailseal.aws.batch_jobs import AwsBatchJobs
from trailseal.aws.clock import SystemClock
from trailseal.aws.plane.object_plane import ObjectPlane, PlaneSettings, opener
from trailseal.cli.history.place import History
from trailseal.errors import UsageProblem
from trailseal.history.reencrypt.ledger import Ledger
from trailseal.history.reencrypt.local import LocalEngine
from trailseal.history.reencrypt.manifest_file import ManifestFile, identity_of, summary_of
from trailseal.history.reencrypt.s3batch import BatchEngine
from trailseal.history.rules.batch import BatchPlace
from trailseal.history.rules.method import Target
from trailseal.history.rules.outlook import Outlook
from trailseal.history.rules.summary import Summary, Verify
from trailseal.messages import message
from trailseal.view.progress import ProgressLine


class Asked(Struct, frozen=True, kw_only=True):
    """What the command line asked for."""

    manifest: str
    key: str
    trail: str
    engine: str
    method: str
    context: bool
    bucket_key: bool
    from_other_keys: bool
    verify: Verify
    ledger: str | None
    retry_failed: bool
    dry_run: bool
    role: str
    batch_place: str
    shard_size: int
    connections: int
    yes: bool
    reader_plan: str | None
    accept: tuple[str, ...]


def see_engine(asked: Asked) -> None:
    """
    See that the engine can be started here, before anybody is asked anything.

    Raises:
        UsageProblem: Spark is asked for and something of it is missing.
    """
    if asked.engine == "spark" and not asked.dry_run:
        from trailseal.history.reencrypt.spark_context import need_spark

        need_spark()


def work(
    history: History, manifest: ManifestFile, target: Target, statement: Outlook, asked: Asked
) -> Summary:
    """Let the engine that was asked for do it, and return how the whole manifest stands."""
    settings = msgspec.structs.replace(history.settings, connections=asked.connections)
    line = ProgressLine()
    if asked.engine == "spark":
        return _spark(manifest, target, statement, asked, settings, line)
    path = Path(asked.ledger or f"{asked.manifest}.ledger")
    if path.is_dir() or not path.parent.is_dir():
        raise UsageProblem(
            message("the ledger `{path}` is not a file", path=str(path)),
            message("name another ledger with `--ledger`"),
        )
    with (
        Ledger(path, manifest=manifest.identity, target=identity_of(target)) as ledger,
        settings.open() as plane,
    ):
        if asked.retry_failed:
            ledger.retry()
        if asked.engine == "s3batch":
            _batch(history, manifest, target, asked, ledger, plane, line)
        else:
            engine = LocalEngine(
                objects=plane, ledger=ledger, target=target, verify=asked.verify, observer=line
            )
            engine.run(manifest.rows(), total=statement.work)
        line.end()
        return summary_of(ledger, target, slowed=plane.pace.slowed)


def _spark(
    manifest: ManifestFile,
    target: Target,
    statement: Outlook,
    asked: Asked,
    settings: PlaneSettings,
    line: ProgressLine,
) -> Summary:
    from trailseal.history.reencrypt.shard_ledger import About, ShardLedger
    from trailseal.history.reencrypt.shard_place import make_place
    from trailseal.history.reencrypt.spark import Job, SparkEngine
    from trailseal.history.reencrypt.spark_context import open_spark

    where = asked.ledger or f"{asked.manifest}.shards"
    with settings.open() as plane, open_spark() as spark:
        where, place = make_place(where, plane)
        ledger = ShardLedger(place)
        wanted = About(manifest=manifest.identity, target=identity_of(target), rows=asked.shard_size)
        about = ledger.belong(wanted)
        if asked.retry_failed:
            ledger.retry()
        job = Job(
            opener=opener(settings), ledger=where, target=target, verify=asked.verify, name=asked.manifest
        )
        engine = SparkEngine(spark=spark, job=job, ledger=ledger, rows=about.rows, observer=line)
        slowed = engine.run(manifest.lines(), total=statement.work)
        line.end()
        return summary_of(ledger, target, slowed=slowed)


def _batch(
    history: History,
    manifest: ManifestFile,
    target: Target,
    asked: Asked,
    ledger: Ledger,
    plane: ObjectPlane,
    line: ProgressLine,
) -> None:
    bucket, _, prefix = asked.batch_place.removeprefix("s3://").partition("/")
    if not asked.role or not bucket:
        raise UsageProblem(
            message("an S3 Batch Operations job needs a role and a place for its manifest and report"),
            message("name them with --role ARN and --batch-place s3://BUCKET/PREFIX (no SSE-KMS default)"),
        )
    place = BatchPlace(
        bucket=bucket,
        prefix=prefix.strip("/") or "trailseal-batch",
        role_arn=asked.role,
        account=history.session.caller()[0],
    )
    engine = BatchEngine(
        objects=plane,
        jobs=AwsBatchJobs(history.session, region=history.settings.region),
        ledger=ledger,
        target=target,
        place=place,
        clock=SystemClock(),
        verify=asked.verify,
        observer=line,
    )
    engine.run(manifest.rows(), identity=manifest.identity)
