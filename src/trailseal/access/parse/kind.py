"""
The kinds of policy that AWS tells apart when it takes a document.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html
"""

from __future__ import annotations

from enum import StrEnum


class PolicyKind(StrEnum):
    """What a document is for. `RESOURCE` is the policy of any resource that has no kind of its own."""

    IDENTITY = "identity"
    BOUNDARY = "boundary"
    SESSION = "session"
    SCP = "scp"
    RCP = "rcp"
    KEY = "key"
    BUCKET = "bucket"
    TRUST = "trust"
    ENDPOINT = "endpoint"
    RESOURCE = "resource"


OF_A_CALLER = frozenset((PolicyKind.IDENTITY, PolicyKind.BOUNDARY, PolicyKind.SESSION))
"""IAM's own policies. They name nobody: whom they hang on is who is meant."""
WITHOUT_PRINCIPAL = OF_A_CALLER | {PolicyKind.SCP}
"""Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html"""
IN_IAM = OF_A_CALLER | {PolicyKind.TRUST}
"""What IAM and STS themselves parse."""
IN_ORGANIZATIONS = frozenset((PolicyKind.SCP, PolicyKind.RCP))
OF_A_SERVICE = {"kms": PolicyKind.KEY, "s3": PolicyKind.BUCKET, "sts": PolicyKind.TRUST}


def kind_on_resource(action: str) -> PolicyKind:
    """Return which kind of policy hangs on the resource that `action` is asked of."""
    return OF_A_SERVICE.get(action.partition(":")[0].lower(), PolicyKind.RESOURCE)
