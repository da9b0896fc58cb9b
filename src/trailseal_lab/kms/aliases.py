"""Aliases as ListAliases shows them: those that exist, and no more."""

from __future__ import annotations

from typing import Any

from trailseal_lab.answers import Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.kms.keys import kms_of
from trailseal_lab.kms.states import key_of_call
from trailseal_lab.world import World


@answers("kms", "ListAliases")
def list_aliases(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """List the aliases of the account and Region, or of one key. moto invents those of AWS managed keys."""
    del forward
    if call.params.get("KeyId"):
        keys = [key_of_call(call)]
    else:
        keys = list(kms_of(call.caller.account, call.region).keys.values())
    found = [
        {
            "AliasName": alias.alias_name,
            "AliasArn": alias.alias_arn,
            "TargetKeyId": alias.target_key_id,
            "CreationDate": world.started,
            "LastUpdatedDate": world.started,
        }
        for key in keys
        for alias in key.aliases.values()
    ]
    return {"Aliases": sorted(found, key=lambda a: str(a["AliasName"])), "Truncated": False}
