"""The policies that bear on a caller, read from moto's IAM and Organizations at the time of the call."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from moto.organizations.models import FakePolicy, OrganizationsBackend, organizations_backends

from trailseal.access.request import Document, Policies
from trailseal_lab.caller import SigningPrincipal
from trailseal_lab.credentials import iam_of

Levels = tuple[tuple[Document, ...], ...]


def layers_of(caller: SigningPrincipal) -> Policies:
    """
    Return the caller's own layers: identity, boundary, session and service control policies.

    A service has none; root has no identity policies, but its account's SCPs bind it.
    """
    match caller.kind:
        case "user":
            identity, boundary = _user(caller)
        case "role":
            identity, boundary = _role(caller)
        case "root":
            identity, boundary = (), None
        case _:
            return Policies()
    return Policies(
        identity=identity,
        boundary=boundary,
        session=_session(caller),
        scp=guardrails(caller.account, "SERVICE_CONTROL_POLICY"),
    )


def guardrails(account: str, kind: str) -> Levels | None:
    """
    Return the organization's policies of this kind above `account`, root first.

    None where there is no such layer: no organization, the management account, or the kind is not enabled.
    """
    found = _organization(account)
    if found is None or account == found.org.master_account_id:  # type: ignore[union-attr]
        return None
    return _levels(found, account, kind)


def organization_id(account: str) -> str:
    """Return the id of the organization that `account` is in, "" for none."""
    found = _organization(account)
    return str(found.org.id) if found is not None and found.org is not None else ""


def organization_path(account: str) -> str:
    """
    Return the path of the unit that `account` is in, `o-…/r-…/ou-…/`, "" where it is in no organization.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed-view-data-orgs.html
    """
    found = _organization(account)
    if found is None or found.org is None:
        return ""
    ids: list[str] = []
    for node in _above(found, account):
        ids.insert(0, str(node.id))
    return "/".join([str(found.org.id), *ids, ""])


def document_of(account: str, policy_arn: str) -> str | None:
    """Return the default version of a managed policy, None when the account has none of that ARN."""
    policy = iam_of(account).managed_policies.get(policy_arn)
    return default_version(policy) if policy is not None else None


def default_version(policy: Any) -> str:
    """Return the document that counts of a managed policy."""
    document = next(v.document for v in policy.versions if v.version_id == policy.default_version_id)
    return document if isinstance(document, str) else json.dumps(document)


def _user(caller: SigningPrincipal) -> tuple[tuple[Document, ...], tuple[Document, ...] | None]:
    backend = iam_of(caller.account)
    user = backend.users[caller.user_name]
    groups = [group for group in backend.groups.values() if user in group.users]
    documents = [d for holder in (user, *groups) for d in attached_documents(holder)]
    return tuple(documents), _boundary(caller.account, boundary_of(user))


def _role(caller: SigningPrincipal) -> tuple[tuple[Document, ...], tuple[Document, ...] | None]:
    name = caller.issuer_arn.rsplit("/", 1)[-1]
    role = iam_of(caller.account).get_role(name)
    return tuple(attached_documents(role)), _boundary(caller.account, boundary_of(role))


def boundary_of(holder: Any) -> str | None:
    """Return the ARN of a user's or role's permissions boundary, None when it has none."""
    return getattr(holder, "permissions_boundary_arn", None)


def attached_documents(holder: Any) -> list[str]:
    """Return the inline and managed policies that hang on a user, group or role itself."""
    inline = [
        document if isinstance(document, str) else json.dumps(document)
        for document in holder.policies.values()
    ]
    return inline + [default_version(policy) for policy in holder.managed_policies.values()]


def principal_tags(caller: SigningPrincipal) -> dict[str, tuple[str, ...]]:
    """
    Return the caller's tags as context keys: a user's, or a role's with those of the session over them.

    The keys of two tags are the same in any case.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
    """
    if caller.kind not in {"user", "role"}:
        return {}
    backend = iam_of(caller.account)
    if caller.kind == "user":
        tags = backend.tagger.get_tag_dict_for_resource(caller.arn)
    else:
        held: Any = backend.get_role(caller.issuer_arn.rsplit("/", 1)[-1]).tags or {}
        pairs = held.values() if isinstance(held, dict) else held
        tags = {pair["Key"]: pair["Value"] for pair in pairs}
    own = {name.lower() for name, _ in caller.session_tags}
    tags = {name: value for name, value in tags.items() if name.lower() not in own}
    tags |= dict(caller.session_tags)
    return {f"aws:PrincipalTag/{name}": (str(value),) for name, value in tags.items()}


def _boundary(account: str, arn: str | None) -> tuple[Document, ...] | None:
    if not arn:
        return None
    document = document_of(account, arn)
    return (document,) if document is not None else ()


def _session(caller: SigningPrincipal) -> Document | None:
    """Return the session policies as one document: their statements add up, as AWS reads them."""
    if len(caller.session_policies) <= 1:
        return caller.session_policies[0] if caller.session_policies else None
    statements: list[Any] = []
    for text in caller.session_policies:
        found = json.loads(text).get("Statement", [])
        statements += found if isinstance(found, list) else [found]
    return {"Version": "2012-10-17", "Statement": statements}


def _organization(account: str) -> OrganizationsBackend | None:
    for owner in list(organizations_backends):
        backend: OrganizationsBackend = organizations_backends[owner]["aws"]
        if backend.org is not None and any(a.id == account for a in backend.accounts):
            return backend
    return None


def _levels(backend: OrganizationsBackend, account: str, kind: str) -> Levels | None:
    root: Any = next((ou for ou in backend.ou if ou.type == "ROOT"), None)
    if root is None or not any(t["Type"] == kind for t in root.policy_types):
        return None
    own: Any = next(a for a in backend.accounts if a.id == account)
    upwards = (own, *_above(backend, account))
    levels = [tuple(p.content or "" for p in _of_kind(n.attached_policies, kind)) for n in upwards]
    return tuple(reversed(levels))


def _above(backend: OrganizationsBackend, account: str) -> Iterator[Any]:
    """Yield the units above an account, from its own up to the root."""
    units: dict[str, Any] = {str(ou.id): ou for ou in backend.ou}
    node: Any = next(a for a in backend.accounts if a.id == account)
    while (node := units.get(node.parent_id or "")) is not None:
        yield node


def _of_kind(policies: list[FakePolicy], kind: str) -> list[FakePolicy]:
    return [policy for policy in policies if policy.type == kind]
