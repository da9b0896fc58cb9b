"""
A grant as ListGrants shows it and as a line of `simulate` gives it, read strictly.

A constraint that is misspelt and passed over would let in whom it keeps out.
Sources:
https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantListEntry.html
https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, Struct, UnsetType, to_builtins

from trailseal.model.key import Grant


class GivenConstraints(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="pascal"):
    """An empty EncryptionContextEquals is kept: what it lets through, AWS does not say."""

    encryption_context_equals: dict[str, str] | UnsetType | None = UNSET
    encryption_context_subset: dict[str, str] | UnsetType | None = UNSET
    source_arn: str | UnsetType | None = UNSET


class GivenGrant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="pascal"):
    """A grant; only its operations must be there."""

    operations: list[str]
    grantee_principal: str | UnsetType | None = UNSET
    grantee_service_principal: str | UnsetType | None = UNSET
    retiring_principal: str | UnsetType | None = UNSET
    retiring_service_principal: str | UnsetType | None = UNSET
    constraints: GivenConstraints | UnsetType | None = UNSET
    key_id: str | UnsetType | None = UNSET
    grant_id: str | UnsetType | None = UNSET
    name: str | UnsetType | None = UNSET
    issuing_account: str | UnsetType | None = UNSET
    creation_date: str | float | UnsetType | None = UNSET

    def entry(self) -> dict[str, Any]:
        """Return the grant as ListGrants shows it, without what is null."""
        entry: dict[str, Any] = to_builtins(self)
        constraints = _without_null(entry.pop("Constraints", None) or {})
        return _without_null({**entry, "Constraints": constraints or None})


def as_listed(grant: Grant) -> dict[str, Any]:
    """Return a grant that was read as ListGrants shows it."""
    constraints = GivenConstraints(
        encryption_context_equals=grant.encryption_context_equals,
        encryption_context_subset=grant.encryption_context_subset or UNSET,
        source_arn=grant.source_arn or UNSET,
    )
    given = GivenGrant(
        operations=list(grant.operations),
        grant_id=grant.grant_id,
        name=grant.name or UNSET,
        grantee_principal=grant.grantee_principal or UNSET,
        grantee_service_principal=grant.grantee_service_principal or UNSET,
        retiring_principal=grant.retiring_principal or UNSET,
        retiring_service_principal=grant.retiring_service_principal or UNSET,
        constraints=constraints,
    )
    return given.entry()


def _without_null(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
