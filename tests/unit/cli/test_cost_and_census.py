"""Flags of `cost` and `history census` that ask AWS nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from trailseal.cli import main
from trailseal.cost.prices import LIST_PRICES

MILLION = 1_000_000


class Ended(Struct, frozen=True):
    code: int
    out: str
    err: str


Run = Callable[..., Ended]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*words: str) -> Ended:
        code = main.run(list(words))
        said = capsys.readouterr()
        return Ended(code, said.out, said.err)

    return command


def estimate(run: Run, *words: str) -> Any:
    done = run("cost", "--assume", "1", "--format", "json", *words)
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_objects_of_the_history_cost_once(run: Run) -> None:
    without, with_them = estimate(run), estimate(run, "--history-objects", str(MILLION))

    assert without["one_off_total"] == {"low": 0.0, "high": 0.0}
    assert with_them["usage"]["history"]["objects"] == MILLION
    assert with_them["one_off_total"]["low"] >= MILLION / 1000 * LIST_PRICES.s3_put_1000


@pytest.mark.parametrize("number", ["-1", "many"])
def test_a_number_of_objects_that_cannot_be_is_wrong_usage(run: Run, number: str) -> None:
    done = run("cost", "--assume", "1", "--history-objects", number)

    assert (done.code, "--history-objects" in done.err) == (2, True)


def test_a_price_file_replaces_the_prices_it_names_and_no_others(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    path.write_text(json.dumps({"name": "ours", "kms_key_month": 7.0}))
    prices = estimate(run, "--price-file", str(path))["prices"]

    assert (prices["name"], prices["kms_key_month"]) == ("ours", 7.0)
    assert prices["kms_requests_10000"] == LIST_PRICES.kms_requests_10000


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(None, "there is no file", id="no-file"),
        pytest.param("{", "prices.json", id="cut-short"),
        pytest.param('{"kms_key_month": -1}', "negative price: kms_key_month", id="negative"),
        pytest.param('{"kms_key_year": 1}', "kms_key_year", id="no-such-price"),
        pytest.param('{"format": 2}', "format 2", id="another-format"),
    ],
)
def test_a_price_file_that_is_none_is_wrong_usage(
    run: Run, content: str | None, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "prices.json"
    if content is not None:
        path.write_text(content)
    done = run("cost", "--assume", "1", "--price-file", str(path))

    assert (done.code, said in done.err) == (2, True), done.err


def test_the_shown_prices_are_a_price_file(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    path.write_text(run("cost", "--show-prices").out)

    assert json.loads(path.read_text())["dated"] == LIST_PRICES.dated
    assert estimate(run, "--price-file", str(path)) == estimate(run)


def test_the_shown_prices_are_those_of_the_users_file(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    path.write_text('{"kms_key_month": 7.0}')

    assert json.loads(run("cost", "--show-prices", "--price-file", str(path)).out)["kms_key_month"] == 7.0


def test_reads_cannot_be_counted_where_aws_is_asked_nothing(run: Run) -> None:
    done = run("cost", "--assume", "1", "--count-reads")

    assert done.code == 2
    assert "--count-reads has no log files to count in" in done.err


@pytest.mark.parametrize(
    ("table", "said"),
    [
        pytest.param("logs", 'FROM "logs" AS', id="table"),
        pytest.param("b_logs.inventory", 'FROM "b_logs"."inventory" AS', id="database"),
        pytest.param("s3tables/a.b.inventory", 'FROM "s3tables/a"."b"."inventory" AS', id="catalog"),
        pytest.param('x" AS y; --', 'FROM "x"" AS y; --" AS', id="quoted"),
    ],
)
def test_the_query_asks_the_table_that_is_named(run: Run, table: str, said: str) -> None:
    assert said in run("history", "census", "--sql", "athena", "--table", table).out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("--sql", "athena", "--table", ""), "is not the name of a table", id="empty"),
        pytest.param(("--sql", "athena", "--table", "a..b"), "is not the name of a table", id="gap"),
        pytest.param(("--sql", "athena", "--table", "a.b.c.d"), "is not the name of a table", id="too-deep"),
        pytest.param(("--table", "logs"), "names the table that --sql asks", id="no-query"),
    ],
)
def test_a_table_that_cannot_be_asked_is_wrong_usage(run: Run, words: tuple[str, ...], said: str) -> None:
    done = run("history", "census", *words)

    assert (done.code, said in done.err) == (2, True), done.err


def test_three_assumptions_are_printed_and_the_rest_when_asked_for(run: Run) -> None:
    short, whole = (run("cost", "--assume", "1", *more).out for more in ((), ("--assumptions",)))

    assert short.startswith("$1.00-$3.09 a month ")
    assert short.splitlines()[-2:] == ["  - 6 more: trailseal cost --assumptions", "Next: trailseal plan"]
    assert whole.splitlines()[-1] == "Next: trailseal plan"
    assert (short.count("\n  - "), whole.count("\n  - ")) == (4, 9)
