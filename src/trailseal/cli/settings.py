"""
What a user has settled once for all verbs, in `config.toml`: what an option says comes before it.

    profile = "audit"    # where neither --profile nor the environment says as whom AWS is asked
    language = "ja"      # else from the locale
    format = "json"      # of verbs that answer in text or JSON
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

from trailseal.errors import UsageProblem
from trailseal.home import settings_file

WHO = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_ACCESS_KEY_ID",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
"""Variables by which the environment says as whom AWS is asked: a lab's are among them."""


class Settled(NamedTuple):
    """The settings; "" is none."""

    language: str
    defaults: Mapping[str, str]
    """Of options, by the name of their parameter."""


NOTHING = Settled("", {})


def settled() -> Settled:
    """
    Return this user's settings.

    Raises:
        UsageProblem: their file cannot be read, or holds a setting that does not exist or cannot be.
    """
    from trailseal.run.user_file import SMALL, is_there, read_file

    try:
        path = settings_file()
    except UsageProblem:  # of what asks for it: no settings need a home folder
        return NOTHING
    if not is_there(path):
        return NOTHING
    from trailseal.model.settings import UserSettings, read_settings

    found = read_settings(read_file(path, most=SMALL), UserSettings, name=str(path))
    profile = "" if any(os.environ.get(name) for name in WHO) else found.profile
    given = {"profile": profile, "output": found.format}
    return Settled(found.language, {name: value for name, value in given.items() if value})
