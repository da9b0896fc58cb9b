"""How a census looks: one line for each group, a total, what is not under a KMS key."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from rich.text import Text

from trailseal.history.rules.census import CUSTOMER, OTHER, Census, CensusRow, ContextClass
from trailseal.history.rules.manifest import Source
from trailseal.locale.language import say, translate
from trailseal.messages import N_, Message, counted, message
from trailseal.view.breaking import joined
from trailseal.view.history.placed import CENSUS, REENCRYPT, VALIDATE
from trailseal.view.rows import print_rows
from trailseal.view.terminal import Terminal
from trailseal.view.words import KINDS, figure, when

SSE = {
    "AES256": "SSE-S3",
    "aws:kms": "SSE-KMS",
    "aws:kms:dsse": "DSSE-KMS",
    CUSTOMER: "SSE-C",
    "": N_("none"),
}
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


class CensusNext(Struct, frozen=True, kw_only=True):
    """The commands that may follow a census; they count and look at what it was asked for."""

    keep: str = f"{CENSUS} --manifest FILE"
    reencrypt: str = f"{REENCRYPT} --manifest FILE --dry-run"
    validate: str = VALIDATE
    kept: bool = False
    """Whether there is a manifest already."""


ANYHOW = CensusNext()


def write_census(census: Census, console: Terminal, following: CensusNext = ANYHOW) -> None:
    """Print the census as a table with totals; columns that say nothing here are left out."""
    cells = [_cells(row) for row in census.rows]
    shown = [n for n in range(len(COLUMNS)) if n in ALWAYS or any(row[n] not in DULL for row in cells)]
    titles = (*(COLUMNS[number] for number in shown), *NUMBERS)
    rows: list[tuple[Text | str, ...]] = [tuple(Text(translate(title), "bold") for title in titles)]
    rows += [(*(row[number] for number in shown), *row[len(COLUMNS) :]) for row in cells]
    print_rows(rows, console, right=range(len(shown), len(titles)))
    console.print()
    for line in (*_totals(census), *map(say, _next(census.not_under(""), following))):
        console.prose(line)


def _cells(row: CensusRow) -> tuple[str, ...]:
    group = row.group
    key = group.kms_key_id.rpartition("/")[2][:KEY_SHOWN]
    if group.bucket_key:
        key = joined(key, translate(N_("(bucket key)")))
    kind = translate(NAMES[group.kind])
    if not group.latest:
        kind = joined(kind, translate(N_("(older version)")))
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
    """Return what the table rests on, then how much there is and, what matters, how much is under no key."""
    lines = []
    keys = sorted({row.group.kms_key_id for row in census.rows} - {""})
    lines += [
        say(message("key {short}: {arn}", short=arn.rpartition("/")[2][:KEY_SHOWN], arn=arn)) for arn in keys
    ]
    if census.as_of is not None:
        lines.append(
            say(message("{source}, as of {time}", source=LISTS[census.source], time=when(census.as_of)))
        )
    if census.delete_markers:
        lines.append(say(message("delete markers, not counted: {number}", number=census.delete_markers)))
    if census.unreadable:
        lines.append(say(not_looked_at(census)))
    size = sum(row.size for row in census.rows)
    objects = counted(
        "{count} object, {size} bytes in {bucket}",
        "{count} objects, {size} bytes in {bucket}",
        census.objects,
        size=figure(size),
        bucket=census.bucket,
    )
    return [*lines, say(objects), say(without_a_key(census))]


def without_a_key(census: Census) -> Message:
    """Return how many objects are not under a KMS key."""
    return counted(
        "{count} object is not encrypted with a KMS key",
        "{count} objects are not encrypted with a KMS key",
        census.not_under(""),
    )


def not_looked_at(census: Census) -> Message:
    """Return how many objects could not be looked at."""
    return counted(
        "HeadObject was refused or failed for {count} object",
        "HeadObject was refused or failed for {count} objects",
        census.unreadable,
    )


def _next(bare: int, following: CensusNext) -> Iterator[Message]:
    if not bare:
        yield message("Next, see whether anything is missing: {command}", command=following.validate)
    elif following.kept:
        yield message("Next, see what encrypting them would mean: {command}", command=following.reencrypt)
    else:
        yield message("Next, keep a list of them: {command}", command=following.keep)
        yield message("Then see what encrypting them would mean: {command}", command=following.reencrypt)
