"""Logging is configured here and nowhere else."""

from __future__ import annotations

import logging
import sys

from trailseal.messages import visible


class VisibleFormatter(logging.Formatter):
    """Keys and request IDs come from outside: a line of the log is shown as any other."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Return the line as it is safe to show."""
        return visible(super().formatMessage(record))


def show_aws_calls() -> None:
    """Let `trailseal.aws` tell of each call on stderr. No credential and no content is ever logged."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(VisibleFormatter("%(asctime)s %(name)s %(message)s"))
    logger = logging.getLogger("trailseal")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
