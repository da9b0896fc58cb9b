"""Where a trail delivers, as CloudTrail and Organizations tell it."""

from __future__ import annotations

from msgspec import Struct

from trailseal.model.arn import Arn


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
    told: bool = True
    """Whether CloudTrail tells of it: not of a trail that is gone, nor of another bucket than the trail's."""


def place_of_arn(arn: str, *, bucket: str, prefix: str = "", organization: str = "") -> TrailPlace:
    """
    Return where a trail delivered that CloudTrail may know no more; name, Region and account are in its ARN.

    It may have been one of all Regions, so it is taken for one.
    """
    parts = Arn.parse(arn)
    return TrailPlace(
        arn=arn,
        name=parts.resource_name,
        home_region=parts.region,
        bucket=bucket,
        prefix=prefix,
        organization=organization,
        account=parts.account,
        multi_region=True,
        told=False,
    )
