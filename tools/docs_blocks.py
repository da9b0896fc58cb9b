"""
The parts of the documentation that are generated, as functions for cog.

A page holds `<!-- [[[cog import docs_blocks; docs_blocks.usage("check") ]]] -->` and what it prints;
`make check` fails when a page is stale, `python tools/docs.py update` writes it again.
"""

from __future__ import annotations

import json
from pathlib import Path

import click
import cog

from trailseal.access.keys.key import ConditionKey
from trailseal.cli.main import trailseal
from trailseal.errors import ExitCode

ROOT = Path(__file__).parent.parent


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
    context = command.context_class(
        command, parent=root, info_name=" ".join(("trailseal", *names)), max_content_width=100
    )
    context.terminal_width = 100
    cog.outl(f"```text\n{command.get_help(context)}\n```")
    if isinstance(command, click.Group) and names:
        for name in command.list_commands(context):
            usage(*names, name)


def section(page: str, heading: str) -> None:
    """Print what stands under a heading of another page, with its links as from one folder below."""
    text = (ROOT / page).read_text(encoding="utf-8")
    parts = dict(part.split("\n", 1) for part in text.split("\n## ")[1:])
    body = next(body for title, body in parts.items() if title.replace("`", "") == heading)
    cog.outl(body.strip().replace("](", "](../"))


def exit_codes() -> None:
    """Print the table of exit codes."""
    cog.outl("| exit code | meaning |\n|---|---|")
    for code in ExitCode:
        cog.outl(f"| {code} | {code.meaning} |")


def permissions(verb: str) -> None:
    """Print the IAM policy that a verb needs."""
    from trailseal.cli.permissions import verb_policy

    cog.outl(f"```json\n{verb_policy(verb)}\n```")


def permissions_by_verb() -> None:
    """Print what each verb needs, a row for each kind of thing that it is needed on."""
    from trailseal.run.permissions.narrowing import Narrowing, grants
    from trailseal.run.permissions.needs import VERBS

    widest = Narrowing(
        multi_region=True, place="s3://PLACE/PREFIX", job_role="arn:aws:iam::ACCOUNT:role/NAME",
        member_roles=("ROLE",),
    )  # fmt: skip
    for verb, needed in VERBS.items():
        cog.outl(f"\n### {verb}\n\n| on | actions | only |\n|---|---|---|")
        for on in sorted({need.on for need in needed}):
            actions = ", ".join(f"`{need.action}`" for need in sorted(set(needed)) if need.on is on)
            for resources, conditions in grants(on, widest):
                places = "<br>".join(f"`{each}`" for each in resources)
                cog.outl(f"| {places} | {actions} | {_conditions(conditions)} |")


def _conditions(conditions: dict[str, dict[str, object]]) -> str:
    tests = [(op, key, value) for op, block in conditions.items() for key, value in block.items()]
    found = [f"{op} `{key}` {_values(value)}" for op, key, value in tests]
    return "<br>".join(found) or "–"


def _values(value: object) -> str:
    return ", ".join(f"`{each}`" for each in (value if isinstance(value, list) else [value]))


def local_verbs() -> None:
    """Print which verbs need no permission at all."""
    from trailseal.run.permissions.needs import LOCAL

    *others, last = (f"`{verb}`" for verb in LOCAL)
    cog.outl(f"{', '.join(others)} and {last} call nothing of AWS.")


def permission_calls() -> None:
    """Print the calls whose actions have other names, and what services ask for beside."""
    from trailseal.run.permissions.calls import IN_ANOTHERS_NAME, NEVER, RULES

    cog.outl("| call | needs | AWS |\n|---|---|---|")
    for rule in RULES:
        actions = ", ".join(f"`{action}`" for action in rule.actions) or "nothing"
        if rule.sometimes:
            actions += f"; sometimes {', '.join(f'`{action}`' for action in rule.sometimes)}"
        cog.outl(f"| `{rule.call}` | {actions} | [page]({rule.page}) |")
    for call, page in NEVER.items():
        cog.outl(f"| `{call}` | not called: HeadBucket shows the Region | [page]({page}) |")
    cog.outl("\n| call | who asks | the caller needs | AWS |\n|---|---|---|---|")
    for other in IN_ANOTHERS_NAME:
        actions = ", ".join(f"`{action}`" for action in other.actions) or "nothing more"
        cog.outl(f"| `{other.call}` | {other.who} | {actions} | [page]({other.page}) |")


def wide_permissions() -> None:
    """Print which actions stand on everything although AWS knows resources for them."""
    from trailseal.run.permissions.calls import WIDE

    cog.outl("| action | why on `*` |\n|---|---|")
    for action, why in WIDE.items():
        cog.outl(f"| `{action}` | {why} |")


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


def peers() -> None:
    """Print how many things of each scenario pass and fail by each tool, before and after a switch."""
    record = json.loads((ROOT / "tests" / "golden" / "peers.json").read_text())
    scenarios = list(dict.fromkeys(moment.split()[0] for moment in record))
    for tool in ("trailseal check", "Prowler", "ScoutSuite", "Cloud Custodian"):
        cog.outl(f"\n### {tool}\n\n| asks | {' | '.join(scenarios)} |\n|---{'|---' * len(scenarios)}|")
        for control in sorted({control for told in record.values() for control in told[tool]}):
            cells = (_before_and_after(record, name, tool, control) for name in scenarios)
            cog.outl(f"| `{control}` | {' | '.join(cells)} |")


def _before_and_after(
    record: dict[str, dict[str, dict[str, str]]], name: str, tool: str, control: str
) -> str:
    told = [record[f"{name} {moment}"][tool].get(control, "-") for moment in ("before", "after")]
    return told[0] if told[0] == told[1] else " → ".join(told)


def lint_rules() -> None:
    """Print the table of lint's rules."""
    from trailseal.access.lint.catalogue import RULES

    cog.outl("| rule | severity | what it finds |\n|---|---|---|")
    for name, rule in RULES.items():
        cog.outl(f"| [{name}](../codes.md#{name.lower()}) | {rule.severity.value} | {rule.means} |")


def codes(kind: str) -> None:
    """Print a section for each code of one kind, with what `trailseal explain` says of it."""
    from trailseal.locale.language import say
    from trailseal.view.codes import every_code

    for code in (each for each in every_code() if each.kind == kind):
        taken = f" To go on anyway: `--accept {code.code}`." if code.can_be_accepted else ""
        cog.outl(f"\n### {code.code}\n\n**{code.weight}**: {say(code.means)}\n")
        cog.outl(f"Why it matters: {say(code.why)}\n")
        cog.outl(f"What to do: {say(code.remedy).rstrip('.')}.{taken}")
        if code.example:
            cog.outl(f"\nExample: `{code.example}`")


def words(language: str) -> None:
    """Print the list of words of one language, which `catalogue.py` and a test hold."""
    from words import BY_LANGUAGE

    cog.outl("| not | but |\n|---|---|")
    for word in BY_LANGUAGE[language]:
        cog.outl(f"| {word.instead_of} | {word.better} |")


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
