"""
Scenarios: what a lab holds when it comes up.

A scenario is a module here with a function `build(world)` and an entry in `SCENARIOS`. While it
builds, `world.building` is true: nothing is refused and nothing recorded. `inside.client` gives
ordinary boto3 clients that need no socket.
"""

from __future__ import annotations

from importlib import import_module

from moto.moto_api._internal.models import moto_api_backend

from trailseal.errors import UsageProblem
from trailseal.messages import N_, message
from trailseal_lab.world import World

SCENARIOS: dict[str, tuple[str, str]] = {
    "story": (
        "trailseal_lab.scenarios.story",
        N_("One trail on SSE-S3 with two days of history, and readers of several kinds."),
    ),
    "clean": ("trailseal_lab.scenarios.clean", N_("Everything passes: one trail with its own key.")),
    "multi": (
        "trailseal_lab.scenarios.multi",
        N_("An organization with several trails, Regions and accounts."),
    ),
    "broken": (
        "trailseal_lab.scenarios.broken",
        N_("Trails that stopped, fail, lost their key or cannot be seen."),
    ),
    "many": ("trailseal_lab.scenarios.many", N_("Two hundred trails, to count calls on.")),
    "empty": ("trailseal_lab.scenarios.empty", N_("An account with one administrator and nothing else.")),
}


def build(world: World) -> None:
    """
    Build the world's scenario, in backends that are emptied first: they are global to the process.

    Raises:
        UsageProblem: there is no scenario of that name.
    """
    if world.scenario not in SCENARIOS:
        raise UsageProblem(
            message("there is no scenario `{name}`", name=world.scenario),
            message("the scenarios are: {names}", names=", ".join(sorted(SCENARIOS))),
        )
    moto_api_backend.reset()
    world.building = True
    try:
        import_module(SCENARIOS[world.scenario][0]).build(world)
    finally:
        world.building = False
