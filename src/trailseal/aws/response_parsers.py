"""
botocore's reading of answers, made strict: what is no answer of AWS ends in an error of botocore's own kind.

A proxy's login page, an endpoint of something else or a cut answer ends in whatever exception the parser
happens to meet, or passes for an empty answer; and so does one that lacks what trailseal rests on. And times
come with the machine's zone: here they are UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError
from botocore.parsers import ResponseParserError, ResponseParserFactory
from botocore.utils import parse_timestamp

from trailseal.aws.answer_bodies import is_answer, is_error
from trailseal.aws.answer_members import lacks

FIRST_ERROR = 301
"""The first status whose body botocore reads as an error."""
SHOWN = 60
BY_THE_PARSER = (
    ResponseParserError,
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)
"""What is raised over a body that is not what the operation's model says; of XML a SyntaxError."""


class NotAwsAnswerError(BotoCoreError):
    """
    What came back is no answer of AWS.

    `status` is that of HTTP, `lacking` the path of what is missing, "" where all of it is strange, and
    `start` the first letters of the body.
    """

    fmt = "HTTP {status}{lacking}, `{start}`"
    code = "UnexpectedAnswer"


class StrictParsers(ResponseParserFactory):
    """Makes parsers that raise nothing but `NotAwsAnswerError`, and read times in UTC."""

    def __init__(self) -> None:
        super().__init__()
        self.set_parser_defaults(timestamp_parser=in_utc)

    def create_parser(self, protocol_name: str) -> Any:
        """Return the parser of a protocol."""
        return _StrictParser(super().create_parser(protocol_name), protocol_name)


class _StrictParser:
    def __init__(self, parser: Any, protocol: str) -> None:
        self._parser = parser
        self._protocol = protocol

    def parse(self, response: dict[str, Any], shape: Any) -> Any:
        """Return what botocore's parser reads."""
        try:
            if response["status_code"] >= FIRST_ERROR:
                return self._error(response, shape)
            answer = self._answer(response, shape)
            lacking = lacks(_operation(response), answer)
        except BY_THE_PARSER as error:
            raise _no_answer(response) from error
        if lacking:
            raise _no_answer(response, f" without {lacking}")
        return answer

    def _error(self, response: dict[str, Any], shape: Any) -> Any:
        if not is_error(_operation(response), response):
            raise TypeError
        return self._parser.parse(response, shape)

    def _answer(self, response: dict[str, Any], shape: Any) -> Any:
        if not is_answer(self._protocol, _operation(response), response, shape):
            raise TypeError
        return self._parser.parse(response, shape)


def _operation(response: dict[str, Any]) -> str:
    return str(response["context"]["operation_name"])


def _no_answer(response: dict[str, Any], lacking: str = "") -> NotAwsAnswerError:
    return NotAwsAnswerError(status=response["status_code"], lacking=lacking, start=_start(response["body"]))


def in_utc(value: Any) -> datetime:
    """Return a time of an answer in UTC, whatever the zone of this machine."""
    read: datetime = parse_timestamp(value)
    return read.astimezone(UTC)


def _start(body: Any) -> str:
    """Return how a body begins, on one line and without what a terminal would obey."""
    text = body[: 4 * SHOWN].decode("utf-8", "replace") if isinstance(body, bytes) else ""
    shown = " ".join(text.split())[:SHOWN]
    return "".join(letter if letter.isprintable() else "?" for letter in shown)
