"""One request to decide on, and the policies that bear on it. Documents are JSON text or parsed JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from trailseal.access.facts import Context

Document = str | Mapping[str, Any]


class NotTold(Struct, frozen=True):
    """A level of an organization at which policies stand, and of which it is not told what they are."""


NOT_TOLD = NotTold()
Levels = tuple[tuple[Document, ...] | NotTold, ...]
"""An organization's policies of one type, root first."""


class Request(Struct, frozen=True, kw_only=True):
    """
    Who asks to do what to which resource, with the context keys that are given.

    `principal` is an ARN (user, role, role session, federated user, root), a service
    (`cloudtrail.amazonaws.com`) or `anonymous`. A context key that is given wins over a derived one; given
    as absent (or empty) it is absent, as unknown it is unknown, as `OneOf` it is there and lies in a set.
    `maker` is the ARN of the user, or root user, who made a federated user's session, where it is told.
    `not_before` is the time, in seconds since 1970, before which the request is not made, None for any.
    """

    principal: str
    action: str
    resource: str
    resource_account: str = ""
    context: Context = {}
    maker: str = ""
    not_before: float | None = None
    id: str = ""


class PublicAccess(Struct, frozen=True, kw_only=True):
    """
    What S3 Block Public Access has to do with a request: of bucket and account, the stricter.

    `restrict_public_buckets` is None when it could not be read. `is_public` is what S3's own
    GetBucketPolicyStatus says of the policy, None when it was not asked: a witness, not the rule.
    """

    restrict_public_buckets: bool | None = False
    is_public: bool | None = None


class Policies(Struct, frozen=True, kw_only=True, cache_hash=True):
    """
    Every layer that AWS evaluates. None means that there is no such layer.

    `boundary` and `vpc_endpoint` given and empty allow nothing. `scp` and `rcp` hold a tuple per
    level, root first; `RCPFullAWSAccess` is implied at every `rcp` level, nothing is in `scp`. A level that
    is `NOT_TOLD` may allow and deny anything.
    `resource` is the policy on the resource itself; `resource_shared` a key's `AWS_RAM` policy.
    """

    identity: tuple[Document, ...] | None = None
    boundary: tuple[Document, ...] | None = None
    session: Document | tuple[Document, ...] | None = None
    """One or several: STS takes one in line and ten managed ones, which add up."""
    scp: Levels | None = None
    rcp: Levels | None = None
    resource: Document | None = None
    resource_shared: Document | None = None
    vpc_endpoint: tuple[Document, ...] | None = None
    grants: tuple[Mapping[str, Any], ...] | None = None
    """Entries as KMS ListGrants returns them."""
    public_access_block: PublicAccess | None = None
