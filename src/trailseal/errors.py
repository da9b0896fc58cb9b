"""
What stops a command: one sentence on what is wrong and where, and a hint on what to type next.

What is foreseen while reading is a value (`model.Unreadable`), not an error. Anything else that
is raised is a bug and is not caught.
"""

from __future__ import annotations

from trailseal.messages import Message


class TrailsealError(Exception):
    """A command cannot go on. Exit code 1 unless a subclass says otherwise."""

    exit_code = 1

    def __init__(self, what: Message, hint: Message | None = None) -> None:
        super().__init__(str(what))
        self.what = what
        self.hint = hint


class UsageProblem(TrailsealError):
    """The command line, a configuration file or a document given by the user is not usable."""

    exit_code = 2


class Incomplete(TrailsealError):
    """Something that the answer needs could not be read, so there is no answer."""

    exit_code = 4


class WorldMoved(TrailsealError):
    """What stands in AWS is not what the plan was made from."""
