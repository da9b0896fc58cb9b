"""
Whether a line asks for one request: one caller, one action, one resource, and a context that can be theirs.

Sources:
https://docs.aws.amazon.com/IAM/latest/UserGuide/intro-structure.html#intro-structure-request
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-names
"""

from __future__ import annotations

import re
from functools import lru_cache

from trailseal.access.caller import ANONYMOUS, CallerKind, read_caller
from trailseal.access.caller_facts import of_caller
from trailseal.access.evaluate import ON_NO_KEY
from trailseal.access.facts import SHAPES, Context, OneOf, Value
from trailseal.access.match.wildcard import ONE_SEGMENT, matcher
from trailseal.access.parse.principal import LASTING, SESSION
from trailseal.access.request import Request
from trailseal.access.service_name import is_service_name
from trailseal.messages import Message, message
from trailseal.model.arn import ACCOUNT, Arn

KEPT = 10_000
WILDCARD = re.compile(r"[*?]")
TO_ESCAPE = re.compile(r"[*?]|\$(?=\{)")
ESCAPED = re.compile(r"\$\{([*?$])\}")
OF_AWS = (
    r"arn:[a-z0-9-]+:iam::\d{12}:role/aws:[\w+=,.@-]+"
    r"|arn:[a-z0-9-]+:sts::\d{12}:assumed-role/aws:[\w+=,.@-]+/[\w+=,.@-]+"
)
"""AWS's own roles in an account, as `aws:ec2-infrastructure`: no customer can give such a name."""
CALLER = re.compile(f"{LASTING}|{SESSION}|{OF_AWS}", re.ASCII)
ACTION = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9_-]+")
RESOURCE = re.compile(r"arn:[a-z0-9-]+:[a-z0-9-]+:[a-z0-9-]*:(?:\d{12}|[a-z-]*):.+", re.ASCII | re.DOTALL)
OF_SERVICE = {"kms": ("kms",), "iam": ("iam",), "s3": ("s3", "s3-outposts", "s3-object-lambda")}
"""The services whose ARNs an action's resource can have."""
ON_A_ROLE = re.compile(r"sts:assumerole(?:with\w+)?")
ON_A_BUCKET = re.compile(
    r"s3:(?!listallmybuckets$|.*objectlambda)\w*(?:bucket|object|multipart|governance)\w*"
)
"""https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html"""
OF_THE_CALLER = frozenset(
    ("aws:principalarn", "aws:principalaccount", "aws:principaltype", "aws:userid", "aws:username")
)


def problem_of(request: Request) -> Message | None:
    """Return why this is no one request, None when it is one. Of the resource, `${*}` is a star."""
    return (
        _of_principal(request.principal)
        or _of_action(request.action)
        or _of_resource(request.action, request.resource, request.resource_account)
        or (_of_context(request.context, request.principal) if request.context else None)
        or (_of_maker(request.maker, request.principal) if request.maker else None)
    )


def plain(resource: str) -> str:
    """Return a resource as it is named: `${*}`, `${?}` and `${$}` stand for the letter, as in policies."""
    return ESCAPED.sub(r"\1", resource) if "${" in resource else resource


def written(resource: str) -> str:
    """Return a resource as a line names it: its own stars and marks are no wildcards."""
    return resource if resource == "*" else TO_ESCAPE.sub(r"${\g<0>}", resource)


def _several(value: str) -> Message:
    return message("`{value}` has a wildcard: a request has one caller, action and resource", value=value)


@lru_cache(maxsize=KEPT)
def _of_principal(text: str) -> Message | None:
    if WILDCARD.search(text):
        return _several(text)
    if text == ANONYMOUS or is_service_name(text) or CALLER.fullmatch(text):
        return None
    return message("`{principal}` is not a principal: write an ARN, a service or `anonymous`", principal=text)


@lru_cache(maxsize=KEPT)
def _of_action(action: str) -> Message | None:
    if WILDCARD.search(action):
        return _several(action)
    if not ACTION.fullmatch(action):
        return message("`{action}` is not an action: write `service:Operation`", action=action)
    return None


@lru_cache(maxsize=KEPT)
def _of_resource(action: str, resource: str, account: str) -> Message | None:
    if account and not ACCOUNT.fullmatch(account):
        return message("`{account}` is not an account ID: write 12 digits", account=account)
    if resource == "*":
        name = action.lower()
        lacks = ON_A_ROLE.fullmatch(name) or ON_A_BUCKET.fullmatch(name)
        return _another(action, resource) if lacks else None
    if WILDCARD.search(ESCAPED.sub("", resource)):
        return _several(resource)
    if not RESOURCE.fullmatch(resource):
        return message("`{resource}` is not a resource: write an ARN or `*`", resource=resource)
    return _of_arn(action, Arn.parse(resource), account)


def _of_arn(action: str, arn: Arn, account: str) -> Message | None:
    """Judge the resource by the action. An access point may be of another account than its bucket."""
    name = action.lower()
    service = name.partition(":")[0]
    if name in ON_NO_KEY:
        return message("`{action}` is about no one key: ask about `*`", action=action)
    if arn.service not in OF_SERVICE.get(service, (arn.service,)):
        return _another(action, str(arn))
    if ON_A_ROLE.fullmatch(name) and (arn.service, arn.resource_type) != ("iam", "role"):
        return _another(action, str(arn))
    if account and service != "s3" and ACCOUNT.fullmatch(arn.account) and arn.account != account:
        return message("`{resource}` is not of account {account}", resource=str(arn), account=account)
    return None


def _another(action: str, resource: str) -> Message:
    return message(
        "`{action}` is not decided on `{resource}`: ask about the ARN of its resource",
        action=action,
        resource=resource,
    )


def _of_context(given: Context, principal: str) -> Message | None:
    """Names of condition keys are compared without case, and what the caller is, no line can change."""
    twice, of_the_caller = _names(tuple(given))
    if twice:
        return message("`{name}` appears twice: upper and lower case are the same", name=twice)
    own = _own(principal)
    for name, key in of_the_caller:
        value = given[key]
        if own.get(name, value) != value and not _can_have(principal, name, value):
            told = ", ".join(value) if isinstance(value, tuple) else ""
            return message("{key} of {principal} is not `{value}`", key=key, principal=principal, value=told)
    return None


@lru_cache(maxsize=SHAPES)
def _names(given: tuple[str, ...]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """
    Return the name of a context that stands twice, and those that tell of the caller, in lower case first.

    Kept because lines name the same few keys and differ in the values: it saves a look at each name.
    """
    names = {key.lower(): key for key in given}
    kept = frozenset(names.values())
    twice = next((key for key in given if key not in kept), "")
    return twice, tuple((name, key) for name, key in names.items() if name in OF_THE_CALLER)


@lru_cache(maxsize=KEPT)
def _of_maker(maker: str, principal: str) -> Message | None:
    """
    Return why nobody of this name made the session: only a user, or the root user, of its account can.

    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
    """
    made, user = read_caller(principal), read_caller(maker) if CALLER.fullmatch(maker) else None
    if (
        user is not None
        and made.kind is CallerKind.FEDERATED
        and user.kind in {CallerKind.USER, CallerKind.ROOT}
        and (user.partition, user.account) == (made.partition, made.account)
    ):
        return None
    return message("`{maker}` cannot have made the session {principal}", maker=maker, principal=principal)


@lru_cache(maxsize=KEPT)
def _own(principal: str) -> dict[str, Value]:
    return of_caller(read_caller(principal))


@lru_cache(maxsize=KEPT)
def _can_have(principal: str, name: str, value: Value) -> bool:
    return _fits(_own(principal).get(name, value), value)


def _fits(own: Value, given: Value) -> bool:
    """Whether what is given of a key can be what the caller has. A key may be given as absent."""
    values = given if isinstance(given, tuple) else ()
    if isinstance(own, OneOf):
        patterns = [pattern.replace(ONE_SEGMENT, "*") for pattern in own.patterns]
        return all(any(matcher(pattern)(value) for pattern in patterns) for value in values)
    return not values or values == own
