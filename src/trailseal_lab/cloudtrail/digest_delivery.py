"""Digest files written, signed and delivered, for a whole chain or for the next link."""

from __future__ import annotations

import gzip
import hashlib
from datetime import datetime, timedelta

import msgspec
from moto.cloudtrail.models import Trail

from trailseal.model.log_file import Delivered
from trailseal_lab.clock import each_cycle
from trailseal_lab.cloudtrail.delivery import OWN_FAULT, folder, write
from trailseal_lab.cloudtrail.digest import (
    ALGORITHM,
    DigestChain,
    DigestChains,
    Link,
    SigningKeys,
    string_to_sign,
)
from trailseal_lab.cloudtrail.record import iso
from trailseal_lab.cloudtrail.status import Place, TrailStates, delivery_error
from trailseal_lab.cloudtrail.trails import every_trail
from trailseal_lab.errors import ApiError
from trailseal_lab.failures import alone
from trailseal_lab.world import World

DIGEST_CYCLES = 12


@each_cycle(order=20, every=DIGEST_CYCLES)
def deliver_digests(world: World) -> None:
    """Deliver the next digest of every chain of every logging trail that has validation on."""
    states = world.part(TrailStates)
    for trail in every_trail():
        for place in world.part(DigestChains).places(trail.arn):
            with alone(world, f"cloudtrail.digest_delivery {' '.join(place)}", trail.arn):
                if states.of(trail.arn).logging and trail.log_validation:
                    _deliver_next(world, trail, place)


def _deliver_next(world: World, trail: Trail, place: Place) -> None:
    chain = world.part(DigestChains).of(trail.arn, place)
    state = world.part(TrailStates).of(trail.arn)
    status = state.place(place)
    end = world.now().replace(microsecond=0)
    start = chain.last.end if chain.last else _first_start(state.started, end)
    if start >= end:
        return
    try:
        write_digest(world, trail, place, start=start, end=end)
    except ApiError as problem:
        status.digest_error = delivery_error(problem)
        if problem.status >= OWN_FAULT:
            raise
    else:
        status.digest_delivered, status.digest_error = end, ""


def _first_start(started: datetime | None, end: datetime) -> datetime:
    return (started or end - timedelta(hours=1)).replace(microsecond=0)


def write_digest(world: World, trail: Trail, place: Place, *, start: datetime, end: datetime) -> Link:
    """
    Write, sign and deliver the next digest of a chain and return it as its last link.

    Raises:
        ApiError: the bucket or the key refused it; the chain then stands as before.
    """
    account, region = place
    chain, keys = world.part(DigestChains).of(trail.arn, place), world.part(SigningKeys)
    whose = f"{account}_CloudTrail-Digest_{region}_{trail.trail_name}_{trail.region_name}"
    name = f"{whose}_{end:%Y%m%dT%H%M%SZ}.json.gz"
    key = folder(trail, place, Delivered.DIGEST_FILE, end) + name
    content = _content(
        trail, place, chain, key=key, start=start, end=end, fingerprint=keys.fingerprint(region)
    )
    sha256 = hashlib.sha256(content).hexdigest()
    text = string_to_sign(
        end=iso(end),
        place=f"{trail.bucket_name}/{key}",
        sha256=sha256,
        previous=chain.last.signature if chain.last else None,
    )
    signature = keys.sign(region, text)
    metadata = {"signature": signature, "signature-algorithm": ALGORITHM}
    write(world, trail, key=key, body=gzip.compress(content, mtime=0), at=end, metadata=metadata)
    chain.last = Link(bucket=trail.bucket_name, key=key, sha256=sha256, signature=signature, end=end)
    chain.files.clear()
    return chain.last


def _content(
    trail: Trail,
    place: Place,
    chain: DigestChain,
    *,
    key: str,
    start: datetime,
    end: datetime,
    fingerprint: str,
) -> bytes:
    last = chain.last
    return msgspec.json.encode(
        {
            "awsAccountId": place[0],
            "digestStartTime": iso(start),
            "digestEndTime": iso(end),
            "digestS3Bucket": trail.bucket_name,
            "digestS3Object": key,
            "digestPublicKeyFingerprint": fingerprint,
            "digestSignatureAlgorithm": ALGORITHM,
            "newestEventTime": max((f.newest for f in chain.files), default=None),
            "oldestEventTime": min((f.oldest for f in chain.files), default=None),
            "previousDigestS3Bucket": last.bucket if last else None,
            "previousDigestS3Object": last.key if last else None,
            "previousDigestHashValue": last.sha256 if last else None,
            "previousDigestHashAlgorithm": "SHA-256" if last else None,
            "previousDigestSignature": last.signature if last else None,
            "logFiles": [each.written() for each in chain.files],
        }
    )
