"""What an estimate takes for granted, in sentences: those that move the number most come first."""

from __future__ import annotations

from trailseal.cost.prices import LIST_PRICES, PriceTable
from trailseal.cost.usage import DIGEST_FILES_A_DAY, LOG_FILES_A_DAY, Basis, Usage
from trailseal.messages import Message, counted, message


def _prices(prices: PriceTable) -> Message:
    if prices == LIST_PRICES:
        return message(
            "prices: AWS's list prices in us-east-1, {dated}; give your own with `--price-file`",
            dated=prices.dated,
        )
    return message(
        "prices: {name}, {dated}; give your own with `--price-file`", name=prices.name, dated=prices.dated
    )


def assumptions(usage: Usage, prices: PriceTable) -> tuple[Message, ...]:
    """Return the assumptions: how much is delivered, how often it is read, at which prices, the rest."""
    return (
        _deliveries(usage),
        _readers(usage),
        _prices(prices),
        _the_288(usage),
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
        *_doubt(prices),
    )


def _deliveries(usage: Usage) -> Message:
    if usage.deliveries is Basis.COUNTED:
        return counted(
            "deliveries are counted from the objects of {count} day (folders: {places}, one for each account"
            " and Region)",
            "deliveries are counted from the objects of {count} days (folders: {places}, one for each account"
            " and Region)",
            usage.days_counted,
            places=usage.places,
        )
    return counted(
        "deliveries are assumed: {files} log files and {digests} digest files a day, from {count} Region of"
        " one account",
        "deliveries are assumed: {files} log files and {digests} digest files a day from each of {count}"
        " Regions, counted by account",
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
    low, high = _times(usage.reads_per_file.low), _times(usage.reads_per_file.high)
    times = low if low == high else f"{low}-{high}"
    if usage.reads is Basis.COUNTED:
        return message("reading is counted: each object is read {times} times on average", times=times)
    return message(
        "reading is assumed: each object is read {times} times in all (`--reads-per-file` to say better)",
        times=times,
    )


def _times(amount: float) -> str:
    return f"{amount:.2f}".rstrip("0").rstrip(".")


def _doubt(prices: PriceTable) -> tuple[Message, ...]:
    if not prices.unverified:
        return ()
    doubt = counted(
        "{count} price comes from a secondary source: check it (`--show-prices` lists it as unverified)",
        "{count} prices come from secondary sources: check them (`--show-prices` lists them as unverified)",
        len(prices.unverified),
    )
    return (doubt,)
