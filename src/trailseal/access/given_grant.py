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


class GivenConstraints(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="pascal"):
    """An empty EncryptionContextEquals asks for an empty context, none at all for nothing."""

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
        entry = _without_null(entry)
        if "Constraints" in entry:
            entry["Constraints"] = _without_null(entry["Constraints"])
        return entry


def _without_null(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
