"""A re-encryption as the command line asks for it: what is shown, and who is asked."""

from __future__ import annotations

import secrets
from pathlib import Path

from trailseal.aws.clock import SystemClock
from trailseal.aws.history_bucket import AwsHistoryBucket
from trailseal.cli.command import AwsOptions
from trailseal.cli.consent import agreed
from trailseal.cli.history.place import History, open_history
from trailseal.cli.history.wire import see_engine, work
from trailseal.errors import ExitCode
from trailseal.history.reencrypt.course import (
    CoursePorts,
    ReencryptOptions,
    may_begin,
    offer_to_readers,
    prepare,
)
from trailseal.history.reencrypt.manifest_file import ManifestFile
from trailseal.home import write_private
from trailseal.messages import Message
from trailseal.model.arn import Arn
from trailseal.model.given import in_partition
from trailseal.view.history.reencrypt import outlook_lines, summary_lines
from trailseal.view.json_document import json_document
from trailseal.view.progress import ProgressLine
from trailseal.view.streams import write_json, write_lines


def reencrypt_history(aws: AwsOptions, asked: ReencryptOptions, output: str) -> ExitCode:
    """Carry out one `history reencrypt` and return its exit code."""
    see_engine(asked)
    manifest = ManifestFile(Path(asked.manifest))
    if asked.key and manifest.header.trail_arn:
        in_partition(asked.key, Arn.parse(manifest.header.trail_arn).partition)
    history = open_history(aws, asked.trail or manifest.header.trail_arn, bucket=manifest.header.bucket)
    with ProgressLine() as line:
        ports = _ports(history, line, yes=asked.yes)
        prepared = prepare(asked, manifest, ports)
    outlook = prepared.outlook
    if output == "text" or not asked.dry_run:
        write_lines(outlook_lines(outlook, prepared.cost, prepared.lines), err=output == "json")
    if asked.dry_run:
        offer_to_readers(asked, prepared, ports)
        if output == "json":
            write_json(json_document(outlook))
        return ExitCode.FINDINGS if outlook.work else ExitCode.CLEAN
    if not may_begin(asked, prepared, ports):
        return ExitCode.FINDINGS
    summary = work(history, manifest, prepared, asked)
    if output == "json":
        write_json(json_document(summary))
    else:
        write_lines(summary_lines(summary))
    return summary.exit_code


def _ports(history: History, line: ProgressLine, *, yes: bool) -> CoursePorts:
    def agree(question: Message) -> bool:
        line.clear()
        return agreed(question, yes=yes)

    return CoursePorts(
        place=history.place,
        facts=AwsHistoryBucket(history.session, region=history.settings.region),
        objects=history.plane,
        clock=SystemClock(),
        observe=line,
        agree=agree,
        save=write_private,
        probe_name=secrets.token_hex(8),
    )
