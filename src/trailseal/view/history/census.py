"""How a census looks: one line for each group, what is not under a KMS key, and a total."""

from __future__ import annotations

from rich.text import Text

from trailseal.history.rules.census import OTHER, Census, CensusRow, ContextClass
from trailseal.history.rules.manifest import Source
from trailseal.locale.language import say, translate
from trailseal.messages import N_, counted, message
from trailseal.view.rows import print_rows
from trailseal.view.terminal import Terminal
from trailseal.view.words import KINDS, figure, when

SSE = {"AES256": "SSE-S3", "aws:kms": "SSE-KMS", "aws:kms:dsse": "DSSE-KMS", "": N_("none")}
CONTEXTS = {
    ContextClass.NONE: "-",
    ContextClass.AS_DELIVERED: N_("delivered"),
    ContextClass.COPIED: N_("copied"),
}
NAMES = {**{str(kind): name for kind, name in KINDS.items()}, OTHER: N_("other object")}
LISTS = {
    Source.LISTING: "S3",
    Source.INVENTORY: "S3 Inventory",
    Source.METADATA: "S3 Metadata",
}
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
ALWAYS = (0, 1, 2, 3, 4)
KEY_SHOWN = 8
"""Of a key ID; whole ARNs stand below the table."""
DULL = ("-", "STANDARD")
NUMBERS = (N_("objects"), N_("bytes"))


def write_census(census: Census, console: Terminal) -> None:
    """Print the census as a table with totals; columns that say nothing here are left out."""
    cells = [_cells(row) for row in census.rows]
    shown = [n for n in range(len(COLUMNS)) if n in ALWAYS or any(row[n] not in DULL for row in cells)]
    titles = (*(COLUMNS[number] for number in shown), *NUMBERS)
    rows: list[tuple[Text | str, ...]] = [tuple(Text(translate(title), "bold") for title in titles)]
    rows += [(*(row[number] for number in shown), *row[len(COLUMNS) :]) for row in cells]
    print_rows(rows, console, right=range(len(shown), len(titles)))
    console.print()
    for line in _totals(census):
        console.print(line)


def _cells(row: CensusRow) -> tuple[str, ...]:
    group = row.group
    key = group.kms_key_id.rpartition("/")[2][:KEY_SHOWN]
    if group.bucket_key:
        key += " " + translate(N_("(bucket key)"))
    kind = translate(NAMES[group.kind]) + ("" if group.latest else " " + translate(N_("(older version)")))
    return (
        group.account or "-",
        group.region or "-",
        group.month or "-",
        kind,
        translate(SSE.get(group.encryption, group.encryption)),
        key or "-",
        group.storage_class,
        translate(CONTEXTS[group.context]),
        figure(row.objects),
        figure(row.size),
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
        say(
            counted(
                "{count} object is not under a KMS key",
                "{count} objects are not under a KMS key",
                census.not_under(""),
            )
        ),
    ]
    if census.as_of is not None:
        lines.append(
            say(message("{source}, as of {time}", source=LISTS[census.source], time=when(census.as_of)))
        )
    keys = sorted({row.group.kms_key_id for row in census.rows} - {""})
    lines += [
        say(message("key {short}: {arn}", short=arn.rpartition("/")[2][:KEY_SHOWN], arn=arn)) for arn in keys
    ]
    if census.delete_markers:
        lines.append(say(message("delete markers, not counted: {number}", number=census.delete_markers)))
    if census.unreadable:
        lines.append(
            say(message("HeadObject was refused or failed for {number} objects", number=census.unreadable))
        )
    return lines
