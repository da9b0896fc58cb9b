"""
Each request that CloudTrail makes of a trail's key and of its bucket, as values for the policy engine.

Of the key: DescribeKey, without an encryption context as it is no cryptographic operation;
GenerateDataKey when a trail is given the key, and for each file that it delivers; Decrypt besides, where the
bucket uses an S3 Bucket Key. Of the bucket: GetBucketAcl, and PutObject for each file.
Sources:
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/how-kms-works-with-cloudtrail.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-encryption-context
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

from trailseal.access.cloudtrail.destination import DeliveringPlace, Destination
from trailseal.access.facts import THERE, Context, OneOf, Value
from trailseal.access.readers.log_object import CONTEXT, OBJECT_PAIR, TRAIL_PAIR
from trailseal.access.request import Request
from trailseal.access.service_name import CLOUDTRAIL
from trailseal.model.arn import Arn, account_of, bucket_arn
from trailseal.model.log_file import Delivered, delivery_folder, region_folder

DESCRIBE, ENCRYPT, DECRYPT = "kms:DescribeKey", "kms:GenerateDataKey", "kms:Decrypt"
READ_ACL, PUT = "s3:GetBucketAcl", "s3:PutObject"
ALGORITHM = "s3:x-amz-server-side-encryption"
KEY_ID = "s3:x-amz-server-side-encryption-aws-kms-key-id"
DAY = datetime(2026, 1, 1, tzinfo=UTC)
"""Any day: a file's name holds one, and policies tell folders apart, not days."""


class Purpose(StrEnum):
    """What CloudTrail makes a request for."""

    DESCRIBE_KEY = "describe the key"
    TRY_KEY = "try the key"
    READ_ACL = "read the bucket's ACL"
    LOG_FILE = "deliver a log file"
    DIGEST_FILE = "deliver a digest file"


class CloudTrailRequest(Struct, frozen=True, kw_only=True):
    """
    One request of CloudTrail's.

    `variant` is the same request in another form, where no page of AWS's shows which of both is sent:
    `request` is the likelier one, for certain only where `is_known`.
    `is_needed` is None where it is not known whether deliveries stop without it.
    `folder` is where files of its kind lie in the bucket, of whatever day, "" where it is for none.
    """

    purpose: Purpose
    trail_arn: str
    request: Request
    place: DeliveringPlace | None = None
    folder: str = ""
    variant: Request | None = None
    is_known: bool = True
    is_needed: bool | None = True


def key_requests(
    to: Destination, *, key_arn: str, key_facts: Context | None = None
) -> Iterator[CloudTrailRequest]:
    """
    Yield what CloudTrail asks of a key for a trail.

    What it asks when a trail is given the key names the bucket and the path in it, to whatever depth.
    AWS's page demands DescribeKey; the policy that Control Tower documents does without.
    Source: https://docs.aws.amazon.com/controltower/latest/userguide/configure-kms-keys.html
    """
    facts = {**_source(to), **(key_facts or {})}
    describe = _request(DESCRIBE, key_arn, Arn.parse(key_arn).account, facts)
    yield CloudTrailRequest(
        trail_arn=to.trail_arn, purpose=Purpose.DESCRIBE_KEY, request=describe, is_needed=None
    )
    folder = bucket_arn(f"{to.bucket}/{to.folder(to.places[0])}", to.partition)
    path = OneOf((folder.rstrip("/"), folder + "*")) if to.bucket else THERE
    tried: Context = {**facts, **_pairs(to, path)}
    request = _request(ENCRYPT, key_arn, Arn.parse(key_arn).account, tried)
    yield CloudTrailRequest(
        trail_arn=to.trail_arn, purpose=Purpose.TRY_KEY, request=request, place=to.places[0]
    )
    for file in _files(to):
        yield from _for_file(to, file, key_arn=key_arn, facts=facts)


def _for_file(to: Destination, file: _File, *, key_arn: str, facts: Context) -> Iterator[CloudTrailRequest]:
    """
    Yield what one file asks of the key.

    Under an S3 Bucket Key the context names the bucket, says S3's page; CloudTrail's pages show none.
    """
    owner = Arn.parse(key_arn).account
    whole, one = (bucket_arn(name, to.partition) for name in (to.bucket, f"{to.bucket}/{file.key}"))
    of_bucket = {**facts, **_pairs(to, (whole,) if to.bucket else THERE)}
    of_object = {**facts, **_pairs(to, (one,) if to.bucket else THERE)}
    by_bucket = to.bucket_key is True
    first, second = (of_bucket, of_object) if by_bucket else (of_object, of_bucket)
    yield CloudTrailRequest(
        trail_arn=to.trail_arn,
        purpose=file.purpose,
        place=file.place,
        folder=file.folder,
        request=_request(ENCRYPT, key_arn, owner, first),
        variant=None if to.bucket_key is False else _request(ENCRYPT, key_arn, owner, second),
        is_known=to.bucket_key is not None,
    )
    if to.bucket_key is not False:
        yield CloudTrailRequest(
            trail_arn=to.trail_arn,
            purpose=file.purpose,
            place=file.place,
            folder=file.folder,
            request=_request(DECRYPT, key_arn, owner, of_bucket),
            variant=_request(DECRYPT, key_arn, owner, of_object),
            is_needed=True if by_bucket else None,
        )


def bucket_requests(to: Destination, *, key_arn: str) -> Iterator[CloudTrailRequest]:
    """
    Yield what CloudTrail asks of a bucket for a trail whose files lie under a key, "" for none.

    With a key the headers name it; what they say without one, no page tells.
    """
    source = _source(to)
    read = _request(READ_ACL, bucket_arn(to.bucket, to.partition), to.bucket_account, source)
    yield CloudTrailRequest(trail_arn=to.trail_arn, purpose=Purpose.READ_ACL, request=read)
    sealed: Context = {ALGORITHM: ("aws:kms",), KEY_ID: (key_arn,)} if key_arn else {KEY_ID: ()}
    headers: Context = {**source, "s3:x-amz-acl": ("bucket-owner-full-control",), **sealed}
    for file in _files(to):
        put = _request(PUT, bucket_arn(f"{to.bucket}/{file.key}", to.partition), to.bucket_account, headers)
        yield CloudTrailRequest(
            trail_arn=to.trail_arn, purpose=file.purpose, request=put, place=file.place, folder=file.folder
        )


class _File(NamedTuple):
    """One file of a kind that a place delivers."""

    purpose: Purpose
    place: DeliveringPlace
    folder: str
    key: str


def _files(to: Destination) -> Iterator[_File]:
    """Yield a file of each kind that each place delivers."""
    trail = Arn.parse(to.trail_arn)
    for place in to.places:
        start = f"{place.account}_CloudTrail_{place.region}"
        yield _file(to, place, Purpose.LOG_FILE, f"{start}_20260101T0000Z_0123456789abcdef.json.gz")
        if to.digests:
            start = f"{place.account}_CloudTrail-Digest_{place.region}_{trail.resource_name}_{trail.region}"
            yield _file(to, place, Purpose.DIGEST_FILE, f"{start}_20260101T000000Z.json.gz")


def _file(to: Destination, place: DeliveringPlace, purpose: Purpose, name: str) -> _File:
    kind = Delivered.DIGEST_FILE if purpose is Purpose.DIGEST_FILE else Delivered.LOG_FILE
    root = to.folder(place)
    folder = region_folder(root=root, kind=kind, region=place.region)
    of_day = delivery_folder(root=root, kind=kind, region=place.region, day=DAY)
    return _File(purpose, place, folder, of_day + name)


def _source(to: Destination) -> dict[str, Value]:
    """Return what CloudTrail says of itself: for an organization's trail the management account's, always."""
    return {
        "aws:SourceArn": (to.trail_arn,),
        "aws:SourceAccount": (account_of(to.trail_arn),),
        "aws:SecureTransport": ("true",),
    }


def _pairs(to: Destination, where: Value) -> dict[str, Value]:
    """Return the encryption context: the trail, and `where` it delivers: the object or the bucket."""
    return {
        CONTEXT + TRAIL_PAIR: (to.trail_arn,),
        CONTEXT + OBJECT_PAIR: where,
        "kms:EncryptionContextKeys": (TRAIL_PAIR, OBJECT_PAIR),
        "kms:EncryptionAlgorithm": ("SYMMETRIC_DEFAULT",),
    }


def _request(action: str, resource: str, account: str, context: Context) -> Request:
    return Request(
        principal=CLOUDTRAIL, action=action, resource=resource, resource_account=account, context=context
    )
