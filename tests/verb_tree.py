"""Every verb of the command line, as click has it: what is added is found by itself."""

from __future__ import annotations

from collections.abc import Iterator

import click

from trailseal.cli.main import trailseal


def verbs(
    command: click.Command = trailseal, names: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield each verb that does something, with the words that name it."""
    if not isinstance(command, click.Group):
        yield names, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        assert below is not None
        yield from verbs(below, (*names, name))
