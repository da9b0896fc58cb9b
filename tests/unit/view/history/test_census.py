"""The census on a narrow terminal, or in a pipe."""

from __future__ import annotations

import io

from history_estate import BUCKET, MemoryObjects, estate
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
