"""
What re-encrypting the history costs, once.

UpdateObjectEncryption and CopyObject are each billed as one Standard-class PUT request; S3 makes the KMS
requests as the caller. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/update-sse-encryption.html
"""

from __future__ import annotations

from trailseal.cost.amount import Range, exactly
from trailseal.cost.line import CostLine
from trailseal.cost.prices import PriceTable
from trailseal.cost.usage import OlderObjects
from trailseal.messages import message

GB = 1024**3


def history_lines(history: OlderObjects, prices: PriceTable) -> tuple[CostLine, ...]:
    """Return the one-off lines, and the stored old versions where copies leave them behind."""
    objects = history.objects
    lines = [
        CostLine(
            what=message("S3 requests that re-encrypt"),
            because=message("one for each object, at the price of a PUT in every storage class"),
            quantity=exactly(objects),
            cost=exactly(objects / 1000 * prices.s3_put_1000),
        ),
        CostLine(
            what=message("KMS requests that re-encrypt"),
            because=message("one to two for each object; far fewer with a bucket key"),
            quantity=Range(objects * 1.0, objects * 2.0),
            cost=Range(objects * 1.0, objects * 2.0)
            .less(prices.kms_free_requests_month)
            .times(prices.kms_requests_10000 / 10_000),
        ),
    ]
    if history.asked_first:
        lines.append(_asking_line(history, prices))
    if history.batch:
        lines.append(_batch_line(objects, prices))
    if history.versioned and history.copied:
        lines.append(_versions_line(history, prices))
    return tuple(lines)


def _asking_line(history: OlderObjects, prices: PriceTable) -> CostLine:
    """A HEAD request is billed as a GET; tags and ACL are asked for where the object has any."""
    asked = Range(history.asked_first * 1.0, history.asked_first + 2.0 * history.copied)
    return CostLine(
        what=message("S3 requests that ask what an inventory does not hold"),
        because=message("HeadObject for each object; its tags and ACL too where it is copied"),
        quantity=asked,
        cost=asked.times(prices.s3_get_1000 / 1000),
    )


def _batch_line(objects: int, prices: PriceTable) -> CostLine:
    return CostLine(
        what=message("S3 Batch Operations"),
        because=message("a fee for the job and one for each object"),
        quantity=exactly(objects),
        cost=exactly(prices.s3_batch_job + objects / 1_000_000 * prices.s3_batch_objects_million),
    )


def _versions_line(history: OlderObjects, prices: PriceTable) -> CostLine:
    share = history.copied / max(history.objects, 1)
    size = history.size * share
    return CostLine(
        what=message("the old versions, each month until a lifecycle rule removes them"),
        because=message("a copy in a versioned bucket leaves the old version; trailseal deletes none"),
        quantity=exactly(history.copied),
        cost=exactly(size / GB * prices.s3_standard_gb_month),
    )
