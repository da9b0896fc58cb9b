"""`key show|rotate|import --brief`."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.locale.language import say
from trailseal.run.key import KeyShown
from trailseal.view.brief.lines import line
from trailseal.view.key import rotation_told, state_told


def key_brief(shown: KeyShown) -> Iterator[str]:
    """Yield the key's state, its rotation, and what to watch out for."""
    told = (state_told(shown.key), rotation_told(shown.key))
    yield line(
        shown.key.arn, [*(say(each).rstrip(".。") for each in shown.done), *told, *map(say, shown.warnings)]
    )
