"""
The pages that the wheel carries for `trailseal help TOPIC`: those that stand in English and Japanese.

    python tools/topics.py    write them into the sources, as they are written while the wheel is built
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "src" / "trailseal" / "topics"
JAPANESE = ".ja.md"


def pages() -> dict[str, dict[str, Path]]:
    """Return each topic's page by language, the tutorial first and then by the order of a first visit."""
    docs = ROOT / "docs"
    found = [docs / "tutorial.md", *sorted(docs.glob("howto/*.md")), *sorted(docs.glob("*.md"))]
    both = {page.stem: page for page in found if page.with_suffix(JAPANESE).exists()}
    return {name: {"en": page, "ja": page.with_suffix(JAPANESE)} for name, page in both.items()}


def write(folder: Path) -> list[Path]:
    """Write the pages as `NAME.LANGUAGE.md` and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, languages in pages().items():
        for language, page in languages.items():
            path = folder / f"{name}.{language}.md"
            path.write_bytes(page.read_bytes())
            written.append(path)
    return written


if __name__ == "__main__":
    sys.stdout.write("".join(f"{path.name}\n" for path in write(FOLDER)))
