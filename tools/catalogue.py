"""
Keep the catalogues in step with the texts that are marked in the source.

    python tools/catalogue.py update   collect the marked texts into each .po, keeping translations
    python tools/catalogue.py check    fail when a text is missing, obsolete, fuzzy or untranslated, or breaks
                                       a rule of `words.py`

Collected are `N_`, `message`, `counted` and `translate` with a literal, the help texts of all
commands (their docstrings), and click's own texts that a user meets.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from importlib import import_module
from pathlib import Path

import click
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po
from words import wrong

ROOT = Path(__file__).parent.parent
PACKAGES = (ROOT / "src" / "trailseal", ROOT / "src" / "trailseal_lab")
LOCALE = PACKAGES[0] / "locale"
KEYWORDS = {"N_": None, "message": None, "translate": None, "counted": (1, 2)}
CLICK_TEXTS: tuple[str | tuple[str, str], ...] = (
    "Usage:",
    "Options",
    "Commands",
    "Show this message and exit.",
    "Show the version and exit.",
    "default: {default}",
    "Missing command.",
    "Option {name!r} does not take a value.",
    ("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    ("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments."),
)
HEADER = "# What trailseal says: python tools/catalogue.py update collects it."
PLACEHOLDER = re.compile(r"\{[a-z_0-9]+(?:!r)?\}")


def command_helps(command: click.Command) -> list[str]:
    """Return the docstrings of a command and of every command below it."""
    texts = [inspect.cleandoc(command.help or "")]
    if isinstance(command, click.Group):
        names = command.list_commands(click.Context(command))
        below = [found for name in names if (found := command.get_command(click.Context(command), name))]
        for each in below:
            texts += command_helps(each)
            if not isinstance(command, _verbs()):
                texts.append((each.help or "").strip().partition("\n")[0])
    return [text for text in texts if text]


def _verbs() -> type:
    return import_module("trailseal.cli.main").Verbs  # type: ignore[no-any-return]


def collect() -> Catalog:
    """Return a catalogue of every marked text, untranslated."""
    found = Catalog(project="trailseal", charset="utf-8")
    for package in PACKAGES:
        for file, _line, text, _comments, _context in extract_from_dir(str(package), keywords=KEYWORDS):
            found.add(text, locations=[(file, 0)])
    for text in command_helps(import_module("trailseal.cli.main").trailseal):
        found.add(text, locations=[("cli", 0)])
    for text in CLICK_TEXTS:
        found.add(text, locations=[("click", 0)])
    return found


def hidden_marks() -> list[str]:
    """Return one line per text that is marked inside an f-string, where the extractor does not look."""
    found = []
    for path in sorted(file for package in PACKAGES for file in package.rglob("*.py")):
        strings = [n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.JoinedStr)]
        calls = [c for string in strings for c in ast.walk(string) if isinstance(c, ast.Call)]
        found += [
            f"marked inside an f-string: {path.relative_to(ROOT)}:{call.lineno}"
            for call in calls
            if getattr(call.func, "id", "") in KEYWORDS and isinstance(call.args[0], ast.Constant)
        ]
    return found


def load(path: Path) -> Catalog:
    """Return the catalogue of one language, empty when there is none yet."""
    if not path.exists():
        return Catalog(locale=path.parts[-3], project="trailseal", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


def update(path: Path) -> None:
    """
    Bring one catalogue up to date; what is new in it stands there untranslated.

    Its date stays: a date that each update writes anew makes any two branches conflict.
    """
    catalogue = load(path)
    date = catalogue.creation_date
    catalogue.update(collect(), no_fuzzy_matching=True)
    catalogue.creation_date = date
    catalogue.obsolete.clear()
    catalogue.fuzzy, catalogue.header_comment = False, HEADER
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=100, no_location=True, sort_output=True, omit_header=False)


def _texts(entry: Message) -> tuple[str, ...]:
    return (entry.string,) if isinstance(entry.string, str) else tuple(entry.string)


def _ids(entry: Message) -> tuple[str, ...]:
    return (entry.id,) if isinstance(entry.id, str) else tuple(entry.id)


def problems(path: Path) -> list[str]:
    """Return one line per text that the catalogue lacks or gets wrong."""
    catalogue, marked = load(path), collect()
    lines = [f"not in the catalogue: {_ids(m)[0]!r}" for m in marked if m.id and m.id not in catalogue]
    lines += [f"no longer marked: {_ids(m)[0]!r}" for m in catalogue if m.id and m.id not in marked]
    for entry in catalogue:
        if not entry.id:
            continue
        if entry.fuzzy or not all(_texts(entry)):
            lines.append(f"not translated: {_ids(entry)[0]!r}")
        elif any(
            set(PLACEHOLDER.findall(t)) != set(PLACEHOLDER.findall(_ids(entry)[-1])) for t in _texts(entry)
        ):
            lines.append(f"other placeholders: {_ids(entry)[0]!r}")
        lines += [f"{fault} in {text!r}" for text in _texts(entry) for fault in wrong(text, path.parts[-3])]
    return lines


def _marked() -> list[str]:
    return [text for entry in collect() if entry.id for text in _ids(entry)]


def main(mode: str) -> int:
    """Run `update` or `check` over every language."""
    hidden = hidden_marks() + [f"{fault} in {text!r}" for text in _marked() for fault in wrong(text, "en")]
    status = int(bool(hidden) and mode == "check")
    for line in hidden:
        print(line)
    for path in sorted(f / "trailseal.po" for f in LOCALE.glob("*/LC_MESSAGES")):
        if mode == "update":
            update(path)
        for line in problems(path):
            status = status or (1 if mode == "check" else 0)
            print(f"{path.parts[-3]}: {line}")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "check"))
