"""`check --compare FILE --brief`."""

from __future__ import annotations

from collections.abc import Iterator

from trailseal.locale.language import say
from trailseal.messages import message
from trailseal.run.compare import CheckComparison
from trailseal.view.brief.lines import line, of_account
from trailseal.view.check_compare import is_new, unchanged, verdict
from trailseal.view.trail_names import trail_names
from trailseal.view.words import listed


def compare_brief(found: CheckComparison) -> Iterator[str]:
    """Yield which verdicts of each trail changed, and how many did not."""
    names = trail_names(each.trail for each in found.trails)
    for each in found.trails:
        turned = [c for c in each.changed if not is_new(c)]
        changed = [f"{c.check} {verdict(c.before)} → {verdict(c.after)}" for c in turned]
        new = message("{count} new and passed", count=len(each.changed) - len(turned))
        parts = [listed(changed), say(new) if turned != [*each.changed] else "", unchanged(each.unchanged)]
        told = [part for part in parts if part] or [say(message("no changes"))]
        yield line(names[each.trail] or of_account(found.account), told)
