"""
The command line: verbs are found by name and loaded when used, errors are printed once.

`trailseal --help` imports neither boto3 nor rich nor any verb.
"""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from importlib import import_module

import click

from trailseal import __version__
from trailseal.cli.command import TrailsealGroup, TranslatedOption, language_option
from trailseal.cli.settings import settled
from trailseal.errors import ExitCode, TrailsealError
from trailseal.locale.language import choose_language, translate
from trailseal.messages import N_, message
from trailseal.view.streams import can_write, open_streams

VERBS: dict[str, tuple[str, str]] = {
    "check": (
        "trailseal.cli.check",
        N_("Show each trail's encryption, its verdicts and the security score."),
    ),
    "explain": ("trailseal.cli.explain", N_("Say what SSE-KMS would mean for this account, both sides.")),
    "plan": ("trailseal.cli.plan", N_("Work out the steps to SSE-KMS, in an order that keeps logs flowing.")),
    "apply": ("trailseal.cli.apply", N_("Carry out a plan, exactly as shown, and prove the result.")),
    "undo": ("trailseal.cli.undo", N_("Restore what was there before a run, step by step.")),
    "runs": ("trailseal.cli.runs", N_("List the runs that can be undone.")),
    "verify": ("trailseal.cli.verify", N_("Prove on the delivered objects what they are encrypted with.")),
    "who": ("trailseal.cli.who", N_("Say who can read the log files, and why.")),
    "simulate": (
        "trailseal.cli.simulate",
        N_("Decide requests over policies: JSON lines in, JSON lines out."),
    ),
    "policy": ("trailseal.cli.policy", N_("Show, lint and compare key policies in plain words.")),
    "key": ("trailseal.cli.key", N_("Show a key, rotate it, import your own key material.")),
    "cost": ("trailseal.cli.cost", N_("Estimate what each way of encrypting costs, with its assumptions.")),
    "history": (
        "trailseal.cli.history.group",
        N_("Count, re-encrypt and validate what was delivered before."),
    ),
    "permissions": ("trailseal.cli.permissions", N_("Print the IAM permissions that each command needs.")),
    "help": (
        "trailseal.cli.help",
        N_("Show a page of the documentation, a command's help, or a JSON Schema."),
    ),
    "completion": ("trailseal.cli.completion", N_("Print what completes trailseal's words in a shell.")),
    "lab": ("trailseal_lab.verbs.lab", N_("Run an embedded AWS on this machine to rehearse on.")),
    "demo": ("trailseal_lab.verbs.demo", N_("Play the whole switch on a lab, with real commands.")),
}
LAB = "trailseal_lab"
LAB_NEEDS = (LAB, "boto3", "flask", "flask_cors", "moto", "werkzeug")
JAPANESE = "日本語"
"""Where the encoding has no such letters English is spoken, whatever was asked for."""


class Verbs(TrailsealGroup):
    """A group that knows its verbs' names and one-line helps without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the verbs in the order of a first visit."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """
        Load one verb, None when there is none of that name.

        Raises:
            UsageProblem: the verb is the lab's, and the lab is not installed.
        """
        if cmd_name not in VERBS:
            return None
        module, _ = VERBS[cmd_name]
        if module.startswith(LAB):
            _need_the_lab()
        command: click.Command = getattr(import_module(module), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of verbs from the table alone."""
        del ctx
        with formatter.section(translate(N_("Commands"))):
            formatter.write_dl([(name, translate(text)) for name, (_, text) in VERBS.items()])


def _need_the_lab() -> None:
    from trailseal.extras import need

    need("lab", *LAB_NEEDS)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(
    __version__,
    "-V",
    "--version",
    prog_name="trailseal",
    cls=TranslatedOption,
    help=N_("Show the version and exit."),
)
@language_option
def trailseal() -> None:
    """
    Encrypt CloudTrail log files with your own KMS key, safely, and prove it.

    Start with `trailseal check`. With no AWS account: `trailseal demo`.
    """


SELDOM = 50_000
"""Objects between two looks for garbage: a start makes about as many that live as long as it does."""


def main() -> None:
    """Run the command line and leave with its exit code."""
    gc.set_threshold(SELDOM)
    code = run(sys.argv[1:])
    # What is left goes with the process; looking through it for garbage first is most of an exit's time.
    gc.freeze()
    sys.exit(code)


def run(arguments: list[str]) -> ExitCode:
    """Run one command and return its exit code: the only place that prints an error."""
    try:
        open_streams()
        spoken = arguments if can_write(JAPANESE) else [*arguments, "--lang", "en"]
        choose_language(spoken)
        language, defaults = settled()
        choose_language(spoken, language)
        code = trailseal.main(args=arguments, prog_name="trailseal", standalone_mode=False, obj=defaults)
        sys.stdout.flush()
    except TrailsealError as error:
        from trailseal.view.problem import print_problem

        print_problem(error)
        return error.exit_code
    except click.ClickException as error:
        return _not_understood(error)
    except BrokenPipeError:
        _write_no_more()
        return ExitCode.CLOSED_PIPE
    except OSError as error:
        return _not_written(error)
    except (click.Abort, KeyboardInterrupt):
        click.echo(translate(N_("interrupted")), err=True)
        return ExitCode.INTERRUPTED
    return ExitCode(code or 0)


def _not_understood(error: click.ClickException) -> ExitCode:
    """Say what is wrong with the command line; whoever names no verb is told which there are."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return ExitCode.USAGE
    from trailseal.cli.usage import usage_problem
    from trailseal.view.problem import print_problem

    problem = usage_problem(error)
    print_problem(problem)
    return problem.exit_code


def _not_written(error: OSError) -> ExitCode:
    """Say in one line what the system refuses, a full disk mostly, and try no more to write what is left."""
    from trailseal.view.problem import print_problem

    _write_no_more()
    problem = TrailsealError(
        message("reading or writing failed: {problem}", problem=error.strerror or str(error))
    )
    print_problem(problem)
    return problem.exit_code


def _write_no_more() -> None:
    """Let what is still to be written to stdout go nowhere."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
