"""
Whether a policy that no permission of the caller overcomes denies a way of re-encrypting, before it is tried.

In a landing zone 4.0 of AWS Control Tower, a service control policy on the log archive account leaves of S3's
actions on the log buckets Get, List, PutObject and the like: UpdateObjectEncryption is denied there to
everybody but Control Tower's role, a copy is not. That is read from the policy, never from a bucket's name.
Source: https://docs.aws.amazon.com/controltower/latest/controlreference/mandatory-controls.html
"""

from __future__ import annotations

import re

from msgspec import Struct, structs

from trailseal.access.decision import DENIED, Reason
from trailseal.access.evaluate import authorize
from trailseal.access.readers.estate import EVERYTHING
from trailseal.access.readers.levels import binding
from trailseal.access.request import Policies, Request
from trailseal.history.rules.method import Target
from trailseal.model.arn import account_of, bucket_arn
from trailseal.model.log_file import Delivered, account_folder, region_folder
from trailseal.model.principal import NamedPolicy
from trailseal.model.trail_place import TrailPlace

UPDATE = "s3:UpdateObjectEncryption"
COPY = "s3:PutObject"
NOBODY = "000000000000"
"""An account of no organization: it stands for any."""


class CallerWalls(Struct, frozen=True, kw_only=True):
    """
    What stands over the caller, or the role that does the work, whatever its own policies allow.

    As far as it could be read: `scp` are the service control policies over the account, root first; () where
    there are none, or where nobody would tell: then nothing is decided by them.
    """

    caller: str = ""
    scp: tuple[tuple[NamedPolicy, ...], ...] = ()
    bucket_policy: str = ""

    def over(self, role: str) -> CallerWalls:
        """Return what stands over a role instead; over one of another account, no more than the bucket's."""
        is_same = account_of(role) == account_of(self.caller)
        return structs.replace(self, caller=role, scp=self.scp if is_same else ())


def shut_out(walls: CallerWalls, place: TrailPlace, target: Target, action: str) -> str | None:
    """Return what certainly denies an action on the trail's log files, None where nothing is known to."""
    denying = [_denying(walls, folder, target, action) for folder in _folders(place)] if walls.caller else []
    return denying[0] if denying and all(denying) else None


def _folders(place: TrailPlace) -> tuple[str, ...]:
    """Return where log files lie, and of an organization's trail where those of another account would."""
    accounts = (place.account, NOBODY) if place.organization else (place.account,)
    roots = [
        account_folder(prefix=place.prefix, organization=place.organization, account=each)
        for each in accounts
    ]
    return tuple(
        region_folder(root=each, kind=Delivered.LOG_FILE, region=place.home_region) for each in roots
    )


def _denying(walls: CallerWalls, folder: str, target: Target, action: str) -> str | None:
    request = Request(
        principal=walls.caller,
        action=action,
        resource=bucket_arn(f"{target.bucket}/{folder}1", target.partition),
        context={"aws:SecureTransport": ("true",)},
    )
    policies = Policies(
        identity=(EVERYTHING,), scp=binding(walls.scp) or None, resource=walls.bucket_policy or None
    )
    decision = authorize(request, policies, stored=True)
    if decision.effect not in DENIED:
        return None
    deciding = next(each for each in decision.reasons if each.outcome != "allow")
    return _named(deciding, walls)


def _named(reason: Reason, walls: CallerWalls) -> str:
    if reason.layer != "scp":
        return f"bucket policy {reason.statement}"
    levels = [int(number) for number in re.findall(r"\d+", str(reason.policy))]
    name = walls.scp[levels[0]][levels[1]].name if levels else ""
    return " ".join(filter(None, ("service control policy", name, reason.statement)))
