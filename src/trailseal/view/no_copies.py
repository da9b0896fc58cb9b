"""The line that stands where nobody looked for copies of the events; it needs nothing of what shows them."""

from __future__ import annotations

from rich.text import Text

from trailseal.locale.language import say
from trailseal.messages import message
from trailseal.view.terminal import Terminal

NOT_LOOKED_AT = message(
    "Copies of the events beside the log files were not looked at: `trailseal check --copies` names them."
)


def print_no_copies(console: Terminal) -> None:
    """Write that copies were not looked at, and what looks at them."""
    console.print()
    console.prose(Text(say(NOT_LOOKED_AT), "yellow"))
