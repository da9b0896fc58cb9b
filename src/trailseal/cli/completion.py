"""`trailseal completion`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from trailseal.cli.command import command, language_option
from trailseal.cli.parameters import Word
from trailseal.errors import ExitCode

ASKED_BY = "_TRAILSEAL_COMPLETE"
"""The variable by which a shell asks click, which derives it from the program's name."""


@command()
@click.argument("shell", type=Word(["bash", "zsh", "fish"]))
@language_option
@click.pass_context
def completion(context: click.Context, shell: str) -> ExitCode:
    """
    Print what completes trailseal's words in a shell.

    In bash, once: `trailseal completion bash >> ~/.bashrc`. In zsh: `trailseal completion zsh >> ~/.zshrc`.
    In fish: `trailseal completion fish > ~/.config/fish/completions/trailseal.fish`.
    """
    kind = get_completion_class(shell)
    if kind is None:  # pragma: no cover - click knows these three
        raise NotImplementedError(shell)
    click.echo(kind(context.find_root().command, {}, "trailseal", ASKED_BY).source())
    return ExitCode.CLEAN
