"""What is told on the way, on stderr."""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path

import pytest

import trailseal
from trailseal.messages import message
from trailseal.run.events import Progress, Told
from trailseal.view.progress import ERASE, ProgressLine

CLI = Path(trailseal.__file__).parent / "cli"
STEP = Progress(what=message("reading"), done=1, total=2)


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    monkeypatch.setenv("TERM", "xterm")
    return Screen()


@contextmanager
def progress(screen: Screen) -> Iterator[ProgressLine]:
    with redirect_stderr(screen), ProgressLine() as line:
        yield line


def last_line(screen: Screen) -> str:
    """Return what stands on the line where the cursor is."""
    return screen.getvalue().rpartition("\n")[2].rpartition(ERASE)[2]


def stop(line: ProgressLine, raised: type[BaseException]) -> None:
    line(STEP)
    raise raised


def test_progress_stands_on_one_line(screen: Screen) -> None:
    with progress(screen) as line:
        line(STEP)

        assert last_line(screen).startswith("reading [############............] 1/2 ")
        assert "\n" not in screen.getvalue()


@pytest.mark.parametrize("raised", [KeyboardInterrupt, ValueError])
def test_whatever_ends_the_block_leaves_no_half_line(screen: Screen, raised: type[BaseException]) -> None:
    with pytest.raises(raised), progress(screen) as line:
        stop(line, raised)

    assert last_line(screen) == ""


def test_what_is_told_stands_on_a_line_of_its_own(screen: Screen) -> None:
    with progress(screen) as line:
        line(STEP)
        line(Told(what=message("a Region refuses")))

    assert screen.getvalue().endswith(f"{ERASE}a Region refuses\n")


@pytest.mark.parametrize("total", [None, 0])
def test_without_an_end_no_time_is_left(screen: Screen, total: int | None) -> None:
    with progress(screen) as line:
        line(Progress(what=message("reading"), done=1_000, total=total))

        assert last_line(screen).startswith("reading 1,000 ")
        assert last_line(screen).endswith("/s")


def test_a_terminal_that_obeys_nothing_gets_nothing(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    with progress(screen) as line:
        line(STEP)

    assert screen.getvalue() == ""


def test_every_verb_lets_the_line_close_itself() -> None:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in CLI.rglob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    made = [node for node in nodes if isinstance(node, ast.Call) and ast.unparse(node) == "ProgressLine()"]
    closing = [item.context_expr for node in nodes if isinstance(node, ast.With) for item in node.items]

    assert made
    assert all(call in closing for call in made)


def test_a_reason_inside_a_sentence_is_said_as_a_message_of_its_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = message("not yet: {what}; trying again", what="the English of it")

    ProgressLine()(Told(what=told, because=message("said in {language}", language="the user's")))
    ProgressLine()(Told(what=told))

    assert capsys.readouterr().err.splitlines() == [
        "not yet: said in the user's; trying again",
        "not yet: the English of it; trying again",
    ]
