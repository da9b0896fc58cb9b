"""
An organization's policies as they bind: what the lists of policies at each level come to.

While a type of policies is enabled, no level is without one of it, and disabling the type takes them all
away. So what `simulate` is given, where a level may be empty, is another matter than what AWS lists.
Sources:
https://docs.aws.amazon.com/organizations/latest/APIReference/API_DetachPolicy.html
https://docs.aws.amazon.com/organizations/latest/userguide/disable-policy-type.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
"""

from __future__ import annotations

from msgspec.structs import replace

from trailseal.model.principal import Inventory, NamedPolicy

Level = tuple[NamedPolicy, ...]
NOT_TOLD: Level = (NamedPolicy(name="organizations:ListPoliciesForTarget", document=""),)
"""A level of which not all was told. No engine takes the document for a policy: it may allow and deny."""


def as_they_bind(inventory: Inventory) -> Inventory:
    """Return the inventory with the levels of both types as they bind its account."""
    return replace(
        inventory,
        service_control_policies=binding(inventory.service_control_policies),
        resource_control_policies=binding(inventory.resource_control_policies),
    )


def binding(levels: tuple[Level, ...]) -> tuple[Level, ...]:
    """
    Return the levels of one type of policies, () where the type is not enabled: then nothing is limited.

    An empty level beside one that is not cannot be, so what stands there is not known.
    """
    if not any(levels):
        return ()
    return tuple(level or NOT_TOLD for level in levels)
