"""
Operations of S3 that neither the lab nor moto has, said to be lacking.

moto tells operations apart by the sub-resources that it knows, and takes one that it does not know for its
plain neighbour: a metrics configuration for a list of objects, an annotation for the object, which it
overwrites.
"""

from __future__ import annotations

from trailseal_lab.answers import Answer, Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.moto_app import not_implemented
from trailseal_lab.s3.buckets import require_bucket
from trailseal_lab.world import World

OWNER = "BucketOwner"
CONFIGURATIONS = ("Analytics", "IntelligentTiering", "Metrics")
OF_BUCKETS = tuple(
    f"{verb}Bucket{kind}Configuration{plural}"
    for kind in CONFIGURATIONS
    for verb, plural in (("Get", ""), ("Put", ""), ("Delete", ""), ("List", "s"))
)
OF_METADATA = (
    "CreateBucketMetadataTableConfiguration",
    "DeleteBucketMetadataTableConfiguration",
    "GetBucketMetadataTableConfiguration",
    "UpdateBucketMetadataAnnotationTableConfiguration",
    "UpdateBucketMetadataInventoryTableConfiguration",
    "UpdateBucketMetadataJournalTableConfiguration",
)
OTHERS = (
    "CreateSession",
    "DeleteObjectAnnotation",
    "GetBucketAbac",
    "GetObjectAnnotation",
    "GetObjectTorrent",
    "ListDirectoryBuckets",
    "ListObjectAnnotations",
    "PutBucketAbac",
    "PutObjectAnnotation",
    "RenameObject",
    "WriteGetObjectResponse",
)


@answers("s3", *OF_BUCKETS, *OF_METADATA, *OTHERS)
def lack(world: World, call: Call, forward: Forward) -> Answer:
    """
    Say that the lab does not do this.

    Raises:
        ApiError: NotImplemented.
    """
    del world, forward
    raise not_implemented(call)


@answers("s3", "GetBucketRequestPayment")
def get_request_payment(world: World, call: Call, forward: Forward) -> Answer:
    """
    Return that the bucket's owner pays, which is so unless it is changed.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html
    """
    del world, forward
    require_bucket(str(call.params["Bucket"]))
    return {"Payer": OWNER}


@answers("s3", "PutBucketRequestPayment")
def put_request_payment(world: World, call: Call, forward: Forward) -> Answer:
    """
    Keep that the bucket's owner pays.

    Raises:
        ApiError: NotImplemented, where the requester is to pay.
    """
    del world, forward
    require_bucket(str(call.params["Bucket"]))
    if call.params["RequestPaymentConfiguration"]["Payer"] != OWNER:
        raise not_implemented(call, " for requesters who pay")
    return {}
