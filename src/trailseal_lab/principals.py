"""
The principals that a policy names: AWS takes a policy only where each of them is there.

Of an account that the lab does not have, only the form is looked at. AWS keeps a user or role by its unique
ID, shows that once it is deleted, and takes an ID where it is somebody's.
Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html,
https://repost.aws/knowledge-center/s3-invalid-principal-in-policy-error,
https://repost.aws/knowledge-center/iam-trust-policy-error
and https://repost.aws/knowledge-center/kms-policy-error-invalid-principals
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.s3.models import s3_backends

from trailseal.model.arn import ACCOUNT, Arn, is_arn
from trailseal_lab.credentials import iam_of

UNIQUE_ID = re.compile(r"A(?:ID|RO)A[A-Z0-9]+")


def first_missing(text: str) -> str:
    """Return the first principal of a policy, which can be read, that is not there; "" where all are."""
    named = (principal for each in _statements(json.loads(text)) for principal in _aws_principals(each))
    return next((principal for principal in named if not exists(principal)), "")


def exists(principal: str) -> bool:
    """Whether a principal is there: in an account of the lab by name, elsewhere by its form alone."""
    if principal == "*" or ACCOUNT.fullmatch(principal) or principal.endswith(".amazonaws.com"):
        return True
    if UNIQUE_ID.fullmatch(principal):
        return any(principal == each.id for account in list(iam_backends) for each in _named(account))
    return is_arn(principal) and _is_there(Arn.parse(principal))


def _is_there(arn: Arn) -> bool:
    kind, _, rest = arn.resource.partition("/")
    if arn.service not in {"iam", "sts"} or not ACCOUNT.fullmatch(arn.account):
        return False
    if kind in {"root", "federated-user"} or arn.account not in iam_backends:
        return True
    if kind == "assumed-role":
        roles = iam_of(arn.account).roles.values()
        return any(role.name == rest.partition("/")[0] for role in roles)
    return any(each.arn == str(arn) for each in _named(arn.account))


def _named(account: str) -> list[Any]:
    backend = iam_of(account)
    return [*backend.users.values(), *backend.roles.values()]


def _aws_principals(statement: dict[str, Any]) -> Iterator[str]:
    for name in ("Principal", "NotPrincipal"):
        given = statement.get(name)
        if isinstance(given, str):
            yield given
        if isinstance(given, dict):
            found = given.get("AWS", [])
            yield from (str(p) for p in (found if isinstance(found, list) else [found]))


def show_as_deleted(arn: str, unique_id: str) -> None:
    """Show a deleted principal by its ID in every policy that names it: the next of its name is another."""
    for holder, name, text in _policies():
        document = json.loads(text)
        changed = [_rename(each, arn, unique_id) for each in _statements(document)]
        if any(changed):
            written = json.dumps(document)
            setattr(holder, name, written.encode() if isinstance(getattr(holder, name), bytes) else written)


def _statements(document: dict[str, Any]) -> list[dict[str, Any]]:
    found: Any = document["Statement"]
    return found if isinstance(found, list) else [found]


def _policies() -> Iterator[tuple[Any, str, str]]:
    """Yield each policy of a resource in the lab: what holds it, in which attribute, and its text."""
    for account in list(iam_backends):
        for role in iam_of(account).roles.values():
            yield role, "assume_role_policy_document", str(role.assume_role_policy_document)
    for account in list(kms_backends):
        for backend in list(kms_backends[account].values()):
            yield from ((key, "policy", str(key.policy)) for key in backend.keys.values())
    for account in list(s3_backends):
        for bucket in s3_backends[account]["aws"].buckets.values():
            if bucket.policy:
                policy: Any = bucket.policy
                yield bucket, "policy", policy.decode() if isinstance(policy, bytes) else str(policy)


def _rename(statement: dict[str, Any], before: str, after: str) -> bool:
    """Name a principal otherwise in a statement, and return whether it named it."""
    changed = False
    for name in ("Principal", "NotPrincipal"):
        given: Any = statement.get(name)
        if not isinstance(given, dict):
            continue
        named: Any = given.get("AWS")
        if named == before:
            given["AWS"], changed = after, True
        elif isinstance(named, list) and before in named:
            given["AWS"], changed = [after if each == before else each for each in named], True
    return changed
