"""
Compile the catalogues: a `.mo` beside each `.po`, for the source as for the wheel.

    python tools/mo_files.py
"""

from __future__ import annotations

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).parent.parent / "src" / "trailseal" / "locale"


def write() -> list[Path]:
    """Write them, and return their paths."""
    sources = sorted(LOCALE.glob("*/LC_MESSAGES/*.po"))
    for source in sources:
        with source.open("rb") as po, source.with_suffix(".mo").open("wb") as mo:
            write_mo(mo, read_po(po, locale=source.parts[-3]))
    return [source.with_suffix(".mo") for source in sources]


if __name__ == "__main__":
    write()
