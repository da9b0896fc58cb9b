"""trailseal is whole without the lab: nothing but its two verbs asks for it."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import trailseal
from trailseal.cli.main import LAB, LAB_NEEDS, VERBS

HIDE = "import sys; sys.modules.update(dict.fromkeys({hidden!r})); from trailseal.cli.main import run; "
MISSING = (
    "error: this needs the extra `lab`, which is not installed\n"
    "hint: add it with: pip install 'trailseal[lab]'\n"
)
SOURCES = sorted(Path(trailseal.__file__).parent.rglob("*.py"))


def run_without(hidden: tuple[str, ...], script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", HIDE.format(hidden=hidden) + script],
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("words", [["--help"], ["check", "--help"], ["permissions", "plan"]], ids=" ".join)
def test_a_verb_that_is_not_the_lab_s_does_not_miss_it(words):
    done = run_without(LAB_NEEDS, f"sys.exit(run({words}))")

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("words", [["lab"], ["lab", "up"], ["demo"], ["demo", "--help"]], ids=" ".join)
def test_a_verb_of_the_lab_s_says_in_one_line_what_to_install(words):
    done = run_without((LAB,), f"sys.exit(run({words}))")

    assert (done.returncode, done.stdout, done.stderr) == (2, "", MISSING)


@pytest.mark.parametrize("needed", LAB_NEEDS)
def test_anything_that_the_lab_needs_is_missed_alike(needed):
    done = run_without((needed,), "sys.exit(run(['lab', 'status']))")

    assert (done.returncode, done.stderr) == (2, MISSING)


def test_every_module_can_be_imported_without_the_lab():
    names = [".".join(path.relative_to(SOURCES[0].parents[1]).with_suffix("").parts) for path in SOURCES]
    wanted = [name.removesuffix(".__init__") for name in names if not name.endswith("__main__")]

    done = run_without(LAB_NEEDS, f"from importlib import import_module; [*map(import_module, {wanted})]")

    assert (done.returncode, done.stderr) == (0, "")


def named_in(path: Path) -> list[str]:
    """Return every import and every text of a module that names the lab's package."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import():
                found += [alias.name for alias in node.names]
            case ast.ImportFrom():
                found.append(node.module or "")
            case ast.Constant(value=str(text)):
                found.append(text)
    return [text for text in found if text.partition(".")[0] == LAB]


@pytest.mark.sweep
def test_only_the_table_of_verbs_names_the_lab_s_package():
    named = {path.name: texts for path in SOURCES if (texts := named_in(path))}

    assert sorted(named) == ["main.py"]
    assert sorted(named["main.py"]) == [LAB, *sorted(VERBS[verb][0] for verb in ("demo", "lab"))]
