"""How a census looks: one line for each group, what is not under a KMS key, and a total."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from trailseal.history.census import Census, CensusRow
from trailseal.locale.language import say, translate
from trailseal.messages import N_, counted, message

SSE = {"AES256": "SSE-S3", "aws:kms": "SSE-KMS", "aws:kms:dsse": "DSSE-KMS", "": N_("none")}
COLUMNS = (
    N_("account"),
    N_("Region"),
    N_("month"),
    N_("what"),
    N_("encryption"),
    N_("key"),
    N_("storage class"),
    N_("context"),
)
NUMBERS = (N_("objects"), N_("bytes"))


def write_census(census: Census, console: Console) -> None:
    """Print the census as a table with totals."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in COLUMNS:
        table.add_column(translate(name), overflow="fold")
    for name in NUMBERS:
        table.add_column(translate(name), justify="right")
    for row in census.rows:
        table.add_row(*_cells(row))
    console.print(table)
    console.print()
    for line in _totals(census):
        console.print(line, soft_wrap=True)


def _cells(row: CensusRow) -> tuple[str, ...]:
    group = row.group
    key = group.kms_key_id.rpartition("/")[2]
    if group.bucket_key:
        key += " " + translate(N_("(bucket key)"))
    kind = translate(group.kind) + ("" if group.latest else " " + translate(N_("(older version)")))
    return (
        group.account or "-",
        group.region or "-",
        group.month or "-",
        kind,
        translate(SSE.get(group.encryption, group.encryption)),
        key or "-",
        group.storage_class,
        translate(group.context),
        f"{row.objects:,}",
        f"{row.size:,}",
    )


def _totals(census: Census) -> list[str]:
    size = sum(row.size for row in census.rows)
    lines = [
        say(
            counted(
                "{count} object, {size} bytes in {bucket}",
                "{count} objects, {size} bytes in {bucket}",
                census.objects,
                size=size,
                bucket=census.bucket,
            )
        ),
        say(message("not under a KMS key: {number}", number=census.not_under(""))),
    ]
    if census.delete_markers:
        lines.append(say(message("delete markers, not counted: {number}", number=census.delete_markers)))
    if census.unreadable:
        lines.append(
            say(message("HeadObject was refused or failed for {number} objects", number=census.unreadable))
        )
    return lines
