"""botocore's errors as ours: what is wrong in one line, and what to type next."""

from __future__ import annotations

from collections.abc import Callable

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
        (boto.NoRegionError(), "no AWS Region is configured", "AWS_REGION"),
        (boto.NoRegionError(), "no AWS Region is configured", "trailseal demo"),
        (boto.SSOTokenLoadError(error_msg="x"), "sign-in is not valid any more", "aws sso login"),
        (
            boto.EndpointConnectionError(endpoint_url="http://x"),
            "no answer from http://x",
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
            "what came back is not an answer from AWS: HTTP 200 without Trail.Name, `{}`",
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


@pytest.mark.parametrize(
    ("url", "is_here"),
    [
        ("http://127.0.0.1:5000/", True),
        ("http://127.9.9.9:1", True),
        ("https://[::1]:5000", True),
        ("http://localhost:5000", True),
        ("http://bucket.localhost:5000/key", True),
        ("https://kms.eu-west-1.amazonaws.com/", False),
        ("http://localhost.example.com", False),
        ("http://10.0.0.1:5000", False),
        ("AWS", False),
    ],
)
def test_an_endpoint_on_this_machine_is_most_likely_a_lab_that_is_down(url: str, *, is_here: bool) -> None:
    hint = str(problem(boto.EndpointConnectionError(endpoint_url=url), call="kms:X", where="there").hint)

    assert ("trailseal lab up" in hint) == is_here
    assert "AWS_ENDPOINT_URL" in hint


PROXIES = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")
DEAD = "http://user:secret@127.0.0.1:9"
ENVIRONMENTS = {
    "none": ({}, ""),
    "for http": ({"HTTP_PROXY": DEAD}, "http"),
    "for https": ({"HTTPS_PROXY": DEAD}, "https"),
    "in small letters": ({"http_proxy": DEAD, "https_proxy": DEAD}, "http https"),
    "but not for this host": ({"HTTP_PROXY": DEAD, "HTTPS_PROXY": DEAD, "NO_PROXY": "x"}, ""),
    "that is no URL": ({"HTTPS_PROXY": "http://us:secret@[::1"}, "https"),
}
UNREACHED = {
    "refused": lambda url: boto.EndpointConnectionError(endpoint_url=url),
    "closed": lambda url: boto.ConnectionClosedError(endpoint_url=url),
    "too long": lambda url: boto.ConnectTimeoutError(endpoint_url=url),
    "no answer in time": lambda url: boto.ReadTimeoutError(endpoint_url=url),
    "anything": lambda url: boto.HTTPClientError(error=OSError("odd"), endpoint_url=url),
}


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(("given", "proxied"), ENVIRONMENTS.values(), ids=ENVIRONMENTS)
@pytest.mark.parametrize("error", UNREACHED.values(), ids=UNREACHED)
def test_where_nobody_answers_a_proxy_that_was_asked_is_named_without_its_password(
    error: Callable[[str], AwsError],
    given: dict[str, str],
    proxied: str,
    scheme: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    found = problem(error(f"{scheme}://x/"), call="kms:X")

    assert str(found.what).startswith(f"no answer from {scheme}://x/")
    assert ("through the proxy" in str(found.what)) == (scheme in proxied.split())
    assert ("_PROXY" in str(found.hint)) == (scheme in proxied.split())
    assert "secret" not in str(found.what)


def test_a_proxy_is_named_where_nobody_knows_which_address_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", DEAD)
    found = problem(boto.HTTPClientError(error=OSError("odd")), call="kms:X")

    assert str(found.what) == "no answer from AWS through the proxy http://***:***@127.0.0.1:9"


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidClientTokenId"])
def test_credentials_of_a_profile_that_are_not_usable_are_named_by_it(code: str) -> None:
    assert "of profile `archive`" in str(problem(refused(code), call="kms:X", profile="archive").what)
    assert "profile" not in str(problem(refused(code), call="kms:X").what)


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
