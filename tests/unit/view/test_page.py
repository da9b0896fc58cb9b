"""Pages of the documentation as plain text: nothing of Markdown is left, and nothing that it says is lost."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

from inline_snapshot import snapshot

from rows import each_row
from trailseal.view.page import print_page, title
from trailseal.view.terminal import Terminal

sys.path.append(str(Path(__file__).parents[3] / "tools"))
import topics

PAGES = [page for languages in topics.pages().values() for page in languages.values()]
FENCED = re.compile(r"^```[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
MARKS = re.compile(r"\]\(|\*\*|^```|^#|<!--|^\|", re.MULTILINE)


def shown(text: str, width: int = 60) -> str:
    out = io.StringIO()
    print_page(text, Terminal(file=out, width=width), shown=["plan", "roll-back"])
    return out.getvalue()


def test_a_page_is_told_in_plain_lines():
    page = """\
# The page

([日本語](x.ja.md))

<!-- [[[cog x ]]] -->
A sentence of *some* words that goes on and on until it is wider than a line, with `a*b` in **two** places.

- one
  goes on
- [two](../verbs/plan.md#x), [three](howto/roll-back.ja.md), [four](other.md), [five](https://example.com/5)

```console
$ trailseal plan \\
    --out p

...
```

## A part
| a | b |
|---|---|
| 1 | `x\\|y` |

    indented
"""

    assert shown(page) == snapshot("""\
The page
========

A sentence of some words that goes on and on until it is
wider than a line, with `a*b` in two places.

- one goes on
- two (trailseal help plan), three (trailseal help
  roll-back), four, five (https://example.com/5)

    $ trailseal plan \\
        --out p

    ...

A part
------

a  b
1  `x|y`

    indented
""")


def test_a_table_that_is_too_wide_tells_what_each_cell_is_about():
    table = "| key | deliveries | history |\n|---|---|---|\n| here | yes, always | not in place: copy it |"

    assert shown(table, 30) == "- here\n  deliveries: yes, always\n  history: not in place: copy\n    it\n"


def test_japanese_lines_are_joined_without_a_blank():
    assert shown("証跡は\n読めません。\nKMS\nキー\n（A）") == "証跡は読めません。KMS キー（A）\n"


@each_row("page", PAGES, ids=[page.name for page in PAGES])
@each_row("width", [40, 80, 120])
def test_every_page_that_the_wheel_carries_is_plain(page, width):
    text = page.read_text(encoding="utf-8")
    told = shown(text, width)

    assert told.startswith(title(text)[:15])
    assert MARKS.findall(re.sub(r"^    .*$", "", told, flags=re.MULTILINE)) == []
    for code in FENCED.findall(text):
        for line in code.splitlines():
            assert line.rstrip() in told
