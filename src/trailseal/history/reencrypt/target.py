"""What the objects should become here: the key, the context, and whether UpdateObjectEncryption works."""

from __future__ import annotations

import json

from msgspec import structs

from trailseal.errors import UsageProblem
from trailseal.history.reencrypt.options import CoursePorts, ReencryptOptions, WantedMethod
from trailseal.history.reencrypt.probe import probe
from trailseal.history.rules.manifest import Header
from trailseal.history.rules.method import Target
from trailseal.messages import Message, message
from trailseal.model.arn import Arn
from trailseal.model.bucket import Bucket
from trailseal.model.given import in_partition, key_arn
from trailseal.model.unreadable import Unreadable
from trailseal.run.events import Told


def wanted_target(
    asked: ReencryptOptions, bucket: Bucket, header: Header, ports: CoursePorts, *, carries_context: bool
) -> Target:
    """
    Return what the objects should become, before anybody knows what works here.

    Raises:
        UsageProblem: the key is no ARN.
    """
    wanted = _wanted(asked, bucket, ports, carries_context=carries_context)
    return structs.replace(wanted, acls=header.acls, locks=header.locks)


def probed_target(asked: ReencryptOptions, wanted: Target, ports: CoursePorts) -> Target:
    """
    Return what the objects should become, once the probe has shown what works here.

    Raises:
        UsageProblem: UpdateObjectEncryption is asked for and does not work or may not be probed.
    """
    return structs.replace(wanted, update=_update_works(asked, wanted, ports))


def _wanted(asked: ReencryptOptions, bucket: Bucket, ports: CoursePorts, *, carries_context: bool) -> Target:
    key = asked.key or ports.place.kms_key_id
    if not key:
        raise UsageProblem(message("the trail has no KMS key"), message("name one with --key ARN"))
    in_partition(key_arn(key), Arn.parse(ports.place.arn).partition)
    carried = asked.context and carries_context
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
    if asked.method is WantedMethod.COPY:
        return False
    if asked.method is WantedMethod.AUTO and not target.key_in_bucket_account:
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
    if asked.method is WantedMethod.UPDATE:
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
    if asked.method is WantedMethod.UPDATE and not found.works:
        raise UsageProblem(message("UpdateObjectEncryption does not work here"), message("use --method copy"))
    return found.works


def _tell(ports: CoursePorts, text: Message) -> None:
    ports.observe(Told(what=text))
