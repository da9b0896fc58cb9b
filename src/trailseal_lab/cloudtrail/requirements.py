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

from trailseal.access.cloudtrail.destination import DeliveringPlace, Destination
from trailseal.access.cloudtrail.requests import Purpose, bucket_requests, key_requests
from trailseal.access.request import Request
from trailseal.access.service_name import CLOUDTRAIL as SERVICE
from trailseal.model.arn import Arn, is_arn
from trailseal_lab import gate
from trailseal_lab.call import Call
from trailseal_lab.caller import service_caller
from trailseal_lab.cloudtrail.trails import organization_id, organization_of
from trailseal_lab.errors import ApiError
from trailseal_lab.gate import NeededPermission
from trailseal_lab.kms.asks import key_ask, key_context
from trailseal_lab.kms.keys import check_usable, find_key
from trailseal_lab.s3.buckets import bucket_owner, find_bucket, policy_of
from trailseal_lab.s3.sealing import KEY_ID as KEY_HEADER
from trailseal_lab.s3.sealing import SSE, wanted_sealing

ASKED_OF_THE_KEY = frozenset({Purpose.DESCRIBE_KEY, Purpose.LOG_FILE})
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


def check(call: Call, wanted: TrailSettings) -> str:
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
    check_policies(wanted, key)
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
    to = _destination(wanted, None)
    read_acl = next(each.request for each in bucket_requests(to, key_arn="") if each.place is None)
    if not (_may_do(to, read_acl) and (_may_write(to, "") or wanted.kms_key_id)):
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


def check_policies(wanted: TrailSettings, key: Key) -> None:
    """
    Return when key policy and bucket policy let CloudTrail deliver under the key.

    Of the key everything is asked that a log file of the trail's own account asks, and DescribeKey, which
    AWS's page demands.

    Raises:
        ApiError: InsufficientEncryptionPolicyException, for whichever of both is not enough.
    """
    to = _destination(wanted, key)
    asked = (each for each in key_requests(to, key_arn=str(key.arn)) if each.purpose in ASKED_OF_THE_KEY)
    if not (all(_may_use(each.request, key) for each in asked) and _may_write(to, str(key.arn))):
        text = f"Insufficient permissions to access S3 bucket {wanted.bucket} or KMS key {key.arn}."
        raise ApiError("InsufficientEncryptionPolicyException", text)


def _destination(wanted: TrailSettings, key: Key | None) -> Destination:
    bucket, region = find_bucket(wanted.bucket), Arn.parse(wanted.arn).region
    sealed = Headers({SSE: "aws:kms", KEY_HEADER: str(key.arn)} if key else {})
    organization = organization_id(wanted.account) if wanted.is_organization_trail else ""
    return Destination(
        trail_arn=wanted.arn,
        partition=Arn.parse(wanted.arn).partition,
        bucket=wanted.bucket,
        prefix=wanted.prefix,
        places=(DeliveringPlace(account=wanted.account, region=region, organization=organization),),
        bucket_account=bucket_owner(wanted.bucket) or "",
        bucket_key=bucket is not None and wanted_sealing(sealed, bucket, "").bucket_key,
    )


def _may_use(request: Request, key: Key) -> bool:
    ask = key_ask(request.action, key, {**key_context(key), **_told(request)})
    return gate.is_allowed(service_caller(SERVICE), ask, {})


def _told(request: Request) -> gate.Context:
    return {key: value for key, value in request.context.items() if isinstance(value, tuple)}


def _may_write(to: Destination, key_arn: str) -> bool:
    """Whether the bucket's policy takes a log file, under a key or, with "" for it, without one."""
    return all(
        _may_do(to, each.request) for each in bucket_requests(to, key_arn=key_arn) if each.place is not None
    )


def _may_do(to: Destination, request: Request) -> bool:
    ask = NeededPermission(
        action=request.action,
        resource=request.resource,
        account=to.bucket_account,
        policy=policy_of(to.bucket),
    )
    return gate.is_allowed(service_caller(SERVICE), ask, _told(request))
