"""Every API call is authorised as its caller, by the policy engine."""

from __future__ import annotations

from trailseal.lab.call import Call
from trailseal.lab.world import World


def check(world: World, call: Call) -> None:
    """
    Return when the caller may make this call.

    Raises:
        ApiError: AccessDenied, worded as the service words it.
    """
    del world, call
