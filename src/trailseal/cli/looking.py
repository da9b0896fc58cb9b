"""How the verbs that only look reach AWS, with progress on stderr while it takes long."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trailseal.aws.collector import AwsCollector


@contextmanager
def looking(profile: str | None, region: str | None, *, meanwhile: str = "") -> Iterator[AwsCollector]:
    """
    Yield what reads an account; its progress line is gone when the block ends.

    `meanwhile` names a module that is imported while AWS is waited for.
    """
    from trailseal.aws.collector import AwsCollector
    from trailseal.aws.session import AwsSession
    from trailseal.aws.threads import load
    from trailseal.view.progress import ProgressLine

    progress = ProgressLine()
    if meanwhile:
        load(meanwhile)
    try:
        yield AwsCollector(AwsSession(profile=profile, region=region), observe=progress)
    finally:
        progress.end()
