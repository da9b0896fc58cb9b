"""
botocore's reading of answers, made strict: what is no answer of AWS ends in an error of botocore's own kind.

A proxy's login page, an endpoint of something else or a cut answer ends in whatever exception the parser
happens to meet, or passes for an empty answer. And times come with the machine's zone: here they are UTC.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError
from botocore.parsers import ResponseParserError, ResponseParserFactory
from botocore.utils import parse_timestamp

JSON_PROTOCOLS = frozenset({"json", "rest-json"})
FIRST_ERROR = 300
SHOWN = 60
BY_THE_PARSER = (ResponseParserError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What botocore's parsers raise over a body that is not what the operation's model says."""


class NotAwsAnswerError(BotoCoreError):
    """What came back is no answer of AWS. `status` is that of HTTP, `start` the first letters of the body."""

    fmt = "HTTP {status}, `{start}`"


class StrictParsers(ResponseParserFactory):
    """Makes parsers that raise nothing but `NotAwsAnswerError`, and read times in UTC."""

    def __init__(self) -> None:
        super().__init__()
        self.set_parser_defaults(timestamp_parser=in_utc)

    def create_parser(self, protocol_name: str) -> Any:
        """Return the parser of a protocol."""
        return _StrictParser(super().create_parser(protocol_name), wants_json=protocol_name in JSON_PROTOCOLS)


class _StrictParser:
    def __init__(self, parser: Any, *, wants_json: bool) -> None:
        self._parser = parser
        self._wants_json = wants_json

    def parse(self, response: dict[str, Any], shape: Any) -> Any:
        """Return what botocore's parser reads."""
        try:
            if self._wants_json and response["status_code"] < FIRST_ERROR:
                _is_object(response["body"])
            return self._parser.parse(response, shape)
        except BY_THE_PARSER as error:
            raise NotAwsAnswerError(status=response["status_code"], start=_start(response["body"])) from error


def in_utc(value: Any) -> datetime:
    """Return a time of an answer in UTC, whatever the zone of this machine."""
    read: datetime = parse_timestamp(value)
    return read.astimezone(UTC)


def _is_object(body: Any) -> None:
    """Fail over text that is no JSON object or null: botocore takes it for an answer without members."""
    if isinstance(body, bytes) and body and not isinstance(json.loads(body), dict | None):
        raise TypeError


def _start(body: Any) -> str:
    """Return how a body begins, on one line and without what a terminal would obey."""
    text = body[: 4 * SHOWN].decode("utf-8", "replace") if isinstance(body, bytes) else ""
    shown = " ".join(text.split())[:SHOWN]
    return "".join(letter if letter.isprintable() else "?" for letter in shown)
