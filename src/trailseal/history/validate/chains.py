"""Which digest chains a validation looks at: by account and Region, with their digest files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from msgspec import Struct, field

from trailseal.history.rules.chain import ChainId, OwnKeys, own_keys
from trailseal.history.rules.validation import ChainResult, Window
from trailseal.history.validate.digest_listing import DigestListing, list_digests
from trailseal.model.log_file import account_folder
from trailseal.model.passed_over import NamedAfter, PassedOver, accounts_in, sorted_out
from trailseal.model.trail_place import TrailPlace
from trailseal.model.unreadable import Unreadable
from trailseal.objects.calls import Objects
from trailseal.objects.folders import subfolders, subfolders_told

AT_ONCE = 10_000
"""Digest files held in memory at a time."""


class FoundChain(Struct, kw_only=True):
    """A chain with what a listing shows of its digest files: ordinary ones, and backfill ones."""

    result: ChainResult
    expected: bool
    """Whether the trail should have delivered here: where log files of it are."""
    asked: bool = False
    """Whether it was asked for by name."""
    ordinary: OwnKeys = OwnKeys()
    backfill: OwnKeys = OwnKeys()
    has_older: bool | None = None
    """Whether there is an ordinary digest file before the window, None where the listing does not tell."""
    others: tuple[str, ...] = ()
    """Digest files of other trails, in the same folder and time."""
    refused: Unreadable | None = None

    @property
    def size(self) -> int:
        """How many digest files there are to read."""
        return len(self.ordinary.keys) + len(self.backfill.keys)

    @property
    def is_any(self) -> bool:
        """Whether a digest file of the trail was found, in the window or beside it."""
        return bool(self.ordinary.modified or self.backfill.modified)


class Found(Struct, kw_only=True):
    """The chains of a bucket, folders of other names, and the folders that could not be listed."""

    chains: list[FoundChain] = field(default_factory=list)
    strays: list[PassedOver] = field(default_factory=list)
    refused: list[Unreadable] = field(default_factory=list)


def find_chains(objects: Objects, trail: TrailPlace, window: Window, known: frozenset[str]) -> Found:
    """
    Return the chains of the accounts and Regions that have digest files of the trail, or ought to have.

    `known` are the names that a Region's folder may have.

    Raises:
        TrailsealError: the accounts of the bucket cannot be listed.
    """
    found = Found()
    found.chains = list(_chains(objects, trail, window, known, found))
    one, others = _one_and_others(found.chains, trail)
    _list(objects, trail.bucket, window, one)
    # Chains mostly begin together. Where one has nothing before the window, the others' listings from their
    # beginning on tell in one request what is in the window, and that nothing was before it.
    began = any(not chain.ordinary.earlier for chain in one)
    _list(objects, trail.bucket, window, others, from_beginning=began)
    found.refused += [chain.refused for chain in found.chains if chain.refused is not None]
    return found


def _one_and_others(chains: list[FoundChain], trail: TrailPlace) -> tuple[list[FoundChain], list[FoundChain]]:
    """Return the chain that tells where the others may begin, the trail's own before any, and those."""
    own = (trail.account, trail.home_region)
    ordered = sorted(chains, key=lambda each: (each.result.chain.account, each.result.chain.region) != own)
    return ordered[:1], ordered[1:]


def _list(
    objects: Objects, bucket: str, window: Window, chains: list[FoundChain], *, from_beginning: bool = False
) -> None:
    """Enter the digest files of chains, as their folders show them."""
    listings = {
        each.result.chain.folder: DigestListing(each.result.chain, window, from_beginning=from_beginning)
        for each in chains
    }
    listed = list_digests(objects, bucket, listings.values())
    for chain in chains:
        one = chain.result.chain
        every = listed[one.folder]
        if isinstance(every, Unreadable):
            chain.refused = every
            continue
        chain.ordinary = own_keys(every, one, window.start, window.until)
        chain.backfill = own_keys(every, one, window.start, window.until, backfill=True)
        chain.has_older = bool(chain.ordinary.earlier) or listings[one.folder].has_older
        last = one.first_key(window.until + timedelta(days=1))
        chain.others = tuple(e.key for e in every if e.key < last and not one.owns(e.key))


def _chains(
    objects: Objects, trail: TrailPlace, window: Window, known: frozenset[str], found: Found
) -> Iterator[FoundChain]:
    top = account_folder(prefix=trail.prefix, organization=trail.organization, account="")
    accounts = window.accounts or ((trail.account,) if not trail.organization else ())
    if not accounts:
        names = subfolders(objects, trail.bucket, top)
        accounts, others = sorted_out(
            names, accounts_in(names), bucket=trail.bucket, above=top, named_after=NamedAfter.ACCOUNT
        )
        found.strays += others
    regions = {} if window.regions else _regions(objects, trail, top, accounts, known, found)
    for account in accounts:
        wanted = dict.fromkeys(window.regions, False) or regions[account]
        asked = bool(window.regions) or (not wanted and account in window.accounts)
        if not window.regions and (asked or account == trail.account):
            wanted.setdefault(trail.home_region, False)
        for region, expected in sorted(wanted.items()):
            chain = expected_chain(trail, account, region)
            chain.expected, chain.asked = expected, asked
            yield chain


def expected_chain(trail: TrailPlace, account: str, region: str) -> FoundChain:
    """Return a chain of which nothing has been listed yet, and which ought to be there."""
    chain = ChainId(
        account=account,
        region=region,
        trail_name=trail.name,
        home_region=trail.home_region,
        prefix=trail.prefix,
        organization=trail.organization,
    )
    return FoundChain(result=ChainResult(chain=chain), expected=True)


def _regions(
    objects: Objects,
    trail: TrailPlace,
    top: str,
    accounts: tuple[str, ...],
    known: frozenset[str],
    found: Found,
) -> dict[str, dict[str, bool]]:
    """
    Return the Regions in which an account has digest files, and whether it ought to: where it has log files.

    Log files of other Regions than its home are not those of a trail of one Region.
    """
    digests = {account: f"{top}{account}/CloudTrail-Digest/" for account in accounts}
    logs = {account: f"{top}{account}/CloudTrail/" for account in accounts}
    names: dict[str, tuple[str, ...]] = {}
    for folder, every in subfolders_told(objects, trail.bucket, (*digests.values(), *logs.values())).items():
        if isinstance(every, Unreadable):
            found.refused.append(every)
            names[folder] = ()
            continue
        names[folder], others = sorted_out(
            every, known, bucket=trail.bucket, above=folder, named_after=NamedAfter.REGION
        )
        found.strays += others
    regions = {}
    for account in accounts:
        logged = set(names[logs[account]])
        ought = logged if trail.multi_region else logged & {trail.home_region}
        regions[account] = {each: each in ought for each in {*ought, *names[digests[account]]}}
    return regions


def groups_of(chains: Iterable[FoundChain]) -> Iterator[list[FoundChain]]:
    """Yield the chains, so many together as have digest files for the memory."""
    group: list[FoundChain] = []
    size = 0
    for chain in chains:
        if group and size + chain.size > AT_ONCE:
            yield group
            group, size = [], 0
        group.append(chain)
        size += chain.size
    if group:
        yield group
