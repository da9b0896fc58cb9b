"""What mends a bucket: its policy with what CloudTrail needs, its settings, or the bucket itself."""

from __future__ import annotations

from trailseal.access.service_name import CLOUDTRAIL
from trailseal.controls.mended_policy import Statement
from trailseal.controls.typed import TO_FILL_IN, document, one_after_another, typed
from trailseal.model.arn import Arn, bucket_arn
from trailseal.model.log_file import account_folder
from trailseal.model.trail import Trail

BLOCK = "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true"
OWNER_CONTROLS = {"s3:x-amz-acl": "bucket-owner-full-control"}
LONGEST_NAME = 63
"""Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"""


def for_cloudtrail(trail: Trail, organization: str = "") -> tuple[Statement, ...]:
    """
    Return the statements that AWS's page shows for a trail, with the organization's folder where it has one.

    Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
    """
    arn = Arn.parse(trail.arn)
    name = arn.resource_name.replace("-", "").replace("_", "").replace(".", "")
    base = {"Effect": "Allow", "Principal": {"Service": CLOUDTRAIL}}
    source = {"aws:SourceArn": trail.arn}
    look = {
        "Sid": f"CloudTrailAclCheck{name}{arn.region.replace('-', '')}",
        **base,
        "Action": "s3:GetBucketAcl",
        "Resource": bucket_arn(trail.s3_bucket_name, arn.partition),
        "Condition": {"StringEquals": source},
    }
    folders = [account_folder(prefix=trail.s3_key_prefix, organization="", account=arn.account)]
    if organization:
        folders.append(account_folder(prefix=trail.s3_key_prefix, organization="", account=organization))
    write = {
        "Sid": f"CloudTrailWrite{name}{arn.region.replace('-', '')}",
        **base,
        "Action": "s3:PutObject",
        "Resource": [bucket_arn(f"{trail.s3_bucket_name}/{each}*", arn.partition) for each in folders],
        "Condition": {"StringEquals": {**source, **OWNER_CONTROLS}},
    }
    return look, write


def put_policy(bucket: str, region: str, policy: str) -> str:
    """Return the command that gives a bucket a policy."""
    return typed("aws s3api put-bucket-policy", bucket=bucket, region=region, policy=policy)


def make(bucket: str, region: str) -> str:
    """Return the command that makes a bucket; us-east-1 takes no LocationConstraint."""
    place = "" if region == "us-east-1" else f"LocationConstraint={region or TO_FILL_IN}"
    return typed("aws s3api create-bucket", bucket=bucket, region=region, create_bucket_configuration=place)


def make_for(trail: Trail, region: str, organization: str = "") -> str:
    """Return the commands that make a trail's bucket again, with the policy that CloudTrail needs."""
    bucket = trail.s3_bucket_name
    policy = {"Version": "2012-10-17", "Statement": list(for_cloudtrail(trail, organization))}
    return one_after_another(make(bucket, region), put_policy(bucket, region, document(policy)))


def shut(bucket: str, region: str) -> str:
    """Return the command that blocks public access of a bucket."""
    return typed(
        "aws s3api put-public-access-block",
        bucket=bucket,
        region=region,
        public_access_block_configuration=BLOCK,
    )


def log_access(bucket: str, region: str, *, account: str, partition: str) -> str:
    """
    Return the commands that make another bucket, on SSE-S3, and have access to this one logged there.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
    """
    target = bucket[: LONGEST_NAME - len("-access-logs")] + "-access-logs"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": bucket_arn(f"{target}/{bucket}/*", partition),
        "Condition": {
            "ArnLike": {"aws:SourceArn": bucket_arn(bucket, partition)},
            "StringEquals": {"aws:SourceAccount": account},
        },
    }
    status = {"LoggingEnabled": {"TargetBucket": target, "TargetPrefix": f"{bucket}/"}}
    return one_after_another(
        make(target, region),
        put_policy(target, region, document({"Version": "2012-10-17", "Statement": [statement]})),
        typed(
            "aws s3api put-bucket-logging",
            bucket=bucket,
            region=region,
            bucket_logging_status=document(status),
        ),
    )


def encrypt_by_default(bucket: str, region: str, key_arn: str) -> str:
    """Return the command that has new objects of a bucket encrypted under a key."""
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key_arn}
    return typed(
        "aws s3api put-bucket-encryption",
        bucket=bucket,
        region=region,
        server_side_encryption_configuration=document(
            {"Rules": [{"ApplyServerSideEncryptionByDefault": default}]}
        ),
    )
