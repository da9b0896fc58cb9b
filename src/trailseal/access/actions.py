"""
The actions that AWS lists for the services a key or a log bucket is reached through.

They are data, `actions.json`, which `tools/actions.py` reads anew from AWS's service reference:
https://docs.aws.amazon.com/service-authorization/latest/reference/service-reference.html
Condition keys: `access.keys`.
"""

from __future__ import annotations

from importlib.resources import files

import msgspec

ACTIONS = msgspec.json.decode(
    (files("trailseal.access") / "actions.json").read_bytes(), type=dict[str, frozenset[str]]
)
"""The names of a service's actions, by its prefix."""
