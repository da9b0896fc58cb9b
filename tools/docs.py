"""Keep the generated parts of the documentation fresh: `python tools/docs.py check|update`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def pages() -> list[str]:
    """Return the pages that hold generated parts."""
    found = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    return [str(page) for page in sorted(found) if "[[[cog" in page.read_text(encoding="utf-8")]


def main(mode: str) -> int:
    """Run cog over the pages; 1 when `check` finds a stale one."""
    how = ["--check", "--diff"] if mode == "check" else ["-r"]
    if not (found := pages()):
        return 0
    return subprocess.run(
        [sys.executable, "-m", "cogapp", *how, "-I", str(ROOT / "tools"), *found], check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "check"))
