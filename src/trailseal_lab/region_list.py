"""
Which Regions there are, as EC2 and Account Management tell an account, and one that is none.

Sources: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRegions.html
and https://docs.aws.amazon.com/accounts/latest/reference/API_ListRegions.html
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import boto3

from trailseal_lab.answers import Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.errors import ApiError
from trailseal_lab.regions import OPT_IN, SwitchedOff, account_of
from trailseal_lab.world import World

FILTERS = {"endpoint": "Endpoint", "opt-in-status": "OptInStatus", "region-name": "RegionName"}
PAGE = 50


@cache
def regions() -> tuple[str, ...]:
    """Return the Regions of the partition that the lab is in."""
    return tuple(sorted(boto3.Session().get_available_regions("ec2")))


def check_known(call: Call) -> None:
    """
    Return when the Region that a call is signed for exists.

    At AWS there is nobody to ask in another; who sends such a call to an endpoint that exists is told
    that it is signed for the wrong place.

    Raises:
        ApiError: it does not.
    """
    if call.region in regions() or "*" in call.region:  # a set of Regions, of signatures for access points
        return
    text = "Credential should be scoped to a valid region."
    if call.service == "s3":
        text = f"The authorization header is malformed; the region '{call.region}' is wrong"
        raise ApiError("AuthorizationHeaderMalformed", text, status=400)
    if call.service == "ec2":
        raise ApiError("AuthFailure", text, status=401)
    if call.protocol == "json":
        raise ApiError("InvalidSignatureException", text, status=400)
    code = "InvalidSignatureException" if call.protocol == "rest-json" else "SignatureDoesNotMatch"
    raise ApiError(code, text, status=403)


@answers("ec2", "DescribeRegions")
def describe_regions(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """
    Return the account's Regions: those that are on, or that are named, or all.

    Raises:
        ApiError: InvalidParameterValue for a Region or filter that there is not; DryRunOperation.
    """
    del forward
    names = [str(name) for name in call.params.get("RegionNames") or ()]
    if strange := sorted(set(names) - set(regions())):
        raise ApiError("InvalidParameterValue", f"Invalid region name(s): [{', '.join(strange)}]", status=400)
    wanted = [_pattern(each) for each in call.params.get("Filters") or ()]
    if call.params.get("DryRun") is True:
        raise ApiError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", status=412)
    off = world.part(SwitchedOff).of(call.caller.account)
    every = bool(names) or call.params.get("AllRegions") is True
    shown = [_shown(name, off) for name in names or regions() if every or name not in off]
    found = [row for row in shown if all(any(p.fullmatch(row[key]) for p in some) for key, some in wanted)]
    return {"Regions": found}


@answers("account", "ListRegions")
def list_regions(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """
    Return a page of Regions with their status.

    Raises:
        ApiError: ValidationException for a token that is none; AccessDeniedException.
    """
    del forward
    off = world.part(SwitchedOff).of(account_of(call))
    statuses = call.params.get("RegionOptStatusContains") or ()
    rows = [{"RegionName": name, "RegionOptStatus": status_of(name, off)} for name in regions()]
    found = [row for row in rows if not statuses or row["RegionOptStatus"] in statuses]
    token, size = str(call.params.get("NextToken") or "0"), int(call.params.get("MaxResults") or PAGE)
    if not re.fullmatch(r"[0-9]{1,4}", token):
        raise ApiError("ValidationException", "The next token is not valid.", status=400)
    end = int(token) + size
    more = {"NextToken": str(end)} if len(found) > end else {}
    return {"Regions": found[int(token) : end], **more}


@answers("account", "GetRegionOptStatus")
def get_region_opt_status(world: World, call: Call, forward: Forward) -> dict[str, Any]:
    """
    Say whether a Region is on.

    Raises:
        ApiError: ValidationException for a Region that there is not; AccessDeniedException.
    """
    del forward
    name = str(call.params["RegionName"])
    if name not in regions():
        raise ApiError("ValidationException", f"{name} is not a Region.", status=400)
    return {
        "RegionName": name,
        "RegionOptStatus": status_of(name, world.part(SwitchedOff).of(account_of(call))),
    }


def status_of(name: str, off: set[str]) -> str:
    """Return a Region's status in Account Management's words."""
    if name not in OPT_IN:
        return "ENABLED_BY_DEFAULT"
    return "DISABLED" if name in off else "ENABLED"


def _shown(name: str, off: set[str]) -> dict[str, str]:
    chosen = "not-opted-in" if name in off else "opted-in"
    status = chosen if name in OPT_IN else "opt-in-not-required"
    return {"RegionName": name, "Endpoint": f"ec2.{name}.amazonaws.com", "OptInStatus": status}


def _pattern(asked: dict[str, Any]) -> tuple[str, list[re.Pattern[str]]]:
    """Return the member that a filter looks at, and what its values match: `*` and `?` stand for others."""
    name = str(asked.get("Name"))
    if name not in FILTERS:
        raise ApiError("InvalidParameterValue", f"The filter '{name}' is invalid", status=400)
    return FILTERS[name], [_value(str(value)) for value in asked.get("Values") or ()]


def _value(text: str) -> re.Pattern[str]:
    signs = {"*": ".*", "?": "."}
    parts = re.findall(r"\\.|.", text, re.DOTALL)
    return re.compile("".join(signs.get(part) or re.escape(part[-1]) for part in parts), re.DOTALL)
