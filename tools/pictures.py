"""
Draw screens of the demo as SVG, for the documentation: `python tools/pictures.py check|update`.

They are drawn from the golden files of what `demo` prints, so a picture shows what the tests hold: a screen
that changes while its picture does not is an error (`make docs`). What differs from run to run has one value.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parent.parent
GOLDEN = ROOT / "tests" / "golden"
PICTURES = ROOT / "docs" / "pictures"
LANGUAGES = ("en", "ja")
SCREENS = {
    "check": "trailseal check --control",
    "plan": "trailseal plan",
    "apply": "trailseal apply",
    "compare": "trailseal check --snapshot",
}
"""Each picture, and how the command begins whose screen it shows."""
VALUES = {
    "<time>": "2026-11-23T12:00:00Z",
    "<id>": "01dbfc8e13fd1604",
    "<uuid>": "303f0849-08fa-4cb0-b82e-55236b0d9f49",
    "<address>": "127.0.0.1:4599",
    "<span>": "5 s",
    "<n>": "14",
}
STYLES = (
    (r"^\$ .*", "bold green"),
    (r"\b(FAIL|FAILED|LOSE ACCESS|loses? access)\b|失敗(?! 0)|アクセスを失\S+", "red"),
    (r"\b(PASSED|PROVEN|Proven|pass)\b|証明済み|合格", "green"),
    (r"^(Next|次に): .*|^(First to fix|最優先の対処).*", "bold"),
)
FORMAT = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: Menlo, Consolas, "Noto Sans Mono CJK JP", monospace;
font-size: {char_height}px; line-height: {line_height}px; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: arial; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
"""Rich's own form but for its font, which a browser would fetch from elsewhere."""


def screen(play: str, begins: str) -> str:
    """
    Return a command with what it prints, out of all that the demo prints.

    Raises:
        LookupError: the demo has no such command.
    """
    found = re.search(rf"^\$ {re.escape(begins)}.*?(?=\n\n#|\n\$ |\Z)", play, re.DOTALL | re.MULTILINE)
    if found is None:
        raise LookupError(f"the demo has no `{begins}`: python tools/pictures.py names its screens")
    text = found[0]
    text = text.replace("およそ <span>", "およそ 5 秒")
    for placeholder, value in VALUES.items():
        text = text.replace(placeholder, value)
    return text


def drawn(text: str, name: str) -> str:
    """Return a screen as an SVG picture."""
    shown = Text(text)
    for pattern, style in STYLES:
        for match in re.finditer(pattern, text, re.MULTILINE):
            shown.stylize(style, match.start(), match.end())
    width = max(cell_len(line) for line in text.splitlines())
    console = Console(
        record=True, width=width, force_terminal=True, color_system="truecolor", file=StringIO()
    )
    console.print(shown, highlight=False, soft_wrap=True)
    return console.export_svg(title="trailseal", unique_id=f"trailseal-{name}", code_format=FORMAT)


def pictures() -> Iterator[tuple[Path, str]]:
    """Yield each picture's file and what it has to hold."""
    for language in LANGUAGES:
        play = (GOLDEN / f"demo.{language}.txt").read_text(encoding="utf-8")
        for name, begins in SCREENS.items():
            yield PICTURES / f"{name}-{language}.svg", drawn(screen(play, begins), f"{name}-{language}")


def main(mode: str) -> int:
    """Write the pictures, or return 1 when `check` finds one that is not as the demo prints it."""
    stale = [(path, svg) for path, svg in pictures() if not path.exists() or path.read_text("utf-8") != svg]
    if mode == "check":
        for path, _ in stale:
            print(f"not as the demo prints it: {path.relative_to(ROOT)}; python tools/pictures.py update")
        return int(bool(stale))
    PICTURES.mkdir(exist_ok=True)
    for path, svg in stale:
        path.write_text(svg, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "check"))
