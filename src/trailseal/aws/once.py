"""
Calls that are sent a single time, and what is known of them when they fail.

CreateKey, ReplicateKey, CreateAlias and RotateKeyOnDemand have no token by which AWS would know a repetition.
A refusal says that AWS has not acted, and so does a request that never left. What was cut off, timed out or
failed within AWS may have been done.
Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from botocore import exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError

from trailseal.aws.errors import AwsError, code_of, problem
from trailseal.aws.refusals import refusal
from trailseal.aws.response_parsers import NotAwsAnswerError
from trailseal.errors import TrailsealError
from trailseal.messages import message
from trailseal.run.control import Doubtful, NotYet

THROTTLED = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
"""Refusals before AWS acts: botocore's own list of what it calls throttling."""
UNSETTLED = frozenset({"DependencyTimeoutException", "RequestTimeout", "RequestTimeoutException"})
"""Codes that say that something took too long, and not that nothing was done."""
EXISTS = "AlreadyExistsException"
NOT_SENT = (boto.EndpointConnectionError, boto.ConnectTimeoutError)
CUT_OFF = (
    NotAwsAnswerError,
    boto.ConnectionError,
    boto.HTTPClientError,
    boto.IncompleteReadError,
    boto.ResponseStreamingError,
)
SERVER = 500
T = TypeVar("T")


def ask_once(call: str, where: str, ask: Callable[[], T], *, spreading: bool = True) -> T:
    """
    Return the answer to a call; `spreading`, while a change to its key may be on its way.

    It is sent a single time by a client of that kind; of another's, what is known after its retries is told.

    Raises:
        Doubtful: AWS may have acted.
        NotYet: it has not, and may when it is asked again.
        TrailsealError: it refuses.
    """
    try:
        return ask()
    except (ClientError, BotoCoreError) as error:
        raise _ended(error, call=call, where=where, spreading=spreading) from error


def _ended(error: AwsError, *, call: str, where: str, spreading: bool) -> TrailsealError:
    known = problem(error, call=call, where=where)
    if isinstance(error, ClientError):
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", SERVER))
        if status >= SERVER or code_of(error) in UNSETTLED:
            return _doubtful(error, call)
        if code_of(error) in THROTTLED | {EXISTS}:
            return NotYet(known.what, known.hint)
        return refusal(error, call=call, where=where) if spreading else known
    if isinstance(error, NOT_SENT):
        return NotYet(known.what, known.hint)
    return _doubtful(error, call) if isinstance(error, CUT_OFF) else known


def _doubtful(error: AwsError, call: str) -> Doubtful:
    return Doubtful(
        message("{call} ended with {code}, and AWS may have done it", call=call, code=code_of(error)),
        message("run the same command again: it looks before it does anything"),
    )
