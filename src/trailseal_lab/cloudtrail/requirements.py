"""
What CreateTrail and UpdateTrail insist on: the bucket, its policy, the key, its state and its policy.

CloudTrail tries the key by asking for a data key that it throws away.
Sources:
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateTrail.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
"""

from __future__ import annotations

import re

from moto.kms.models import Key
from msgspec import Struct
from werkzeug.datastructures import Headers

from trailseal.model.arn import Arn, is_arn
from trailseal_lab.call import Call
from trailseal_lab.cloudtrail.trails import organization_id, organization_of
from trailseal_lab.errors import ApiError
from trailseal_lab.kms.keys import check_usable, find_key
from trailseal_lab.s3.as_service import check_service_access, service_may_use_key
from trailseal_lab.s3.buckets import find_bucket
from trailseal_lab.s3.sealing import KEY_ID as KEY_HEADER
from trailseal_lab.s3.sealing import SSE, wanted_sealing
from trailseal_lab.world import World

SERVICE = "cloudtrail.amazonaws.com"
KEY_ID = re.compile(
    r"(alias/[a-zA-Z0-9/_-]{1,250}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f-]{32,36})"
)
BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


class TrailSettings(Struct, frozen=True, kw_only=True):
    """A trail's settings as a call would leave them, as far as they have to be tested."""

    arn: str
    account: str
    bucket: str
    prefix: str
    is_organization_trail: bool
    kms_key_id: str


def check(world: World, call: Call, wanted: TrailSettings) -> str:
    """
    Return the ARN of the key that the trail will use, "" for none, when everything is in order.

    Raises:
        ApiError: one of CloudTrail's own exceptions.
    """
    if wanted.is_organization_trail:
        check_organization(wanted.account)
    check_bucket(wanted)
    if not wanted.kms_key_id:
        return ""
    key = check_key(call, wanted)
    check_policies(world, wanted, key)
    return str(key.arn)


def check_organization(account: str) -> None:
    """
    Return when the account may have an organization trail.

    Raises:
        ApiError: OrganizationsNotInUseException, NotOrganizationMasterAccountException.
    """
    found = organization_of(account)
    if found is None:
        raise ApiError("OrganizationsNotInUseException", "The account is not a member of an organization.")
    if str(found.org.master_account_id) != account:
        raise ApiError("NotOrganizationMasterAccountException", "The account is not the management account.")
    if getattr(found.org, "feature_set", "ALL") != "ALL":
        raise ApiError(
            "OrganizationNotInAllFeaturesModeException", "The organization does not have all features."
        )


def check_bucket(wanted: TrailSettings) -> None:
    """
    Return when CloudTrail can deliver to the bucket as its policy stands.

    Raises:
        ApiError: InvalidS3BucketNameException, S3BucketDoesNotExistException,
            InsufficientS3BucketPolicyException.
    """
    if not BUCKET_NAME.fullmatch(wanted.bucket):
        raise ApiError("InvalidS3BucketNameException", f"Bucket name {wanted.bucket} is not valid.")
    if find_bucket(wanted.bucket) is None:
        raise ApiError("S3BucketDoesNotExistException", f"S3 bucket {wanted.bucket} does not exist!")
    if not (_may(wanted, "s3:GetBucketAcl") and (_may_put(wanted) or wanted.kms_key_id)):
        text = f"Incorrect S3 bucket policy is detected for bucket: {wanted.bucket}"
        raise ApiError("InsufficientS3BucketPolicyException", text)


def check_key(call: Call, wanted: TrailSettings) -> Key:
    """
    Return the key when it exists in the bucket's Region and can be used.

    Raises:
        ApiError: InvalidKmsKeyIdException, KmsKeyNotFoundException, KmsException.
    """
    region = str(getattr(find_bucket(wanted.bucket), "region_name", call.region))
    given = wanted.kms_key_id
    arn = Arn.parse(given) if is_arn(given) else None
    bare = arn.resource.removeprefix("key/") if arn else given
    if not KEY_ID.fullmatch(bare) or (arn and arn.service != "kms"):
        raise ApiError("InvalidKmsKeyIdException", f"KmsKeyId {given} is not valid.")
    key = find_key(given, account=call.caller.account, region=region)
    if key is None or str(key.region) != region:
        text = f"KMS key {given} does not exist, or is not in the Region {region} of the S3 bucket."
        raise ApiError("KmsKeyNotFoundException", text)
    try:
        check_usable(key)
    except ApiError as problem:
        raise ApiError("KmsException", problem.message) from problem
    if key.key_spec != "SYMMETRIC_DEFAULT" or key.key_usage != "ENCRYPT_DECRYPT":
        raise ApiError("KmsException", f"{key.arn} is not a symmetric encryption key.")
    return key


def check_policies(world: World, wanted: TrailSettings, key: Key) -> None:
    """
    Return when key policy and bucket policy let CloudTrail deliver under the key.

    Raises:
        ApiError: InsufficientEncryptionPolicyException, for whichever of both is not enough.
    """
    text = f"Insufficient permissions to access S3 bucket {wanted.bucket} or KMS key {key.arn}."
    pairs = {"aws:cloudtrail:arn": wanted.arn, "aws:s3:arn": f"arn:aws:s3:::{_object(wanted)}"}
    needed = ["GenerateDataKey", "DescribeKey"]
    bucket = find_bucket(wanted.bucket)
    sealed = Headers({SSE: "aws:kms", KEY_HEADER: str(key.arn)})
    if bucket is not None and wanted_sealing(sealed, bucket, "").bucket_key:
        needed.append("Decrypt")
    for operation in needed:
        if not service_may_use_key(
            world,
            service=SERVICE,
            operation=operation,
            key=key,
            pairs={} if operation == "DescribeKey" else pairs,
            source_arn=wanted.arn,
            source_account=wanted.account,
        ):
            raise ApiError("InsufficientEncryptionPolicyException", text)
    if not _may_put(wanted, key_arn=str(key.arn)):
        raise ApiError("InsufficientEncryptionPolicyException", text)


def _object(wanted: TrailSettings) -> str:
    """Return a place that CloudTrail would deliver to, as `bucket/key`."""
    owner = f"{organization_id(wanted.account)}/" if wanted.is_organization_trail else ""
    folder = f"{wanted.prefix}/" if wanted.prefix else ""
    return f"{wanted.bucket}/{folder}AWSLogs/{owner}{wanted.account}/CloudTrail/test"


def _may(wanted: TrailSettings, action: str) -> bool:
    return check_service_access(
        service=SERVICE,
        action=action,
        bucket=wanted.bucket,
        source_arn=wanted.arn,
        source_account=wanted.account,
    )


def _may_put(wanted: TrailSettings, *, key_arn: str = "") -> bool:
    context: dict[str, tuple[str, ...]] = {"s3:x-amz-acl": ("bucket-owner-full-control",)}
    if key_arn:
        context |= {
            "s3:x-amz-server-side-encryption": ("aws:kms",),
            "s3:x-amz-server-side-encryption-aws-kms-key-id": (key_arn,),
        }
    return check_service_access(
        service=SERVICE,
        action="s3:PutObject",
        bucket=wanted.bucket,
        key=_object(wanted).partition("/")[2],
        context=context,
        source_arn=wanted.arn,
        source_account=wanted.account,
    )
