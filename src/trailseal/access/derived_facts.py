"""
From what is given of a request to its facts: what the caller, the resource and the path tell is added.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from trailseal.access.called_via import THE_WAY, derive_the_way
from trailseal.access.caller import Caller, CallerKind
from trailseal.access.caller_facts import is_root_session, of_caller
from trailseal.access.facts import KEPT, TRUE_OR_FALSE, VIA, Context, Facts, Lack, OneOf, Value
from trailseal.access.keys.presence import goes_with
from trailseal.access.keys.table import find
from trailseal.access.pairs import carries_context, drop_context, names_of, tie_pairs
from trailseal.model.arn import Arn, is_arn

CALLER_ACCOUNT = "kms:calleraccount"


def facts_of(
    caller: Caller,
    *,
    action: str,
    resource: str,
    resource_account: str,
    given: Context,
    derive: bool,
    closed: bool,
    not_before: float | None = None,
) -> Facts:
    """Return the request's facts; a key that is given wins over a derived one."""
    names = names_of(tuple(given))
    known: dict[str, Value] = dict(zip(names.lowered, given.values(), strict=True))
    is_given = VIA in known
    if names.tied:
        if carries_context(action) is False:
            drop_context(known)
        tie_pairs(known, given, names.pairs, action, derive=derive)
    if not closed and is_root_session(caller, known):
        known.setdefault("aws:sourceidentity", Lack.UNKNOWN)
    if derive:
        known = _derived(caller, action, resource_account, _region_in(resource)) | known
        _derive_source_account(known)
        if not THE_WAY.isdisjoint(known) or known[VIA] == ("true",):
            derive_the_way(known, caller, is_given=is_given, closed=closed)
    if not_before is not None:
        known = _from_then_on(not_before) | known
    return Facts(known=known, closed=closed, caller=caller, action=action)


@lru_cache(maxsize=KEPT)
def _from_then_on(not_before: float) -> dict[str, Value]:
    """Return what both clocks can show of a request that is made at a moment or after it."""
    date = datetime.fromtimestamp(int(not_before), UTC).isoformat()
    return {
        "aws:currenttime": OneOf(("*",), since=date),
        "aws:epochtime": OneOf(("*",), since=str(int(not_before))),
    }


def _derive_source_account(known: dict[str, Value]) -> None:
    source = known.get("aws:sourcearn")
    if isinstance(source, tuple) and "aws:sourceaccount" not in known:
        accounts = {Arn.parse(arn).account for arn in source if is_arn(arn)} - {""}
        known |= {"aws:sourceaccount": tuple(sorted(accounts))} if accounts else {}


@lru_cache(maxsize=KEPT)
def _region_in(resource: str) -> str:
    return Arn.parse(resource).region if is_arn(resource) else ""


@lru_cache(maxsize=KEPT)
def _derived(caller: Caller, action: str, resource_account: str, region: str) -> dict[str, Value]:
    known = of_caller(caller)
    known[VIA] = TRUE_OR_FALSE if caller.kind is CallerKind.SERVICE else ("false",)
    account = find(CALLER_ACCOUNT)
    if caller.account and account is not None and goes_with(account, action):
        known[CALLER_ACCOUNT] = (caller.account,)
    if resource_account:
        known["aws:resourceaccount"] = (resource_account,)
        if action.lower().startswith("s3:"):
            known["s3:resourceaccount"] = (resource_account,)
    if region:
        known["aws:requestedregion"] = (region,)
    return known
