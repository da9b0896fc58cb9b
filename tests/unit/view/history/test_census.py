"""The census on a narrow terminal, or in a pipe."""

from __future__ import annotations

import io

import pytest

from history_estate import BUCKET, MemoryObjects, estate
from plan_estate import KEY
from trailseal.history.census.by_listing import ListingCensus
from trailseal.view.history.census import write_census
from trailseal.view.terminal import Terminal


def test_no_number_is_cut_short_where_the_table_is_wider_than_the_terminal() -> None:
    bucket = estate(hours=3)
    for thing in bucket.values():
        thing.headers["x-amz-server-side-encryption"] = "AES256"
        thing.body = b"x" * 1_234_567
    census = ListingCensus(objects=MemoryObjects(**{BUCKET: bucket}), bucket=BUCKET).run(["AWSLogs/"])
    console = Terminal(file=io.StringIO(), width=60)

    write_census(census, console)

    told = console.file.getvalue()  # type: ignore[attr-defined]
    assert "…" not in told
    assert all(f"{row.size:,}" in told for row in census.rows)


@pytest.mark.parametrize(
    ("sse", "commands"),
    [
        (
            "AES256",
            [
                "trailseal history census --manifest FILE",
                "trailseal history reencrypt --manifest FILE --dry-run",
            ],
        ),
        ("aws:kms", ["trailseal history validate"]),
    ],
)
def test_the_last_lines_say_how_much_is_not_under_a_key_and_what_to_type(sse, commands) -> None:
    bucket = estate(hours=2)
    for thing in bucket.values():
        thing.headers |= {"x-amz-server-side-encryption": sse}
        if sse == "aws:kms":
            thing.headers["x-amz-server-side-encryption-aws-kms-key-id"] = KEY
    census = ListingCensus(objects=MemoryObjects(**{BUCKET: bucket}), bucket=BUCKET).run(["AWSLogs/"])
    console = Terminal(file=io.StringIO(), width=200)

    write_census(census, console)

    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    without, *told = lines[-1 - len(commands) :]
    assert without == f"{census.not_under('')} objects are not encrypted with a KMS key"
    assert [line.partition(": ")[2] for line in told] == commands
