"""`history validate --brief`."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.history.rules.validation import Validation
from trailseal.locale.language import say
from trailseal.view.brief.lines import line
from trailseal.view.history.validate import hours_line, summary


def validate_brief(validation: Validation) -> Iterator[str]:
    """Yield how the trail's hours end, in one line."""
    yield line(validation.trail.name, [say(summary(validation)), hours_line(validation.hours)])
