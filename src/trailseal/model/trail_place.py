"""Where a trail delivers, as CloudTrail and Organizations tell it."""

from __future__ import annotations

from msgspec import Struct


class TrailPlace(Struct, frozen=True, kw_only=True):
    """Where a trail delivers."""

    arn: str
    name: str
    home_region: str
    bucket: str
    prefix: str = ""
    organization: str = ""
    account: str = ""
    kms_key_id: str = ""
    multi_region: bool = False
