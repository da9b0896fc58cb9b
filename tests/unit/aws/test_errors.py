"""botocore's errors as ours: what is wrong in one line, and what to type next."""

from __future__ import annotations

import pytest
from botocore import exceptions as boto
from botocore.exceptions import ClientError

from trailseal.aws.errors import AwsError, code_of, problem, stops, unreadable
from trailseal.aws.response_parsers import NotAwsAnswerError

WRONG_VERSION = (
    "HTTPSConnectionPool(host='x', port=443): Max retries exceeded with url: / (Caused by "
    "SSLError(SSLError(1, '[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)')))"
)


def refused(code: str, text: str = "why.") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": text}}, "Operation")


@pytest.mark.parametrize(
    ("error", "what", "hint"),
    [
        (refused("ExpiredToken"), "the AWS credentials have expired", "aws sso login"),
        (refused("InvalidClientTokenId"), "does not accept the credentials", "AWS_ACCESS_KEY_ID"),
        (refused("AccessDenied"), "AWS does not allow kms:X on there", "give the caller kms:X"),
        (refused("Odd"), "kms:X failed with Odd: why", ""),
        (boto.ProfileNotFound(profile="p"), "there is no AWS profile `p`", "list-profiles"),
        (boto.NoCredentialsError(), "there are no AWS credentials", "AWS_PROFILE"),
        (boto.NoRegionError(), "no AWS Region is chosen", "AWS_REGION"),
        (boto.NoRegionError(), "no AWS Region is chosen", "trailseal lab up"),
        (boto.SSOTokenLoadError(error_msg="x"), "sign-in is not valid any more", "aws sso login"),
        (
            boto.EndpointConnectionError(endpoint_url="http://x"),
            "nobody answers at http://x",
            "AWS_ENDPOINT_URL",
        ),
        (
            boto.SSLError(endpoint_url="https://x", error=WRONG_VERSION),
            "there is no trusted TLS connection to https://x: wrong version number",
            "https and http",
        ),
        (
            boto.SSLError(endpoint_url="https://x", error="two\nlines."),
            "there is no trusted TLS connection to https://x: two lines",
            "AWS_CA_BUNDLE",
        ),
        (
            boto.ProxyConnectionError(proxy_url="http://p:1", error=OSError("Tunnel failed: 407")),
            "AWS cannot be reached through the proxy http://p:1",
            "HTTPS_PROXY",
        ),
        (
            NotAwsAnswerError(status=200, lacking=" without Trail.Name", start="{}"),
            "what came back is no answer of AWS: HTTP 200 without Trail.Name, `{}`",
            "AWS_ENDPOINT_URL",
        ),
        (boto.ParamValidationError(report="odd."), "AWS could not be asked", ""),
    ],
    ids=lambda given: given if isinstance(given, str) else type(given).__name__,
)
def test_each_error_is_one_line_with_what_to_do(error: AwsError, what: str, hint: str) -> None:
    found = problem(error, call="kms:X", where="there")

    assert what in str(found.what)
    assert "\n" not in str(found.what)
    assert hint in str(found.hint or "")


def test_a_denial_without_a_place_names_the_action_alone() -> None:
    assert str(problem(refused("AccessDenied"), call="kms:X").what) == "AWS does not allow kms:X"


def test_a_refusal_is_a_value_where_an_answer_may_be_missing() -> None:
    found = unreadable(refused("AccessDenied"), call="kms:X", where="there")

    assert (found.call, found.code, found.where, found.detail) == ("kms:X", "AccessDenied", "there", "why.")


def test_what_stops_everything_is_told_from_what_is_merely_denied() -> None:
    assert stops(boto.NoCredentialsError())
    assert stops(refused("ExpiredToken"))
    assert not stops(refused("AccessDenied"))
    assert not stops(NotAwsAnswerError(status=200, lacking="", start=""))


def test_a_code_is_awss_or_botocores() -> None:
    assert code_of(refused("", "")) == ""
    assert code_of(boto.NoRegionError()) == "NoRegionError"
    assert code_of(NotAwsAnswerError(status=200, lacking="", start="")) == "UnexpectedAnswer"
