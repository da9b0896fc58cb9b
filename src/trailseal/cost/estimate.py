"""
The estimate: three ways of encrypting side by side, line by line, each with what it rests on.

What is billed follows today's documentation: CloudTrail's own use of the key when it delivers is not
charged to the key's owner, reading is ("you are charged when you read them").
Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/how-kms-works-with-cloudtrail.html
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from trailseal.cost.amount import NOTHING, Range, exactly, total
from trailseal.cost.assumptions import assumptions
from trailseal.cost.line import CostLine
from trailseal.cost.one_off import history_lines
from trailseal.cost.prices import LIST_PRICES, PriceTable
from trailseal.cost.usage import BUCKET_KEY_SAVING, Usage
from trailseal.messages import Message, counted, message

DAYS_A_MONTH = 30.4375
MONTHS_A_YEAR = 12


class EncryptionWay(StrEnum):
    """How the log files are encrypted."""

    SSE_S3 = "SSE-S3"
    SSE_KMS = "SSE-KMS"
    SSE_KMS_BUCKET_KEY = "SSE-KMS with bucket keys"


class Option(Struct, frozen=True, kw_only=True):
    """One way, with its lines and what they come to."""

    way: EncryptionWay
    lines: tuple[CostLine, ...]
    per_month: Range
    per_year: Range


class Estimate(Struct, frozen=True, kw_only=True):
    """What each way costs, in the currency and on the date of the price table."""

    format: int = 1
    usage: Usage
    prices: PriceTable
    options: tuple[Option, ...]
    one_off: tuple[CostLine, ...]
    one_off_total: Range
    assumptions: tuple[Message, ...]

    def of(self, way: EncryptionWay) -> Option:
        """Return the option of one way."""
        return next(option for option in self.options if option.way is way)


def estimate(usage: Usage, prices: PriceTable = LIST_PRICES) -> Estimate:
    """
    Return the estimate for a month and a year, and for the history once.

    The low end takes AWS's free requests as unspent, the high end takes them as used by others.
    """
    one_off = history_lines(usage.history, prices) if usage.history else ()
    return Estimate(
        usage=usage,
        prices=prices,
        options=tuple(_option(way, usage, prices) for way in EncryptionWay),
        one_off=one_off,
        one_off_total=total(tuple(line.cost for line in one_off)),
        assumptions=assumptions(usage, prices),
    )


def _option(way: EncryptionWay, usage: Usage, prices: PriceTable) -> Option:
    lines = () if way is EncryptionWay.SSE_S3 else _kms_lines(way, usage, prices)
    per_month = total(tuple(line.cost for line in lines))
    return Option(way=way, lines=lines, per_month=per_month, per_year=per_month.times(MONTHS_A_YEAR))


def _kms_lines(way: EncryptionWay, usage: Usage, prices: PriceTable) -> tuple[CostLine, ...]:
    files = (usage.log_files_day + usage.digest_files_day).times(DAYS_A_MONTH)
    if way is EncryptionWay.SSE_KMS_BUCKET_KEY:
        files = files.times(1 - BUCKET_KEY_SAVING, 1.0)
    return (
        *_key_lines(usage, prices),
        _delivery_line(files, prices),
        _reader_line(files, usage, prices),
    )


def _key_lines(usage: Usage, prices: PriceTable) -> tuple[CostLine, ...]:
    keys = usage.new_keys + usage.standing_keys + usage.replicas
    lines = [
        CostLine(
            what=message("the key itself"),
            because=counted(
                "{count} key at {price} a month, which the account that owns it pays",
                "{count} keys, replicas included, at {price} a month each, which the account that owns it"
                " pays",
                keys,
                price=_price(prices.kms_key_month),
            ),
            quantity=exactly(keys),
            cost=exactly(keys * prices.kms_key_month),
        )
    ]
    if usage.rotates and keys:
        rotation = prices.kms_rotation_month * prices.kms_rotations_charged * keys
        lines.append(
            CostLine(
                what=message("rotation"),
                because=message(
                    "nothing before the first rotation, then {price} a month for each of the first"
                    " {most} rotations of a key",
                    price=_price(prices.kms_rotation_month),
                    most=prices.kms_rotations_charged,
                ),
                quantity=Range(0.0, float(prices.kms_rotations_charged * keys)),
                cost=Range(0.0, rotation),
            )
        )
    return tuple(lines)


def _delivery_line(requests: Range, prices: PriceTable) -> CostLine:
    return CostLine(
        what=message("CloudTrail's own requests"),
        because=message(
            "{requests} requests, not billed to you by today's CloudTrail documentation",
            requests=_count(requests),
        ),
        quantity=requests,
        cost=NOTHING,
        if_billed=_requests_cost(requests, prices),
        billed=False,
        source="https://docs.aws.amazon.com/awscloudtrail/latest/userguide/how-kms-works-with-cloudtrail.html",
    )


def _reader_line(files: Range, usage: Usage, prices: PriceTable) -> CostLine:
    reads = files.times(usage.reads_per_file.low, usage.reads_per_file.high)
    return CostLine(
        what=message("readers' kms:Decrypt requests"),
        because=message(
            "{requests} requests, one for each object read, without a bucket key; the caller's account pays",
            requests=_count(reads),
        ),
        quantity=reads,
        cost=_requests_cost(reads.less(prices.kms_free_requests_month), prices),
        source="https://docs.aws.amazon.com/awscloudtrail/latest/userguide/how-kms-works-with-cloudtrail.html",
    )


def _requests_cost(requests: Range, prices: PriceTable) -> Range:
    return requests.times(prices.kms_requests_10000 / 10_000)


def _count(amount: Range) -> str:
    low, high = f"{amount.low:,.0f}", f"{amount.high:,.0f}"
    return low if low == high else f"{low}-{high}"


def _price(amount: float) -> str:
    return f"${amount:g}"
