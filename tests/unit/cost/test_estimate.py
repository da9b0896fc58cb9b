from __future__ import annotations

import re

import pytest

from trailseal.cost.amount import NOTHING, Range, exactly, total
from trailseal.cost.estimate import EncryptionWay, estimate
from trailseal.cost.prices import LIST_PRICES, read_prices
from trailseal.cost.usage import Basis, OlderObjects, Usage, assumed_usage
from trailseal.errors import UsageProblem

FREE = LIST_PRICES.kms_free_requests_month


def test_sse_s3_costs_nothing() -> None:
    assert estimate(assumed_usage(places=17)).of(EncryptionWay.SSE_S3).per_year == NOTHING


def test_cloudtrails_own_requests_are_shown_and_not_billed() -> None:
    lines = estimate(assumed_usage(places=1)).of(EncryptionWay.SSE_KMS).lines
    (own,) = [line for line in lines if not line.billed]

    assert own.cost == NOTHING
    assert own.quantity == exactly((288 + 24) * 30.4375)
    assert own.if_billed.low == pytest.approx(own.quantity.low * 0.03 / 10_000)


def test_an_account_with_few_readers_pays_for_the_key_alone() -> None:
    usage = Usage(places=1, reads_per_file=exactly(1), rotates=False)

    assert estimate(usage).of(EncryptionWay.SSE_KMS).per_month.low == 1.0


def test_the_free_requests_are_taken_from_the_low_end_only() -> None:
    assert Range(30_000, 30_000).less(FREE) == Range(10_000, 30_000)
    assert Range(5, 5).less(FREE) == Range(0, 5)


def test_bucket_keys_save_at_the_low_end_and_promise_nothing_at_the_high_end() -> None:
    found = estimate(assumed_usage(places=17))
    plain, with_key = found.of(EncryptionWay.SSE_KMS), found.of(EncryptionWay.SSE_KMS_BUCKET_KEY)

    assert with_key.per_month.low < plain.per_month.low
    assert with_key.per_month.high == plain.per_month.high


def test_a_key_that_stands_costs_what_a_new_one_costs() -> None:
    new, standing = assumed_usage(places=1), assumed_usage(places=1, new_keys=0, standing_keys=1)

    assert estimate(standing).options == estimate(new).options


def test_without_a_key_of_ones_own_nothing_is_paid_for_one() -> None:
    found = estimate(assumed_usage(places=1, new_keys=0)).of(EncryptionWay.SSE_KMS)

    assert found.per_month.low == 0
    assert len(found.lines) == 3


@pytest.mark.parametrize("usage", [assumed_usage(places=1), assumed_usage(places=9, new_keys=2)])
def test_an_estimate_is_told_without_code_words(usage: Usage) -> None:
    found = estimate(usage)
    lines = [text for option in found.options for line in option.lines for text in (line.what, line.because)]

    for text in map(str, (*found.assumptions, *lines)):
        assert not re.search(r"[a-z]_[a-z]|\b1 [a-z]+s\b(?! 'd)|\bpairs?\b|\.\d{3}", text), text


def test_a_year_is_twelve_months() -> None:
    option = estimate(assumed_usage(places=2)).of(EncryptionWay.SSE_KMS)

    assert option.per_year == option.per_month.times(12)


def test_the_history_is_a_put_for_each_object() -> None:
    found = estimate(Usage(history=OlderObjects(objects=1_000_000)))

    assert found.one_off[0].cost == exactly(5.0)
    assert found.one_off_total == total(tuple(line.cost for line in found.one_off))


def test_copies_in_a_versioned_bucket_leave_old_versions_to_pay_for() -> None:
    history = OlderObjects(objects=10, size=10 * 1024**3, copied=5, versioned=True, batch=True)
    lines = estimate(Usage(history=history)).one_off

    assert lines[-1].cost.low == pytest.approx(5 * 0.023)
    assert lines[-2].cost.low == pytest.approx(0.25 + 10 / 1e6)


def test_updates_leave_no_old_versions() -> None:
    assert len(estimate(Usage(history=OlderObjects(objects=10, versioned=True))).one_off) == 2


def test_asking_about_objects_that_an_inventory_lists_is_priced():
    found = estimate(Usage(history=OlderObjects(objects=8_000, copied=1_000, asked_first=10_000))).one_off[2]

    assert found.quantity == Range(10_000, 12_000)
    assert found.cost == found.quantity.times(LIST_PRICES.s3_get_1000 / 1000)


@pytest.mark.parametrize(
    ("usage", "said"),
    [
        pytest.param(assumed_usage(places=2, validation=False), "from each of 2 Regions", id="assumed"),
        pytest.param(
            Usage(deliveries=Basis.COUNTED, days_counted=3),
            "are counted from the objects of 3 days",
            id="counted",
        ),
        pytest.param(
            Usage(reads=Basis.COUNTED),
            "reading is counted: each object is read 1-3 times",
            id="readers-counted",
        ),
        pytest.param(Usage(), "reading is assumed", id="readers-assumed"),
        pytest.param(Usage(reads_per_file=exactly(11 / 12)), "is read 0.92 times in all", id="a-fraction"),
        pytest.param(Usage(), "7 prices come from secondary sources", id="prices"),
        pytest.param(Usage(), "288 a day for each account and Region is arithmetic", id="the-288"),
    ],
)
def test_assumptions_are_printed(usage: Usage, said: str) -> None:
    assert any(said in str(text) for text in estimate(usage).assumptions)


def test_ones_own_prices_carry_no_doubt() -> None:
    prices = read_prices(
        b'{"name": "mine", "dated": "2026-12-01", "kms_key_month": 2, "unverified": []}', name="p"
    )
    found = estimate(Usage(rotates=False, reads_per_file=NOTHING), prices)

    assert found.of(EncryptionWay.SSE_KMS).per_month == exactly(2)
    assert not any("secondary sources" in str(text) for text in found.assumptions)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        pytest.param(b"{", "is not JSON", id="cut-short"),
        pytest.param(b'{"kms_keys": 1}', "is not a document", id="unknown-price"),
        pytest.param(b'{"format": 2}', "has format 2", id="newer"),
        pytest.param(b'{"s3_get_1000": 1e308}', "has a price above 1000000000: s3_get_1000", id="large"),
        pytest.param(
            b'{"kms_free_requests_month": ' + b"9" * 400 + b"}", "above 1000000000: kms_free", id="endless"
        ),
        pytest.param(b'{"s3_get_1000": -1}', "has a negative price: s3_get_1000", id="negative"),
    ],
)
def test_a_price_file_that_is_not_one_is_refused(raw: bytes, said: str) -> None:
    with pytest.raises(UsageProblem) as stopped:
        read_prices(raw, name="prices.json")

    assert said in str(stopped.value)


def test_a_known_amount_is_known() -> None:
    assert exactly(3).is_known
    assert not Range(1, 2).is_known
    assert Range(1, 2).times(2, 3) == Range(2, 6)
