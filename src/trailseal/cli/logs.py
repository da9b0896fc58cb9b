"""Logging is configured here and nowhere else."""

from __future__ import annotations

import logging
import sys


def show_aws_calls() -> None:
    """Let `trailseal.aws` tell of each call on stderr. No credential and no content is ever logged."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s"))
    logger = logging.getLogger("trailseal")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
