"""botocore's errors turned into ours, once: what is wrong, and what to type next."""

from __future__ import annotations

import re

from botocore import exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError

from trailseal.aws.proxy import proxy_for
from trailseal.aws.response_parsers import NotAwsAnswerError
from trailseal.errors import TrailsealError
from trailseal.messages import Message, message
from trailseal.model.unreadable import DENIED, Unreadable

AwsError = BotoCoreError | ClientError
EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
NOT_KNOWN = frozenset(
    {"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "InvalidToken",
     "SignatureDoesNotMatch", "AuthFailure", "IncompleteSignature"}
)  # fmt: skip
SIGN_IN = (
    boto.SSOTokenLoadError,
    boto.UnauthorizedSSOTokenError,
    boto.TokenRetrievalError,
    boto.SSOError,
    boto.CredentialRetrievalError,
)
OPENSSL = re.compile(r"\[SSL: \w+\] (.*?) \(_ssl\.c:\d+\)")
UNREACHABLE = (boto.HTTPClientError, boto.ConnectionError, boto.EndpointConnectionError)


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


def unreadable(error: AwsError, *, call: str, where: str = "") -> Unreadable:
    """Return the refusal as a value, for a question whose answer may be missing."""
    return Unreadable(call=call, code=code_of(error), where=where, detail=said(error))


def stops(error: AwsError) -> bool:
    """
    Whether nothing at all can be asked: no usable credentials, or nobody answers.

    One strange answer is a fact of its place, like a refusal.
    """
    if isinstance(error, ClientError):
        return code_of(error) in EXPIRED | NOT_KNOWN
    return not isinstance(error, NotAwsAnswerError)


def problem(error: AwsError, *, call: str, where: str = "", profile: str = "") -> TrailsealError:
    """
    Return the error that stops a command; `call` is the IAM action that was needed.

    `profile` is the one to sign in with again, where it is known.
    """
    code = code_of(error)
    if isinstance(error, ClientError):
        return _refused(error, code, call, where)
    if isinstance(error, NotAwsAnswerError):
        return TrailsealError(
            message("what came back is no answer of AWS: {problem}", problem=str(error)),
            message("check AWS_ENDPOINT_URL, and whether a proxy or a login page answers instead"),
        )
    what, hint = _before_aws(error, profile)
    return TrailsealError(what, hint)


def _refused(error: ClientError, code: str, call: str, where: str) -> TrailsealError:
    if code in EXPIRED:
        return TrailsealError(
            message("the AWS credentials have expired"),
            message("get new ones: aws sso login, or however you got these"),
        )
    if code in NOT_KNOWN:
        return TrailsealError(
            message("AWS does not accept the credentials ({code})", code=code),
            message("check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or choose a profile with --profile"),
        )
    if code in DENIED:
        return TrailsealError(
            message("AWS does not allow {call} on {where}", call=call, where=where or "*")
            if where
            else message("AWS does not allow {call}", call=call),
            message("give the caller {call}; trailseal permissions prints all that is needed", call=call),
        )
    return TrailsealError(
        message("{call} failed with {code}: {said}", call=call, code=code, said=said(error).rstrip("."))
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
            message("set AWS_PROFILE, or give --profile; without an AWS account: trailseal lab up"),
        )
    if isinstance(error, boto.NoRegionError | boto.InvalidRegionError):
        return (
            message("no AWS Region is chosen, or its name cannot be one"),
            message("set AWS_REGION, or give --region; without an AWS account: trailseal lab up"),
        )
    return _not_reached(error)


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
            message("nobody answers at {url} through the proxy {proxy}", url=where, proxy=proxy),
            message(
                "check HTTPS_PROXY, HTTP_PROXY and NO_PROXY; then the network, the Region, AWS_ENDPOINT_URL"
            ),
        )
    if isinstance(error, UNREACHABLE):
        return (
            message("nobody answers at {url}", url=where),
            message("check the network, the Region and AWS_ENDPOINT_URL"),
        )
    return message(
        "AWS could not be asked: {problem}", problem=" ".join(str(error).split()).rstrip(".")
    ), None


def _of_tls(error: boto.SSLError) -> str:
    """Return what OpenSSL says, out of the words of those between it and us."""
    text = " ".join(str(error.kwargs.get("error", error)).split())
    found = OPENSSL.search(text)
    return found[1] if found else text.rstrip(".")
