"""Credentials are bad only where none of AWS takes them: else a refusal is of its Region."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from botocore import exceptions as boto
from botocore.exceptions import ClientError

from trailseal.aws.accepted import Acceptance
from trailseal.aws.errors import AwsError, only_there, problem, stops, unreadable
from trailseal.errors import TrailsealError
from trailseal.messages import message
from trailseal.model.region_off import AS_IF_OFF, NOT_TAKEN, is_as_if_off, place_of, sentences
from trailseal.model.unreadable import Unreadable

HOME, THERE = "ap-northeast-1", "me-south-1"
TRAIL = f"arn:aws:cloudtrail:{THERE}:123456789012:trail/t"


class Aws:
    """Clients of one session, whose answers are given by hand; STS knows who calls where it `takes` them."""

    def __init__(self, *, takes: bool = False) -> None:
        self.takes = takes
        self.asked: list[bool] = []
        self.acceptance = Acceptance(self.identity)

    def identity(self, *, once: bool = False) -> None:
        self.asked.append(once)
        self.answer("sts", HOME, "GetCallerIdentity", code="" if self.takes else "InvalidClientTokenId")
        if not self.takes:
            raise TrailsealError(message("no"))

    def handlers(self, service: str, region: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        model = SimpleNamespace(service_name=service)
        events = SimpleNamespace(register=found.__setitem__)
        client = SimpleNamespace(meta=SimpleNamespace(service_model=model, region_name=region, events=events))
        self.acceptance.attach(client)
        return found

    def answer(self, service: str, region: str, operation: str, *, code: str = "") -> ClientError:
        parsed: Any = {"Error": {"Code": code, "Message": "no"}} if code else {}
        self.handlers(service, region)["after-call.*.*"](
            http_response=SimpleNamespace(status_code=403 if code else 200),
            parsed=parsed,
            model=SimpleNamespace(name=operation),
        )
        return ClientError(parsed, operation)

    def silence(self, error: AwsError, service: str = "kms", operation: str = "DescribeKey") -> AwsError:
        self.handlers(service, THERE)["after-call-error.*.*"](
            exception=error, event_name=f"after-call-error.{service}.{operation}"
        )
        return error


UNREACHED: dict[str, Any] = {
    "refused": lambda: boto.EndpointConnectionError(endpoint_url="https://x"),
    "closed": lambda: boto.ConnectionClosedError(endpoint_url="https://x"),
    "no time": lambda: boto.ConnectTimeoutError(endpoint_url="https://x"),
    "no TLS": lambda: boto.SSLError(endpoint_url="https://x", error="x"),
}


@pytest.mark.parametrize("code", sorted(NOT_TAKEN))
@pytest.mark.parametrize("takes", [True, False])
def test_a_refusal_is_told_apart_by_what_the_rest_of_aws_says(code: str, *, takes: bool) -> None:
    aws = Aws(takes=takes)
    error = aws.answer("cloudtrail", THERE, "GetTrail", code=code)

    assert stops(error) is not takes
    assert only_there(error) == (THERE if takes else "")
    what = str(problem(error, call="cloudtrail:GetTrail").what)
    assert ("AWS does not accept the credentials" in what) is not takes


@pytest.mark.parametrize("code", sorted(NOT_TAKEN))
def test_whoever_was_answered_once_is_not_asked_who_he_is(code: str) -> None:
    aws = Aws()
    aws.answer("cloudtrail", HOME, "ListTrails")
    error = aws.answer("kms", THERE, "DescribeKey", code=code)

    assert (stops(error), only_there(error), aws.asked) == (False, THERE, [])
    found = unreadable(error, call="kms:DescribeKey", where="k")
    assert (found.call, found.code, found.where) == ("kms:DescribeKey", code, "k")


@pytest.mark.parametrize("error", UNREACHED.values(), ids=UNREACHED)
@pytest.mark.parametrize("takes", [True, False])
def test_a_region_that_does_not_answer_is_a_fact_of_it_where_another_does(error: Any, *, takes: bool) -> None:
    aws = Aws(takes=takes)
    met = aws.silence(error())

    assert stops(met) is not takes
    assert aws.asked == [True]


def test_the_question_who_calls_is_not_asked_because_of_itself() -> None:
    aws = Aws()
    refused = aws.answer("sts", HOME, "GetCallerIdentity", code="InvalidClientTokenId")
    silent = aws.silence(UNREACHED["closed"](), "sts", "GetCallerIdentity")

    assert (stops(refused), stops(silent), aws.asked) == (True, True, [])


@pytest.mark.parametrize("code", ["AccessDenied", "ExpiredToken", "ThrottlingException", "403"])
def test_other_refusals_are_what_they_were(code: str) -> None:
    aws = Aws(takes=True)
    error = aws.answer("kms", THERE, "DescribeKey", code=code)

    assert (only_there(error), aws.asked) == ("", [])
    assert stops(error) is (code == "ExpiredToken")


def test_an_error_that_has_nothing_to_do_with_the_network_stops_as_before() -> None:
    aws = Aws(takes=True)

    assert stops(aws.silence(boto.NoCredentialsError()))
    assert aws.asked == []


@pytest.mark.parametrize(
    ("where", "place"), [(THERE, THERE), (TRAIL, THERE), ("example-logs", "example-logs"), ("", "")]
)
def test_a_place_is_named_by_its_region_where_that_is_told(where: str, place: str) -> None:
    reason = Unreadable(call="kms:DescribeKey", code="InvalidToken", where=where)

    assert place_of(reason) == place


def test_each_place_is_told_once_and_only_where_a_region_may_be_off() -> None:
    reasons = [Unreadable(call="c", code=code, where=w) for code in sorted(AS_IF_OFF) for w in (THERE, TRAIL)]
    others = [Unreadable(call="c", code=c, where=HOME) for c in ("AccessDenied", "SignatureDoesNotMatch")]

    assert [each.facts["region"] for each in sentences([*reasons, *others])] == [THERE]
    assert not any(map(is_as_if_off, others))
