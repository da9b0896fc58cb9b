"""Who signs a request: what IAM would put into aws:PrincipalArn, aws:userid and the event's userIdentity."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class SigningPrincipal(Struct, frozen=True, kw_only=True):
    """
    The principal behind an access key.

    `kind` is `root`, `user`, `role` (a session; `issuer_arn` is then the role and `issuer_id` its
    AROA id), `federated` or `service` (`arn` is then the service principal). `principal_id` is what
    AWS shows as userid, with the session name after a colon. `issued` tells when temporary credentials
    were made; of a role that a service takes for the call, nothing.
    """

    arn: str
    account: str
    principal_id: str
    kind: str
    access_key_id: str = ""
    user_name: str = ""
    issuer_arn: str = ""
    issuer_id: str = ""
    session_name: str = ""
    session_policies: tuple[str, ...] = ()
    session_tags: tuple[tuple[str, str], ...] = ()
    transitive_tags: tuple[str, ...] = ()
    """The keys of the session's tags that sessions after it in a chain of roles have too."""
    source_identity: str = ""
    session_token: str = ""
    """"" where no token was issued with the key, so that none is asked for."""
    issued: datetime | None = None
    expires: datetime | None = None


def service_caller(principal: str, *, account: str = "") -> SigningPrincipal:
    """Return the caller that stands for an AWS service, `cloudtrail.amazonaws.com` for instance."""
    return SigningPrincipal(arn=principal, account=account, principal_id=principal, kind="service")
