"""A re-encryption as the command line asks for it: what is shown, and who is asked."""

from __future__ import annotations

import secrets
import shlex
from pathlib import Path

from msgspec import Struct, structs

from trailseal.aws.batch_jobs import AwsBatchJobs
from trailseal.aws.clock import SystemClock
from trailseal.aws.history_bucket import AwsHistoryBucket
from trailseal.cli.command import AwsOptions
from trailseal.cli.consent import agreed
from trailseal.cli.history.place import HistoryPlace, Where, open_history
from trailseal.errors import ExitCode
from trailseal.files import write_private
from trailseal.history.reencrypt import keep_readers
from trailseal.history.reencrypt.course import reencrypt
from trailseal.history.reencrypt.engines import EngineName, EngineOptions, EnginePorts, engine_of
from trailseal.history.reencrypt.manifest_file import ManifestFile
from trailseal.history.reencrypt.options import CoursePorts, Prepared, ReencryptOptions
from trailseal.history.reencrypt.spark import SparkOptions
from trailseal.history.rules.outlook import Outlook
from trailseal.history.rules.summary import Summary
from trailseal.locale.language import say
from trailseal.messages import Message
from trailseal.model.arn import Arn
from trailseal.model.given import in_partition
from trailseal.model.trail_place import TrailPlace
from trailseal.view.history.placed import CENSUS, REENCRYPT, SETTLED, VALIDATE, CallerOptions, called, placed
from trailseal.view.history.reencrypt import outlook_lines, summary_lines
from trailseal.view.history.reencrypt_next import after_outlook, after_run
from trailseal.view.json_document import json_document
from trailseal.view.progress import ProgressLine
from trailseal.view.streams import write_json, write_lines

CONNECTIONS = 64
"""At once, where nothing is said."""


class Said(Struct, frozen=True, kw_only=True):
    """What is said on the command line besides what the course is asked for."""

    manifest: str
    trail: str
    engine: EngineName
    options: EngineOptions
    connections: int
    caller: CallerOptions = SETTLED
    yes: bool
    output: str


def reencrypt_history(aws: AwsOptions, asked: ReencryptOptions, said: Said) -> ExitCode:
    """Carry out one `history reencrypt` and return its exit code."""
    manifest = ManifestFile(Path(said.manifest))
    named = (asked.key, said.options.batch.role_arn)
    _see_partition(named, of=manifest.header.trail_arn)
    trail = said.trail or manifest.header.trail_arn
    history = open_history(aws, Where(trail=trail, bucket=manifest.header.bucket, ask=True))
    _see_partition(named, of=history.place.arn)
    engine = engine_of(said.engine, said.options, _engine_ports(history, said.connections))
    with ProgressLine() as line:
        done = reencrypt(asked, manifest, engine=engine, ports=_ports(history, asked, said, line))
    if done.summary is not None:
        if said.output == "json":
            write_json(json_document(done.summary))
        else:
            write_lines(summary_lines(done.summary))
            versions = manifest.header.versions
            write_lines([say(_after_run(done.summary, asked, said, history.place, versions=versions))])
        return done.summary.exit_code
    if asked.dry_run:
        if said.output == "json":
            write_json(json_document(done.prepared.outlook))
        else:
            write_lines([say(_after_outlook(done.prepared.outlook, asked, said, history.place))])
    nothing = asked.dry_run and not done.prepared.outlook.work
    return ExitCode.CLEAN if nothing else ExitCode.FINDINGS


def _after_outlook(outlook: Outlook, asked: ReencryptOptions, said: Said, place: TrailPlace) -> Message:
    plan = asked.reader_plan
    save = f"{typed_again(asked, said)} --reader-plan FILE --dry-run"
    keep = called(f"trailseal apply {shlex.quote(plan)}", said.caller) if plan else save
    accepted = keep_readers.LOSE_ACCESS in asked.accept
    run, validate = typed_again(asked, said), placed(VALIDATE, place, said.caller)
    return after_outlook(outlook, run=run, keep=keep, validate=validate, accepted=accepted)


def _after_run(
    summary: Summary, asked: ReencryptOptions, said: Said, place: TrailPlace, *, versions: bool
) -> Message:
    census = placed(CENSUS, place, said.caller, manifest=said.manifest, versions=versions)
    validate = placed(VALIDATE, place, said.caller)
    return after_run(summary, run=typed_again(asked, said), census=census, validate=validate)


def typed_again(asked: ReencryptOptions, said: Said) -> str:
    """Return the command that does what was asked for, for once not dry, and asks before it begins."""
    batch, spark, standard = said.options.batch, said.options.spark, ReencryptOptions()
    return called(
        REENCRYPT,
        said.caller,
        manifest=said.manifest,
        key=asked.key,
        trail=said.trail,
        engine=_unless(said.engine, EngineName.LOCAL),
        method=_unless(asked.method, standard.method),
        no_context=not asked.context,
        bucket_key=asked.bucket_key,
        from_other_keys=asked.from_other_keys,
        verify=_unless(asked.verify, standard.verify),
        ledger=asked.ledger,
        batch_place=batch.place,
        role=batch.role_arn,
        shard_size=_unless(str(spark.shard_size), str(SparkOptions().shard_size)),
        connections=_unless(str(said.connections), str(CONNECTIONS)),
        accept=asked.accept,
    )


def _unless(said: str, standard: str) -> str:
    """Return what is said, "" where it is what holds without a word."""
    return "" if said == standard else said


def _see_partition(named: tuple[str, ...], *, of: str) -> None:
    """Return when what was named is of a trail's partition, or the trail is "": no manifest must name one."""
    for each in named if of else ():
        in_partition(each, Arn.parse(of).partition)


def _engine_ports(history: HistoryPlace, connections: int) -> EnginePorts:
    return EnginePorts(
        planes=structs.replace(history.settings, connections=connections),
        jobs=AwsBatchJobs(history.session, region=history.settings.region),
        account=lambda: history.session.caller()[0],
        clock=SystemClock(),
    )


def _ports(history: HistoryPlace, asked: ReencryptOptions, said: Said, line: ProgressLine) -> CoursePorts:
    def agree(question: Message) -> bool:
        line.clear()
        return agreed(question, yes=said.yes)

    def show(prepared: Prepared) -> None:
        line.clear()
        if said.output == "text" or not asked.dry_run:
            lines = outlook_lines(prepared.outlook, prepared.cost, prepared.lines)
            write_lines(lines, err=said.output == "json")

    return CoursePorts(
        place=history.place,
        facts=AwsHistoryBucket(history.session, region=history.settings.region),
        objects=history.plane,
        clock=SystemClock(),
        observe=line,
        agree=agree,
        save=write_private,
        probe_name=secrets.token_hex(8),
        show=show,
    )
