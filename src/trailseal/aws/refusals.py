"""What AWS refuses while it changes, told apart from what it refuses for good."""

from __future__ import annotations

from botocore.exceptions import ClientError

from trailseal.aws.errors import AwsError, code_of, problem
from trailseal.errors import TrailsealError
from trailseal.messages import message
from trailseal.run.control import NotYet

PASSING = frozenset(
    {
        "InsufficientEncryptionPolicyException",
        "KmsException",
        "KmsKeyNotFoundException",
        "KMSInvalidStateException",
        "ConflictException",
        "MalformedPolicyDocumentException",
        "DependencyTimeoutException",
        "NotFoundException",
    }
)
"""Refusals that pass by themselves while a change to a key or its policy is still spreading."""


def refusal(error: AwsError, *, call: str, where: str) -> TrailsealError:
    """Return our error for a call that changes something: `NotYet` for what may pass by itself."""
    known = problem(error, call=call, where=where)
    if not isinstance(error, ClientError) or code_of(error) not in PASSING:
        return known
    hint = known.hint
    if code_of(error) == "InsufficientEncryptionPolicyException":
        hint = message("look at the key's policy and the bucket's: trailseal check names the statement")
    return NotYet(known.what, hint)
