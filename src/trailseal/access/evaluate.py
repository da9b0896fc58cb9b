"""The decision over all layers, in AWS's own order."""

from __future__ import annotations

from typing import Literal

from trailseal.access.decision import Decision
from trailseal.access.request import Policies, Request


def authorize(
    request: Request,
    policies: Policies,
    *,
    derive: bool = True,
    unknown_context: Literal["absent", "unknown"] = "unknown",
) -> Decision:
    """
    Return what AWS decides for `request` under `policies`, with the statements that decide it.

    With `derive`, context keys that follow from the caller and the path (aws:PrincipalArn,
    kms:CallerAccount and their kin) are filled in; a key that is given wins. A malformed document
    comes back as `invalid` with its place, never as an exception.
    """
    raise NotImplementedError
