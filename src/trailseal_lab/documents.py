"""
The policy documents that a call brings: refused where the service would refuse them.

moto reads some of IAM's rules and none of Organizations' and STS's. The rules are the engine's own, by
kind of policy; the bucket's and the key's documents are checked by their own handlers, with these words.
Sources:
https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPolicy.html
https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreatePolicy.html
https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from __future__ import annotations

from moto.organizations.models import organizations_backends

from trailseal.access.parse.document import read_policy
from trailseal.access.parse.kind import PolicyKind
from trailseal.access.parse.problem import InvalidPolicyError
from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError
from trailseal_lab.principals import first_missing

BROUGHT = {
    **{
        ("iam", operation): ("PolicyDocument", PolicyKind.IDENTITY)
        for operation in (
            "PutUserPolicy",
            "PutGroupPolicy",
            "PutRolePolicy",
            "CreatePolicy",
            "CreatePolicyVersion",
        )
    },
    ("iam", "CreateRole"): ("AssumeRolePolicyDocument", PolicyKind.TRUST),
    ("iam", "UpdateAssumeRolePolicy"): ("PolicyDocument", PolicyKind.TRUST),
    ("sts", "AssumeRole"): ("Policy", PolicyKind.SESSION),
    ("sts", "GetFederationToken"): ("Policy", PolicyKind.SESSION),
}
OF_ORGANIZATIONS = {"CreatePolicy", "UpdatePolicy"}
TYPES = {"SERVICE_CONTROL_POLICY": PolicyKind.SCP, "RESOURCE_CONTROL_POLICY": PolicyKind.RCP}


def check_documents(call: Call) -> None:
    """
    Return when the service takes the policy that the call brings, or it brings none.

    Raises:
        ApiError: MalformedPolicyDocument, with the place and what is wrong there.
    """
    if call.service == "organizations" and call.operation in OF_ORGANIZATIONS:
        kind = TYPES.get(_type(call))
        check_document(call.params.get("Content"), kind, code="MalformedPolicyDocumentException")
        return
    member, brought = BROUGHT.get((call.service, call.operation), ("", None))
    check_document(call.params.get(member), brought, code="MalformedPolicyDocument")
    if brought is PolicyKind.TRUST and (missing := first_missing(str(call.params[member]))):
        raise ApiError("MalformedPolicyDocument", f'Invalid principal in policy: "AWS":"{missing}"')


def check_document(text: object, kind: PolicyKind | None, *, code: str) -> None:
    """
    Return when AWS takes this text as a policy of this kind; nothing and no kind are no policy.

    Raises:
        ApiError: with this code.
    """
    if not text or kind is None:
        return
    try:
        read_policy(str(text), kind)
    except InvalidPolicyError as problem:
        where = f" ({problem.place})" if problem.place else ""
        raise ApiError(code, f"The policy is malformed: {problem.what}{where}") from None


def _type(call: Call) -> str:
    if call.operation == "CreatePolicy":
        return str(call.params.get("Type"))
    wanted = str(call.params.get("PolicyId"))
    backends = [organizations_backends[account]["aws"] for account in list(organizations_backends)]
    return next((p.type for b in backends for p in b.policies if p.id == wanted), "")
