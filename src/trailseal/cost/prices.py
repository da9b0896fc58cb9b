"""
The price table: AWS's public list prices on a date, in US dollars, for the user to check and to replace.

The figures for S3 requests, S3 Batch Operations and the cap on rotation come from secondary sources;
`unverified` names them, and every estimate that uses one says so.

Sources: https://aws.amazon.com/kms/pricing/ and https://aws.amazon.com/s3/pricing/
"""

from __future__ import annotations

from msgspec import Struct

from trailseal.errors import UsageProblem
from trailseal.messages import message
from trailseal.model.reading import FORMAT, Kind, decode

MOST = 10**9
"""More than any price, in any currency; whatever is reckoned with it is still a number."""


class PriceTable(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """List prices. A `--price-file` has the same fields; those it leaves out keep these values."""

    format: int = FORMAT
    dated: str = "2026-11-23"
    name: str = "AWS list prices, us-east-1"
    currency: str = "USD"
    kms_key_month: float = 1.0
    """One customer managed key, one replica of a multi-Region key: each."""
    kms_rotation_month: float = 1.0
    """Added by the first and by the second rotation."""
    kms_rotations_charged: int = 2
    kms_requests_10000: float = 0.03
    kms_free_requests_month: int = 20_000
    """Across all Regions of an account."""
    s3_put_1000: float = 0.005
    """PUT, COPY, POST, LIST; UpdateObjectEncryption is billed as one of these."""
    s3_get_1000: float = 0.0004
    s3_standard_gb_month: float = 0.023
    s3_batch_job: float = 0.25
    s3_batch_objects_million: float = 1.0
    unverified: tuple[str, ...] = (
        "kms_rotations_charged",
        "kms_rotation_month",
        "s3_put_1000",
        "s3_get_1000",
        "s3_standard_gb_month",
        "s3_batch_job",
        "s3_batch_objects_million",
    )


LIST_PRICES = PriceTable()


def read_prices(raw: bytes, *, name: str) -> PriceTable:
    """
    Return the table in a `--price-file`.

    Raises:
        UsageProblem: it is not a price table, names a price that does not exist, or has one that is
            negative or larger than can be reckoned with.
    """
    table = decode(raw, PriceTable, kind=Kind.PRICES, name=name)
    told = {field: getattr(table, field) for field in table.__struct_fields__}
    numbers = {field: value for field, value in told.items() if isinstance(value, int | float)}
    if negative := ", ".join(field for field, value in numbers.items() if value < 0):
        raise UsageProblem(message("`{name}` has a negative price: {fields}", name=name, fields=negative))
    if large := ", ".join(field for field, value in numbers.items() if value > MOST):
        raise UsageProblem(
            message("`{name}` has a price above {most}: {fields}", name=name, most=MOST, fields=large)
        )
    return table
