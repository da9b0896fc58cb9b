"""
A way in as requests that somebody can make: nothing left open in them, and no value against another.

What the search chose key by key has to hang together, or it refutes nothing.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from trailseal.access.caller import ANYBODY, CallerKind, caller_kind
from trailseal.access.evaluate import authorize
from trailseal.access.facts import OTHERS, OneOf, Value
from trailseal.access.request import Policies, Request
from trailseal.messages import Message, message

ROLE_ID = "AROAEXAMPLEROLEID0000"
ENDPOINT = ("aws:sourcevpce", "aws:sourcevpc", "aws:vpcsourceip")
Context = dict[str, Value]


def complete(requests: tuple[Request, ...], policies: tuple[Policies, ...]) -> tuple[Request, ...] | Message:
    """Return the requests with concrete values, or why nobody can make them."""
    session = _session(requests)
    found = tuple(_concrete(request, session) for request in requests)
    contexts = [{key.lower(): value for key, value in each.context.items()} for each in found]
    for words in _contradictions(contexts):
        return words
    for request, over in zip(found, policies, strict=True):
        if not authorize(request, over, unknown_context="absent", stored=True).is_allowed:
            return message("the way in that was found is not a request that anybody can make")
    return found


def _session(requests: tuple[Request, ...]) -> str:
    """Return the name of the session that the chosen user ID tells, "" when it tells none."""
    for request in requests:
        for key, value in request.context.items():
            if key.lower() == "aws:userid" and isinstance(value, tuple) and value:
                return value[0].partition(":")[2]
    return ""


def _concrete(request: Request, session: str) -> Request:
    principal = request.principal
    if session and principal.endswith(f"/{ANYBODY}"):
        principal = principal.removesuffix(ANYBODY) + session
    context: dict[str, Value] = {}
    for key, value in request.context.items():
        if isinstance(value, OneOf):
            context[key] = (_example(key, value.patterns[0], principal),)
        elif isinstance(value, tuple) and not key.endswith(OTHERS):
            context[key] = value
    return structs.replace(request, principal=principal, context=context)


def _example(key: str, pattern: str, principal: str) -> str:
    if key.lower() == "aws:userid" and pattern.endswith(":*"):
        name = principal.rpartition("/")[2] if caller_kind(principal) is CallerKind.SESSION else ANYBODY
        return pattern.removesuffix("*").replace("AROA*", ROLE_ID) + name
    return pattern.replace("*", "a").replace("?", "a")


def _contradictions(contexts: list[Context]) -> Iterator[Message]:
    for context in contexts:
        yield from _of_organization(context)
        yield from _of_network(context)
        yield from _of_mfa(context)
        yield from _of_source(context)
        yield from _of_chain(context)


def _of_organization(context: Context) -> Iterator[Message]:
    """The paths of an organization begin with its ID, and only members have either."""
    for whose in ("principal", "resource", "source"):
        one, paths = context.get(f"aws:{whose}orgid"), context.get(f"aws:{whose}orgpaths")
        if isinstance(one, tuple) and isinstance(paths, tuple) and one != _organizations(paths):
            yield message("the organization's ID and its paths do not go together in the way that was found")


def _organizations(paths: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(path.partition("/")[0] for path in paths))


def _of_network(context: Context) -> Iterator[Message]:
    """A request comes to a public endpoint, with its address, or through a VPC endpoint."""
    through = [bool(context[key]) for key in ENDPOINT if key in context]
    if (context.get("aws:sourceip") and any(through)) or len(set(through)) > 1:
        yield message("no request comes through a VPC endpoint and past it, as the way that was found would")


def _of_mfa(context: Context) -> Iterator[Message]:
    """The age is there when MFA was used, and only then."""
    present, age = context.get("aws:multifactorauthpresent"), context.get("aws:multifactorauthage")
    if present is not None and age is not None and (present == ("true",)) is not bool(age):
        yield message("the age of MFA is there with MFA only, unlike in the way that was found")


def _of_source(context: Context) -> Iterator[Message]:
    """A source's account is the one in its ARN, where that holds one."""
    arn, account = context.get("aws:sourcearn"), context.get("aws:sourceaccount")
    if isinstance(arn, tuple) and isinstance(account, tuple) and arn and account:
        parts = arn[0].split(":")
        if len(parts) > 4 and parts[4] and parts[4] != account[0]:  # noqa: PLR2004 - the account of an ARN
            yield message("the source's ARN and its account do not go together in the way that was found")


def _of_chain(context: Context) -> Iterator[Message]:
    """The first and the last service on the way are those of the chain."""
    chain = context.get("aws:calledvia")
    ends = (("aws:calledviafirst", 0), ("aws:calledvialast", -1))
    if isinstance(chain, tuple):
        for key, end in ends:
            told = context.get(key)
            if told is not None and told != (chain[end],) * bool(chain):
                yield message("the services on the way do not go together in the way that was found")
