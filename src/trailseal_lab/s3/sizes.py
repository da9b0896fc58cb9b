"""
How long an object's key and its own metadata may be, and that each tag has a name of its own.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
and https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from __future__ import annotations

from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError

LONGEST_KEY, MOST_METADATA = 1024, 2048
OWN = "x-amz-meta-"


def check_sizes(call: Call) -> None:
    """
    Return when an object's key and metadata are of a size that S3 takes, in bytes of UTF-8.

    Raises:
        ApiError: KeyTooLongError, MetadataTooLarge.
    """
    size = len(str(call.params["Key"]).encode("utf-8", "replace"))
    if size > LONGEST_KEY:
        raise ApiError("KeyTooLongError", "Your key is too long", Size=size, MaxSizeAllowed=LONGEST_KEY)
    own = [(name[len(OWN) :], value) for name, value in call.headers.items() if name.lower().startswith(OWN)]
    total = sum(len(part.encode("utf-8", "replace")) for pair in own for part in pair)
    if total > MOST_METADATA:
        text = "Your metadata headers exceed the maximum allowed metadata size"
        raise ApiError("MetadataTooLarge", text, Size=total, MaxSizeAllowed=MOST_METADATA)


def check_tags(call: Call) -> None:
    """
    Return when no name stands twice in the tags that a call brings.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketTagging.html

    Raises:
        ApiError: InvalidTag.
    """
    names = [tag["Key"] for tag in (call.params.get("Tagging") or {}).get("TagSet") or ()]
    if len(set(names)) < len(names):
        raise ApiError("InvalidTag", "Cannot provide multiple Tags with the same key")
