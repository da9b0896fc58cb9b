"""
What it makes of an answer that the organization's policies over an account could not be read.

They can only take away: who is denied stays denied, and who is let in by everything else is unknown.
Sources: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
and https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, structs

from trailseal.access.caller import is_service_linked_role
from trailseal.access.decision import Decision, Effect, Reason
from trailseal.access.readers.chains import RoleChain, RoleChains
from trailseal.access.readers.changers import Changer
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.log_object import LogObject
from trailseal.access.readers.reading import Access, Reading, join
from trailseal.access.readers.sureness import Sureness, WayToRead
from trailseal.messages import N_, Message, message
from trailseal.model.arn import account_of
from trailseal.model.unreadable import Unreadable

NOT_DENIED = message("no policy of the organization denies it")
"""What would have to hold for somebody to read whom everything else lets in."""
UNREAD_GUARDRAILS = N_(
    "the organization's policies over {account} could not be read: whoever everything else lets "
    "in is unknown, because one of them may deny it"
)
LEFT = {Access.READ: Access.UNKNOWN, Access.DECRYPT_ONLY: Access.NONE, Access.FETCH_ONLY: Access.NONE}
"""What an access comes to when the half that it rests on is unknown."""


class Doubt(Struct, frozen=True):
    """A kind of policy that was not read and may deny: `scp` over the caller, `rcp` over the resource."""

    layer: str
    unread: Unreadable


def doubt(estate: Estate, principal: str, *, account: str, owner: str) -> Doubt | None:
    """Return what may deny a caller of `account` something that `owner` owns, None for nothing unread."""
    if is_service_linked_role(principal):
        return None
    for layer, where in (("scp", account), ("rcp", owner)):
        if unread := _unread(estate, where):
            return Doubt(layer, unread)
    return None


def _unread(estate: Estate, account: str) -> Unreadable | None:
    """Return why policies over an account are not known, None where they are or where none binds it."""
    inventory = estate.bound(account)
    return inventory.guardrails if inventory else None


def reading_doubt(estate: Estate, target: LogObject, principal: str, *, account: str) -> Doubt | None:
    """Return what may keep a caller of `account` from fetching the object or from decrypting it."""
    owners = (target.bucket_account, target.key_account)
    found = (doubt(estate, principal, account=account, owner=owner) for owner in owners)
    return next((each for each in found if each), None)


def unread_guardrails(estate: Estate) -> Iterator[tuple[str, Message]]:
    """Yield each account over which policies could not be read, with what that means."""
    for account in (account for account in estate.by_account if _unread(estate, account)):
        yield (
            account,
            Message(UNREAD_GUARDRAILS, {"account": account}),
        )


def doubtful_readings(
    estate: Estate, target: LogObject, readings: tuple[Reading, ...]
) -> tuple[Reading, ...]:
    """Return the readings with every permission that an unread policy may take away as unknown."""
    if not _has_unread(estate):
        return readings
    return tuple(_reading(estate, target, reading) for reading in readings)


def doubtful_changers(
    estate: Estate, target: LogObject, changers: tuple[Changer, ...]
) -> tuple[Changer, ...]:
    """Return the changers with their ways as no more than possible where an unread policy may deny."""
    if not _has_unread(estate):
        return changers
    return tuple(
        structs.replace(c, ways=tuple(_way(estate, target, c.principal, way) for way in c.ways))
        for c in changers
    )


def doubtful_chains(estate: Estate, chains: RoleChains) -> RoleChains:
    """Return the chains, those through an account with unread policies as no more than possible."""
    if not _has_unread(estate):
        return chains
    return structs.replace(chains, found=tuple(_chain(estate, chain) for chain in chains.found))


def _has_unread(estate: Estate) -> bool:
    return any(_unread(estate, account) for account in estate.by_account)


def _reading(estate: Estate, target: LogObject, reading: Reading) -> Reading:
    s3, kms = (
        doubt(estate, reading.principal, account=reading.account, owner=owner)
        for owner in (target.bucket_account, target.key_account)
    )
    fetch = _decision(reading.fetch, s3)
    decrypt = _decision(reading.decrypt, kms) if reading.decrypt else None
    access = join(fetch, decrypt)
    elsewhere = {sealing: _left(found, s3, kms) for sealing, found in reading.elsewhere.items()}
    return structs.replace(
        reading,
        access=access,
        fetch=fetch,
        decrypt=decrypt,
        elsewhere={sealing: found for sealing, found in elsewhere.items() if found is not access},
    )


def _left(access: Access, s3: Doubt | None, kms: Doubt | None) -> Access:
    rests_on = {Access.READ: s3 or kms, Access.FETCH_ONLY: s3, Access.DECRYPT_ONLY: kms}
    return LEFT[access] if rests_on.get(access) else access


def _decision(decision: Decision, found: Doubt | None) -> Decision:
    if found is None or decision.effect not in {Effect.ALLOWED, Effect.UNKNOWN}:
        return decision
    unread = f"{found.unread.call}: {found.unread.code}"
    reason = Reason(layer=found.layer, outcome="unknown", detail=unread)
    return Decision(
        effect=Effect.UNKNOWN,
        reasons=(*decision.reasons, reason),
        conditions=(*decision.conditions, NOT_DENIED),
    )


def _way(estate: Estate, target: LogObject, principal: str, way: WayToRead) -> WayToRead:
    """Resource control policies bear on keys and buckets, and not on what IAM holds."""
    owners = {"kms": target.key_account, "s3": target.bucket_account}
    owner = owners.get(way.action.partition(":")[0], "")
    found = doubt(estate, principal, account=account_of(principal), owner=owner)
    return structs.replace(way, sureness=Sureness.UNKNOWN) if found else way


def _chain(estate: Estate, chain: RoleChain) -> RoleChain:
    """Each role is assumed by the one before it; the last one reads."""
    steps = zip((chain.principal, *chain.roles), (*chain.roles, chain.roles[-1]), strict=True)
    found = any(doubt(estate, a, account=account_of(a), owner=account_of(b)) for a, b in steps)
    return structs.replace(chain, sureness=Sureness.UNKNOWN) if found else chain
