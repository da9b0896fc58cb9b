"""What a proof that nobody else can read rests on: everything that it takes for given."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.access.prove.proof import AccessProof, WorldAssumption
from trailseal.access.readers.chains import RoleChains, find_chains
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.log_object import LogObject, Sealing
from trailseal.access.readers.population import population
from trailseal.messages import Message, message
from trailseal.model.bucket import Bucket, UnreadBucket

NAMED = 5


def assumptions(
    proof: AccessProof,
    target: LogObject,
    estate: Estate,
    bucket: Bucket | UnreadBucket | None,
    only: frozenset[str],
) -> Iterator[Message]:
    """Yield one sentence for each thing that is not looked at, or cannot be known."""
    if proof.world is WorldAssumption.CLOSED:
        yield message(
            "closed inventory: the account has no principal, and no IAM policy, but those that were read"
        )
    else:
        yield message("open world: any principal may exist in any account, with any IAM policy")
    yield message("accounts whose IAM was not read are taken at their worst: they allow everything")
    yield _whoever_becomes_one(find_chains(estate, target, population(estate, target), _roles(only, estate)))
    yield message("a service that reads for its own users reads as the principal that it was given")
    if target.sealing is not Sealing.SSE_S3:
        yield message("grants are complete: those that ListGrants shows")
        yield message(
            "log files are encrypted with this key: those delivered before it was set are not covered"
        )
    yield message(
        "log files lie where the trail delivers today: those from before its prefix or its kind was changed "
        "are not covered"
    )
    yield message("the policies stay as they are: who could change them is what `trailseal who` shows")
    if estate.bucket_policy:
        yield message("access points and S3 Access Grants on the bucket are not looked at")
    if not isinstance(bucket, Bucket) or bucket.has_acls is not False:
        yield message("the ACLs of objects let nobody else fetch: they are not looked at")
        yield message(
            "log files belong to the bucket's owner: to another account's objects no bucket policy applies"
        )


def _roles(only: frozenset[str], estate: Estate) -> frozenset[str]:
    """Return the known roles that are listed, by themselves or by a session."""
    sessions = {role.arn for arn in only for role in estate.roles_of_session(arn)}
    return frozenset({arn for arn in only if arn in estate.by_arn} | sessions)


def _whoever_becomes_one(chains: RoleChains) -> Message:
    """Name who was found; that nobody may is said only after a search that came to its end."""
    found = [chain.principal for chain in chains.found]
    if not found and not chains.complete:
        return message(
            "whoever becomes a listed reader counts as that reader: who may is not known, the search "
            "stopped at its bound"
        )
    if not found:
        return message(
            "whoever becomes a listed reader counts as that reader: nobody among the principals that "
            "were read can"
        )
    names = tuple(found[:NAMED])
    if len(found) <= NAMED and chains.complete:
        return message("whoever becomes a listed reader counts as that reader: {names} may", names=names)
    return message(
        "whoever becomes a listed reader counts as that reader: {names} and others may", names=names
    )
