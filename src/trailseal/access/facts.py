"""
What is known of a request's context: given, derived from the caller and the path, absent, or unknown.

Sources:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from functools import lru_cache

from msgspec import Struct

from trailseal.access.caller import Caller, CallerKind
from trailseal.model.arn import Arn, is_arn


class Lack(Enum):
    """Why there is no value: the key is not in the request, or nobody told us."""

    ABSENT = "absent"
    UNKNOWN = "unknown"


Value = tuple[str, ...] | Lack
KEPT = 10_000
CONTEXT = "kms:encryptioncontext:"
OPEN_FAMILIES = (CONTEXT, "aws:requesttag/")
"""Families whose keys the caller makes up. What the request does not carry is absent, never unknown."""
BY_THE_PATH = frozenset(
    {
        "kms:viaservice",
        "aws:viaawsservice",
        "aws:calledvia",
        "aws:calledviafirst",
        "aws:calledvialast",
        "kms:encryptioncontextkeys",
        "kms:grantisforawsresource",
        "aws:sourcearn",
        "aws:sourceaccount",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
    }
)
"""Keys that only a service on the way puts in: absent from a direct call by a person or role."""
ONLY_PRINCIPALS = ("aws:principaltag/", "aws:principalorg", "aws:multifactorauth", "aws:tokenissuetime")


class Facts(Struct, frozen=True, kw_only=True):
    """A request's context, ready to be asked. Keys are lower case."""

    known: dict[str, tuple[str, ...]]
    closed: bool
    """Whether a key that is not known is absent; else it is unknown, unless its family says otherwise."""
    caller: Caller

    def get(self, key: str) -> Value:
        """Return the values of a condition key (lower case), or why there are none."""
        if (found := self.known.get(key)) is not None:
            return found
        if self.closed or key.startswith(OPEN_FAMILIES):
            return Lack.ABSENT
        if self.caller.kind is CallerKind.SERVICE:
            return Lack.ABSENT if key.startswith(ONLY_PRINCIPALS) or key in CALLER_KEYS else Lack.UNKNOWN
        if key in BY_THE_PATH or key in CALLER_KEYS:
            return Lack.ABSENT
        if self.caller.kind is CallerKind.ANONYMOUS and key.startswith(ONLY_PRINCIPALS):
            return Lack.ABSENT
        return Lack.UNKNOWN


CALLER_KEYS = frozenset(
    {
        "aws:principalarn",
        "aws:principalaccount",
        "aws:principaltype",
        "aws:principalisawsservice",
        "aws:principalservicename",
        "aws:principalservicenameslist",
        "aws:username",
        "kms:calleraccount",
    }
)


def facts_of(
    caller: Caller,
    *,
    action: str,
    resource: str,
    resource_account: str,
    given: Mapping[str, tuple[str, ...]],
    derive: bool,
    closed: bool,
) -> Facts:
    """Return the request's facts; a key that is given wins over a derived one."""
    known = {key.lower(): values for key, values in given.items()}
    if derive:
        service = action.partition(":")[0].lower()
        known = _derived(caller, service, resource_account, _region_in(resource)) | known
        _derive_from_given(known, given)
    return Facts(known=known, closed=closed or not derive, caller=caller)


def _derive_from_given(known: dict[str, tuple[str, ...]], given: Mapping[str, tuple[str, ...]]) -> None:
    """Add what follows from given keys: the names of context pairs, the account of a source."""
    context = [key.split(":", 2)[2] for key in given if key.lower().startswith(CONTEXT)]
    if context:
        known.setdefault("kms:encryptioncontextkeys", tuple(sorted(context)))
    if "aws:sourcearn" in known and "aws:sourceaccount" not in known:
        accounts = {Arn.parse(arn).account for arn in known["aws:sourcearn"] if is_arn(arn)} - {""}
        known |= {"aws:sourceaccount": tuple(sorted(accounts))} if accounts else {}


@lru_cache(maxsize=KEPT)
def _region_in(resource: str) -> str:
    return Arn.parse(resource).region if is_arn(resource) else ""


@lru_cache(maxsize=KEPT)
def _derived(caller: Caller, service: str, resource_account: str, region: str) -> dict[str, tuple[str, ...]]:
    known = _of_caller(caller)
    if caller.account and service == "kms":
        known["kms:calleraccount"] = caller.account
    if resource_account:
        known["aws:resourceaccount"] = resource_account
        if service == "s3":
            known["s3:resourceaccount"] = resource_account
    if region:
        known["aws:requestedregion"] = region
    return {key: (value,) for key, value in known.items()}


def _of_caller(caller: Caller) -> dict[str, str]:
    if caller.kind is CallerKind.SERVICE:
        return {"aws:principalisawsservice": "true", "aws:principalservicename": caller.text}
    if caller.kind is CallerKind.ANONYMOUS:
        return {"aws:principalisawsservice": "false", "aws:principaltype": "Anonymous"}
    known = {
        "aws:principalisawsservice": "false",
        "aws:principalarn": caller.principal_arn,
        "aws:principalaccount": caller.account,
        "aws:principaltype": PRINCIPAL_TYPES[caller.kind],
    }
    return known | ({"aws:username": caller.name} if caller.kind is CallerKind.USER else {})


PRINCIPAL_TYPES = {
    CallerKind.USER: "User",
    CallerKind.ROOT: "Account",
    CallerKind.ROLE: "AssumedRole",
    CallerKind.SESSION: "AssumedRole",
    CallerKind.FEDERATED: "FederatedUser",
}
