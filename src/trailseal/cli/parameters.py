"""
The kinds of values that users give, as types of click's parameters: each is read by one function.

A value that is wrong is told in one line before anything is asked, whichever verb it was given to.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click
from click.core import ParameterSource

from trailseal.errors import UsageProblem
from trailseal.messages import message


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


class UserFile(Given):
    """A file to read. What is in it is read by the verb, through `run.documents` or `run.user_file`."""

    def read(self, text: str) -> str:
        """Return its path."""
        if not text:
            raise UsageProblem(message("a file has a name: `` is none"))
        return text


class OwnFile(UserFile):
    """A file to write."""

    def read(self, text: str) -> str:
        """Return its path when there is nothing else of this name."""
        from trailseal.home import see_place

        see_place(super().read(text))
        return text


TRAIL, TRAIL_ARN = Given("trail"), Given("trail_arn")
REGION, ACCOUNT = Given("region"), Given("account")
KEY, KEY_ARN, KEY_OR_NEW = Given("key"), Given("key_arn"), KeyOrNew("key")
PRINCIPAL, PREFIX = Given("principal"), Given("prefix")
TIME, READER = Time("time"), Reader("reader")
SNAPSHOT, PLAN, POLICY, PRICES, MANIFEST = map(UserFile, ("snapshot", "plan", "policy", "prices", "manifest"))
INTENT, MATERIAL = UserFile("intent"), UserFile("material")
SOURCE, RUN = UserFile("source"), UserFile("run")
"""A policy's file or a key; a plan's file or a run."""
OUT = OwnFile("out")
