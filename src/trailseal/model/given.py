"""
What a user names, on the command line or in a file: one rule and one sentence for each kind of name.

Each function returns the text as it was given, or raises UsageProblem. Whether there is such a thing
is another question.
"""

from __future__ import annotations

import re

from trailseal.errors import UsageProblem
from trailseal.messages import message
from trailseal.model.arn import ACCOUNT, PARTITION, REGION, Arn, is_arn
from trailseal.model.organization import ORGANIZATION_ID

TRAIL = re.compile(r"[a-zA-Z0-9](?:[a-zA-Z0-9._-]{0,126}[a-zA-Z0-9])?")
"""Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html."""
ALIAS = re.compile(r"alias/[a-zA-Z0-9/_-]{1,250}")
"""Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html."""
KEY_ID = re.compile(r"(mrk-)?[0-9a-fA-F-]{32,36}")
KEY_IN_ARN = re.compile(r"key/[a-zA-Z0-9-]{1,256}")
PRINCIPALS = frozenset({"iam", "sts"})
"""The services in the ARNs of those who can ask."""
LONGEST_PREFIX = 1024
"""Bytes of an object's key. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html."""
BUCKET = re.compile(r"[a-zA-Z0-9._-]{3,255}")
"""
As wide as the oldest buckets' names: until 2018 they could be of 255 letters in us-east-1.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html.
"""
S3 = "s3://"
ROLE = re.compile(r"role/(?:[!-~]{1,511}/)?[\w+=,.@-]{1,64}", re.ASCII)
"""Path and name. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html."""
EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)
"""Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html."""
NO_NAME = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")
"""What stands in no name of a user, role or session."""
PARTITIONS = (
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("us-isob-", "aws-iso-b"),
    ("us-isof-", "aws-iso-f"),
    ("eu-isoe-", "aws-iso-e"),
    ("us-iso-", "aws-iso"),
    ("eusc-", "aws-eusc"),
)
"""How the Regions of a partition begin, but for the first, `aws`."""
KNOWN_PARTITIONS = frozenset({"aws", *(partition for _, partition in PARTITIONS)})


def trail(text: str) -> str:
    """
    Return a trail's name or ARN.

    Raises:
        UsageProblem: it can be neither.
    """
    if is_trail_arn(text) or TRAIL.fullmatch(text):
        return text
    raise UsageProblem(
        message("`{text}` is neither the name nor the ARN of a trail", text=text),
        message("`trailseal check` lists the trails"),
    )


def trail_arn(text: str) -> str:
    """
    Return a trail's ARN.

    Raises:
        UsageProblem: it is none.
    """
    if is_trail_arn(text):
        return text
    raise UsageProblem(message("`{text}` is not a trail's ARN", text=text))


def is_trail_arn(text: str) -> bool:
    """Whether this is the ARN of a trail, with Region, account and name."""
    if not is_arn(text):
        return False
    arn = Arn.parse(text)
    kind, _, name = arn.resource.partition("/")
    whole = arn.service == "cloudtrail" and kind == "trail" and TRAIL.fullmatch(name) is not None
    return whole and _lies_somewhere(arn)


def region(text: str) -> str:
    """
    Return the name of a Region.

    Raises:
        UsageProblem: it can be none.
    """
    if REGION.fullmatch(text):
        return text
    raise UsageProblem(
        message("`{text}` is not the name of a Region", text=text), message("write it as us-east-1")
    )


def account(text: str) -> str:
    """
    Return the number of an account.

    Raises:
        UsageProblem: it is none.
    """
    if ACCOUNT.fullmatch(text):
        return text
    raise UsageProblem(
        message("`{text}` is not an account's number", text=text), message("write its 12 digits")
    )


def key(text: str) -> str:
    """
    Return a KMS key's ARN, ID or alias.

    Raises:
        UsageProblem: it can be none of them.
    """
    if is_key(text):
        return text
    raise UsageProblem(message("`{text}` is not a KMS key's ARN, ID or alias", text=text))


def is_key(text: str) -> bool:
    """Whether this can name a KMS key."""
    return is_key_arn(text) or any(form.fullmatch(text) for form in (ALIAS, KEY_ID)) or _is_alias_arn(text)


def key_arn(text: str) -> str:
    """
    Return a KMS key's ARN.

    Raises:
        UsageProblem: it is none; an alias or a key ID is none either.
    """
    if is_key_arn(text):
        return text
    raise UsageProblem(
        message("`{text}` is not the ARN of a KMS key", text=text),
        message("`trailseal key show KEY` shows the ARN of an alias or a key ID"),
    )


def alias(text: str) -> str:
    """
    Return the name of an alias.

    Raises:
        UsageProblem: it can be none.
    """
    if ALIAS.fullmatch(text):
        return text
    raise UsageProblem(
        message("`{text}` is not the alias of a KMS key", text=text), message("write it as alias/NAME")
    )


def is_key_arn(text: str) -> bool:
    """Whether this is the ARN of a KMS key."""
    return _is_kms(text) and KEY_IN_ARN.fullmatch(Arn.parse(text).resource) is not None


def alias_in(text: str) -> str:
    """Return the alias that a name or an ARN gives, "" where it gives a key."""
    if ALIAS.fullmatch(text):
        return text
    return Arn.parse(text).resource if _is_alias_arn(text) else ""


def _is_alias_arn(text: str) -> bool:
    return _is_kms(text) and ALIAS.fullmatch(Arn.parse(text).resource) is not None


def _is_kms(text: str) -> bool:
    return is_arn(text) and Arn.parse(text).service == "kms" and _lies_somewhere(Arn.parse(text))


def _lies_somewhere(arn: Arn) -> bool:
    """Whether an ARN names an account and a Region that its partition has; of a new one nobody knows any."""
    if not ACCOUNT.fullmatch(arn.account) or not REGION.fullmatch(arn.region):
        return False
    is_new = arn.partition.startswith("aws-") and arn.partition not in KNOWN_PARTITIONS
    return is_new or partition_of(arn.region) == arn.partition


def partition_of(name: str) -> str:
    """Return the partition that a Region lies in, `aws` for one of no other that is known."""
    return next((partition for begin, partition in PARTITIONS if name.startswith(begin)), "aws")


def in_partition(text: str, partition: str) -> str:
    """
    Return an ARN of this partition, or a name that is none.

    Raises:
        UsageProblem: it is of another partition.
    """
    if is_arn(text) and Arn.parse(text).partition != partition:
        raise UsageProblem(
            message("`{text}` is of another partition than {partition}", text=text, partition=partition),
            message(
                "partitions share no keys, trails and principals: name one of {partition}",
                partition=partition,
            ),
        )
    return text


def reached_from(text: str, region: str) -> str:
    """
    Return an ARN of the partition that a Region lies in, or a name that is none.

    What Regions a new partition has nobody here knows, and a Region may be "": AWS decides then.

    Raises:
        UsageProblem: it is of another partition.
    """
    if region and is_arn(text) and Arn.parse(text).partition in KNOWN_PARTITIONS:
        return in_partition(text, partition_of(region))
    return text


def principal(text: str) -> str:
    """
    Return a principal's ARN.

    Raises:
        UsageProblem: it is none.
    """
    if is_arn(text) and Arn.parse(text).service in PRINCIPALS:
        return text
    raise not_a_principal(text)


def role(text: str) -> str:
    """
    Return a role's ARN.

    Raises:
        UsageProblem: it is none.
    """
    if is_arn(text) and _is_role(Arn.parse(text)):
        return text
    raise UsageProblem(
        message("`{text}` is not the ARN of a role", text=text),
        message("write it as `arn:aws:iam::ACCOUNT:role/NAME`"),
    )


def _is_role(arn: Arn) -> bool:
    """Whether this names one role of one account, which IAM keeps in no Region."""
    is_iam = arn.service == "iam" and not arn.region and ACCOUNT.fullmatch(arn.account) is not None
    return is_iam and ROLE.fullmatch(arn.resource) is not None


def external_id(text: str) -> str:
    """
    Return what has to be named to assume a role.

    Raises:
        UsageProblem: AWS takes no such text.
    """
    if EXTERNAL_ID.fullmatch(text):
        return text
    raise UsageProblem(
        message("`{text}` is not an external ID", text=text),
        message("write 2 to 1224 letters, digits and signs of _+=,.@:/-"),
    )


def partition(text: str) -> str:
    """
    Return the name of a partition.

    Raises:
        UsageProblem: it can be none.
    """
    if PARTITION.fullmatch(text):
        return text
    raise UsageProblem(
        message("`{text}` is not the name of a partition", text=text),
        message("write one of these: {words}", words=", ".join(sorted(KNOWN_PARTITIONS))),
    )


def not_a_principal(text: str) -> UsageProblem:
    """Return the error for what is no principal."""
    return UsageProblem(
        message("`{text}` is not a principal's ARN", text=text),
        message("write `arn:aws:iam::ACCOUNT:role/NAME` or `arn:aws:iam::ACCOUNT:user/NAME`"),
    )


def prefix(text: str) -> str:
    """
    Return the beginning of objects' keys.

    Raises:
        UsageProblem: it names a bucket too, or is longer than any key.
    """
    if not text.startswith(S3) and len(text.encode(errors="surrogateescape")) <= LONGEST_PREFIX:
        return text
    raise UsageProblem(
        message("`{text}` is not how an object's key begins", text=text),
        message("leave s3:// and the bucket out: AWSLogs/ACCOUNT/"),
    )


def object_key(text: str) -> str:
    """
    Return an object's key.

    Raises:
        UsageProblem: it is empty, names a bucket too, or is longer than any key.
    """
    if text and not text.startswith(S3) and len(text.encode(errors="surrogateescape")) <= LONGEST_PREFIX:
        return text
    raise UsageProblem(
        message("`{text}` is not an object's key", text=text),
        message("leave s3:// and the bucket out: AWSLogs/ACCOUNT/CloudTrail/…"),
    )


def organization(text: str) -> str:
    """
    Return the id of an organization.

    Raises:
        UsageProblem: it is none.
    """
    if ORGANIZATION_ID.fullmatch(text):
        return text
    raise UsageProblem(
        message("`{text}` is not the id of an organization", text=text), message("write it as o-exampleorgid")
    )


def bucket(text: str) -> str:
    """
    Return a bucket's name.

    Raises:
        UsageProblem: it can be none; an ARN and an s3:// address are none either.
    """
    if BUCKET.fullmatch(text):
        return text
    raise UsageProblem(
        message("`{text}` is not the name of a bucket", text=text),
        message("write the bare name, without s3:// and without a prefix"),
    )


def s3_place(text: str) -> str:
    """
    Return the address of a place in S3: a bucket, and how the keys there begin.

    Raises:
        UsageProblem: it is none.
    """
    name, _, begins = text.removeprefix(S3).partition("/")
    fits = len(begins.encode(errors="surrogateescape")) <= LONGEST_PREFIX
    if text.startswith(S3) and BUCKET.fullmatch(name) and fits:
        return text
    raise UsageProblem(
        message("`{text}` is not a place in S3", text=text), message("write it as s3://BUCKET/PREFIX")
    )


def principal_name(text: str) -> str:
    """
    Return a principal's ARN, or the name that its ARN ends with.

    Raises:
        UsageProblem: it can be neither.
    """
    if text.startswith("arn:"):
        return principal(text)
    if text and not NO_NAME.search(text):
        return text
    raise not_a_principal(text)
