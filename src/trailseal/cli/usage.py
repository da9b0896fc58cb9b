"""What click has to say of a command line, as an error of ours: one line, and what to type next."""

from __future__ import annotations

import click

from trailseal.cli.parameters import name_of
from trailseal.errors import UsageProblem
from trailseal.messages import Message, message


def usage_problem(error: click.ClickException) -> UsageProblem:
    """Return the error that tells the same in our words."""
    return UsageProblem(_what(error), _hint(error))


def _what(error: click.ClickException) -> Message:
    match error:
        case click.MissingParameter(param=click.Parameter() as param):
            return message("{name} is missing", name=name_of(param))
        case click.NoSuchOption(option_name=name):
            return message("there is no option `{name}`", name=name)
        case _:  # its own sentence, which is in our catalogue
            return Message("{said}", {"said": " ".join(error.format_message().split()).rstrip(".。")})


def _hint(error: click.ClickException) -> Message:
    context = error.ctx if isinstance(error, click.UsageError) else None
    help_line = f"{context.command_path if context else 'trailseal'} --help"
    if isinstance(error, click.NoSuchOption) and error.possibilities:
        names = ", ".join(sorted(error.possibilities))
        return message("is {names} meant? all options: {command}", names=names, command=help_line)
    return message("how it is written: {command}", command=help_line)


def no_such_verb(name: str, known: list[str], context: click.Context) -> UsageProblem:
    """Return the error for a verb that there is not."""
    from difflib import get_close_matches

    help_line = f"{context.command_path} --help"
    what = message("there is no verb `{name}`", name=f"{context.command_path} {name}".partition(" ")[2])
    if near := get_close_matches(name, known):
        return UsageProblem(
            what, message("is {names} meant? all verbs: {command}", names=", ".join(near), command=help_line)
        )
    return UsageProblem(what, message("all verbs: {command}", command=help_line))
