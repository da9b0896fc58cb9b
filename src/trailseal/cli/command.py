"""
Click commands that speak the chosen language, and the options that every verb shares.

Click's own texts come translated through this module; ours are marked with `N_` where they stand.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import click

from trailseal.cli.parameters import REGION, Word
from trailseal.locale.language import translate
from trailseal.messages import N_

F = TypeVar("F", bound=Callable[..., Any])


class _Translated:
    """Help text taken from the catalogue when it is shown, not when the module is imported."""

    help: str | None

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        text = self.help
        self.help = translate(inspect.cleandoc(text)) if text else text
        try:
            super().format_help_text(ctx, formatter)  # type: ignore[misc]  # mixed into click.Command
        finally:
            self.help = text


class TranslatedOption(click.Option):
    """An option whose help text is taken from the catalogue when it is shown."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the option and its help in the chosen language."""
        text = self.help
        self.help = translate(text) if text else text
        try:
            return super().get_help_record(ctx)
        finally:
            self.help = text


class _Located:
    """A command whose usage errors know which command they are of; click's parser knows none."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """
        Return the arguments that are left.

        Raises:
            click.UsageError: the command line cannot be read.
        """
        try:
            left: list[str] = super().parse_args(ctx, args)  # type: ignore[misc]  # mixed into click.Command
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise
        return left


class TrailsealCommand(_Translated, _Located, click.Command):
    """A verb."""


class TrailsealGroup(_Translated, _Located, click.Group):
    """A verb with verbs of its own."""

    command_class = TrailsealCommand

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """
        Return the verb that the first word names, and the words after it.

        Raises:
            UsageProblem: there is no such verb.
        """
        if not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            from trailseal.cli.usage import no_such_verb

            raise no_such_verb(args[0], self.list_commands(ctx), ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of subcommands in the chosen language."""
        rows = [(name, self.commands[name]) for name in self.list_commands(ctx) if name in self.commands]
        with formatter.section(translate(N_("Commands"))):
            formatter.write_dl([(n, translate((c.help or "").strip().partition("\n")[0])) for n, c in rows])


def command(**attributes: Any) -> Callable[[Callable[..., Any]], TrailsealCommand]:
    """Return the decorator of a verb; its docstring is the help text, marked by the extractor."""
    return click.command(cls=TrailsealCommand, **attributes)


def group(**attributes: Any) -> Callable[[Callable[..., Any]], TrailsealGroup]:
    """Return the decorator of a verb that holds other verbs."""
    return click.group(cls=TrailsealGroup, **attributes)


def option(*names: str, **attributes: Any) -> Callable[[F], F]:
    """Return `click.option` with a translated help text."""
    return click.option(*names, cls=TranslatedOption, **attributes)


class AwsOptions(NamedTuple):
    """How to reach AWS: standard configuration, with these two on top."""

    profile: str | None = None
    region: str | None = None


def aws_options(function: F) -> F:
    """Add `--profile` and `--region`; everything else is AWS's standard configuration."""
    function = option(
        "--region", type=REGION, metavar="REGION", help=N_("AWS Region; else from the AWS configuration.")
    )(function)
    return option("--profile", metavar="NAME", help=N_("AWS profile; else from the AWS configuration."))(
        function
    )


def format_option(function: F) -> F:
    """Add `--format text|json` as the parameter `output`."""
    return option(
        "--format",
        "output",
        type=Word(["text", "json"]),
        default="text",
        show_default=True,
        help=N_("Text to read, or one JSON document on stdout."),
    )(function)


def common_options(function: F) -> F:
    """Add `--lang` and `-v`, which `cli.main` and `cli.logs` read for every verb."""
    function = option(
        "--lang",
        type=Word(["en", "ja"]),
        expose_value=False,
        help=N_("Language of the output; else from the locale."),
    )(function)
    return option(
        "-v",
        "--verbose",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_log_calls,
        help=N_("Show each AWS call with its request ID on stderr."),
    )(function)


def _log_calls(_ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 - click's signature
    if wanted:
        from trailseal.cli.logs import show_aws_calls

        show_aws_calls()
