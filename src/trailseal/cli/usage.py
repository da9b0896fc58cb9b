"""What click has to say of a command line, as an error of ours: one line, and what to type next."""

from __future__ import annotations

import click

from trailseal.cli.parameters import name_of
from trailseal.errors import UsageProblem
from trailseal.messages import Message, message
from trailseal.view.words import listed


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
        from difflib import get_close_matches

        names = listed(get_close_matches(error.option_name, error.possibilities, cutoff=0))
        return message("is {names} meant? all options: {command}", names=names, command=help_line)
    return message("how it is written: {command}", command=help_line)


def no_such_verb(name: str, known: list[str], context: click.Context) -> UsageProblem:
    """Return the error for a verb that there is not."""
    from difflib import get_close_matches

    help_line = f"{context.command_path} --help"
    what = message("there is no command `{name}`", name=f"{context.command_path} {name}".partition(" ")[2])
    if near := get_close_matches(name, known):
        return UsageProblem(
            what,
            message("is {names} meant? all commands: {command}", names=listed(near), command=help_line),
        )
    return UsageProblem(what, message("all commands: {command}", command=help_line))


def no_such_code(name: str, known: list[str]) -> UsageProblem:
    """Return the error for a code that no verb prints."""
    from difflib import get_close_matches

    what = message("there is no check and no code `{name}`", name=name)
    written = {each.lower(): each for each in known}
    if near := [written[each] for each in get_close_matches(name.lower(), written)]:
        return UsageProblem(what, message("is {names} meant?", names=listed(near)))
    return UsageProblem(what, message("trailseal check, policy lint and plan print the codes that there are"))
