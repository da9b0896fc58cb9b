"""
The requests that AWS takes unsigned, from whoever sends them: the exception to the rule.

Sources:
https://docs.aws.amazon.com/IAM/latest/UserGuide/intro-structure.html#intro-structure-authentication
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html
https://docs.aws.amazon.com/AmazonS3/latest/API/MakingRequests.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-basic-examples-of-sqs-policies.html
"""

from __future__ import annotations

from functools import lru_cache

from trailseal.access.cross_account import usable_from_elsewhere
from trailseal.access.kleene import Kleene
from trailseal.model.arn import Arn, is_arn

KEPT = 10_000
BY_TOKEN = frozenset(
    {
        "sts:assumerolewithsaml",
        "sts:assumerolewithwebidentity",
        "sts:setsourceidentity",
        "sts:tagsession",
    }
)
"""Who assumes a role with a federation's token signs nothing, also where the token brings tags along."""
SIGNED = frozenset({"s3:createbucket", "s3:listallmybuckets"})


@lru_cache(maxsize=KEPT)
def comes_unsigned(action: str, resource: str) -> Kleene:
    """
    Return whether a service takes such a request without a signature, None where AWS does not say.

    AWS's samples of queues' policies let anonymous users use "all possible Amazon SQS actions that can be
    shared".
    """
    name = action.lower()
    service = name.partition(":")[0]
    if name in BY_TOKEN:
        return True
    if service == "sqs":
        return usable_from_elsewhere(action)
    if name in SIGNED or service in {"kms", "sts"}:
        return False
    return True if service == "s3" and _is_in_a_bucket(resource) else None


def _is_in_a_bucket(resource: str) -> bool:
    """Whether this is a bucket or an object: of access points AWS does not say who may come unsigned."""
    if not is_arn(resource):
        return False
    arn = Arn.parse(resource)
    return arn.service == "s3" and not arn.account
