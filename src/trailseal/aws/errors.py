"""botocore's errors turned into ours, once: what is wrong, and what to type next."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from botocore import exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError

from trailseal.aws.proxy import proxy_for
from trailseal.aws.response_parsers import NotAwsAnswerError
from trailseal.errors import TrailsealError
from trailseal.messages import Message, message
from trailseal.model.region_off import NOT_TAKEN, WHY
from trailseal.model.unreadable import DENIED, Unreadable, action_lacking

AwsError = BotoCoreError | ClientError
EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
SIGN_IN = (
    boto.SSOTokenLoadError,
    boto.UnauthorizedSSOTokenError,
    boto.TokenRetrievalError,
    boto.SSOError,
    boto.CredentialRetrievalError,
)
OPENSSL = re.compile(r"\[SSL: \w+\] (.*?) \(_ssl\.c:\d+\)")
UNREACHABLE = (boto.HTTPClientError, boto.ConnectionError, boto.EndpointConnectionError)
ONLY_THERE = "TrailsealOnlyThere"
"""Under this name an error says in which Region it was met by credentials that AWS takes elsewhere."""


def code_of(error: AwsError) -> str:
    """Return AWS's code, ours of what is no answer of AWS, or the name of botocore's own error."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "Unknown"))
    return error.code if isinstance(error, NotAwsAnswerError) else type(error).__name__


def said(error: AwsError) -> str:
    """Return what AWS said, without botocore's words around it."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Message", "")) or code_of(error)
    return str(error)


def lacking(error: AwsError) -> str:
    """Return the action that AWS says is not allowed, which may be one beside the call's; "" for none."""
    return action_lacking(said(error))


def unreadable(error: AwsError, *, call: str, where: str = "") -> Unreadable:
    """Return the refusal as a value, for a question whose answer may be missing."""
    return Unreadable(call=call, code=code_of(error), where=where, detail=said(error))


def only_there(error: AwsError) -> str:
    """Return the Region that alone takes no credentials or does not answer, "" where no other does."""
    told: Mapping[str, object] = (
        error.response.get("Error", {}) if isinstance(error, ClientError) else error.kwargs
    )
    return str(told.get(ONLY_THERE, ""))


def stops(error: AwsError) -> bool:
    """
    Whether nothing at all can be asked: no usable credentials, or nobody answers.

    One strange answer is a fact of its place, like a refusal; so is a Region that does not answer, or takes
    no credentials, where others do.
    """
    if only_there(error):
        return False
    if isinstance(error, ClientError):
        return code_of(error) in EXPIRED | NOT_TAKEN
    return not isinstance(error, NotAwsAnswerError)


def problem(error: AwsError, *, call: str, where: str = "", profile: str = "") -> TrailsealError:
    """
    Return the error that stops a command; `call` is the IAM action that was needed.

    `profile` is the one to sign in with again, where it is known.
    """
    code = code_of(error)
    if isinstance(error, ClientError):
        if code in EXPIRED | NOT_TAKEN:
            return _unusable(error, call, profile)
        return _refused(error, code, call, where)
    if isinstance(error, NotAwsAnswerError):
        return TrailsealError(
            message("what came back is not an answer from AWS: {problem}", problem=str(error)),
            message("check AWS_ENDPOINT_URL, and whether a proxy or a login page answers instead"),
        )
    what, hint = _before_aws(error, profile)
    return TrailsealError(what, hint)


def _refused(error: ClientError, code: str, call: str, where: str) -> TrailsealError:
    if code in DENIED:
        call = lacking(error) or call
        return TrailsealError(
            message("AWS does not allow {call} on {where}", call=call, where=where or "*")
            if where
            else message("AWS does not allow {call}", call=call),
            message("give the caller {call}; trailseal permissions prints all that is needed", call=call),
        )
    return TrailsealError(
        message("{call} failed with {code}: {said}", call=call, code=code, said=said(error).rstrip("."))
    )


def _unusable(error: ClientError, call: str, profile: str) -> TrailsealError:
    """Return that credentials have expired, or that AWS, or one Region alone, does not take them."""
    code = code_of(error)
    if code in EXPIRED:
        return TrailsealError(
            message("the AWS credentials of profile `{profile}` have expired", profile=profile)
            if profile
            else message("the AWS credentials have expired"),
            message(
                "get new ones: aws sso login --profile {profile}, or however you got these", profile=profile
            )
            if profile
            else message("get new ones: aws sso login, or however you got these"),
        )
    if region := only_there(error):
        return TrailsealError(
            message(
                "{region} takes no credentials of this account ({call}: {code})",
                region=region,
                call=call,
                code=code,
            ),
            message(WHY),
        )
    return TrailsealError(
        message(
            "AWS does not accept the credentials of profile `{profile}` ({code})", profile=profile, code=code
        )
        if profile
        else message("AWS does not accept the credentials ({code})", code=code),
        message(
            "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or choose a profile with --profile; where "
            "the account has not enabled the Region, choose another with --region"
        ),
    )


def _before_aws(error: BotoCoreError, profile: str) -> tuple[Message, Message | None]:
    """Return what went wrong before AWS answered anything."""
    if isinstance(error, boto.ProfileNotFound):
        return (
            message("there is no AWS profile `{name}`", name=str(error.kwargs.get("profile", ""))),
            message("aws configure list-profiles shows them"),
        )
    if isinstance(error, SIGN_IN):
        return (
            message("the AWS sign-in is not valid any more"),
            message("aws sso login --profile {profile}, then try again", profile=profile)
            if profile
            else message("aws sso login, then try again"),
        )
    if isinstance(error, boto.NoCredentialsError | boto.PartialCredentialsError):
        return (
            message("there are no AWS credentials"),
            message("set AWS_PROFILE, or give --profile; without an AWS account: trailseal demo"),
        )
    if isinstance(error, boto.NoRegionError | boto.InvalidRegionError):
        return (
            message("no AWS Region is configured (or its name is invalid)"),
            message("set AWS_REGION, or give --region; without an AWS account: trailseal demo"),
        )
    return _not_reached(error)


def _is_this_machine(url: str) -> bool:
    """Whether an endpoint is on this machine, as a lab's is and AWS's is not."""
    try:
        host = urlsplit(url).hostname or ""
        return host.split(".")[-1] == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _not_reached(error: BotoCoreError) -> tuple[Message, Message | None]:
    """Return what stands between this machine and AWS."""
    where = str(getattr(error, "kwargs", {}).get("endpoint_url", "AWS"))
    if isinstance(error, boto.SSLError):
        return (
            message(
                "there is no trusted TLS connection to {url}: {problem}", url=where, problem=_of_tls(error)
            ),
            message(
                "look whether AWS_ENDPOINT_URL begins with the right one of https and http; "
                "behind a proxy that reads TLS, set AWS_CA_BUNDLE to its certificates"
            ),
        )
    if isinstance(error, boto.ProxyConnectionError):
        return (
            message(
                "AWS cannot be reached through the proxy {url}", url=str(error.kwargs.get("proxy_url", ""))
            ),
            message("check HTTPS_PROXY, HTTP_PROXY and NO_PROXY"),
        )
    if isinstance(error, UNREACHABLE) and (proxy := proxy_for(where)):
        return (
            message("no answer from {url} through the proxy {proxy}", url=where, proxy=proxy),
            message(
                "check HTTPS_PROXY, HTTP_PROXY and NO_PROXY; then the network, the Region, AWS_ENDPOINT_URL"
            ),
        )
    if isinstance(error, UNREACHABLE):
        hint = (
            message("is the lab down? start it with trailseal lab up, or unset AWS_ENDPOINT_URL")
            if _is_this_machine(where)
            else message("check the network, the Region and AWS_ENDPOINT_URL")
        )
        return message("no answer from {url}", url=where), hint
    return message(
        "AWS could not be asked: {problem}", problem=" ".join(str(error).split()).rstrip(".")
    ), None


def _of_tls(error: boto.SSLError) -> str:
    """Return what OpenSSL says, out of the words of those between it and us."""
    text = " ".join(str(error.kwargs.get("error", error)).split())
    found = OPENSSL.search(text)
    return found[1] if found else text.rstrip(".")
