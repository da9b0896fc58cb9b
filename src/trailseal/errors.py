"""
What stops a command: one sentence on what is wrong and where, and a hint on what to type next.

What is foreseen while reading is a value (`model.Unreadable`), not an error. Anything else that
is raised is a bug and is not caught.
"""

from __future__ import annotations

from enum import IntEnum

from trailseal.messages import Message


class ExitCode(IntEnum):
    """
    What a command says to whoever started it: every verb returns one of these, and nothing else.

    FAILED and USAGE come before INCOMPLETE, and INCOMPLETE before FINDINGS.
    """

    CLEAN = 0
    FAILED = 1
    USAGE = 2
    FINDINGS = 3
    INCOMPLETE = 4
    INTERRUPTED = 130
    CLOSED_PIPE = 141

    @property
    def meaning(self) -> str:
        """What the pages say of it."""
        return MEANINGS[self]


MEANINGS = {
    ExitCode.CLEAN: "clean: nothing to report, nothing to change, or done",
    ExitCode.FAILED: "failed",
    ExitCode.USAGE: "wrong usage, or somebody must decide first",
    ExitCode.FINDINGS: "findings, or changes pending",
    ExitCode.INCOMPLETE: "incomplete: something was unreadable, which is never counted as a pass",
    ExitCode.INTERRUPTED: "interrupted with Ctrl-C",
    ExitCode.CLOSED_PIPE: "nobody reads stdout any more",
}


class TrailsealError(Exception):
    """A command cannot go on; it failed unless a subclass says otherwise."""

    exit_code = ExitCode.FAILED

    def __init__(self, what: Message, hint: Message | None = None) -> None:
        super().__init__(str(what))
        self.what = what
        self.hint = hint


class UsageProblem(TrailsealError):
    """The command line, a configuration file or a document given by the user is not usable."""

    exit_code = ExitCode.USAGE


class Incomplete(TrailsealError):
    """Something that the answer needs could not be read, so there is no answer."""

    exit_code = ExitCode.INCOMPLETE


class Pending(TrailsealError):
    """Nothing is wrong, and somebody has to do something before the command can go on."""

    exit_code = ExitCode.FINDINGS


class WorldMoved(TrailsealError):
    """What stands in AWS is not what the plan was made from."""
