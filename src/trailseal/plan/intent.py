"""
What the user wants, from the command line or from `trailseal.toml`.

    trails = ["management-events"]   # names or ARNs; left out: every trail that is not on SSE-KMS
    key = "create"                   # or a key's ARN, or alias/NAME; left out: one is made where it is needed
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
    also = []                        # in place of principals: who may read too, and nobody is shut out
"""

from __future__ import annotations

import re
from typing import Literal

from msgspec import Struct

from trailseal.errors import UsageProblem
from trailseal.messages import Message, message
from trailseal.model import given
from trailseal.model.settings import read_settings

CREATE = "create"
DEFAULT_ALIAS = "alias/trailseal-cloudtrail"
SHORTEST_ROTATION, LONGEST_ROTATION, USUAL_ROTATION = 90, 2560, 365
"""Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html."""
KEPT_BY_AWS = "alias/aws/"
"""No alias that a user makes begins so, only one that is there."""
CODE = re.compile(r"[a-z][a-z0-9-]{0,63}")
"""The codes of refusals, as `bucket-policy-denies`."""


class WantedReaders(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Who shall be able to read, and how that is brought about. No principals: nobody is shut out.

    `also` are let in by the key's policy beside whoever reads anyway.
    """

    mode: Literal["grant", "perimeter"] = "grant"
    principals: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        """Everybody who is named, for whichever purpose."""
        return (*self.principals, *self.also)


class Intent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall hold in the end. `rotation_days` 0, `alias` "" and `key` "" mean: not asked for."""

    trails: tuple[str, ...] = ()
    key: str = ""
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
        """Whether a key is made where one is needed."""
        return self.key in {"", CREATE}

    @property
    def is_about_every_trail(self) -> bool:
        """Whether it asks for something that each trail shall have, whatever key that is under."""
        return not self.makes_key or bool(self.rotation_days or self.readers.named)

    @property
    def asks_for_more(self) -> bool:
        """Whether it asks for something of a key, so that it means every trail where none lacks anything."""
        of_a_key = self.multi_region or self.origin != "aws" or self.policy != "least"
        return bool(of_a_key or self.key or self.alias or self.also_for)


def read_intent(raw: bytes, *, name: str) -> Intent:
    """
    Return the intent in a `trailseal.toml`.

    Raises:
        UsageProblem: it is not TOML, is larger than any, or holds a setting that does not exist or cannot be.
    """
    return sound(read_settings(raw, Intent, name=name))


def sound(intent: Intent) -> Intent:
    """
    Return `intent` when each of its settings can be.

    Raises:
        UsageProblem: a setting is out of AWS's bounds, or two of them contradict each other.
    """
    _see_names(intent)
    if problem := _problem(intent):
        raise UsageProblem(problem)
    return intent


def of_partition(intent: Intent, partition: str) -> Intent:
    """
    Return `intent` when the key, the readers and the other accounts' trails that it names can meet.

    Raises:
        UsageProblem: one of them is of another partition than the account.
    """
    for name in (intent.key, *intent.also_for, *intent.readers.named):
        given.in_partition(name, partition)
    return intent


def _problem(intent: Intent) -> Message | None:
    days = intent.rotation_days
    alias = intent.alias
    if alias and (not given.ALIAS.fullmatch(alias) or alias.startswith(KEPT_BY_AWS)):
        return message(
            "`{alias}` is not an alias: write `alias/NAME`, not beginning with alias/aws/", alias=alias
        )
    if days and not SHORTEST_ROTATION <= days <= LONGEST_ROTATION:
        return message("a key rotates every 90 to 2560 days, not every {days}", days=days)
    if days and intent.origin == "external":
        return message("a key with your own key material does not rotate by itself; leave the period out")
    if strange := next((code for code in intent.accept if not CODE.fullmatch(code)), None):
        return message("`{code}` is not the code of a refusal", code=strange)
    return _contradiction(intent)


def _contradiction(intent: Intent) -> Message | None:
    """Return what two settings have against each other."""
    if intent.readers.mode == "perimeter" and not intent.readers.principals:
        return message("a perimeter needs readers, whom it leaves inside: name them with --reader")
    if intent.readers.principals and intent.readers.also:
        return message("--reader names everybody who may read: name them all there, without --also-reader")
    if not intent.makes_key and intent.policy != "least":
        return message("a policy can only be chosen for a key that is made")
    if not intent.makes_key and (intent.multi_region or intent.origin == "external"):
        return message(
            "a multi-Region key and your own key material can only be chosen for a key that is made"
        )
    return None


def _see_names(intent: Intent) -> None:
    """Return when everything that is named can be what it is named as."""
    if not intent.makes_key:
        given.key(intent.key)
    for name in intent.trails:
        given.trail(name)
    for name in intent.also_for:
        given.trail_arn(name)
    for name in intent.readers.named:
        given.principal(name)
