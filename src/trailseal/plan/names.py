"""
What a name in a plan can be: the types of its fields, so that a plan that is read holds names and no prose.

A plan is passed around, and whoever made it may have written anything into it. What can be told from a
pattern is told here; what only the plan as a whole can tell, `sound_plan` says.
"""

from __future__ import annotations

import re
from typing import Annotated

from msgspec import Meta

from trailseal.model import given
from trailseal.model.arn import REGION
from trailseal.model.organization import ORGANIZATION_ID

LAST = r"$(?!\n)"
"""The very end, in Python and in the JSON Schema: a bare `$` lets a line end stand behind it."""
WORD = re.compile(r"[!-~]{1,2048}")
"""Anything that AWS gives as a name without a blank, ARNs too: it can be no sentence."""
PART = r"(?:aws[a-z-]{0,20})"
KEY_ARN = rf"arn:{PART}:kms:{REGION.pattern}:[0-9]{{12}}:{given.KEY_IN_ARN.pattern}"
NEW_KEY = rf"new:{REGION.pattern}"
TRAIL_ARN = rf"arn:{PART}:cloudtrail:{REGION.pattern}:[0-9]{{12}}:trail/{given.TRAIL.pattern}"


def _only(*forms: str) -> Meta:
    return Meta(pattern=f"^(?:{'|'.join(forms)}){LAST}")


Word = Annotated[str, _only(WORD.pattern)]
WordOrNothing = Annotated[str, _only(r"[!-~]{0,2048}")]
Partition = Annotated[str, _only(PART)]
Account = Annotated[str, _only("[0-9]{12}")]
Region = Annotated[str, _only(REGION.pattern)]
TrailArn = Annotated[str, _only(TRAIL_ARN)]
Alias = Annotated[str, _only(given.ALIAS.pattern)]
KeyName = Annotated[str, _only(KEY_ARN, NEW_KEY)]
"""A key's ARN, or `new:REGION` while the plan has yet to make it."""
KeyNameOrNothing = Annotated[str, _only(KEY_ARN, NEW_KEY, "")]
TAG_BYTES = 16
"""So many random bytes are in the tag of a plan's own keys, written as hexadecimal digits."""
TagOrNothing = Annotated[str, _only(f"[0-9a-f]{{{2 * TAG_BYTES}}}", "")]
RegionOrNothing = Annotated[str, _only(REGION.pattern, "")]
BucketName = Annotated[str, _only("[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]")]
"""The oldest buckets have names that none gets today."""
Root = Annotated[str, _only(rf"(?:[^\x00-\x1f\x7f]*/)?AWSLogs/(?:{ORGANIZATION_ID.pattern}/)?[0-9]{{12}}/")]
"""`[prefix/]AWSLogs/[o-id/]account/`."""


def word(text: str) -> str:
    """Return `text` where it can stand in a plan, "" where it is none that AWS gives as a name."""
    return text if WORD.fullmatch(text) else ""
