"""
The parts of the documentation that are generated, as functions for cog.

A page holds `<!-- [[[cog import docs_blocks; docs_blocks.usage("check") ]]] -->` and what it prints;
`make docs` fails when a page is stale, `python tools/docs.py update` writes it again.
"""

from __future__ import annotations

import click
import cog

from trailseal.access.keys.key import ConditionKey
from trailseal.cli.main import trailseal
from trailseal.errors import ExitCode


def find(*names: str) -> click.Command:
    """Return the command that these words name."""
    command: click.Command = trailseal
    for name in names:
        below = (
            command.get_command(click.Context(command), name) if isinstance(command, click.Group) else None
        )
        if below is None:
            raise LookupError(names)
        command = below
    return command


def usage(*names: str) -> None:
    """Print a verb's `--help`, and its subcommands' after it."""
    command = find(*names)
    root = click.Context(trailseal, help_option_names=["-h", "--help"])
    context = click.Context(
        command, parent=root, info_name=" ".join(("trailseal", *names)), max_content_width=100
    )
    context.terminal_width = 100
    cog.outl(f"```text\n{command.get_help(context)}\n```")
    if isinstance(command, click.Group) and names:
        for name in command.list_commands(context):
            usage(*names, name)


def exit_codes() -> None:
    """Print the table of exit codes."""
    cog.outl("| exit code | meaning |\n|---|---|")
    for code in ExitCode:
        cog.outl(f"| {code} | {code.meaning} |")


def permissions(verb: str) -> None:
    """Print the IAM policy that a verb needs."""
    from trailseal.cli.permissions import policy_text

    cog.outl(f"```json\n{policy_text(verb)}\n```")


def checks() -> None:
    """Print the list of controls with their titles."""
    from trailseal.controls import every_control

    cog.outl("| id | what it checks |\n|---|---|")
    for meta in every_control():
        cog.outl(f"| {meta.id} | {meta.title} |")


def check_sections() -> None:
    """Print a section for each control, with what `trailseal explain` says of it."""
    from trailseal.controls import every_control

    for meta in every_control():
        cog.outl(f"\n## {meta.id}\n\n**{meta.title}** ({meta.severity.value})\n")
        cog.outl(f"What: {meta.what}\n\nWhy: {meta.why}\n")
        end = "" if meta.remedy.endswith((".", "?")) else "."
        cog.outl(f"Remedy: {meta.remedy}{end}\n\nRule: <{meta.page}>")


def condition_keys() -> None:
    """Print the engine's table of condition keys, a table for each section."""
    from trailseal.access.keys.table import SECTIONS

    for title, keys in SECTIONS.items():
        cog.outl(f"\n## {title}\n\n{KEYS_HEAD}")
        for key in keys:
            cog.outl(key_row(key))


KEYS_HEAD = """\
| key | value | set by | there in | S3 to KMS | trailseal derives | AWS |
|---|---|---|---|---|---|---|"""
FEW = 4


def key_row(key: ConditionKey) -> str:
    """Return the row of one condition key; its actions are named where they are few."""
    there = [str(key.there), key.note] if key.note else [str(key.there)]
    if key.only_for and len(key.only_for) <= FEW and not key.only_for[0].endswith(":*"):
        there.insert(1, "only " + ", ".join(f"`{action}`" for action in key.only_for))
    cells = [
        f"`{key.written}`",
        f"{key.values}, several" if key.many else str(key.values),
        str(key.set_by),
        "; ".join(there),
        str(key.travels),
        key.derives or "–",
        f"[{SOURCES[key.sure]}]({key.page})",
    ]
    return f"| {' | '.join(cells)} |"


SOURCES = {"D": "page", "M": "API model", "O": "older page", "I": "inferred", "U": "not documented"}
