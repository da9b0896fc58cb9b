"""Commands of `history` about one trail, as they can be typed while it is there and when it is gone."""

from __future__ import annotations

from msgspec import Struct

from trailseal.controls.typed import Value, typed
from trailseal.model.trail_place import TrailPlace

VALIDATE, CENSUS = "trailseal history validate", "trailseal history census"
REENCRYPT = "trailseal history reencrypt"


class CallerOptions(Struct, frozen=True, kw_only=True):
    """As whom AWS was asked, and where: what is typed next asks as the same."""

    profile: str = ""
    region: str = ""


SETTLED = CallerOptions()
"""Whatever the AWS configuration says."""


def placed(words: str, place: TrailPlace, caller: CallerOptions = SETTLED, /, **options: Value) -> str:
    """Return a command about a trail, with its place where CloudTrail does not tell of it."""
    named: dict[str, Value] = {"trail": place.arn}
    if not place.told:
        named |= {
            "s3_bucket": place.bucket,
            "s3_prefix": place.prefix,
            "organization_id": place.organization,
        }
    return called(words, caller, **named, **options)


def called(words: str, caller: CallerOptions, /, **options: Value) -> str:
    """Return a command that asks AWS as the caller."""
    return typed(words, **options, profile=caller.profile, region=caller.region)
