"""`trailseal help`: of verbs, of topics, and the JSON Schemas."""

from __future__ import annotations

from importlib.resources import files

import click

from trailseal.cli.command import command, language_option
from trailseal.errors import ExitCode, UsageProblem
from trailseal.locale.language import language, translate
from trailseal.messages import N_, message

SCHEMA = "schema"
PAGE = ".md"
WIDTH = 100
"""Columns of a page off a terminal: it is there to be read, and what may be copied stays whole."""


@command()
@click.argument("words", nargs=-1, metavar="[TOPIC|COMMAND …]")
@language_option
@click.pass_context
def help(context: click.Context, words: tuple[str, ...]) -> ExitCode:  # noqa: A001 - the verb's name
    """
    Show a page of the documentation, the help of a command, or the JSON Schema of what it answers.

    `trailseal help` names the pages, `trailseal help tutorial` shows one. `trailseal help key rotate` is
    `trailseal key rotate --help`. `trailseal help schema` names the schemas, `trailseal help schema NAME`
    prints one.
    """
    if words[:1] == (SCHEMA,):
        click.echo(_schemas(words[1:]))
        return ExitCode.CLEAN
    at, kept = context.find_root(), _pages()
    if len(words) == 1 and words[0] in kept:
        _show(kept[words[0]], [*kept, *_verbs(at)])
        return ExitCode.CLEAN
    for word in words:
        at = _below(at, word, [] if words[1:] else list(kept))
    click.echo(at.get_help())
    if kept and not words:
        _list(kept)
    return ExitCode.CLEAN


def _pages() -> dict[str, str]:
    """Return each page that the package carries in the language that is spoken, the tutorial first."""
    folder, end = files("trailseal") / "topics", f".{language()}{PAGE}"
    found = (each for each in folder.iterdir() if each.name.endswith(end)) if folder.is_dir() else ()
    texts = {each.name.removesuffix(end): each.read_text(encoding="utf-8") for each in found}
    return dict(sorted(texts.items(), key=lambda page: (page[0] != "tutorial", page[0])))


def _show(page: str, shown: list[str]) -> None:
    from trailseal.view.page import print_page
    from trailseal.view.terminal import ENDLESS, Terminal

    console = Terminal()
    print_page(page, Terminal(width=WIDTH) if console.width == ENDLESS else console, shown=shown)


def _list(pages: dict[str, str]) -> None:
    from trailseal.view.page import title

    if not pages:  # from the sources there may be none
        return
    formatter = click.HelpFormatter(max_width=110)
    with formatter.section(translate(N_("Topics"))):
        formatter.write_dl([(name, title(page)) for name, page in pages.items()])
    click.echo("\n" + formatter.getvalue().rstrip())


def _verbs(at: click.Context) -> list[str]:
    return at.command.list_commands(at) if isinstance(at.command, click.Group) else []


def _below(at: click.Context, word: str, topics: list[str]) -> click.Context:
    from trailseal.cli.usage import no_such_verb

    group = at.command if isinstance(at.command, click.Group) else None
    found = group.get_command(at, word) if group else None
    if found is None:
        raise no_such_verb(word, [*_verbs(at), *topics], at)
    return found.context_class(found, info_name=word, parent=at)


def _schemas(names: tuple[str, ...]) -> str:
    """Return the names of all schemas, or those that are named, a document each."""
    kept = {each.name.removesuffix(".json"): each for each in (files("trailseal") / "schemas").iterdir()}
    known = sorted(name for name, each in kept.items() if each.name.endswith(".json"))
    if not names:
        return "\n".join(known)
    (name, *more) = names
    if name not in known or more:
        raise UsageProblem(
            message("there is no schema `{name}`", name=" ".join(names)),
            message("all schemas: {command}", command="trailseal help schema"),
        )
    return kept[name].read_text(encoding="utf-8").rstrip()
