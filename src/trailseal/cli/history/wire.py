"""Where the work of a re-encryption runs: on this machine, in S3 Batch Operations, or on Spark."""

from __future__ import annotations

from msgspec import structs

from trailseal.aws.batch_jobs import AwsBatchJobs
from trailseal.aws.clock import SystemClock
from trailseal.aws.plane.object_plane import ObjectPlane, PlaneSettings, opener
from trailseal.cli.history.place import History
from trailseal.errors import UsageProblem
from trailseal.history.reencrypt.course import Prepared, ReencryptOptions, by_ledger
from trailseal.history.reencrypt.ledger import Ledger
from trailseal.history.reencrypt.local import LocalEngine
from trailseal.history.reencrypt.manifest_file import ManifestFile, identity_of, summary_of
from trailseal.history.reencrypt.s3batch import BatchEngine
from trailseal.history.rules.batch import BatchPlace
from trailseal.history.rules.method import Target
from trailseal.history.rules.summary import Summary
from trailseal.messages import message
from trailseal.view.progress import ProgressLine


def see_engine(asked: ReencryptOptions) -> None:
    """
    See that the engine can be started here, before anybody is asked anything.

    Raises:
        UsageProblem: Spark is asked for and something of it is missing.
    """
    if asked.engine == "spark" and not asked.dry_run:
        from trailseal.history.reencrypt.spark_context import need_spark

        need_spark()


def work(history: History, manifest: ManifestFile, prepared: Prepared, asked: ReencryptOptions) -> Summary:
    """Let the engine that was asked for do it, and return how the whole manifest stands."""
    settings = structs.replace(history.settings, connections=asked.connections)
    with ProgressLine() as line:
        if asked.engine == "spark":
            return _spark(manifest, prepared, asked, settings, line)
        return _here(history, manifest, prepared, asked, settings, line)


def _here(
    history: History,
    manifest: ManifestFile,
    prepared: Prepared,
    asked: ReencryptOptions,
    settings: PlaneSettings,
    line: ProgressLine,
) -> Summary:
    target = prepared.target

    def run(ledger: Ledger) -> int:
        with settings.open() as plane:
            if asked.engine == "s3batch":
                _batch(history, manifest, target, asked, ledger, plane, line)
            else:
                engine = LocalEngine(
                    objects=plane, ledger=ledger, target=target, verify=asked.verify, observer=line
                )
                engine.run(manifest.rows(), total=prepared.outlook.work)
            return plane.pace.slowed

    return by_ledger(asked, manifest, target, run)


def _spark(
    manifest: ManifestFile,
    prepared: Prepared,
    asked: ReencryptOptions,
    settings: PlaneSettings,
    line: ProgressLine,
) -> Summary:
    from trailseal.history.reencrypt.shard_ledger import About, ShardLedger
    from trailseal.history.reencrypt.shard_place import make_place
    from trailseal.history.reencrypt.spark import Job, SparkEngine
    from trailseal.history.reencrypt.spark_context import open_spark

    where, target = asked.ledger or f"{asked.manifest}.shards", prepared.target
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
        slowed = engine.run(manifest.lines(), total=prepared.outlook.work)
        return summary_of(ledger, target, slowed=slowed)


def _batch(
    history: History,
    manifest: ManifestFile,
    target: Target,
    asked: ReencryptOptions,
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
