"""
DryRun: a call that would have succeeded is refused as one that was not meant, and nothing is done.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/testing-permissions.html
"""

from __future__ import annotations

from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError


def is_dry(call: Call) -> bool:
    """Whether a call only asks if it would succeed."""
    return call.params.get("DryRun") is True


def end_dry_run(call: Call) -> None:
    """
    Return unless the call, which would succeed, is not meant.

    Raises:
        ApiError: DryRunOperationException.
    """
    if is_dry(call):
        text = "The request would have succeeded, but the DryRun option is set."
        raise ApiError("DryRunOperationException", text)
