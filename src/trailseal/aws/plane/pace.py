"""How many requests are under way: more while they go well, fewer when S3 asks to slow down."""

from __future__ import annotations

import random

START = 64
LONGEST_WAIT = 20.0
KEPT = 0.7


class Pace:
    """
    Additive increase, multiplicative decrease, shared by all that a plane has under way.

    S3 answers 503 SlowDown while it splits a prefix; slowing down and going on is what it asks for.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html
    """

    def __init__(self, *, most: int) -> None:
        self.most = most
        self.limit = float(min(START, most))
        self.slowed = 0

    def went_well(self) -> None:
        """Let one more be under way after as many good answers as may be under way."""
        self.limit = min(float(self.most), self.limit + 1 / self.limit)

    def slow_down(self, attempt: int, *, asked: bool = True) -> float:
        """Let fewer be under way, `asked` to by S3 or not; return how many seconds this one should wait."""
        self.slowed += asked
        self.limit = max(1.0, self.limit * KEPT)
        return random.uniform(0.5, 1.0) * min(LONGEST_WAIT, 0.1 * 2.0**attempt)  # noqa: S311 - not a secret
