"""`history validate --brief`."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.history.rules.validation import Validation
from trailseal.locale.language import say
from trailseal.view.brief.lines import line
from trailseal.view.history.validate import hours_line, only, summary
from trailseal.view.words import when


def validate_brief(validation: Validation) -> Iterator[str]:
    """Yield how the trail's hours end, in one line: from when to when, and of what alone."""
    span = f"{when(validation.start)} .. {when(validation.end)}"
    narrowed = map(say, only(validation))
    yield line(
        validation.trail.name, [say(summary(validation)), hours_line(validation.hours), span, *narrowed]
    )
