"""GetCallerIdentity and GetAccessKeyInfo, for every access key that the lab knows."""

from __future__ import annotations

from typing import Any

from trailseal_lab.answers import Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.credentials import find_caller
from trailseal_lab.world import World


@answers("sts", "GetCallerIdentity")
def get_caller_identity(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """Answer who signed the request."""
    del world, forward
    caller = call.caller
    return {"UserId": caller.principal_id, "Account": caller.account, "Arn": caller.arn}


@answers("sts", "GetAccessKeyInfo")
def get_access_key_info(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """Answer whose account a key belongs to; for a key that is not the lab's, the caller's account."""
    del forward
    owner = find_caller(world, str(call.params.get("AccessKeyId")))
    return {"Account": (owner or call.caller).account}
