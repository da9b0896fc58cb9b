"""
What Security Hub CSPM itself says: standards, controls and findings.

Source: https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_AwsSecurityFinding.html
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from trailseal.model.unreadable import Unreadable


class HubFinding(Struct, frozen=True, kw_only=True):
    """One control finding, reduced from ASFF."""

    finding_id: str
    control_id: str
    account: str
    region: str
    resource: str
    status: str
    """`PASSED`, `FAILED`, `WARNING` or `NOT_AVAILABLE`."""
    severity: str
    workflow: str = "NEW"
    record_state: str = "ACTIVE"
    updated: datetime | None = None
    reasons: tuple[str, ...] = ()
    other_resources: tuple[str, ...] = ()
    """What else it names: the trail, where the finding itself is about the account."""
    standards: tuple[str, ...] = ()
    """The standards that it counts in, `NAME/v/VERSION`; none where the finding does not tell."""


class ControlState(Struct, frozen=True, kw_only=True):
    """A control in one enabled standard, with the status that Security Hub would show for it there."""

    control_id: str
    enabled: bool
    """In this standard: in another one it may be off."""
    status: str
    """`PASSED`, `FAILED`, `UNKNOWN`, `NO DATA` or `DISABLED`."""
    severity: str = ""
    title: str = ""


class Standard(Struct, frozen=True, kw_only=True):
    """An enabled standard with its controls."""

    arn: str
    name: str
    controls: tuple[ControlState, ...]


class SecurityHub(Struct, frozen=True, kw_only=True, tag="security_hub"):
    """Security Hub in one Region. `findings` are those of the controls that trailseal knows."""

    region: str
    standards: tuple[Standard, ...]
    findings: tuple[HubFinding, ...]
    is_partial: bool = False
    """
    The controls' statuses, and the score, are not known: there were more findings than are read, or it was
    not told which controls are on.
    """

    is_aggregating: bool = False
    """
    Whether linked Regions' findings are gathered here; of those, `findings` has what their own Regions did
    not tell. The standards' statuses are of this Region alone.
    """


class NoSecurityHub(Struct, frozen=True, kw_only=True, tag="no_security_hub"):
    """Security Hub is not enabled here: not a failure, and nothing to join."""

    region: str


Hub = SecurityHub | NoSecurityHub | Unreadable
