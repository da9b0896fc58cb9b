"""What AWS refuses while it changes, told apart from what it refuses for good."""

from __future__ import annotations

from botocore.exceptions import ClientError

from trailseal.aws.errors import AwsError, code_of, problem, said
from trailseal.aws.response_parsers import NotAwsAnswerError
from trailseal.errors import TrailsealError
from trailseal.messages import message
from trailseal.run.control import Doubtful, NotYet, UnknownPrincipal

MALFORMED = "MalformedPolicyDocumentException"
PASSING = frozenset(
    {
        "InsufficientEncryptionPolicyException",
        "KmsException",
        "KmsKeyNotFoundException",
        "KMSInvalidStateException",
        "DisabledException",
        "ConflictException",
        "DependencyTimeoutException",
        "NotFoundException",
    }
)
"""Refusals that pass by themselves while a change to a key or its policy is still spreading."""


def refusal(error: AwsError, *, call: str, where: str) -> TrailsealError:
    """
    Return our error for a call that changes something: `NotYet` for what may pass by itself.

    What is no answer of AWS, a cut one for instance, says nothing of whether AWS has acted: `Doubtful`.
    """
    known = problem(error, call=call, where=where)
    if isinstance(error, NotAwsAnswerError):
        return Doubtful(known.what, known.hint)
    if isinstance(error, ClientError) and code_of(error) == MALFORMED and "principal" in said(error).lower():
        return UnknownPrincipal(known.what, known.hint)
    if not isinstance(error, ClientError) or code_of(error) not in PASSING:
        return known
    hint = known.hint
    if code_of(error) == "InsufficientEncryptionPolicyException":
        hint = message(
            "this names the statement of the key's policy or the bucket's: trailseal check --trail {trail}",
            trail=where,
        )
    return NotYet(known.what, hint)
