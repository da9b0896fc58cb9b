"""Asking before anything is changed."""

from __future__ import annotations

import click

from trailseal.errors import UsageProblem
from trailseal.locale.language import say
from trailseal.messages import Message, message
from trailseal.run.consent import declined


def ask(question: Message, *, yes: bool) -> None:
    """
    Return when the user agrees, or has agreed with `--yes`.

    Raises:
        TrailsealError: the user does not agree.
        UsageProblem: there is nobody to ask.
        click.Abort: the user interrupts.
    """
    if not agreed(question, yes=yes):
        raise declined()


def agreed(question: Message, *, yes: bool) -> bool:
    """
    Return whether the user agrees, or has agreed with `--yes`.

    Raises:
        UsageProblem: there is nobody to ask.
        click.Abort: the user interrupts.
    """
    try:
        return yes or click.confirm(say(question), err=True)
    except click.Abort as ended:
        if not isinstance(ended.__context__, EOFError):
            raise
        click.echo(err=True)  # the question has no line end yet
        raise UsageProblem(message("nobody can be asked here"), message("agree with --yes")) from None
