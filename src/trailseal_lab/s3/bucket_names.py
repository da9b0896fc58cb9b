"""
What a general purpose bucket may be called.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
"""

from __future__ import annotations

import re

from trailseal_lab.errors import ApiError

FORM = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", re.ASCII)
ADDRESS = re.compile(r"\d{1,3}(\.\d{1,3}){3}", re.ASCII)
STARTS = ("xn--", "sthree-", "amzn-s3-demo-")
ENDS = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")


def check_bucket_name(name: str) -> None:
    """
    Return when a bucket may be made by this name.

    Raises:
        ApiError: InvalidBucketName.
    """
    fits = FORM.fullmatch(name) and not ADDRESS.fullmatch(name) and ".." not in name
    if not fits or name.startswith(STARTS) or name.endswith(ENDS):
        raise ApiError("InvalidBucketName", "The specified bucket is not valid.", BucketName=name)
