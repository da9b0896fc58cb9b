"""
The codes of concerns, what each weighs, and the facts that it is told with.

A concern holds no sentence: views make it from the code and the facts, in the reader's language. Whatever
has another code, lacks a fact or has one too many was not written by trailseal.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from trailseal.model.key import KeyState
from trailseal.plan.deciders import Decider
from trailseal.plan.names import WordOrNothing


class Weight(StrEnum):
    """How much a concern weighs."""

    REFUSED = "refused"
    UNKNOWN = "unknown"
    WARNING = "warning"
    NOTE = "note"


class Code(StrEnum):
    """What a concern is about. A code never changes: `--accept CODE` names it."""

    TRAILS = "trails"
    TRAIL_UNREADABLE = "trail-unreadable"
    TRAIL_STATUS = "trail-status"
    FACTS = "facts"
    MANAGED_BY = "managed-by"
    CLOUDFORMATION = "managed-by-cloudformation"
    CONTROL_TOWER = "managed-by-control-tower"
    TRAIL_OWNER = "organization-trail-owner"
    MEMBERS = "organization-members"
    NOT_LOGGING = "not-logging"
    DELIVERY_FAILING = "delivery-failing"
    BUCKET_MISSING = "bucket-missing"
    BUCKET_UNREADABLE = "bucket-unreadable"
    BUCKET_ELSEWHERE = "bucket-in-other-account"
    BUCKET_POLICY = "bucket-policy"
    BUCKET_POLICY_DENIES = "bucket-policy-denies"
    BUCKET_POLICY_LACKS = "bucket-policy-lacks"
    BUCKET_POLICY_UNDECIDED = "bucket-policy-undecided"
    BUCKET_POLICY_BY_NETWORK = "bucket-policy-by-network"
    DELIVERIES_NEED_THE_KEY = "deliveries-need-the-key"
    BUCKET_REPLICATION = "bucket-replication"
    REPLICATION_SKIPS = "replication-skips-sse-kms"
    BUCKET_ENCRYPTION = "bucket-encryption"
    BUCKET_KEY = "bucket-key"
    KEY_MISSING = "key-missing"
    KEY_UNREADABLE = "key-unreadable"
    KEY_ELSEWHERE = "key-in-other-account"
    KEY_NOT_OF_BUCKET_OWNER = "key-not-of-bucket-owner"
    KEY_IN_OTHER_REGION = "key-in-other-region"
    KEY_NOT_SYMMETRIC = "key-not-symmetric"
    KEY_OF_AWS = "key-managed-by-aws"
    KEY_UNUSABLE = "key-unusable"
    KEY_BY_ALIAS = "key-by-alias"
    KEY_RESCUED = "key-rescued"
    KEY_LEFT_BEHIND = "key-left-behind"
    OPTION_LEFT_OUT = "option-left-out"
    MATERIAL_EXPIRES = "key-material-expires"
    KEY_POLICY_UNREADABLE = "key-policy-unreadable"
    KEY_POLICY_DENIES = "key-policy-denies"
    KEY_POLICY_UNDECIDED = "key-policy-undecided"
    KEY_POLICY_BY_NETWORK = "key-policy-by-network"
    KEY_POLICY_TOO_LONG = "key-policy-too-long"
    KEY_POLICY_CANNOT_BE_PUT = "key-policy-cannot-be-put"
    UNDO_CANNOT_PUT = "undo-cannot-put-the-policy"
    CALLER_SHUT_OUT = "caller-shut-out"
    READERS_NOT_EXAMINED = "readers-not-examined"
    READERS_NOT_LOOKED_UP = "readers-not-looked-up"
    GUARDRAILS_NOT_READ = "guardrails-not-read"
    READER_UNCLEAR = "reader-unclear"
    READER_NOT_NAMED = "reader-not-named"
    UNSIGNED_READERS = "unsigned-readers"
    READERS_BY_POLICY = "readers-by-policy"
    READERS_LOSE_ACCESS = "readers-lose-access"
    READER_CANNOT_READ = "reader-cannot-read"
    KEY_RESTRICTED = "key-restricted"
    STILL_OPEN = "still-open"
    LOCKS_OUT = "locks-out"
    LOCK_OUT_OPEN = "lock-out-not-known"
    UNDO_CLOSES = "undo-closes-the-history"
    CONTEXT_UNDOCUMENTED = "context-not-documented"
    OTHER_POLICIES = "other-policies-not-examined"


class Details(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a concern is told with. Which facts belong to which code, `RULES` says."""

    account: WordOrNothing = ""
    owner: WordOrNothing = ""
    trail: WordOrNothing = ""
    stack: WordOrNothing = ""
    bucket: WordOrNothing = ""
    key: WordOrNothing = ""
    alias: WordOrNothing = ""
    region: WordOrNothing = ""
    bucket_region: WordOrNothing = ""
    regions: tuple[WordOrNothing, ...] = ()
    rules: tuple[WordOrNothing, ...] = ()
    statements: tuple[WordOrNothing, ...] = ()
    principals: tuple[WordOrNothing, ...] = ()
    option: WordOrNothing = ""
    actions: tuple[WordOrNothing, ...] = ()
    folders: tuple[WordOrNothing, ...] = ()
    works_today: bool = False
    """Whether what is refused after the switch is let in today."""
    spec: WordOrNothing = ""
    usage: WordOrNothing = ""
    state: KeyState | None = None
    multi_region: bool = False
    expires: datetime | None = None
    reader: WordOrNothing = ""
    roles: tuple[WordOrNothing, ...] = ()
    decided_by: tuple[Decider, ...] = ()
    call: WordOrNothing = ""
    """The IAM action that is missing, as AWS writes it."""
    error: WordOrNothing = ""
    """AWS's code."""

    @property
    def given(self) -> frozenset[str]:
        """The names of the facts that are there."""
        return frozenset(name for name in self.__struct_fields__ if getattr(self, name))


class Rule(Struct, frozen=True):
    """What a code weighs, and the facts that it needs; `also` may be empty or missing."""

    weight: Weight
    needs: frozenset[str] = frozenset()
    also: frozenset[str] = frozenset()


def _rule(weight: Weight, needs: str = "", *, also: str = "") -> Rule:
    return Rule(weight, frozenset(needs.split()), frozenset(also.split()))


_REFUSED, _UNKNOWN, _WARNING, _NOTE = Weight
RULES = {
    Code.TRAILS: _rule(_UNKNOWN, "call error"),
    Code.TRAIL_UNREADABLE: _rule(_UNKNOWN, "trail call error"),
    Code.TRAIL_STATUS: _rule(_UNKNOWN, "call error"),
    Code.FACTS: _rule(_UNKNOWN, "call error"),
    Code.MANAGED_BY: _rule(_UNKNOWN, "call error"),
    Code.CLOUDFORMATION: _rule(_REFUSED, "trail", also="stack"),
    Code.CONTROL_TOWER: _rule(_REFUSED, "trail"),
    Code.TRAIL_OWNER: _rule(_REFUSED, "trail owner account"),
    Code.MEMBERS: _rule(_NOTE, "trail"),
    Code.NOT_LOGGING: _rule(_WARNING, "trail"),
    Code.DELIVERY_FAILING: _rule(_WARNING, "trail regions"),
    Code.BUCKET_MISSING: _rule(_REFUSED, "bucket trail"),
    Code.BUCKET_UNREADABLE: _rule(_UNKNOWN, "bucket call error"),
    Code.BUCKET_ELSEWHERE: _rule(_WARNING, "bucket owner trail"),
    Code.BUCKET_POLICY: _rule(_UNKNOWN, "call error"),
    Code.BUCKET_POLICY_DENIES: _rule(_REFUSED, "bucket", also="statements folders bucket_region"),
    Code.BUCKET_POLICY_LACKS: _rule(_REFUSED, "bucket actions", also="folders works_today bucket_region"),
    Code.BUCKET_POLICY_UNDECIDED: _rule(_WARNING, "bucket", also="statements"),
    Code.BUCKET_POLICY_BY_NETWORK: _rule(_WARNING, "bucket statements", also="bucket_region"),
    Code.DELIVERIES_NEED_THE_KEY: _rule(_NOTE, "bucket trail"),
    Code.BUCKET_REPLICATION: _rule(_UNKNOWN, "call error"),
    Code.REPLICATION_SKIPS: _rule(_WARNING, "bucket rules"),
    Code.BUCKET_ENCRYPTION: _rule(_UNKNOWN, "call error"),
    Code.BUCKET_KEY: _rule(_NOTE, "bucket"),
    Code.KEY_MISSING: _rule(_REFUSED, "key"),
    Code.KEY_UNREADABLE: _rule(_UNKNOWN, "key call error"),
    Code.KEY_ELSEWHERE: _rule(_REFUSED, "key owner", also="trail"),
    Code.KEY_NOT_OF_BUCKET_OWNER: _rule(_NOTE, "bucket owner account"),
    Code.KEY_IN_OTHER_REGION: _rule(_REFUSED, "key region bucket_region", also="multi_region"),
    Code.KEY_NOT_SYMMETRIC: _rule(_REFUSED, "key", also="spec usage"),
    Code.KEY_OF_AWS: _rule(_REFUSED, "key"),
    Code.KEY_UNUSABLE: _rule(_REFUSED, "key state owner region"),
    Code.KEY_BY_ALIAS: _rule(_NOTE, "key alias"),
    Code.KEY_RESCUED: _rule(_WARNING, "key state", also="expires"),
    Code.KEY_LEFT_BEHIND: _rule(_WARNING, "key state trail", also="expires"),
    Code.OPTION_LEFT_OUT: _rule(_WARNING, "key option"),
    Code.MATERIAL_EXPIRES: _rule(_WARNING, "key expires"),
    Code.KEY_POLICY_UNREADABLE: _rule(_UNKNOWN, "key", also="call error"),
    Code.KEY_POLICY_DENIES: _rule(_REFUSED, "key", also="statements"),
    Code.KEY_POLICY_UNDECIDED: _rule(_WARNING, "key", also="statements"),
    Code.KEY_POLICY_BY_NETWORK: _rule(_WARNING, "key statements"),
    Code.KEY_POLICY_TOO_LONG: _rule(_REFUSED, "key"),
    Code.KEY_POLICY_CANNOT_BE_PUT: _rule(_REFUSED, "key statements", also="principals"),
    Code.UNDO_CANNOT_PUT: _rule(_WARNING, "key"),
    Code.CALLER_SHUT_OUT: _rule(_REFUSED, "key reader"),
    Code.READERS_NOT_EXAMINED: _rule(_WARNING),
    Code.READERS_NOT_LOOKED_UP: _rule(_UNKNOWN, "trail call error"),
    Code.GUARDRAILS_NOT_READ: _rule(_WARNING, "account"),
    Code.READER_UNCLEAR: _rule(_WARNING, "roles"),
    Code.READER_NOT_NAMED: _rule(_UNKNOWN, "trail reader", also="account"),
    Code.UNSIGNED_READERS: _rule(_WARNING, "trail"),
    Code.READERS_BY_POLICY: _rule(_NOTE, "trail"),
    Code.READERS_LOSE_ACCESS: _rule(_REFUSED, "reader trail"),
    Code.READER_CANNOT_READ: _rule(_WARNING, "reader trail"),
    Code.KEY_RESTRICTED: _rule(_WARNING, "key"),
    Code.STILL_OPEN: _rule(_REFUSED, "reader", also="decided_by"),
    Code.LOCKS_OUT: _rule(_REFUSED, "key reader"),
    Code.LOCK_OUT_OPEN: _rule(_WARNING, "key reader"),
    Code.UNDO_CLOSES: _rule(_NOTE),
    Code.CONTEXT_UNDOCUMENTED: _rule(_WARNING),
    Code.OTHER_POLICIES: _rule(_NOTE),
}
"""The rule of each code."""
