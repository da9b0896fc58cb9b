"""
Click commands that speak the chosen language, and the options that every verb shares.

Click's own texts come translated through this module; ours are marked with `N_` where they stand.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click
from click.core import ParameterSource

from trailseal.cli.help_text import HelpContext
from trailseal.cli.parameters import REGION, Word
from trailseal.errors import UsageProblem
from trailseal.locale.language import say, translate
from trailseal.messages import N_, message

F = TypeVar("F", bound=Callable[..., Any])


class _Translated:
    """Help text taken from the catalogue when it is shown, not when the module is imported."""

    help: str | None
    context_class: type[click.Context] = HelpContext

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

    def get_help_extra(self, ctx: click.Context) -> click.types.OptionHelpExtra:
        """Return what stands in brackets behind the help: the bounds of a number in words."""
        extra = super().get_help_extra(ctx)
        if "range" in extra and isinstance(self.type, click.IntRange | click.FloatRange):
            bounds = {"low": str(self.type.min), "high": str(self.type.max)}
            to = message("{low} to {high}", **bounds)
            extra["range"] = say(message("above {low}, up to {high}", **bounds) if self.type.min_open else to)
        if "required" in extra:
            extra["required"] = translate(N_("required"))
        return extra


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
    """A verb. Its options' defaults are those that the user has settled, where `cli.main` found some."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """
        Return the context in which the verb runs.

        Raises:
            click.UsageError: the command line cannot be read.
        """
        if parent is not None and isinstance(settled := parent.find_root().obj, Mapping):
            extra["default_map"] = {
                each.name: settled[each.name] for each in self.params if each.name in settled
            }
        return super().make_context(info_name, args, parent, **extra)


SHARED = {
    "--profile": 1, "--region": 1, "--format": 1, "--verbose": 0, "-v": 0, "--brief": 0, "--quiet": 0, "-q": 0
}  # fmt: skip
"""Options of verbs that may stand before the verb as well, each with the number of words that follow it."""
STAYING = {"--lang": 1}
"""What a group takes itself."""


def _shared_behind_the_verb(args: list[str]) -> list[str]:
    """Return the words of a command line with the shared options before the verb put behind it."""
    moved: list[str] = []
    staying: list[str] = []
    at, known = 0, SHARED | STAYING
    while at < len(args) and (name := args[at].partition("=")[0]) in known:
        end = at + 1 + (0 if "=" in args[at] else known[name])
        (staying if name in STAYING else moved).extend(args[at:end])
        at = end
    if at >= len(args) or args[at].startswith("-"):
        return args
    return [*staying, args[at], *moved, *args[at + 1 :]]


class TrailsealGroup(_Translated, _Located, click.Group):
    """A verb with verbs of its own."""

    command_class = TrailsealCommand

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """
        Return the arguments that are left.

        Raises:
            click.UsageError: the command line cannot be read.
        """
        return super().parse_args(ctx, _shared_behind_the_verb(args))

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
    """Return the decorator of a verb that holds other verbs, and takes `--lang` as they do."""
    return lambda function: click.group(cls=TrailsealGroup, **attributes)(language_option(function))


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


def further_option(function: F) -> F:
    """Add `--also-profile` as the parameter `further`: accounts that hold what a trail rests on."""
    return option(
        "--also-profile",
        "further",
        multiple=True,
        metavar="NAME",
        help=N_("AWS profile of a further account, to see its principals, bucket and key; repeatable."),
    )(function)


def no_account(snapshot: object, further: tuple[str, ...]) -> None:
    """
    Return when no further account is asked about beside a saved snapshot.

    Raises:
        UsageProblem: one is.
    """
    if snapshot and further:
        raise UsageProblem(message("--snapshot reads no AWS account: --also-profile does"))


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


DETAIL = "trailseal.detail"
BRIEF = "brief"
"""What `output` is besides `text` and `json`."""


def answer_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """
    Add `--format`, `--brief` and `-q` as the parameter `output`, for a verb that answers a person.

    With `-q` nothing that the verb writes comes out; what stops it is told all the same, by `cli.main`. A
    verb that asks before it changes anything could not be heard then, and wants `--yes`.
    """

    @wraps(function)
    def verb(*given: Any, output: str, brief: bool, quiet: bool, **named: Any) -> Any:
        named["output"] = _wanted(output, brief=brief, quiet=quiet)
        if not quiet:
            return function(*given, **named)
        if not named.get("yes", True):
            raise UsageProblem(message("-q would hide the question"), message("agree with --yes"))
        with (
            Path(os.devnull).open("w", encoding="utf-8") as nowhere,
            redirect_stdout(nowhere),
            redirect_stderr(nowhere),
        ):
            return function(*given, **named)

    quietly = option(
        "-q", "--quiet", is_flag=True, help=N_("Print nothing: the exit code alone is the answer.")
    )(verb)
    return format_option(
        option("--brief", is_flag=True, help=N_("One line for each trail, key, policy or run."))(quietly)
    )


def _wanted(output: str, *, brief: bool, quiet: bool) -> str:
    source = click.get_current_context().get_parameter_source("output")
    if brief + quiet + (source is ParameterSource.COMMANDLINE and output == "json") > 1:
        raise UsageProblem(message("--format json, --brief and -q are three answers: give one of them"))
    return BRIEF if brief or quiet else output


def language_option(function: F) -> F:
    """Add `--lang`, which `cli.main` reads before any verb runs."""
    return option(
        "--lang",
        type=Word(["en", "ja"]),
        expose_value=False,
        help=N_("Language of the output; else from the locale."),
    )(function)


def common_options(function: F) -> F:
    """Add what every verb that asks AWS takes: `--lang`, and `-v`, which `cli.logs` carries out."""
    function = language_option(function)
    return option(
        "-v",
        "--verbose",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_log_calls,
        help=N_("Show every detail, and each AWS call with its request ID on stderr."),
    )(function)


def wants_detail() -> bool:
    """Return whether `-v` is given: the screen then leaves nothing out and folds nothing."""
    context = click.get_current_context(silent=True)
    return context is not None and DETAIL in context.meta


def _log_calls(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 - click's signature
    if wanted:
        ctx.meta[DETAIL] = True
        from trailseal.cli.logs import show_aws_calls

        show_aws_calls()
