"""
Calls that no policy decides on alone: AWS asks for no permission, or takes them from some callers only.

Sources:
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html
"""

from __future__ import annotations

from msgspec.structs import replace

from trailseal.access.caller import CallerKind
from trailseal.access.caller_facts import ASSUMED_ROOT, is_root_session
from trailseal.access.decision import Decision, Effect, Reason
from trailseal.access.facts import Facts, Lack, Value
from trailseal.access.kleene import Kleene
from trailseal.messages import Message, message

IDENTITY = "sts:getcalleridentity"
SESSION_TOKEN = "sts:getsessiontoken"  # noqa: S105 - the name of an action
BY_LONG_TERM_KEYS = frozenset({SESSION_TOKEN, "sts:getfederationtoken"})
NO_PERMISSION = Reason(
    layer="request", outcome="allow", detail=message("AWS asks for no permission, and no policy denies it")
)
NOT_BY_A_SESSION = Reason(
    layer="request",
    outcome="missing",
    detail=message("AWS takes this call from users and the root user only, with their long-term keys"),
)
NOT_BY_A_FEDERATED_USER = Reason(
    layer="request",
    outcome="missing",
    detail=message("a federated user can call nothing of STS but GetCallerIdentity"),
)
BY_LONG_TERM = message("(the caller signs with long-term keys)")
OF_THE_CONSOLE = message("(the caller's session is one of the console)")
BY_SESSIONS = frozenset({"sts:assumerole", "sts:tagsession", "sts:setsourceidentity"})
"""What sessions of GetSessionToken can do in STS, beside GetCallerIdentity."""
NOT_BY_ROOT = frozenset({"sts:assumerole", "sts:assumeroot"})
NOT_BY_THE_ROOT_USER = Reason(
    layer="request", outcome="missing", detail=message("the root user can assume no role")
)
OUTSIDE = frozenset({CallerKind.SERVICE, CallerKind.ANONYMOUS})
LONG_TERM = frozenset({CallerKind.USER, CallerKind.ROOT})
OF_SESSIONS = (
    "aws:tokenissuetime",
    "aws:multifactorauthpresent",
    "aws:multifactorauthage",
    "aws:signinsessionarn",
)
"""
Keys that only requests with temporary credentials hold; the first they always do.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""


def without_policies(facts: Facts) -> Decision | None:
    """Return the decision on a call that no policy decides on, None where policies do."""
    name = facts.action.lower()
    if not name.startswith("sts:"):
        return None
    if name == IDENTITY and facts.caller.kind not in OUTSIDE:
        return Decision(effect=Effect.ALLOWED, reasons=(NO_PERMISSION,))
    if (refusal := _refusal(facts, name)) is not None:
        return Decision(effect=Effect.IMPLICITLY_DENIED, reasons=(refusal,))
    if name != SESSION_TOKEN:
        return None
    return as_far_as_signed(Decision(effect=Effect.ALLOWED, reasons=(NO_PERMISSION,)), facts)


def _refusal(facts: Facts, name: str) -> Reason | None:
    """Return why AWS takes a call of STS from no such caller, None where it may."""
    kind = facts.caller.kind
    if kind is CallerKind.FEDERATED:
        return NOT_BY_A_FEDERATED_USER
    if kind is CallerKind.ROOT and name in NOT_BY_ROOT:
        return NOT_BY_THE_ROOT_USER
    return NOT_BY_A_SESSION if name in BY_LONG_TERM_KEYS and signs_as_a_session(facts) is True else None


def as_without_a_session(facts: Facts) -> Facts:
    """
    Return what is known of a request that only long-term keys can make: it holds no key of a session.

    The facts as they are, of any other request.
    """
    if facts.action.lower() not in BY_LONG_TERM_KEYS:
        return facts
    return replace(facts, known={**facts.known, **dict.fromkeys(OF_SESSIONS, Lack.ABSENT)})


def as_far_as_signed(decision: Decision, facts: Facts) -> Decision:
    """Return an allow as open where it hangs on with what the caller signs, and that is not told."""
    if not decision.is_allowed or not facts.action.lower().startswith(("sts:", "iam:")):
        return decision
    open_one = _open(facts, facts.action.lower())
    return decision if open_one is None else replace(decision, effect=Effect.UNKNOWN, conditions=(open_one,))


def _open(facts: Facts, name: str) -> Message | None:
    """
    Return what has to be true of the caller's credentials, None where nothing has to be.

    A session of GetSessionToken cannot do in IAM, without MFA, and in STS what a console session of the same
    user can, and their requests look alike. So do those of a federated user.
    """
    if name in BY_LONG_TERM_KEYS:
        return BY_LONG_TERM if signs_as_a_session(facts) is None else None
    if name == IDENTITY or facts.caller.kind not in {*LONG_TERM, CallerKind.FEDERATED}:
        return None
    if facts.caller.kind is CallerKind.FEDERATED:
        return OF_THE_CONSOLE
    with_mfa = name.startswith("iam:") and facts.get("aws:multifactorauthpresent") == ("true",)
    free = name in BY_SESSIONS or with_mfa or signs_as_a_session(facts) is not True
    return None if free else OF_THE_CONSOLE


def signs_as_a_session(facts: Facts) -> Kleene:
    """
    Return whether a request is signed with temporary credentials, None where it is not told.

    Users and the root user sign with either. A key that temporary credentials alone bring along tells it.
    """
    if facts.caller.kind not in LONG_TERM:
        return True
    issued, *others = (facts.get(key) for key in OF_SESSIONS)
    if any(map(_is_there, (issued, *others))):
        return True
    if is_root_session(facts.caller, facts.known):
        return True if isinstance(facts.known[ASSUMED_ROOT], tuple) else None
    return None if issued is Lack.UNKNOWN else False


def _is_there(value: Value) -> bool:
    return bool(value) and not isinstance(value, Lack)
