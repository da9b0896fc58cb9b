"""
The course of a re-encryption: look, probe with consent, say what will happen, keep readers, begin.

What is told, asked and written goes out through the ports; the terminal is the command line's.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from msgspec import Struct, structs

from trailseal.cost.amount import Range
from trailseal.cost.line import Line
from trailseal.errors import UsageProblem
from trailseal.history.reencrypt import keep_readers
from trailseal.history.reencrypt.ledger import Ledger
from trailseal.history.reencrypt.manifest_file import (
    ManifestFile,
    identity_of,
    price,
    summary_of,
    with_update,
)
from trailseal.history.reencrypt.probe import probe
from trailseal.history.rules.method import Target
from trailseal.history.rules.outlook import Outlook, outlook
from trailseal.history.rules.summary import Summary, Verify
from trailseal.messages import Message, message
from trailseal.model.arn import Arn
from trailseal.model.bucket import Bucket
from trailseal.model.given import in_partition, key_arn
from trailseal.model.trail_place import TrailPlace
from trailseal.model.unreadable import Unreadable
from trailseal.objects.calls import Objects
from trailseal.plan.document import parse
from trailseal.run.consent import declined
from trailseal.run.events import Observer, Told
from trailseal.run.ports import Clock


class ReencryptOptions(Struct, frozen=True, kw_only=True):
    """What was asked for."""

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


class BucketFacts(Protocol):
    """Tells what a re-encryption must know of a bucket and of the key."""

    def bucket(self, name: str) -> Bucket:
        """Return the settings that a change of the bucket's objects sets off."""
        ...

    def is_of_account(self, name: str, account: str) -> bool | Unreadable:
        """Return whether the bucket belongs to an account."""
        ...

    def key_policy(self, key_arn: str) -> str | None:
        """Return the text of a key's policy, None when it may not be read."""
        ...


class CoursePorts(Struct, frozen=True, kw_only=True):
    """What the course reaches: the trail's place, its bucket and objects, and whoever is told and asked."""

    place: TrailPlace
    facts: BucketFacts
    objects: Callable[[], AbstractContextManager[Objects]]
    clock: Clock
    observe: Observer
    agree: Callable[[Message], bool]
    save: Callable[[Path, bytes], None]
    probe_name: str


class Prepared(Struct, frozen=True, kw_only=True):
    """What will happen to the bucket's objects, and what it costs; `policy` is "" where it is not known."""

    target: Target
    outlook: Outlook
    policy: str
    cost: Range
    lines: tuple[Line, ...]


def prepare(asked: ReencryptOptions, manifest: ManifestFile, ports: CoursePorts) -> Prepared:
    """
    Return what will happen, once the probe has shown what works here.

    Raises:
        UsageProblem: the key is no ARN, UpdateObjectEncryption is asked for and does not work or may not be
            probed, or a row of the manifest is damaged.
        TrailsealError: something that this needs cannot be read.
    """
    header = manifest.header
    bucket = ports.facts.bucket(header.bucket)
    target = structs.replace(_target(asked, bucket, ports), acls=header.acls, locks=header.locks)
    target = with_update(target, works=_update_works(asked, target, ports))
    policy, document = _readable(ports.facts.key_policy(target.key_arn))
    found = outlook((row for _, row in manifest.rows()), target, header, bucket, document)
    cost, lines = price(found, versioned=target.versioned, batch=asked.engine == "s3batch")
    return Prepared(target=target, outlook=found, policy=policy, cost=cost, lines=lines)


def offer_to_readers(asked: ReencryptOptions, prepared: Prepared, ports: CoursePorts) -> None:
    """
    Write the plan that keeps readers, where it is wanted and needed.

    Raises:
        TrailsealError: the key policy cannot be read, or the plan does not fit into it.
        UsageProblem: the file cannot be written.
    """
    keep_readers.offer(prepared.outlook, prepared.policy, _plan_file(asked, ports))


def may_begin(asked: ReencryptOptions, prepared: Prepared, ports: CoursePorts) -> bool:
    """
    Return whether the first object may be touched: somebody agrees, and readers do not wait for their plan.

    Raises:
        UsageProblem: readers would lose objects and nothing is said of it, or nobody can be asked.
        TrailsealError: somebody does not agree, the key policy cannot be read, or the readers' plan does not
            fit into it.
    """
    file = _plan_file(asked, ports)
    if not keep_readers.clear_of_readers(prepared.outlook, prepared.policy, file, accept=asked.accept):
        return False
    if prepared.outlook.work and not ports.agree(message("Re-encrypt these objects?")):
        raise declined()
    return True


def by_ledger(
    asked: ReencryptOptions, manifest: ManifestFile, target: Target, run: Callable[[Ledger], int]
) -> Summary:
    """
    Let `run` do what the ledger does not show as done, and return how the whole manifest stands.

    `run` returns how often S3 asked it to slow down.

    Raises:
        UsageProblem: the ledger is no file, or of another manifest or key.
    """
    path = Path(asked.ledger or f"{asked.manifest}.ledger")
    if (path.exists() and not path.is_file()) or not path.parent.is_dir():
        raise UsageProblem(
            message("the ledger `{path}` is not a file", path=str(path)),
            message("name another ledger with `--ledger`"),
        )
    with Ledger(path, manifest=manifest.identity, target=identity_of(target)) as ledger:
        if asked.retry_failed:
            ledger.retry()
        slowed = run(ledger)
        return summary_of(ledger, target, slowed=slowed)


def _plan_file(asked: ReencryptOptions, ports: CoursePorts) -> keep_readers.PlanFile:
    return keep_readers.PlanFile(
        path=asked.reader_plan,
        trail_arn=ports.place.arn,
        made_at=ports.clock.now(),
        save=ports.save,
        observe=ports.observe,
    )


def _readable(policy: str | None) -> tuple[str, dict[str, Any] | None]:
    """Return a key policy's text and document; what cannot be read, or is no policy, is not known."""
    try:
        return (policy, parse(policy)) if policy else ("", None)
    except ValueError:
        return "", None


def _target(asked: ReencryptOptions, bucket: Bucket, ports: CoursePorts) -> Target:
    key = asked.key or ports.place.kms_key_id
    if not key:
        raise UsageProblem(message("the trail has no KMS key"), message("name one with --key ARN"))
    in_partition(key_arn(key), Arn.parse(ports.place.arn).partition)
    carried = asked.context and asked.engine != "s3batch"  # a Batch job has no field for it
    context = json.dumps({"aws:cloudtrail:arn": ports.place.arn}) if carried else ""
    return Target(
        bucket=bucket.name,
        key_arn=key,
        bucket_key=asked.bucket_key,
        key_in_bucket_account=_may_be_of(bucket.name, Arn.parse(key).account, ports),
        context=context,
        versioned=bucket.versioning in {"Enabled", "Suspended"},
        from_other_keys=asked.from_other_keys,
        now=ports.clock.now(),
    )


def _may_be_of(bucket: str, account: str, ports: CoursePorts) -> bool:
    """Return whether the bucket may belong to the account; where that is not known, the probe shows it."""
    owned = ports.facts.is_of_account(bucket, account)
    if isinstance(owned, Unreadable):
        _tell(
            ports,
            message(
                "whether {bucket} belongs to the key's account {account} is not known ({call}: {code})",
                bucket=bucket,
                account=account,
                call=owned.call,
                code=owned.code,
            ),
        )
        return True
    return owned


def _update_works(asked: ReencryptOptions, target: Target, ports: CoursePorts) -> bool:
    """
    Probe, unless it is not wanted; a dry run takes the probe as passed and says so.

    With a key of another account than the bucket's it is tried only when asked for by name, for AWS Support
    can allow it.
    """
    if asked.method == "copy" or (asked.method == "auto" and not target.key_in_bucket_account):
        return False
    if asked.dry_run:
        _tell(ports, message("UpdateObjectEncryption is taken to work here; a real run probes it first"))
        return True
    question = message(
        "May trailseal write, re-encrypt and delete one object of its own under .trailseal-probe/ in {bucket}"
        " to see whether UpdateObjectEncryption works there?",
        bucket=target.bucket,
    )
    if ports.agree(question):
        return _probed(asked, target, ports)
    if asked.method == "update":
        raise UsageProblem(
            message("UpdateObjectEncryption is not used without the probe"), message("use --method copy")
        )
    return False


def _probed(asked: ReencryptOptions, target: Target, ports: CoursePorts) -> bool:
    """Return what the probe showed, and tell it."""
    with ports.objects() as objects:
        found = probe(objects, target, name=ports.probe_name)
    if found.works:
        _tell(
            ports,
            message("the probe passed: UpdateObjectEncryption works and leaves content and metadata alone"),
        )
    else:
        _tell(ports, message("UpdateObjectEncryption is not used: {why}", why=found.why))
    if found.left:
        _tell(ports, message("the probe could not be deleted: {key}", key=found.left))
    if asked.method == "update" and not found.works:
        raise UsageProblem(message("UpdateObjectEncryption does not work here"), message("use --method copy"))
    return found.works


def _tell(ports: CoursePorts, text: Message) -> None:
    ports.observe(Told(what=text))
