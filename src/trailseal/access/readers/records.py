"""The readers of a trail's log files, among all that was fetched, and who of the inventory they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from trailseal.access.caller import CallerKind, caller_kind
from trailseal.access.readers.access_log import ACCESS_LOGS, fetches_in_log
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.fetches import ANONYMOUS, Fetch, fetches_in
from trailseal.model.activity import SeenReader
from trailseal.model.arn import account_of
from trailseal.model.log_file import is_delivered_under


class SeenPrincipals(Struct, frozen=True, kw_only=True):
    """
    The principals of the inventory that were seen.

    `unclear` holds, for a role that an access log names and several roles answer to, those roles. `unnamed`
    are those whom no log names, or who are of an account that was not read.
    """

    principals: frozenset[str] = frozenset()
    unclear: tuple[tuple[str, ...], ...] = ()
    unnamed: tuple[SeenReader, ...] = ()


def readers_in_records(
    records: Iterable[Mapping[str, Any]], *, bucket: str, folders: tuple[str, ...] = ("",)
) -> Iterator[SeenReader]:
    """Yield one reader for each object under `folders` that an event read, or decrypted."""
    return _readers(fetches_in(records), bucket, folders)


def readers_in_access_log(
    text: str, *, bucket: str, folders: tuple[str, ...] = ("",)
) -> Iterator[SeenReader]:
    """Yield one reader for each line that tells of a fetch under `folders`."""
    return _readers(fetches_in_log(text), bucket, folders)


def is_of(fetch: Fetch, bucket: str, folders: tuple[str, ...]) -> bool:
    """Whether an object that a trail delivered under one of `folders` was given out; "" is every folder."""
    if fetch.bucket != bucket:
        return False
    return not fetch.key or "" in folders or any(is_delivered_under(fetch.key, each) for each in folders)


def _readers(fetches: Iterable[Fetch], bucket: str, folders: tuple[str, ...]) -> Iterator[SeenReader]:
    for fetch in fetches:
        if is_of(fetch, bucket, folders):
            yield SeenReader(
                principal=fetch.person.principal,
                account=fetch.person.account,
                unique_id=fetch.person.unique_id,
                source=fetch.source,
                last=fetch.at,
            )


def gathered(seen: Iterable[SeenReader]) -> tuple[SeenReader, ...]:
    """Return one entry for each principal and source, with the count and the last time, by name."""
    found: dict[tuple[str, str, str, str], SeenReader] = {}
    for one in seen:
        who = (one.principal, one.source, one.account, one.unique_id)
        before = found.get(who)
        times = [t for t in (one.last, before.last if before else None) if t]
        found[who] = SeenReader(
            principal=one.principal,
            source=one.source,
            account=one.account,
            unique_id=one.unique_id,
            count=one.count + (before.count if before else 0),
            last=max(times, default=None),
        )
    return tuple(found[key] for key in sorted(found))


def recognise(seen: Iterable[SeenReader], estate: Estate, known: Iterable[str] = ()) -> SeenPrincipals:
    """
    Return who was seen, and who cannot be named.

    An access log names a session, so that its role is found by name, path or not; a unique ID is found in the
    inventories. `known` are others whose reading is decided by name. Whoever is of an account that was read
    and is not in it any more reads no more.
    """
    found: set[str] = set()
    unclear: set[tuple[str, ...]] = set()
    unnamed: list[SeenReader] = []
    answered = frozenset(known) | frozenset(estate.by_arn)
    for one in seen:
        names = _names(one, estate)
        found.update(names)
        if len(names) > 1:
            unclear.add(names)
        account = one.account or account_of(one.principal)
        is_told = answered.intersection(names) or account in estate.by_account or one.principal == ANONYMOUS
        if not is_told:
            unnamed.append(one)
    return SeenPrincipals(principals=frozenset(found), unclear=tuple(sorted(unclear)), unnamed=tuple(unnamed))


def _names(one: SeenReader, estate: Estate) -> tuple[str, ...]:
    if not one.principal:
        mine = one.unique_id.partition(":")[0]
        return tuple(arn for arn, each in estate.by_arn.items() if mine and each.principal_id == mine)
    as_told = one.source != ACCESS_LOGS and one.principal in estate.by_arn
    if as_told or caller_kind(one.principal) is not CallerKind.ROLE:
        return (one.principal,)
    return tuple(sorted(role.arn for role in estate.roles_like(one.principal))) or (one.principal,)
