"""What is said when the user is asked and does not agree."""

from __future__ import annotations

from trailseal.errors import TrailsealError
from trailseal.messages import message


def declined() -> TrailsealError:
    """Return the end of a command whose user said no."""
    return TrailsealError(message("nothing was changed"), message("answer y to go on, or give --yes"))
