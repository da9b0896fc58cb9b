"""
Channels, of which the lab has none: nothing can make one here, so the list of them is empty.

Sources: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListChannels.html
and https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetChannel.html
"""

from __future__ import annotations

from typing import Any

from trailseal_lab.answers import Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError
from trailseal_lab.world import World


@answers("cloudtrail", "ListChannels")
def list_channels(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """
    List no channel.

    Raises:
        ApiError: InvalidNextTokenException, for a token that was not given out.
    """
    del world, forward
    if call.params.get("NextToken"):
        raise ApiError("InvalidNextTokenException", "The token is not valid.")
    return {"Channels": []}


@answers("cloudtrail", "GetChannel")
def get_channel(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """
    Show no channel.

    Raises:
        ApiError: ChannelNotFoundException.
    """
    del world, forward
    raise ApiError("ChannelNotFoundException", f"The channel {call.params['Channel']} was not found.")
