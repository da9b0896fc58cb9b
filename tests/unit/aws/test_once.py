"""What is known of a call that was sent once: refused, not sent, or nobody knows."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import exceptions as boto
from botocore.exceptions import ClientError

from trailseal.aws.once import ask_once
from trailseal.aws.response_parsers import NotAwsAnswerError
from trailseal.aws.session import AwsSession
from trailseal.errors import TrailsealError
from trailseal.run.control import Doubtful, NotYet, UnknownPrincipal

URL = {"endpoint_url": "http://there"}
FAILED = TrailsealError


def answer(code: str, status: int, message: str = "no") -> ClientError:
    said: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(said, "CreateKey")


def kind(problem: Exception, *, spreading: bool = True) -> type[TrailsealError]:
    def ask() -> None:
        raise problem

    with pytest.raises(TrailsealError) as ended:
        ask_once("kms:CreateKey", "here", ask, spreading=spreading)
    return type(ended.value)


@pytest.mark.parametrize(
    ("problem", "known"),
    [
        pytest.param(answer("KMSInternalException", 500), Doubtful, id="500"),
        pytest.param(answer("ServiceUnavailableException", 503), Doubtful, id="503"),
        pytest.param(answer("ThrottlingException", 503), Doubtful, id="503 that says throttling"),
        pytest.param(answer("DependencyTimeoutException", 400), Doubtful, id="time-out within AWS"),
        pytest.param(answer("RequestTimeout", 400), Doubtful, id="time-out of the request"),
        pytest.param(answer("ThrottlingException", 400), NotYet, id="throttled"),
        pytest.param(answer("AlreadyExistsException", 400), NotYet, id="there already"),
        pytest.param(answer("MalformedPolicyDocumentException", 400), FAILED, id="no policy"),
        pytest.param(
            answer("MalformedPolicyDocumentException", 400, "one or more invalid principals."),
            UnknownPrincipal,
            id="somebody who is not seen",
        ),
        pytest.param(answer("DisabledException", 400), NotYet, id="spreading"),
        pytest.param(answer("AccessDeniedException", 400), FAILED, id="denied"),
        pytest.param(answer("ExpiredTokenException", 400), FAILED, id="expired"),
        pytest.param(answer("LimitExceededException", 400), FAILED, id="limit"),
        pytest.param(boto.EndpointConnectionError(**URL), NotYet, id="nobody there"),
        pytest.param(boto.ConnectTimeoutError(**URL), NotYet, id="no connection in time"),
        pytest.param(boto.ConnectionClosedError(**URL), Doubtful, id="closed"),
        pytest.param(boto.ReadTimeoutError(**URL), Doubtful, id="no answer in time"),
        pytest.param(boto.HTTPClientError(error="x"), Doubtful, id="broken"),
        pytest.param(boto.ResponseStreamingError(error="x"), Doubtful, id="cut in the middle"),
        pytest.param(boto.IncompleteReadError(actual_bytes=1, expected_bytes=2), Doubtful, id="too short"),
        pytest.param(NotAwsAnswerError(status=200, lacking="", start="<html"), Doubtful, id="HTML"),
        pytest.param(boto.NoCredentialsError(), FAILED, id="no credentials"),
        pytest.param(boto.ParamValidationError(report="x"), FAILED, id="no request"),
    ],
)
def test_what_is_known_after_a_call_that_failed(problem: Exception, known: type[TrailsealError]) -> None:
    assert kind(problem) is known


def test_a_refusal_is_final_where_nothing_can_be_spreading() -> None:
    assert kind(answer("ConflictException", 400), spreading=False) is FAILED
    assert kind(answer("ThrottlingException", 400), spreading=False) is NotYet


def test_an_answer_comes_back() -> None:
    assert ask_once("kms:CreateKey", "here", lambda: "arn") == "arn"


def test_a_client_for_once_sends_each_request_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    session = AwsSession(region="eu-west-1")

    tries = [session.client("kms", once=once).meta.config.retries for once in (True, False)]

    assert [each["total_max_attempts"] for each in tries] == [1, 6]
