"""
Aliases: set for keys that are to stay, never in the names of AWS managed keys; listed are those that exist.

Sources:
https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteAlias.html
"""

from __future__ import annotations

from typing import Any

from trailseal_lab.answers import Answer, Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError
from trailseal_lab.kms.keys import AWS_ALIAS, kms_of, require_key
from trailseal_lab.kms.pages import page
from trailseal_lab.kms.states import check_not_pending_deletion, key_of_call
from trailseal_lab.world import World


@answers("kms", "CreateAlias", "UpdateAlias", "DeleteAlias")
def name_key(world: World, call: Call, forward: Forward) -> Answer:
    """
    Let moto set an alias for a key that is to stay, or take one away; those of `alias/aws/` are AWS's own.

    AWS's pages do not tell the code of that refusal: it is moto's for the names that moto reserves.

    Raises:
        ApiError: NotAuthorizedException; NotFoundException or KMSInvalidStateException for the key.
    """
    del world
    if str(call.params.get("AliasName", "")).startswith(AWS_ALIAS):
        raise ApiError("NotAuthorizedException", f"{AWS_ALIAS} is reserved for AWS managed keys.")
    if call.operation != "DeleteAlias":
        target = str(call.params.get("TargetKeyId", ""))
        check_not_pending_deletion(require_key(target, account=call.caller.account, region=call.region))
    return forward()


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
    return page(call, "Aliases", sorted(found, key=lambda a: str(a["AliasName"])))
