"""What the objects should become here: the key and the context."""

from __future__ import annotations

import json

from msgspec import structs

from trailseal.errors import UsageProblem
from trailseal.history.reencrypt.options import CoursePorts, ReencryptOptions
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
        tell(
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


def tell(ports: CoursePorts, text: Message, because: Message | None = None) -> None:
    """Tell whoever watches; `because` fills `{what}`."""
    ports.observe(Told(what=text, because=because))
