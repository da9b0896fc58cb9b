"""
The forms that an object under the key can have, and whether a statement of the key policy opens them.

S3 hands KMS the object's ARN as encryption context, or the bucket's with an S3 Bucket Key, and beside it
the trail's where CloudTrail or a copy gave it. Whether a statement holds for a form is the policy engine's
answer: the statement is asked alone, for anybody, with everything else about the caller left open.
Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from trailseal.access.decision import DENIED, Effect
from trailseal.access.evaluate import authorize
from trailseal.access.facts import OneOf, Value
from trailseal.access.readers.estate import EVERYTHING
from trailseal.access.readers.log_object import CONTEXT, OBJECT_PAIR, TRAIL_PAIR, LogObject, Sealing
from trailseal.access.request import Policies, Request
from trailseal.history.rules.method import Target
from trailseal.model.arn import Arn, bucket_arn

Statement = Mapping[str, Any]
DECRYPT = "kms:Decrypt"
TRAIL_KEY = f"{CONTEXT}{TRAIL_PAIR}"
OBJECT_KEY = f"{CONTEXT}{OBJECT_PAIR}"
ANY_TRAIL = OneOf(("arn:*:cloudtrail:*:*:trail/*",))
CALLERS = (
    "arn:{partition}:iam::{account}:user/reader",
    "arn:{partition}:sts::{account}:assumed-role/reader/session",
    "arn:{partition}:sts::{account}:federated-user/reader",
    "arn:{partition}:iam::{account}:root",
)
"""One of each kind, for a condition key may be there for some kinds alone."""
ALLOW = {"Effect": "Allow", "Principal": "*", "Action": DECRYPT, "Resource": "*"}


class ObjectForm(Struct, frozen=True, kw_only=True):
    """One form: the trail's pair, None where there is none, and whether it is under a Bucket Key."""

    trail: Value | None
    bucket_key: bool


def delivered_forms(form: ObjectForm) -> tuple[ObjectForm, ...]:
    """Return how a form's trail, or any where it has none, delivers: with a Bucket Key and without."""
    return tuple(
        ObjectForm(trail=form.trail or ANY_TRAIL, bucket_key=bucket_key) for bucket_key in (False, True)
    )


def updated_form(target: Target) -> ObjectForm:
    """Return the form of an object after UpdateObjectEncryption, which carries no context."""
    return ObjectForm(trail=None, bucket_key=target.bucket_key)


def copied_form(target: Target) -> ObjectForm:
    """Return the form of a copy, with the context that it is given."""
    trail = json.loads(target.context or "{}").get(TRAIL_PAIR)
    return ObjectForm(trail=(trail,) if trail else None, bucket_key=target.bucket_key)


def effects(statement: Statement, form: ObjectForm, target: Target) -> tuple[Effect, ...]:
    """Return what an Allow alone, or a Deny beside an Allow of all, means for each kind of caller."""
    alone = {name: value for name, value in statement.items() if name not in {"NotPrincipal", "Sid"}}
    asked = [alone | {"Principal": "*"}]
    if statement.get("Effect") == "Deny":
        asked.append(ALLOW)
    policy = json.dumps({"Version": "2012-10-17", "Statement": asked})
    context = _context(form, target)
    return tuple(_decided(policy, caller, context, target) for caller in _callers(target))


def opens(statement: Statement, form: ObjectForm, target: Target) -> frozenset[int]:
    """Return the kinds of caller, by their number, to whom an Allow opens the form, or may."""
    found = enumerate(effects(statement, form, target))
    return frozenset(number for number, effect in found if effect not in DENIED)


def _callers(target: Target) -> tuple[str, ...]:
    arn = Arn.parse(target.key_arn)
    return tuple(each.format(partition=arn.partition, account=arn.account) for each in CALLERS)


def _decided(policy: str, caller: str, context: dict[str, Value], target: Target) -> Effect:
    request = Request(principal=caller, action=DECRYPT, resource=target.key_arn, context=context)
    session = (EVERYTHING,) if ":federated-user/" in caller else None
    return authorize(request, Policies(resource=policy, session=session), derive=False, stored=True).effect


def _context(form: ObjectForm, target: Target) -> dict[str, Value]:
    """Return what S3's call says: of which object it is stays open, but for the bucket."""
    arn = Arn.parse(target.key_arn)
    sealing = Sealing.COPIED_BUCKET_KEY if form.bucket_key else Sealing.COPIED
    given = LogObject(
        bucket=target.bucket,
        key="",
        sealing=sealing,
        region=arn.region,
        partition=arn.partition,
        kms_key=target.key_arn,
    ).decrypt_context()
    if not form.bucket_key:
        given[OBJECT_KEY] = OneOf((bucket_arn(f"{target.bucket}/*", arn.partition),))
    if form.trail is not None:
        given[TRAIL_KEY] = form.trail
        given["kms:EncryptionContextKeys"] = tuple(sorted((OBJECT_PAIR, TRAIL_PAIR)))
    return given
