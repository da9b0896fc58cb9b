"""
What follows from the way of a call: directly, or by a service that calls for the caller.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
"""

from __future__ import annotations

from trailseal.access.caller import Caller, CallerKind
from trailseal.access.facts import THERE, TRUE_OR_FALSE, VIA, Lack, OneOf, Value

CALLED_VIA = "aws:calledvia"
ENDS_OF_CHAIN = ("aws:calledviafirst", "aws:calledvialast")
THROUGH = "kms:viaservice"
THE_WAY = frozenset({CALLED_VIA, THROUGH, *ENDS_OF_CHAIN})


def derive_the_way(known: dict[str, Value], caller: Caller, *, is_given: bool, closed: bool) -> None:
    """
    Add what follows from the way of the call: directly, or by a service that calls for the caller.

    S3's call to KMS for a reader is AWS's own example of a forward access session.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
    """
    chain = known.get(CALLED_VIA)
    if not is_given and caller.kind is not CallerKind.SERVICE:
        known[VIA] = _by_a_service(known)
    ends = tuple(end for key in ENDS_OF_CHAIN if isinstance(end := known.get(key), tuple))
    among = tuple(dict.fromkeys(service for end in ends for service in end))
    if chain is None and known[VIA] == ("true",) and (among or not closed):
        chain = known[CALLED_VIA] = OneOf(("*",), among=among) if among else THERE
    first, last = ENDS_OF_CHAIN
    if isinstance(chain, OneOf):
        known.setdefault(first, THERE if among else chain)
        known.setdefault(last, THERE if among else chain)
    elif isinstance(chain, tuple) and chain:
        known.setdefault(first, chain[:1])
        known.setdefault(last, chain[-1:])


def _by_a_service(known: dict[str, Value]) -> Value:
    chain = [known.get(key, ()) for key in (CALLED_VIA, *ENDS_OF_CHAIN)]
    if any(part not in {(), Lack.ABSENT, Lack.UNKNOWN} for part in chain):
        return ("true",)
    if Lack.UNKNOWN in chain:
        return TRUE_OR_FALSE
    through = known.get(THROUGH, ())
    if isinstance(through, tuple) and all(service.startswith("s3.") for service in through):
        return ("true",) if through else ("false",)
    return ("false",) if through is Lack.ABSENT else TRUE_OR_FALSE
