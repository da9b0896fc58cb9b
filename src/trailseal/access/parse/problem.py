"""A document that AWS would not take, with the place where it goes wrong."""

from __future__ import annotations

from trailseal.messages import Message


class InvalidPolicyError(Exception):
    """`place` is a path into the document: `Statement[2].Condition.StringEqual`."""

    def __init__(self, place: str, what: Message) -> None:
        super().__init__(f"{place}: {what}" if place else what)
        self.place = place
        self.what = what
