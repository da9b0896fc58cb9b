"""Everything that decides on reading: the policies on bucket and key, grants, principals, guardrails."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property

from msgspec import Struct

from trailseal.access.caller import role_arn
from trailseal.access.facts import OneOf, Value
from trailseal.access.given_grant import as_listed
from trailseal.access.readers.levels import binding
from trailseal.access.readers.wording import texts_in
from trailseal.access.request import Levels, Policies, PublicAccess
from trailseal.model.arn import account_of
from trailseal.model.key import Grant, KeyPolicies
from trailseal.model.principal import Inventory, NamedPolicy, Principal, PrincipalKind
from trailseal.model.unreadable import Unreadable

UNIQUE_ID = re.compile(r"A(?:IDA|ROA)[A-Z0-9]+")


class Estate(Struct, frozen=True, kw_only=True, dict=True):
    """
    The documents as JSON text. "" is no policy; `Unreadable` makes the answers that need it unknown.

    `organization` is the organization's ID when it is known; `members` its accounts.
    """

    bucket_policy: str | Unreadable = ""
    key_policies: KeyPolicies | Unreadable = KeyPolicies()
    grants: tuple[Grant, ...] | Unreadable = ()
    inventories: tuple[Inventory, ...] = ()
    public_access_block: PublicAccess | None = None
    """What the bucket's Block Public Access makes of its policy; None is no such configuration."""
    organization: str = ""
    members: frozenset[str] = frozenset()
    management: str = ""
    """The organization's management account."""
    alone: frozenset[str] = frozenset()
    """Accounts that are known to be in no organization."""
    folders: tuple[str, ...] = ("AWSLogs/",)
    """The key of every object that the trail delivers begins with one of these."""
    now: float | None = None
    """The time of the question, in seconds since 1970: no request is made before it."""
    key_facts: dict[str, Value] = {}
    """Condition keys of requests on the key that follow from the key itself: its tags, aliases and kind."""

    @cached_property
    def others_ids(self) -> tuple[str, ...]:
        """
        Return patterns of the user IDs that policies name and that known principals have.

        IAM never gives a unique ID again, so that nobody else's aws:userid holds one of them.
        Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
        """
        documents = [self.bucket_policy] if isinstance(self.bucket_policy, str) else []
        documents += [*self.key_documents, *self.guardrails]
        texts = {text for document in documents for text in texts_in(document)}
        named = {found for text in texts for found in UNIQUE_ID.findall(text)}
        known = named & {principal.principal_id for principal in self.by_arn.values()} if named else set()
        return tuple(each for one in sorted(known) for each in (one, f"{one}:*"))

    def bucket_facts(self, account: str) -> dict[str, Value]:
        """Return the condition keys of requests on a bucket of `account` that follow from the bucket."""
        return self.organization_facts("Resource", account)

    def organization_facts(self, whose: str, account: str) -> dict[str, Value]:
        """Return what is known of `aws:ResourceOrgID`, or of `aws:PrincipalOrgID`, for an account."""
        if account in self.alone:
            return {f"aws:{whose}OrgID": (), f"aws:{whose}OrgPaths": ()}
        if self.organization and account in self.members:
            paths = OneOf((f"{self.organization}/*",))
            return {f"aws:{whose}OrgID": (self.organization,), f"aws:{whose}OrgPaths": paths}
        return {}

    @cached_property
    def by_account(self) -> dict[str, Inventory]:
        """Return the inventories by account."""
        return {inventory.account: inventory for inventory in self.inventories}

    @cached_property
    def by_arn(self) -> dict[str, Principal]:
        """Return every known principal by its ARN."""
        return {p.arn: p for inventory in self.inventories for p in inventory.principals}

    @cached_property
    def _roles(self) -> dict[tuple[str, str], tuple[Principal, ...]]:
        found: dict[tuple[str, str], tuple[Principal, ...]] = {}
        for arn, principal in self.by_arn.items():
            if principal.kind is PrincipalKind.ROLE:
                place = account_of(arn), arn.rpartition("/")[2]
                found[place] = (*found.get(place, ()), principal)
        return found

    def roles_of_session(self, arn: str) -> tuple[Principal, ...]:
        """
        Return the known roles that a session may belong to, () for the ARN of anything else.

        IAM lets a name stand once in an account, whatever its path, so that more than one is a
        contradiction in what was read, and not for us to decide.
        Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
        """
        return self.roles_like(role_arn(arn))

    def roles_like(self, arn: str) -> tuple[Principal, ...]:
        """Return the known roles with the name in an ARN that does not tell a role's path."""
        return self._roles.get((account_of(arn), arn.rpartition("/")[2]), ())

    @cached_property
    def _shared(self) -> dict[str, dict[str, NamedPolicy]]:
        return {i.account: {p.name: p for p in i.shared} for i in self.inventories}

    def policies_of(self, principal: Principal, account: str) -> tuple[NamedPolicy, ...]:
        """
        Return all identity policies of a principal.

        One that is attached and was not delivered with the inventory comes with an empty document,
        which no engine takes for a policy, so that the answer is never a guess.
        """
        if not principal.shared:
            return principal.policies
        shared = self._shared[account]
        named = (shared.get(name) or NamedPolicy(name=name, document="") for name in principal.shared)
        return (*principal.policies, *named)

    @cached_property
    def grant_entries(self) -> tuple[Mapping[str, object], ...]:
        """Return the grants as KMS ListGrants gives them; empty when they could not be read."""
        grants = self.grants if isinstance(self.grants, tuple) else ()
        return tuple(as_listed(grant) for grant in grants)

    @property
    def key_documents(self) -> tuple[str, ...]:
        """Return the key's policies that could be read."""
        if isinstance(self.key_policies, Unreadable):
            return ()
        return tuple(text for text in (self.key_policies.default, self.key_policies.aws_ram) if text)

    @cached_property
    def guardrails(self) -> tuple[str, ...]:
        """Return all policies of the organization that were read."""
        levels = (
            level
            for i in self.inventories
            for level in (*i.service_control_policies, *i.resource_control_policies)
        )
        return tuple(dict.fromkeys(policy.document for level in levels for policy in level))

    def scp(self, account: str) -> Levels | None:
        """Return the service control policies over the principals of an account, None for none."""
        inventory = self.bound(account)
        return (binding(inventory.service_control_policies) if inventory else ()) or None

    def rcp(self, account: str) -> Levels | None:
        """Return the resource control policies over the resources of an account, None for none."""
        inventory = self.bound(account)
        return (binding(inventory.resource_control_policies) if inventory else ()) or None

    def bound(self, account: str) -> Inventory | None:
        """
        Return an account's inventory where its organization's policies bind it: not the management account's.

        Sources: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
        and https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
        """
        return None if account == self.management else self.by_account.get(account)

    def bucket_layers(self, account: str) -> dict[str, object]:
        """Return the layers of a bucket of `account` for `Policies`."""
        policy = self.bucket_policy if isinstance(self.bucket_policy, str) else ""
        return {
            "resource": policy or None,
            "rcp": self.rcp(account),
            "public_access_block": self.public_access_block,
        }

    def key_layers(self) -> dict[str, object]:
        """Return the key's own layers for `Policies`."""
        stated = self.key_policies if isinstance(self.key_policies, KeyPolicies) else KeyPolicies()
        return {
            "resource": stated.default or None,
            "resource_shared": stated.aws_ram or None,
            "grants": self.grant_entries or None,
        }


EVERYTHING = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
"""The worst case for a principal whose IAM policies are not known."""


def identity_layers(
    *, documents: tuple[str, ...], boundary: str | None, scp: Levels | None, federated: bool = False
) -> dict[str, object]:
    """
    Return the caller's layers for `Policies`.

    A federated user has of its maker's policies only what a session policy leaves of them. Whoever makes
    the session chooses that policy, so the most that he can hand on is asked: one that leaves everything.
    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
    """
    return {
        "identity": documents,
        "boundary": None if boundary is None else (boundary,),
        "session": (EVERYTHING,) if federated else None,
        "scp": scp,
    }


def join_layers(*layers: Mapping[str, object]) -> Policies:
    """Return `Policies` from layers gathered apart."""
    together: dict[str, object] = {}
    for layer in layers:
        together.update(layer)
    return Policies(**together)  # type: ignore[arg-type]  # each layer has Policies' own field types
