"""
Which kind of policy a document is, told from what it says: nobody writes it in the document.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html
"""

from __future__ import annotations

from trailseal.access.lint.written import WrittenPolicy
from trailseal.access.parse.kind import PolicyKind


def kind_of(policy: WrittenPolicy) -> PolicyKind:
    """Return the kind that the actions and principals make the most likely one."""
    if not any(s.principals or "Principal" in s.negated for s in policy.statements):
        return PolicyKind.IDENTITY
    actions = [action.lower() for s in policy.statements if s.principals for action in s.actions]
    resources = [resource for s in policy.statements for resource in s.resources]
    if any(action.startswith("kms:") for action in actions):
        return PolicyKind.KEY
    if any(":s3:::" in resource for resource in resources):
        return PolicyKind.BUCKET
    if not resources and actions and all(action.startswith("sts:") for action in actions):
        return PolicyKind.TRUST
    return PolicyKind.RESOURCE
