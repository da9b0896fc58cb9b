"""
What S3 Block Public Access makes of a bucket policy.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

from ipaddress import ip_network

from trailseal.access.caller import Caller, CallerKind
from trailseal.access.conditions.operator import Condition
from trailseal.access.match.wildcard import has_wildcard
from trailseal.access.parse.document import read_policy
from trailseal.access.parse.statement import Statement
from trailseal.access.request import Document

FIXING_KEYS = frozenset(
    {
        "aws:principalorgid",
        "aws:sourcearn",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:sourceowner",
        "aws:sourceaccount",
        "aws:userid",
        "s3:dataaccesspointarn",
        "s3:dataaccesspointaccount",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
    }
)
POSITIVE = frozenset({"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike"})
WIDEST = {4: 8, 6: 32}
"""The shortest prefix, by IP version, that S3 still takes for a limit."""


def public_statements(document: Document) -> tuple[Statement, ...]:
    """
    Return the statements that make a bucket policy public: an Allow for everybody that nothing fixes.

    Raises:
        InvalidPolicyError: the document is not a policy.
    """
    return tuple(s for s in read_policy(document).statements if _is_public(s))


def is_blocked(document: Document, caller: Caller, *, owner: str) -> bool:
    """
    Return whether RestrictPublicBuckets refuses the caller: all but services and the owner's account.

    A public policy shuts out every other account, also one that a statement of its own lets in.
    """
    if caller.kind is CallerKind.SERVICE or caller.account == owner:
        return False
    return bool(public_statements(document))


def _is_public(statement: Statement) -> bool:
    element = statement.principal
    if not statement.allows or element is None:
        return False
    everybody = element.inverted or any("*" in values for values in element.named.values())
    return everybody and not any(_fixes(condition) for condition in statement.conditions)


def _fixes(condition: Condition) -> bool:
    if condition.if_exists or condition.qualifier == "ForAllValues":
        return False
    if condition.key == "aws:sourceip" and condition.operator == "IpAddress":
        return all(_is_narrow(value) for value in condition.values)
    if condition.key not in FIXING_KEYS or condition.operator not in POSITIVE:
        return False
    return all(_is_fixed(condition.key, value) for value in condition.values)


def _is_fixed(key: str, value: str) -> bool:
    """A wildcard or a variable leaves a value open; an ARN is fixed when its account is."""
    if "${" in value:
        return False
    if key == "aws:sourcearn" and value.count(":") >= 5:  # noqa: PLR2004 - the parts of an ARN
        account = value.split(":")[4]
        return bool(account) and not has_wildcard(account)
    return not has_wildcard(value)


def _is_narrow(text: str) -> bool:
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return False
    return network.prefixlen >= WIDEST[network.version]
