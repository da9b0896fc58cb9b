"""
The course of a re-encryption: look, probe with consent, say what will happen, keep readers, begin.

What is told, asked and written goes out through the ports; the terminal is the command line's.
"""

from __future__ import annotations

from typing import Any

from trailseal.history.reencrypt import keep_readers
from trailseal.history.reencrypt.engine import Assignment, Engine
from trailseal.history.reencrypt.manifest_file import ManifestFile, price
from trailseal.history.reencrypt.options import CoursePorts, Prepared, Reencryption, ReencryptOptions
from trailseal.history.reencrypt.target import wanted_target
from trailseal.history.reencrypt.trial import tried_target
from trailseal.history.rules.method import Target
from trailseal.history.rules.outlook import outlook
from trailseal.messages import message
from trailseal.plan.document import parse
from trailseal.run.consent import declined


def reencrypt(
    asked: ReencryptOptions, manifest: ManifestFile, *, engine: Engine, ports: CoursePorts
) -> Reencryption:
    """
    Carry out a re-encryption as far as it was agreed to; a dry run ends when all is said.

    Raises:
        UsageProblem: the engine cannot begin here, the key is no ARN, the probe did not show what was asked
            for, readers would lose objects and nothing is said of it, or a file cannot be used.
        TrailsealError: something that this needs cannot be read, or the engine gave up.
    """
    if not asked.dry_run:
        engine.ready()
    prepared = prepare(asked, manifest, engine=engine, ports=ports)
    ports.show(prepared)
    if asked.dry_run:
        keep_readers.offer(prepared.outlook, prepared.policy, _plan_file(asked, ports))
        return Reencryption(prepared=prepared)
    if not may_begin(asked, prepared, ports):
        return Reencryption(prepared=prepared)
    given = _assignment(asked, manifest, prepared.target, total=prepared.outlook.work)
    return Reencryption(prepared=prepared, summary=engine.run(given, ports.observe))


def prepare(
    asked: ReencryptOptions, manifest: ManifestFile, *, engine: Engine, ports: CoursePorts
) -> Prepared:
    """
    Return what will happen, once the probe has shown what works here.

    Raises:
        UsageProblem: the key is no ARN, the ledger is of another key or manifest, UpdateObjectEncryption does
            not work and copies were not asked for, copies could not be read back, or a row of the manifest is
            damaged.
        TrailsealError: something that this needs cannot be read.
    """
    header = manifest.header
    bucket = ports.facts.bucket(header.bucket)
    wanted = wanted_target(asked, bucket, header, ports, carries_context=engine.carries_context)
    if not asked.dry_run:
        engine.see_ledger(_assignment(asked, manifest, wanted))
    locks = bucket.object_lock is True
    target = tried_target(asked, wanted, ports, works_as=engine.works_as, locks=locks)
    policy, document = _readable(ports.facts.key_policy(target.key_arn))
    found = outlook((row for _, row in manifest.rows()), target, header, bucket, document)
    cost, lines = price(found, versioned=target.versioned, batch=engine.priced_as_job)
    return Prepared(target=target, outlook=found, policy=policy, cost=cost, lines=lines)


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


def _assignment(
    asked: ReencryptOptions, manifest: ManifestFile, target: Target, *, total: int | None = None
) -> Assignment:
    return Assignment(
        manifest=manifest,
        target=target,
        verify=asked.verify,
        ledger=asked.ledger,
        retry_failed=asked.retry_failed,
        total=total,
    )


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
