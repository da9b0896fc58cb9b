"""
The kinds of values that users give, as types of click's parameters: each is read by one function.

A value that is wrong is told in one line before anything is asked, whichever verb it was given to.
"""

from __future__ import annotations

from datetime import UTC, datetime
from math import inf, isfinite
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from trailseal.errors import UsageProblem
from trailseal.messages import Message, message

if TYPE_CHECKING:
    from trailseal.cost.amount import Range


LONGEST_WAIT = 7 * 24 * 3600
"""Seconds of a week."""
MOST_READS = 1_000_000
"""Of one object, in all."""


class Given(click.ParamType):  # type: ignore[type-arg]  # not generic before click 8.4
    """Something that a user names."""

    def __init__(self, name: str) -> None:
        self.name = name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """
        Return the value read, and a default as it is.

        Raises:
            UsageProblem: nobody can mean it.
        """
        if ctx and param and ctx.get_parameter_source(param.name or "") is ParameterSource.DEFAULT:
            return value
        return self.read(value) if isinstance(value, str) else value

    def read(self, text: str) -> Any:
        """Return what the text names, by the function of this kind's name."""
        from trailseal.model import given

        return getattr(given, self.name)(text)


class Time(Given):
    """A point in time."""

    def read(self, text: str) -> datetime:
        """Return it in UTC."""
        from trailseal.run.moment import read_moment

        return read_moment(text, now=datetime.now(UTC))


class Reader(Given):
    """One who may read: a principal, or a service by its name."""

    def read(self, text: str) -> str:
        """Return its ARN or name."""
        from trailseal.access.caller import read_caller
        from trailseal.model.given import not_a_principal

        try:
            read_caller(text)
        except ValueError:
            raise not_a_principal(text) from None
        return text


class KeyOrNew(Given):
    """A key, or that one is to be made."""

    def read(self, text: str) -> str:
        """Return what names it."""
        from trailseal.model.given import key
        from trailseal.plan.intent import CREATE

        return text if text == CREATE else key(text)


class KeyArnOrNew(Given):
    """A key by its ARN, or that one may be made."""

    def read(self, text: str) -> str:
        """Return what names it."""
        from trailseal.model.given import key_arn
        from trailseal.plan.intent import CREATE

        return text if text == CREATE else key_arn(text)


class LedgerName(Given):
    """Where a ledger is to lie: a file or a folder, or a place in S3."""

    def read(self, text: str) -> str:
        """Return its path or address."""
        from trailseal.model.given import S3, s3_place

        if not text:
            raise UsageProblem(message("a ledger has a name: `` is none"))
        return s3_place(text) if text.startswith(S3) else text


class Reads(Given):
    """How often something is read, as one number or two with a hyphen between them."""

    def read(self, text: str) -> Range:
        """Return the lowest and the highest."""
        from trailseal.cost.amount import Range

        low, _, high = text.partition("-")
        try:
            found = Range(float(low), float(high or low))
        except ValueError:
            found = Range(-1.0, -1.0)
        if 0 <= found.low <= found.high <= MOST_READS:
            return found
        raise UsageProblem(
            message("`{text}` is not a number of reads", text=text), message("write it as 2 or 1-3")
        )


class UserFile(Given):
    """A file to read. What is in it is read by the verb, through `run.documents` or `run.user_file`."""

    def read(self, text: str) -> str:
        """Return its path."""
        if not text:
            raise UsageProblem(message("a file has a name: `` is none"))
        return text


class Word(click.Choice):  # type: ignore[type-arg]  # not generic before click 8.2
    """One of a few words."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """
        Return the word.

        Raises:
            UsageProblem: it is none of them.
        """
        if isinstance(value, str) and value not in self.choices:
            hint = message("write one of these: {words}", words=tuple(map(str, self.choices)))
            raise _cannot_be(value, param, hint)
        return super().convert(value, param, ctx)


class Whole(click.IntRange):
    """A whole number from one to another; without a highest one some number is too large to reckon with."""

    name = "n"
    """What help writes for it where an option has no word of its own."""

    def __init__(self, lowest: int, highest: int) -> None:
        super().__init__(lowest, highest)
        self.lowest, self.highest = lowest, highest

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """
        Return the number.

        Raises:
            UsageProblem: it is none, or out of the bounds.
        """
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            hint = message("write a whole number from {low} to {high}", low=self.lowest, high=self.highest)
            raise _cannot_be(value, param, hint) from None


class Days(click.types.IntParamType):
    """A whole number; which ones will do is told where the days are read, from a file too."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """
        Return the number.

        Raises:
            UsageProblem: it is none.
        """
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            raise _cannot_be(value, param, message("write a whole number")) from None


class Seconds(click.FloatRange):
    """A time in seconds, from one to another."""

    name = "seconds"

    def __init__(self, lowest: int, highest: int, *, above: bool = False) -> None:
        super().__init__(lowest, highest, min_open=above)
        self.lowest, self.highest = lowest, highest

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """
        Return the number.

        Raises:
            UsageProblem: it is none, without end, or out of the bounds.
        """
        try:
            number = super().convert(value, param, ctx)
        except click.BadParameter:
            number = inf
        if isfinite(number):
            return number
        if self.min_open:
            hint = message("write a number above {low}, up to {high}", low=self.lowest, high=self.highest)
        else:
            hint = message("write a number from {low} to {high}", low=self.lowest, high=self.highest)
        raise _cannot_be(value, param, hint)


def _cannot_be(value: object, param: click.Parameter | None, hint: Message) -> UsageProblem:
    what = message("`{text}` cannot be the value of {option}", text=str(value), option=name_of(param))
    return UsageProblem(what, hint)


def name_of(param: click.Parameter | None) -> str:
    """Return what a parameter is called on the command line."""
    if isinstance(param, click.Option):
        return max(param.opts, key=len)
    return param.human_readable_name if param else ""


class OwnFile(UserFile):
    """A file to write."""

    def read(self, text: str) -> str:
        """Return its path when there is nothing else of this name."""
        from trailseal.files import see_place

        see_place(super().read(text))
        return text


TRAIL, TRAIL_ARN = Given("trail"), Given("trail_arn")
REGION, ACCOUNT, ORGANIZATION = Given("region"), Given("account"), Given("organization")
KEY, KEY_ARN, KEY_OR_NEW = Given("key"), Given("key_arn"), KeyOrNew("key")
KEY_ARN_OR_NEW = KeyArnOrNew("key_arn")
PRINCIPAL, PRINCIPAL_NAME = Given("principal"), Given("principal_name")
BUCKET, PREFIX, OBJECT_KEY = Given("bucket"), Given("prefix"), Given("object_key")
ALIAS, ROLE, EXTERNAL_ID, PARTITION = Given("alias"), Given("role"), Given("external_id"), Given("partition")
S3_PLACE, LEDGER = Given("s3_place"), LedgerName("ledger")
READS, TIME, READER = Reads("reads"), Time("time"), Reader("reader")
SNAPSHOT, PLAN, POLICY, PRICES, MANIFEST = map(UserFile, ("snapshot", "plan", "policy", "prices", "manifest"))
CHECK = UserFile("check")
"""What a check wrote, as a snapshot or as JSON."""
INTENT, MATERIAL = UserFile("intent"), UserFile("material")
PRIVATE_KEY, SIGNERS = UserFile("private key"), UserFile("signers")
SOURCE, RUN = UserFile("source"), UserFile("run")
"""A policy's file or a key; a plan's file or a run."""
OUT = OwnFile("out")
