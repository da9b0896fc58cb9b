"""Which digest chains a validation looks at: by account and Region, with their digest files in the window."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from trailseal.history.rules.chain import ChainId, digests_in_range
from trailseal.history.rules.validation import ChainResult, Window
from trailseal.model.log_file import account_folder
from trailseal.model.passed_over import NamedAfter, PassedOver, accounts_in, sorted_out
from trailseal.model.trail_place import TrailPlace
from trailseal.objects.calls import Objects
from trailseal.objects.folders import list_many, subfolders, subfolders_of

AT_ONCE = 10_000
"""Digest files held in memory at a time."""


class FoundChain(Struct, kw_only=True):
    """A chain, and the keys of its digest files: ordinary ones, and backfill ones."""

    result: ChainResult
    keys: list[str] = []
    backfill: list[str] = []


def find_chains(
    objects: Objects, trail: TrailPlace, window: Window, known: frozenset[str]
) -> tuple[list[FoundChain], tuple[PassedOver, ...]]:
    """
    Return the chains of the accounts and Regions that have digest files of the trail, or ought to have.

    `known` are the names that a Region's folder may have; beside the chains are the folders of other names.

    Raises:
        TrailsealError: the bucket cannot be listed.
    """
    strays: list[PassedOver] = []
    ids = tuple(_chain_ids(objects, trail, window, known, strays))
    folders = [(chain.folder, chain.first_key(window.start)) for chain in ids]
    listed = list_many(objects, trail.bucket, folders)
    chains = []
    for chain in ids:
        keys, backfill = digests_in_range(listed[chain.folder], chain, window.start, window.end)
        chains.append(FoundChain(result=ChainResult(chain=chain), keys=keys, backfill=backfill))
    return chains, tuple(strays)


def _chain_ids(
    objects: Objects, trail: TrailPlace, window: Window, known: frozenset[str], strays: list[PassedOver]
) -> Iterator[ChainId]:
    top = account_folder(prefix=trail.prefix, organization=trail.organization, account="")
    accounts = window.accounts or ((trail.account,) if not trail.organization else ())
    if not accounts:
        found = subfolders(objects, trail.bucket, top)
        accounts, others = sorted_out(
            found, accounts_in(found), bucket=trail.bucket, above=top, named_after=NamedAfter.ACCOUNT
        )
        strays += others
    regions = {} if window.regions else _regions(objects, trail, top, accounts, known, strays)
    for account in accounts:
        wanted = window.regions or regions[account]
        own = (trail.home_region,) if account == trail.account and not window.regions else ()
        for region in sorted({*wanted, *own}):
            yield ChainId(
                account=account,
                region=region,
                trail_name=trail.name,
                home_region=trail.home_region,
                prefix=trail.prefix,
                organization=trail.organization,
            )


def _regions(
    objects: Objects,
    trail: TrailPlace,
    top: str,
    accounts: tuple[str, ...],
    known: frozenset[str],
    strays: list[PassedOver],
) -> dict[str, set[str]]:
    """
    Return the Regions in which an account has digest files, or ought to have: where it has log files.

    Log files of other Regions than its home are not those of a trail of one Region.
    """
    digests = {account: f"{top}{account}/CloudTrail-Digest/" for account in accounts}
    logs = {account: f"{top}{account}/CloudTrail/" for account in accounts}
    folders = (*digests.values(), *logs.values())
    names: dict[str, tuple[str, ...]] = {}
    for folder, every in subfolders_of(objects, trail.bucket, folders).items():
        names[folder], others = sorted_out(
            every, known, bucket=trail.bucket, above=folder, named_after=NamedAfter.REGION
        )
        strays += others
    found = {}
    for account in accounts:
        logged = set(names[logs[account]])
        ought = logged if trail.multi_region else logged & {trail.home_region}
        found[account] = ought | set(names[digests[account]])
    return found


def groups_of(chains: Iterable[FoundChain]) -> Iterator[list[FoundChain]]:
    """Yield the chains, so many together as have digest files for the memory."""
    group: list[FoundChain] = []
    size = 0
    for chain in chains:
        more = len(chain.keys) + len(chain.backfill)
        if group and size + more > AT_ONCE:
            yield group
            group, size = [], 0
        group.append(chain)
        size += more
    if group:
        yield group
