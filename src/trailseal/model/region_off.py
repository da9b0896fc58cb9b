"""
Regions that take no credentials of an account whose credentials AWS takes elsewhere.

An account that has not enabled a Region is answered there as if its credentials were wrong, and so is a
session token that is not valid in every Region. A trail goes on delivering from a Region that was switched
off, unless it was deleted before.
Sources: https://repost.aws/knowledge-center/iam-validate-access-credentials
and https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-multi-region-trails.html
"""

from __future__ import annotations

from collections.abc import Iterable

from trailseal.messages import N_, Message, message
from trailseal.model.arn import REGION, Arn, is_arn
from trailseal.model.unreadable import Unreadable

AS_IF_OFF = frozenset(
    {
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "InvalidAccessKeyId",
        "InvalidToken",
        "AuthFailure",
    }
)
"""AWS's codes for credentials that nobody knows there: JSON services, query services, S3 and EC2 differ."""
NOT_TAKEN = AS_IF_OFF | {"SignatureDoesNotMatch", "IncompleteSignature"}
"""AWS's codes for credentials that it does not take."""
WHY = N_("the account has not enabled that Region, or the session token is not valid there")


def is_as_if_off(reason: Unreadable) -> bool:
    """Whether something was not told because its Region takes none of the account's credentials."""
    return reason.code in AS_IF_OFF


def place_of(reason: Unreadable) -> str:
    """Return the Region in which something was asked, as far as it says so, else what was asked about."""
    where = reason.where
    named = Arn.parse(where).region if is_arn(where) else where
    return named if REGION.fullmatch(named) else where


def sentences(reasons: Iterable[Unreadable]) -> tuple[Message, ...]:
    """Return one sentence for each place that takes no credentials, whatever was asked there."""
    places = sorted({place_of(reason) for reason in reasons if is_as_if_off(reason)})
    return tuple(
        message(
            "{region} takes no credentials of this account: it has not enabled the Region, or the session "
            "token is not valid there. CloudTrail may still deliver from it, and goes on doing so where the "
            "Region was switched off later than the trail was made.",
            region=place,
        )
        for place in places
    )
