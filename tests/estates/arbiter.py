"""
A second reading of AWS's rules for fetching and decrypting, which shares no code with the engine.

It decides requests of which everything is given, and it leans towards the attacker: where AWS's pages
leave open whether a statement denies, it does not; where they leave it open whether one allows, it
does. A proof must hold against that. What it does not know raises `Undecided`.

Sources, beside those named at each rule:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from estates.clauses import Context, Undecided, filled, glob, holds

EVERYTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
)
Document = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Who:
    """
    A caller. `role` is the ARN of a session's role, or of a federated user's maker; `unique` the ID that a
    stored policy may name.

    `identity` are its IAM policies, `scp` the levels above it; `boundary` None is no boundary.
    """

    arn: str
    account: str = ""
    role: str = ""
    unique: str = ""
    identity: tuple[str, ...] = ()
    boundary: str | None = None
    scp: tuple[tuple[str, ...], ...] = ()
    canonical: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Which account each canonical user ID belongs to, in the world that is tried."""

    @property
    def kind(self) -> str:
        if ":" not in self.arn:
            return "anonymous" if self.arn == "anonymous" else "service"
        return self.arn.split(":")[5].partition("/")[0]

    @property
    def iam_arn(self) -> str:
        """The ARN that its requests tell: of a role's session the role's, of a federated user its own."""
        return self.arn if self.kind == "federated-user" else self.role or self.arn

    @property
    def is_service_linked(self) -> bool:
        return ":role/aws-service-role/" in self.role

    @property
    def has_iam(self) -> bool:
        return bool(self.account)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request with what lies on the resource. `context` has lower-case keys."""

    action: str
    resource: str
    owner: str
    context: Context
    policies: tuple[str, ...] = ()
    grants: tuple[Mapping[str, Any], ...] = ()
    rcp: tuple[tuple[str, ...], ...] = ()


@lru_cache(maxsize=20_000)
def read(text: str) -> Document:
    return json.loads(text)  # type: ignore[no-any-return]  # a policy is an object


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@lru_cache(maxsize=50_000)
def _statements(text: str, action: str) -> tuple[Mapping[str, Any], ...]:
    """The statements of a policy that speak of an action."""
    return tuple(s for s in listed(read(text)["Statement"]) if _acts(s, action))


def _acts(statement: Mapping[str, Any], action: str) -> bool:
    wanted = listed(statement.get("Action", statement.get("NotAction", "*")))
    found = any(glob(str(w).lower(), action.lower()) for w in wanted)
    return found is not ("NotAction" in statement)


def _applies(statement: Mapping[str, Any], call: Call, *, variables: bool) -> bool:
    inverted = "NotResource" in statement
    wanted = listed(statement.get("NotResource" if inverted else "Resource", "*"))
    texts = [filled(str(w), call.context) if variables else str(w) for w in wanted]
    found = any(text is not None and glob(text, call.resource) for text in texts)
    if found is inverted:
        return False
    return all(
        holds(operator, key, [str(v) for v in listed(values)], call.context, variables=variables)
        for operator, clauses in statement.get("Condition", {}).items()
        for key, values in clauses.items()
    )


def _new(text: str) -> bool:
    return read(text).get("Version") == "2012-10-17"


def _says(documents: Iterable[str], call: Call) -> tuple[bool, bool]:
    """Whether policies without principals allow, and whether they deny."""
    allows = denies = False
    for text in documents:
        for statement in _statements(text, call.action):
            if _applies(statement, call, variables=_new(text)):
                allows |= statement["Effect"] == "Allow"
                denies |= statement["Effect"] == "Deny"
    return allows, denies


def may_be_tagged(trust: str, tags: Mapping[str, tuple[str, ...]]) -> bool:
    """
    Whether a trust policy lets somebody pass these session tags, whoever it is.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
    """
    given = {f"aws:requesttag/{key}": value for key, value in tags.items()}
    spelt = (tuple(tags), tuple(key.title() for key in tags))
    contexts = ({**given, "aws:tagkeys": keys} for keys in spelt)
    calls = [Call(action="sts:TagSession", resource="*", owner="", context=each) for each in contexts]
    return not tags or any(_says([trust], call) == (True, False) for call in calls)


def _named(principal: Any, who: Who) -> str:
    """How an element names a caller: everybody, account, role, itself, or not at all."""
    if principal == "*":
        return "everybody"
    best = ""
    for kind, values in principal.items():
        for value in listed(values):
            best = _way(kind, str(value), who) or best
            if best in {"everybody", "itself"}:
                return best
    return best


def _way(kind: str, value: str, who: Who) -> str:
    if kind == "CanonicalUser":
        return "account" if who.account and who.canonical.get(value) == who.account else ""
    if kind != "AWS":  # a federation by SAML signs in as a session of a role, which is tried as such
        return "itself" if kind == "Service" and value == who.arn else ""
    ways = {"*": "everybody", who.arn: "itself", who.unique: "itself", who.role: "role"}
    ways |= {who.account: "account", _root(who.account): "account"} if who.account else {}
    if who.kind == "root":
        ways[who.arn] = "account"
    return ways.get(value, "") if value else ""


def _root(account: str) -> str:
    return f"arn:aws:iam::{account}:root"


def _spared(statement: Mapping[str, Any], who: Who, *, bounded: bool) -> bool:
    """
    Whether NotPrincipal in a Deny may leave a caller out: never by its account alone.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    """
    way = _named(statement["NotPrincipal"], who)
    if who.kind == "root" and way in {"account", "itself"}:
        return True
    return way in {"itself", "role", "everybody"} and not bounded


@dataclass(frozen=True)
class _Resource:
    ways: frozenset[str]
    denies: bool


def _on_resource(call: Call, who: Who) -> _Resource:
    ways: set[str] = set()
    denies = False
    for text in call.policies:
        for statement in _statements(text, call.action):
            if not _applies(statement, call, variables=_new(text)):
                continue
            if "NotPrincipal" in statement:
                bounded = who.boundary is not None
                if statement["Effect"] == "Deny":
                    denies |= not _spared(statement, who, bounded=bounded)
                else:
                    ways |= {"everybody"} if not _named(statement["NotPrincipal"], who) else set()
                continue
            way = _named(statement["Principal"], who)
            if way and statement["Effect"] == "Deny":
                denies |= not (way == "role" and who.kind == "federated-user")  # AWS does not say
            elif way:
                ways.add(way)
    return _Resource(frozenset(ways), denies)


def _by_grant(call: Call, who: Who) -> bool:
    for grant in call.grants:
        grantee = grant["GranteePrincipal"]
        if grantee not in {who.arn, who.role} or call.action.partition(":")[2] not in grant["Operations"]:
            continue
        constraints = grant.get("Constraints", {})
        prefix = "kms:encryptioncontext:"
        pairs = {k.removeprefix(prefix): v[0] for k, v in call.context.items() if k.startswith(prefix)}
        equals = {k.lower(): v for k, v in constraints.get("EncryptionContextEquals", {}).items()}
        subset = {k.lower(): v for k, v in constraints.get("EncryptionContextSubset", {}).items()}
        if equals and equals != pairs:
            continue
        if subset.items() <= pairs.items():
            return True
    return False


def _guarded(call: Call, who: Who) -> bool:
    """
    Whether the organization's policies let the call through; they do not bind service-linked roles.

    RCPs bind services too: AWS's own sample against confused deputies denies them.
    Sources: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html and
    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_examples.html
    """
    if who.is_service_linked:
        return True
    levels = [_says(level, call) for level in who.scp] if who.has_iam else []
    if any(denies or not allows for allows, denies in levels):
        return False
    limits = tuple(text for level in call.rcp for text in level)
    return not _on_resource(replace(call, policies=limits), who).denies


def allowed(call: Call, who: Who) -> bool:
    """Whether AWS lets the caller do it, or might."""
    if who.kind == "anonymous" and call.action.startswith("kms:"):
        return False
    resource = _on_resource(call, who)
    allows, denies = _says(who.identity, call)
    within, walls = (True, False) if who.boundary is None else _says((who.boundary,), call)
    if resource.denies or denies or walls or not _guarded(call, who):
        return False
    granted = _by_grant(call, who)
    if not who.has_iam:
        return bool(resource.ways & {"itself", "everybody"}) or granted
    if who.account != call.owner:
        return granted or (bool(resource.ways) and allows and within)
    direct = bool(resource.ways & {"itself", "everybody"}) or ("role" in resource.ways and within)
    if who.kind == "root" and "account" in resource.ways:
        direct = True
    delegated = "account" in resource.ways or not call.action.startswith("kms:")
    return direct or granted or (delegated and allows and within)


def hopeless(call: Call, who: Who) -> bool:
    """Whether no context whatever lets the caller do it: nothing on the resource speaks of it."""
    if who.has_iam and who.account == call.owner and not call.action.startswith("kms:"):
        return False
    named = any(
        "NotPrincipal" in statement or _named(statement["Principal"], who)
        for text in call.policies
        for statement in _statements(text, call.action)
        if statement["Effect"] == "Allow"
    )
    return not named and not any(g["GranteePrincipal"] in {who.arn, who.role} for g in call.grants)


__all__ = ["EVERYTHING", "Call", "Undecided", "Who", "allowed", "hopeless"]
