"""Which key a name means: an ARN by its account and Region, an ID or an alias in the account at hand."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.errors import UsageProblem
from trailseal.messages import message
from trailseal.model import given
from trailseal.model.arn import Arn, is_arn
from trailseal.model.key import KmsKey, UnreadKey, unread_key
from trailseal.model.snapshot import Snapshot


def find_key(reference: str, region: str, snapshot: Snapshot) -> KmsKey | UnreadKey:
    """
    Return the key that an ARN, an ID or an alias names, unread where nobody asked about that ARN.

    Raises:
        UsageProblem: the snapshot holds no key of that ID or alias.
    """
    if found := named_key(reference, region, snapshot):
        return found
    if given.is_key_arn(reference):
        return unread_key(reference)
    raise UsageProblem(
        message(
            "there is no key `{key}` in {region}",
            key=reference,
            region=_place(reference, region, snapshot).region,
        ),
        message("CloudTrail needs a key in the bucket's Region; --key create makes one"),
    )


def named_key(reference: str, region: str, snapshot: Snapshot) -> KmsKey | UnreadKey | None:
    """
    Return the key that an ARN, an ID or an alias names, None where the snapshot holds none.

    An ID and an alias without an ARN are of the account and Region that are asked; the same alias may
    stand for another key in every other. Where AWS would not say which key it is, that is what comes back.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html
    """
    place = _place(reference, region, snapshot)
    if place.resource.startswith("alias/"):
        found: KmsKey | UnreadKey | None = next(_of_alias(place, snapshot), None)
    else:
        found = snapshot.key(str(place))
    return found or snapshot.key(reference)


def _place(reference: str, region: str, snapshot: Snapshot) -> Arn:
    """Return the ARN that a name stands for."""
    if is_arn(reference):
        return Arn.parse(reference)
    resource = reference if reference.startswith("alias/") else f"key/{reference}"
    return Arn(snapshot.partition, "kms", region, snapshot.account, resource)


def _of_alias(place: Arn, snapshot: Snapshot) -> Iterator[KmsKey]:
    for key in snapshot.keys:
        if not isinstance(key, KmsKey) or not isinstance(key.aliases, tuple):
            continue
        if (key.account, key.region) == (place.account, place.region) and place.resource in key.aliases:
            yield key
