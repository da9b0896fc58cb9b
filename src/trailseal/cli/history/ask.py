"""The course of a re-encryption: look, probe with consent, say, ask, do, tell."""

from __future__ import annotations

import json
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from msgspec import structs

from trailseal.aws.history_bucket import AwsHistoryBucket
from trailseal.cli.command import AwsOptions
from trailseal.cli.history.place import History, open_history
from trailseal.cli.history.wire import Asked, see_engine, work
from trailseal.cli.history_readers import clear_of_readers, offer
from trailseal.errors import UsageProblem
from trailseal.history.reencrypt.manifest_file import ManifestFile, price, with_update
from trailseal.history.reencrypt.probe import probe
from trailseal.history.rules.method import Target
from trailseal.history.rules.outlook import outlook
from trailseal.locale.language import say
from trailseal.messages import Message, message
from trailseal.model.arn import Arn, is_arn
from trailseal.model.bucket import Bucket
from trailseal.model.unreadable import Unreadable
from trailseal.plan.document import parse
from trailseal.view.history.reencrypt import outlook_lines, summary_lines
from trailseal.view.json_document import json_document
from trailseal.view.streams import write_json, write_lines


def reencrypt_history(aws: AwsOptions, asked: Asked, output: str) -> int:
    """Carry out one `history reencrypt` and return its exit code."""
    see_engine(asked)
    manifest = ManifestFile(Path(asked.manifest))
    history = open_history(aws, asked.trail or manifest.header.trail_arn, bucket=manifest.header.bucket)
    reader = AwsHistoryBucket(history.session, region=history.settings.region)
    bucket = reader.bucket(manifest.header.bucket)
    target = structs.replace(
        _target(history, asked, bucket, reader), acls=manifest.header.acls, locks=manifest.header.locks
    )
    target = with_update(target, works=_update_works(history, target, asked))
    policy, document = _readable(reader.key_policy(target.key_arn))
    rows = (row for _, row in manifest.rows())
    statement = outlook(rows, target, manifest.header, bucket, document)
    cost, lines = price(statement, versioned=target.versioned, batch=asked.engine == "s3batch")
    if output == "text" or not asked.dry_run:
        write_lines(outlook_lines(statement, cost, lines), err=output == "json")
    trail = history.place.arn
    if asked.dry_run:
        offer(statement, policy, trail_arn=trail, out=asked.reader_plan)
        if output == "json":
            write_json(json_document(statement))
        return 3 if statement.work else 0
    if not clear_of_readers(statement, policy, trail_arn=trail, out=asked.reader_plan, accept=asked.accept):
        return 3
    if statement.work and not _agreed(asked, message("Re-encrypt these objects?")):
        return 3
    summary = work(history, manifest, target, statement, asked)
    if output == "json":
        write_json(json_document(summary))
    else:
        write_lines(summary_lines(summary))
    return summary.exit_code


def _readable(policy: str | None) -> tuple[str, dict[str, Any] | None]:
    """Return a key policy's text and document; what cannot be read, or is no policy, is not known."""
    try:
        return (policy, parse(policy)) if policy else ("", None)
    except ValueError:
        return "", None


def _target(history: History, asked: Asked, bucket: Bucket, reader: AwsHistoryBucket) -> Target:
    key = asked.key or history.place.kms_key_id
    if not is_arn(key) or ":key/" not in key:
        raise UsageProblem(
            message("`{key}` is not the ARN of a KMS key", key=key or "-"),
            message("name it with --key; UpdateObjectEncryption takes no alias and no key ID"),
        )
    carried = asked.context and asked.engine != "s3batch"  # a Batch job has no field for it
    context = json.dumps({"aws:cloudtrail:arn": history.place.arn}) if carried else ""
    return Target(
        bucket=bucket.name,
        key_arn=key,
        bucket_key=asked.bucket_key,
        key_in_bucket_account=_may_be_of(bucket.name, Arn.parse(key).account, reader),
        context=context,
        versioned=bucket.versioning in {"Enabled", "Suspended"},
        from_other_keys=asked.from_other_keys,
        now=datetime.now(UTC),
    )


def _may_be_of(bucket: str, account: str, reader: AwsHistoryBucket) -> bool:
    """Return whether the bucket may belong to the account; where that is not known, the probe shows it."""
    owned = reader.is_of_account(bucket, account)
    if isinstance(owned, Unreadable):
        _tell(
            message(
                "whether {bucket} belongs to the key's account {account} is not known ({call}: {code})",
                bucket=bucket,
                account=account,
                call=owned.call,
                code=owned.code,
            )
        )
        return True
    return owned


def _update_works(history: History, target: Target, asked: Asked) -> bool:
    """
    Probe, unless it is not wanted; a dry run takes the probe as passed and says so.

    With a key of another account than the bucket's it is tried only when asked for by name, for AWS Support
    can allow it.
    """
    if asked.method == "copy" or (asked.method == "auto" and not target.key_in_bucket_account):
        return False
    if asked.dry_run:
        _tell(message("UpdateObjectEncryption is taken to work here; a real run probes it first"))
        return True
    question = message(
        "May trailseal write, re-encrypt and delete one object of its own under .trailseal-probe/ in {bucket}"
        " to see whether UpdateObjectEncryption works there?",
        bucket=target.bucket,
    )
    if not _agreed(asked, question):
        if asked.method == "update":
            raise UsageProblem(
                message("UpdateObjectEncryption is not used without the probe"), message("use --method copy")
            )
        return False
    with history.plane() as plane:
        found = probe(plane, target, name=secrets.token_hex(8))
    if found.works:
        _tell(message("the probe passed: UpdateObjectEncryption works and leaves content and metadata alone"))
    else:
        _tell(message("UpdateObjectEncryption is not used: {why}", why=found.why))
    if found.left:
        _tell(message("the probe could not be deleted: {key}", key=found.left))
    if asked.method == "update" and not found.works:
        raise UsageProblem(message("UpdateObjectEncryption does not work here"), message("use --method copy"))
    return found.works


def _agreed(asked: Asked, question: Message) -> bool:
    if asked.yes:
        return True
    if not sys.stdin.isatty():
        raise UsageProblem(
            message("nobody can be asked here: {question}", question=str(question)),
            message("agree with --yes"),
        )
    return click.confirm(say(question), err=True)


def _tell(text: Message) -> None:
    click.echo(say(text), err=True)
