"""
Ways to an object that leave the bucket's name aside: access points and S3 Access Grants.

An access point lets nobody in whom the bucket does not let in too, unless the bucket policy leaves it to
access points. Access Grants hand out sessions of a role, which is decided on like any other.
Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html
and https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-grants-location-register.html
"""

from __future__ import annotations

from trailseal.access.lint.written import principals_in, statements_in
from trailseal.access.readers.consumers import ACCESS_GRANTS
from trailseal.access.readers.estate import Estate

ACCESS_POINT_KEYS = frozenset(
    {"s3:dataaccesspointaccount", "s3:dataaccesspointarn", "s3:accesspointnetworkorigin"}
)


def access_point_keys(estate: Estate) -> tuple[str, ...]:
    """Return the condition keys with which the bucket policy leaves decisions to access points."""
    if not isinstance(estate.bucket_policy, str):
        return ()
    statements = statements_in(estate.bucket_policy)
    clauses = (clause for statement in statements if statement.grants for clause in statement.clauses)
    return tuple(dict.fromkeys(c.key for c in clauses if c.key.lower() in ACCESS_POINT_KEYS))


def hands_out_grants(estate: Estate, readers: frozenset[str]) -> tuple[str, ...]:
    """Return the readers whose sessions S3 Access Grants may hand to others."""
    known = (estate.by_arn[arn] for arn in sorted(readers) if arn in estate.by_arn)
    return tuple(role.arn for role in known if ("Service", ACCESS_GRANTS) in principals_in(role.trust))
