"""A file is written whole in its place, or nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from trailseal.errors import UsageProblem
from trailseal.home import draft_of, write_private


def test_a_draft_takes_its_place_when_it_is_whole_and_is_nobody_elses(tmp_path: Path) -> None:
    path = tmp_path / "m"
    path.write_text("old")
    with draft_of(path) as draft:
        draft.write_text("new")
        assert path.read_text() == "old"

    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("m", "new")]
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("raised", [KeyboardInterrupt, UsageProblem])
def test_what_was_there_stays_when_anything_is_raised(raised: type[BaseException], tmp_path: Path) -> None:
    path = tmp_path / "m"
    path.write_text("old")
    with pytest.raises(raised), draft_of(path) as draft:
        write_half(draft, raised)

    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("m", "old")]


def write_half(draft: Path, raised: type[BaseException]) -> None:
    draft.write_text("half")
    raise raised("")


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    (tmp_path / "m").symlink_to(there / "n")
    with draft_of(tmp_path / "m") as draft:
        draft.write_text("new")

    assert (tmp_path / "m").is_symlink()
    assert (there / "n").read_text() == "new"


def test_a_device_is_never_replaced() -> None:
    with pytest.raises(UsageProblem, match="`/dev/null` is not a file"), draft_of(Path("/dev/null")):
        pass

    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("no/such/folder/m", "there is no folder"),
        ("m" * 300, "cannot be written"),
    ],
)
def test_a_place_that_cannot_be_written_is_one_line(place: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match=said), draft_of(tmp_path / place):
        pass

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["m" * 250, "計画" * 40, ".hidden"])
def test_a_long_name_is_written_as_any_other(name: str, tmp_path: Path) -> None:
    write_private(tmp_path / name, b"new")

    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [(name, b"new")]


def test_a_write_that_fails_leaves_nothing_and_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(UsageProblem, match="cannot be written: No space left on device"):
        write_private(tmp_path / "m", b"new")

    assert list(tmp_path.iterdir()) == []
