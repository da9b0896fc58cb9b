"""
Folders of a bucket whose names are none of CloudTrail's: told by name, and passed over.

Whoever may put an object makes a folder of any name. Only what is an account, a Region or a date is taken
for one: nothing is asked of a Region because a folder is called so.
Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from msgspec import Struct

from trailseal.messages import N_, Message, counted
from trailseal.model.arn import ACCOUNT
from trailseal.model.log_file import is_day

DIGITS = (4, 2, 2)
"""Of a year, a month and a day."""
TOLD = 10


class NamedAfter(StrEnum):
    """What a folder at its place is named after."""

    ACCOUNT = "account"
    REGION = "Region"
    DATE = "date"


SENTENCES = {
    NamedAfter.ACCOUNT: N_("passed over: s3://{bucket}/{folder} is named after no account"),
    NamedAfter.REGION: N_("passed over: s3://{bucket}/{folder} is named after no Region that is known here"),
    NamedAfter.DATE: N_("passed over: s3://{bucket}/{folder} is named after no date"),
}


class PassedOver(Struct, frozen=True, kw_only=True, order=True):
    """A folder that was not looked into, by its whole name."""

    bucket: str
    folder: str
    named_after: NamedAfter


def sentences(folders: Iterable[PassedOver]) -> Iterator[Message]:
    """Yield a sentence for each folder, and one for those that are too many to be named."""
    every = sorted(set(folders))
    for one in every[:TOLD]:
        yield Message(SENTENCES[one.named_after], {"bucket": one.bucket, "folder": one.folder})
    if (more := len(every) - TOLD) > 0:
        yield counted("passed over: {count} more folder", "passed over: {count} more folders", more)


def sorted_out(
    names: Iterable[str], known: Iterable[str], *, bucket: str, above: str, named_after: NamedAfter
) -> tuple[tuple[str, ...], tuple[PassedOver, ...]]:
    """Return the names that are among the known ones, and the folders of the others."""
    good = frozenset(known)
    every = tuple(names)
    strays = (
        PassedOver(bucket=bucket, folder=f"{above}{n}/", named_after=named_after)
        for n in every
        if n not in good
    )
    return tuple(n for n in every if n in good), tuple(strays)


def accounts_in(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names that are an account's."""
    return tuple(name for name in names if ACCOUNT.fullmatch(name))


def dates_in(names: Iterable[str], above: Sequence[int]) -> tuple[str, ...]:
    """Return the names that go on with a date, oldest first; `above` are its year, or year and month."""
    length = DIGITS[len(above)]
    digits = (name for name in names if len(name) == length and name.isascii() and name.isdecimal())
    return tuple(sorted(name for name in digits if _is_date((*above, int(name)))))


def _is_date(parts: Sequence[int]) -> bool:
    year, month, day = (*parts, 1, 1)[: len(DIGITS)]
    return is_day(str(year), str(month), str(day))
