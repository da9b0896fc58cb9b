"""
Multipart uploads that are under way: each is one object's, and they are listed page by page.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html
and https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.s3.models import FakeBucket

from trailseal_lab.answers import Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError
from trailseal_lab.s3.buckets import require_bucket
from trailseal_lab.s3.retention import GivenLock
from trailseal_lab.s3.sealing import StoredSealing
from trailseal_lab.world import World

MOST = 1000
NO_UPLOAD = (
    "The specified upload does not exist. The upload ID may be invalid, "
    "or the upload may have been aborted or completed."
)


@dataclass
class Uploads:
    """When each multipart upload began, and how it is to be sealed and locked when it is completed."""

    sealings: dict[str, StoredSealing] = field(default_factory=dict)
    locks: dict[str, GivenLock] = field(default_factory=dict)
    begun: dict[str, datetime] = field(default_factory=dict)


def check_upload(call: Call) -> str:
    """
    Return the ID of the upload that a call names, which is of its bucket and its key.

    Raises:
        ApiError: NoSuchUpload; InvalidArgument for a part's number.
    """
    upload_id = str(call.params.get("UploadId"))
    found = require_bucket(str(call.params["Bucket"])).multiparts.get(upload_id)
    if found is None or found.key_name != str(call.params["Key"]):
        raise ApiError("NoSuchUpload", NO_UPLOAD, status=404, UploadId=upload_id)
    number = call.params.get("PartNumber")
    if number is not None and not 1 <= int(number) <= 10_000:  # noqa: PLR2004 - S3's own
        text = "Part number must be an integer between 1 and 10000, inclusive"
        raise ApiError("InvalidArgument", text, ArgumentName="partNumber", ArgumentValue=number)
    return upload_id


@answers("s3", "ListMultipartUploads")
def list_uploads(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """Return a page of a bucket's uploads by their keys, those of one key from the oldest."""
    del forward
    bucket, given = require_bucket(str(call.params["Bucket"])), call.params
    most = min(int(given.get("MaxUploads", MOST)), MOST)
    if most < 0:
        raise ApiError("InvalidArgument", "Argument max-uploads must be an integer between 0 and 2147483647")
    key, upload = str(given.get("KeyMarker") or ""), str(given.get("UploadIdMarker") or "")
    wanted = (str(given.get("Prefix") or ""), str(given.get("Delimiter") or ""))
    page = _page(_after(_rows(world, bucket, wanted[0]), key, upload), wanted, key, most)
    asked = {name: given[name] for name in ("Prefix", "Delimiter") if given.get(name)}
    return {
        "Bucket": bucket.name,
        "KeyMarker": key,
        "UploadIdMarker": upload,
        "MaxUploads": most,
        **asked,
        **page,
    }


def _page(rows: list[dict[str, Any]], wanted: tuple[str, str], after: str, most: int) -> dict[str, Any]:
    """Return the members of an answer that hold a page, and where the next one begins."""
    shown: list[tuple[str, dict[str, Any]]] = []
    for row in rows:
        group = _group(row["Key"], *wanted)
        if group and (group <= after or group in {name for name, _ in shown}):
            continue
        shown.append((group, row))
    page = shown[:most]
    told: dict[str, Any] = {
        "Uploads": [row for group, row in page if not group],
        "CommonPrefixes": [{"Prefix": group} for group, _ in page if group],
    }
    if len(shown) > most and page:
        group, row = page[-1]
        told |= {"NextKeyMarker": group or row["Key"], "NextUploadIdMarker": "" if group else row["UploadId"]}
    return {
        **{name: value for name, value in told.items() if value},
        "IsTruncated": len(shown) > len(page) > 0,
    }


def _rows(world: World, bucket: FakeBucket, prefix: str) -> list[dict[str, Any]]:
    """Return what is told of each upload whose key begins so, in S3's order."""
    begun = world.part(Uploads).begun
    owner = {"ID": str(bucket.account_id), "DisplayName": "owner"}
    found = [
        {
            "UploadId": upload_id,
            "Key": upload.key_name,
            "Initiated": begun.get(upload_id, world.started),
            "StorageClass": upload.storage or "STANDARD",
            "Owner": owner,
            "Initiator": owner,
        }
        for upload_id, upload in bucket.multiparts.items()
        if upload.key_name.startswith(prefix)
    ]
    return sorted(found, key=lambda row: (row["Key"], row["Initiated"], row["UploadId"]))


def _after(rows: list[dict[str, Any]], key: str, upload: str) -> list[dict[str, Any]]:
    """Return the rows after a key, or after an upload of it where one is named."""
    ids = [row["UploadId"] for row in rows if row["Key"] == key]
    rest = ids[ids.index(upload) + 1 :] if upload in ids else []
    return [row for row in rows if row["Key"] > key or (row["Key"] == key and row["UploadId"] in rest)]


def _group(key: str, prefix: str, delimiter: str) -> str:
    """Return the common prefix that a key is shown under, "" for itself."""
    head, found, _ = key[len(prefix) :].partition(delimiter) if delimiter else ("", "", "")
    return prefix + head + found if found else ""
