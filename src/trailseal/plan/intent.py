"""
What the user wants, from the command line or from `trailseal.toml`.

    trails = ["management-events"]   # names or ARNs; left out: every trail that is not on SSE-KMS
    key = "create"                   # or a key's ARN, or alias/NAME
    alias = "alias/cloudtrail"
    rotation_days = 365
    multi_region = false
    origin = "aws"                   # or "external": your own key material
    policy = "least"                 # or "console"
    also_for = []                    # ARNs of other accounts' trails that shall use the key too
    accept = ["managed-by-cloudformation"]

    [readers]
    mode = "grant"                   # or "perimeter"
    principals = ["arn:aws:iam::123456789012:role/LogReader"]
"""

from __future__ import annotations

import re
import tomllib
from typing import Literal

import msgspec
from msgspec import Struct

from trailseal.errors import UsageProblem
from trailseal.messages import Message, message
from trailseal.model.arn import Arn, is_arn

CREATE = "create"
DEFAULT_ALIAS = "alias/trailseal-cloudtrail"
SHORTEST_ROTATION, LONGEST_ROTATION, USUAL_ROTATION = 90, 2560, 365
"""Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html."""
ALIAS = re.compile(r"alias/(?!aws/)[a-zA-Z0-9/_-]{1,250}")
"""Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html."""
KEY_ID = re.compile(r"(mrk-)?[0-9a-f-]{32,36}")


class WantedReaders(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who shall be able to read, and how that is brought about. No principals: nobody is shut out."""

    mode: Literal["grant", "perimeter"] = "grant"
    principals: tuple[str, ...] = ()


class Intent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall hold in the end. `rotation_days` 0 and `alias` "" mean: not asked for."""

    trails: tuple[str, ...] = ()
    key: str = CREATE
    alias: str = ""
    rotation_days: int = 0
    multi_region: bool = False
    origin: Literal["aws", "external"] = "aws"
    policy: Literal["least", "console"] = "least"
    readers: WantedReaders = WantedReaders()
    also_for: tuple[str, ...] = ()
    """ARNs of further trails, of other accounts, that shall be able to use the key too."""
    accept: tuple[str, ...] = ()
    """Codes of refusals that the user takes on."""

    @property
    def makes_key(self) -> bool:
        """Whether a new key is wanted."""
        return self.key == CREATE


def read_intent(raw: bytes, *, name: str) -> Intent:
    """
    Return the intent in a `trailseal.toml`.

    Raises:
        UsageProblem: it is not TOML, or holds a setting that does not exist or cannot be.
    """
    try:
        intent = msgspec.convert(tomllib.loads(raw.decode()), type=Intent)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise UsageProblem(
            message("`{name}` is not TOML: {problem}", name=name, problem=str(problem))
        ) from None
    except msgspec.ValidationError as problem:
        raise UsageProblem(
            message("`{name}` holds a setting that cannot be: {problem}", name=name, problem=str(problem)),
            message("the settings are explained in docs/verbs/plan.md"),
        ) from None
    return sound(intent)


def sound(intent: Intent) -> Intent:
    """
    Return `intent` when each of its settings can be.

    Raises:
        UsageProblem: a setting is out of AWS's bounds, or two of them contradict each other.
    """
    if problem := _problem(intent):
        raise UsageProblem(problem)
    return intent


def _problem(intent: Intent) -> Message | None:  # noqa: PLR0911 - one sentence for each problem
    days = intent.rotation_days
    if not intent.makes_key and not _names_key(intent.key):
        return message("`{key}` is neither `create` nor a key's ARN, ID or alias", key=intent.key)
    if intent.alias and not ALIAS.fullmatch(intent.alias):
        return message(
            "`{alias}` is not an alias: write `alias/NAME`, not beginning with alias/aws/", alias=intent.alias
        )
    if days and not SHORTEST_ROTATION <= days <= LONGEST_ROTATION:
        return message("a key rotates every 90 to 2560 days, not every {days}", days=days)
    if days and intent.origin == "external":
        return message("a key with your own key material does not rotate by itself; leave the period out")
    if not intent.makes_key and (intent.multi_region or intent.origin == "external"):
        return message(
            "a multi-Region key and your own key material can only be chosen for a key that is made"
        )
    if wrong := [arn for arn in intent.also_for if not _is_trail(arn)]:
        return message("`{trail}` is not a trail's ARN", trail=wrong[0])
    return next((_not_a_reader(arn) for arn in intent.readers.principals if not is_arn(arn)), None)


def _not_a_reader(text: str) -> Message:
    return message("`{reader}` is not a principal's ARN", reader=text)


def _is_trail(text: str) -> bool:
    return is_arn(text) and Arn.parse(text).service == "cloudtrail"


def _names_key(key: str) -> bool:
    return is_arn(key) or key.startswith("alias/") or KEY_ID.fullmatch(key) is not None
