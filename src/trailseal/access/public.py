"""
Whether a bucket policy is public, as S3 Block Public Access means it.

A policy that grants something other than to fixed values is public, whatever its actions and its Deny
statements say. Where AWS's page leaves a value's meaning open, so does the answer.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network

from msgspec import Struct

from trailseal.access.conditions.operator import Condition
from trailseal.access.kleene import Kleene
from trailseal.access.match.wildcard import has_wildcard
from trailseal.access.parse.document import Policy, read_policy
from trailseal.access.parse.kind import PolicyKind
from trailseal.access.parse.problem import InvalidPolicyError
from trailseal.access.parse.statement import PrincipalElement, Statement
from trailseal.access.request import Document
from trailseal.model.arn import Arn, is_arn

ACCESS_POINT = "s3:dataaccesspointarn"
USER_ID = "aws:userid"
FIXING_KEYS = frozenset(
    {
        "aws:principalorgid",
        "aws:sourcearn",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:sourceowner",
        "aws:sourceaccount",
        "s3:dataaccesspointaccount",
        USER_ID,
        ACCESS_POINT,
    }
)
OPEN_KEYS = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalisawsservice",
        "aws:principalorgpaths",
        "aws:principalservicename",
        "aws:principalservicenameslist",
        "aws:sourcevpcarn",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "aws:vpceorgpaths",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
    }
)
"""
Keys that may make a statement non-public: the page does not say.

It names a principal's keys by one example, aws:PrincipalOrgID; those of networks are newer than its list.
The last one stands in the list of the SDK for .NET's reference (PublicAccessBlockConfiguration) only.
"""
ARN_KEYS = frozenset({"aws:sourcearn", "aws:principalarn"})
POSITIVE = frozenset({"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike", "Bool"})
WIDEST = {4: 8, 6: 32}
"""The shortest prefix, by IP version, that S3 still takes for a limit."""
KEPT = 20_000


class Publicness(Struct, frozen=True, kw_only=True):
    """The statements that make a policy public, and those that may: AWS's page does not tell."""

    sure: tuple[Statement, ...] = ()
    untold: tuple[Statement, ...] = ()

    @property
    def is_public(self) -> Kleene:
        """Whether the policy is public: one such statement makes all of it so."""
        if self.sure:
            return True
        return None if self.untold else False


def may_be_public(document: Document) -> bool:
    """Whether a bucket's policy is public, or AWS's page leaves it open; one that is no policy is not."""
    try:
        return publicness(read_policy(document, PolicyKind.BUCKET)).is_public is not False
    except InvalidPolicyError:
        return False


@lru_cache(maxsize=KEPT)
def publicness(policy: Policy, *, of_access_point: bool = False) -> Publicness:
    """
    Return what makes the policy of a bucket, or of an access point, public.

    An access point that only a VPC reaches is never public, and its policy does not show that.
    """
    answers = [(s, _is_public(s, of_access_point=of_access_point)) for s in policy.statements]
    sure = tuple(s for s, public in answers if public)
    untold = tuple(s for s, public in answers if public is None)
    return Publicness(untold=(*sure, *untold)) if of_access_point else Publicness(sure=sure, untold=untold)


def _is_public(statement: Statement, *, of_access_point: bool) -> Kleene:
    element = statement.principal
    if not statement.allows or element is None or not _is_open(element):
        return False
    if statement.undecided is not None:
        return None
    fixes = [_fixes(condition, of_access_point=of_access_point) for condition in statement.conditions]
    if True in fixes:
        return False
    return None if None in fixes else True


def _is_open(element: PrincipalElement) -> bool:
    return element.inverted or any(
        has_wildcard(value) for values in element.named.values() for value in values
    )


def _fixes(condition: Condition, *, of_access_point: bool) -> Kleene:
    """
    Whether a condition lets fixed values through only. One that holds without its key does not.

    Of one that has no value at all, AWS's page does not say.
    """
    if condition.if_exists or condition.qualifier == "ForAllValues":
        return False
    if not condition.values and condition.operator in {*POSITIVE, "IpAddress"}:
        return None
    if condition.key == "aws:sourceip" and condition.operator == "IpAddress":
        return all(is_narrow(ip_network(value, strict=False)) for value in condition.values)
    if condition.operator not in POSITIVE or (of_access_point and condition.key == ACCESS_POINT):
        return False
    fixed = [_is_fixed(condition.key, value) for value in condition.values]
    if False in fixed:
        return False
    return None if None in fixed else True


def _is_fixed(key: str, value: str) -> Kleene:
    """Whether a key's value is fixed; a wildcard or a policy variable leaves it open."""
    if "${" in value:
        return False
    if not has_wildcard(value):
        return _is_fixed_whole(key, value)
    if key == ACCESS_POINT:
        return _is_fixed_access_point(value)
    if key == USER_ID:
        role, colon, _ = value.partition(":")
        return None if colon and not has_wildcard(role) else False
    return None if key in ARN_KEYS and _account_is_fixed(value) else False


def _is_fixed_whole(key: str, value: str) -> Kleene:
    """A session's user ID has the pattern `AROLEID:*`, outside of which the page wants a user ID to be."""
    if key in OPEN_KEYS or (key == USER_ID and ":" in value):
        return None
    return key in FIXING_KEYS


def _is_fixed_access_point(value: str) -> Kleene:
    """The name may be open when the account is fixed; of an open Region the page says nothing."""
    if not _account_is_fixed(value):
        return False
    arn = Arn.parse(value)
    return None if has_wildcard(f"{arn.partition}{arn.service}{arn.region}") else True


def _account_is_fixed(value: str) -> bool:
    account = Arn.parse(value).account if is_arn(value) else ""
    return account != "" and not has_wildcard(account)


def is_narrow(network: IPv4Network | IPv6Network) -> bool:
    """Whether a range of addresses is one that S3 takes for a limit."""
    return network.prefixlen >= WIDEST[network.version]
