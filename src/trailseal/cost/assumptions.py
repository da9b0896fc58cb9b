"""What an estimate takes for granted, in sentences that are printed with it."""

from __future__ import annotations

from trailseal.cost.prices import PriceTable
from trailseal.cost.usage import DIGEST_FILES_A_DAY, LOG_FILES_A_DAY, Basis, Usage
from trailseal.messages import Message, counted, message


def assumptions(usage: Usage, prices: PriceTable) -> tuple[Message, ...]:
    """Return the assumptions, deliveries first."""
    return (
        _deliveries(usage),
        _the_288(usage),
        _readers(usage),
        message(
            'with bucket keys the low end saves 99 percent of the requests, AWS\'s own "up to"; the high end'
            " saves nothing, as for a reader that comes back after the bucket key has expired"
        ),
        message(
            "the low end takes the {requests} free KMS requests a month of an account as unspent,"
            " the high end as spent",
            requests=prices.kms_free_requests_month,
        ),
        message(
            "CloudTrail's console page says more loosely that your own key brings KMS costs for"
            " encrypting too;"
            " the newer page on encryption says that deliveries are not charged, and is followed here"
        ),
        message(
            "not counted: the trail's copies of the new kms:Decrypt and kms:GenerateDataKey events, which are"
            " free in an account's first trail and charged in further ones"
        ),
        *_prices(prices),
    )


def _deliveries(usage: Usage) -> Message:
    if usage.deliveries is Basis.COUNTED:
        return counted(
            "deliveries are counted from the objects of {count} day, in {places} pairs of account and Region",
            "deliveries are counted from the objects of {count} days, in {places} pairs of account"
            " and Region",
            usage.days_counted,
            places=usage.places,
        )
    return counted(
        "deliveries are assumed: {count} pair of account and Region with {files} log files and"
        " {digests} digest"
        " files a day",
        "deliveries are assumed: {count} pairs of account and Region, each with {files} log files"
        " and {digests}"
        " digest files a day",
        usage.places,
        files=LOG_FILES_A_DAY,
        digests=DIGEST_FILES_A_DAY,
    )


def _the_288(usage: Usage) -> Message:
    return message(
        "{files} a day for each account and Region is arithmetic (24 h of one file every 5 minutes),"
        " quoted from an"
        " older AWS guide and no longer found in it: {requests} requests a day here, of which the deliveries'"
        " own are not billed",
        files=LOG_FILES_A_DAY,
        requests=LOG_FILES_A_DAY * usage.places,
    )


def _readers(usage: Usage) -> Message:
    low, high = f"{usage.reads_per_file.low:g}", f"{usage.reads_per_file.high:g}"
    if usage.reads is Basis.COUNTED:
        return message("readers are counted: each object is read {low} to {high} times", low=low, high=high)
    return message(
        "readers are assumed: each object is read {low} to {high} times in all (`--reads-per-file`"
        " to say better)",
        low=low,
        high=high,
    )


def _prices(prices: PriceTable) -> tuple[Message, ...]:
    table = message(
        "prices: {name}, {dated}; give your own with `--price-file`", name=prices.name, dated=prices.dated
    )
    if not prices.unverified:
        return (table,)
    doubt = message(
        "these prices come from secondary sources, check them: {names}", names=", ".join(prices.unverified)
    )
    return (table, doubt)
