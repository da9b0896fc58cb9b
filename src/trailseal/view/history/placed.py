"""Commands of `history` about one trail, as they can be typed while it is there and when it is gone."""

from __future__ import annotations

from trailseal.controls.typed import Value, typed
from trailseal.model.trail_place import TrailPlace

VALIDATE, CENSUS = "trailseal history validate", "trailseal history census"


def placed(words: str, place: TrailPlace, **options: Value) -> str:
    """Return a command about a trail, with its place where CloudTrail does not tell of it."""
    named: dict[str, Value] = {"trail": place.arn}
    if not place.told:
        named |= {
            "s3_bucket": place.bucket,
            "s3_prefix": place.prefix,
            "organization_id": place.organization,
        }
    return typed(words, **named, **options)
