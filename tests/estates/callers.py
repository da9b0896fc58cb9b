"""Everybody who may attack an estate: the principals that were read, and those that policies hint at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from estates.arbiter import EVERYTHING, Who, listed, read
from estates.build import A, B, Scene, iam, sts
from estates.clauses import glob
from estates.literals import FRESH, Literals, instances
from trailseal.model.principal import Principal, PrincipalKind

NAMES = ("zed", "svc-1")
PATHS = ("", "team/")


def attackers(scene: Scene, said: Literals, *, open_world: bool) -> Iterator[Who]:
    """Every caller outside the list that may exist in this world."""
    seen: set[tuple[str, str, tuple[str, ...]]] = set()
    for who in _all(scene, said, open_world=open_world):
        key = (who.arn, who.role, who.identity)
        if key not in seen and not _listed(who, scene):
            seen.add(key)
            yield who


def _listed(who: Who, scene: Scene) -> bool:
    return who.arn in scene.listed or who.role in scene.listed


def _all(scene: Scene, said: Literals, *, open_world: bool) -> Iterator[Who]:
    yield from known(scene, said, apart=scene.listed)
    for account in said.accounts:
        if open_world or account not in read_accounts(scene):
            yield from (who for who in strangers(account, said, scene) if _may_exist(who, scene))
    yield from (Who(arn=name) for name in _services(said))
    if not scene.sealed:
        yield Who(arn="anonymous")


def _may_exist(who: Who, scene: Scene) -> bool:
    """Whether nobody who was read or is listed has its name: letter case and path do not tell names apart."""
    arn = who.iam_arn
    taken = {person.arn for person in scene.everybody} | {a for a in scene.listed if ":iam:" in a}
    alike = (a for a in taken if a.split("/")[0] == arn.split("/")[0] and _name(a) == _name(arn))
    return all(a == arn for a in alike)


def _name(arn: str) -> str:
    return arn.rpartition("/")[2].lower()


def read_accounts(scene: Scene) -> set[str]:
    """The accounts whose principals were read."""
    return {A} if scene.neighbours is None else {A, B}


def known(scene: Scene, said: Literals, *, apart: tuple[str, ...] = ()) -> Iterator[Who]:
    """The principals that were read; a role as sessions, a user but those `apart` also as a federated one."""
    for person in scene.everybody:
        documents = tuple(policy.document for policy in person.policies)
        yield from _one(person, documents, scene, said, apart)


def _one(
    person: Principal, documents: tuple[str, ...], scene: Scene, said: Literals, apart: tuple[str, ...]
) -> Iterator[Who]:
    boundary = person.boundary.document if person.boundary else None
    account = person.arn.split(":")[4]
    scp = scene.scp if account == A else ()
    facts: dict[str, Any] = {
        "account": account,
        "boundary": boundary,
        "scp": scp,
        "unique": person.principal_id,
    }
    match person.kind:
        case PrincipalKind.ROOT:
            everything = {**facts, "identity": (EVERYTHING,), "unique": ""}
            yield Who(arn=person.arn, **everything)
            for arn in _made_by(person, apart, said):
                yield Who(arn=arn, role=person.arn, **everything)
        case PrincipalKind.USER:
            yield Who(arn=person.arn, identity=documents, **facts)
            if _makes_federated_users(documents):
                for arn in _made_by(person, apart, said):
                    yield Who(arn=arn, role=person.arn, identity=documents, **{**facts, "unique": ""})
        case PrincipalKind.ROLE:
            name = person.arn.rpartition("/")[2]
            for session in _sessions(name, said):
                arn = sts(f"assumed-role/{name}/{session}", account)
                yield Who(arn=arn, role=person.arn, identity=documents, **facts)


def may_do(action: str, documents: tuple[str, ...]) -> bool:
    """Whether some Allow speaks of an action."""
    return "Allow" in _effects(action, documents)


def _makes_federated_users(documents: tuple[str, ...]) -> bool:
    """Whether a user surely may: where a Deny speaks of it, what that asks is not asked here."""
    return _effects("sts:GetFederationToken", documents) == {"Allow"}


def _effects(action: str, documents: tuple[str, ...]) -> set[str]:
    statements = [s for text in documents for s in listed(read(text)["Statement"])]
    return {s["Effect"] for s in statements if _speaks(s, action)}


def _speaks(statement: dict[str, Any], action: str) -> bool:
    if "NotAction" in statement:
        return not any(glob(a, action) for a in listed(statement["NotAction"]))
    return any(glob(a, action) for a in listed(statement.get("Action", [])))


def _federated(account: str, said: Literals) -> list[str]:
    named = [p for p in said.principals.get("AWS", []) if f":{account}:federated-user/" in p]
    return list(dict.fromkeys([*named, sts("federated-user/zed", account)]))


def _made_by(maker: Principal, listed: tuple[str, ...], said: Literals) -> list[str]:
    """Federated users of a maker; what a listed maker hands out counts as that maker."""
    return [] if maker.arn in listed else _federated(maker.arn.split(":")[4], said)


def _makers(account: str, said: Literals, scene: Scene) -> list[str]:
    """Users who may have made a federated user: those who are named and not listed, and another."""
    named = [p for p in said.principals.get("AWS", []) if p.startswith(f"arn:aws:iam::{account}:user/")]
    return ["", *(p for p in named if p not in scene.listed)]


def _sessions(role: str, said: Literals) -> list[str]:
    """Names that sessions of a role may have."""
    named = [p.rpartition("/")[2] for p in said.principals.get("AWS", []) if f":assumed-role/{role}/" in p]
    ids = [v.partition(":")[2] for v in said.tests.get("aws:userid", []) if ":" in v]
    hinted = [text for each in ids for text in instances(each) if re.fullmatch(r"[\w+=,.@-]{2,64}", text)]
    return list(dict.fromkeys(["any", *named, *hinted]))


def _services(said: Literals) -> list[str]:
    hinted = said.tests.get("aws:principalservicename", []) + said.tests.get(
        "aws:principalservicenameslist", []
    )
    named = [n for n in said.principals.get("Service", []) if n != "cloudtrail.amazonaws.com"]
    found = [
        *named,
        "macie.amazonaws.com",
        *(hint.replace("*", "amazonaws.com" if hint[-2:] == ".*" else "x") for hint in hinted),
    ]
    return list(dict.fromkeys(name for name in found if "." in name))


def strangers(account: str, said: Literals, scene: Scene) -> Iterator[Who]:
    """Principals that an account may have, with IAM policies that allow everything."""
    facts: dict[str, Any] = {"account": account, "identity": (EVERYTHING,)}
    facts |= {"scp": scene.scp} if account == A else {}
    facts |= {"canonical": dict.fromkeys(said.principals.get("CanonicalUser", []), FRESH)}
    yield Who(arn=iam("root", account), **facts)
    if account != A:
        linked = iam("role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForY", account)
        yield Who(arn=sts("assumed-role/AWSServiceRoleForY/any", account), role=linked, **facts)
    for arn in _federated(account, said):
        yield from (Who(arn=arn, role=maker, **facts) for maker in _makers(account, said, scene))
    for arn in _arns(account, said):
        if ":user/" in arn:
            yield Who(arn=arn, **facts)
            continue
        name = arn.rpartition("/")[2]
        for session in _sessions(name, said):
            yield Who(arn=sts(f"assumed-role/{name}/{session}", account), role=arn, **facts)


VALID = re.compile(r"arn:aws:iam::\d{12}:(user|role)/([!-~]+/)?[\w+=,.@-]+")


def _arns(account: str, said: Literals) -> list[str]:
    named = [arn for arn in said.principals.get("AWS", []) if "*" not in arn]
    plain = [
        iam(f"{kind}/{path}{name}", account) for kind in ("user", "role") for path in PATHS for name in NAMES
    ]
    plain += [
        iam(f"user/{name}", account)
        for each in said.tests.get("aws:username", [])
        for name in instances(each)
    ]
    found = [arn for arn in named if arn.split(":")[4:5] == [account]]
    found += [arn for hint in said.tests.get("aws:principalarn", []) for arn in _hinted(hint, account)]
    paths = {re.sub(r"^[^/]*/|[^/]*$", "", arn) for arn in found}
    for hint in said.principals.get("AWS", []):
        if ":assumed-role/" in hint and hint.split(":")[4] == account:
            found += [iam(f"role/{path}{hint.split('/')[1]}", account) for path in ("", *sorted(paths))]
    return list(dict.fromkeys(arn for arn in [*found, *plain] if VALID.fullmatch(arn)))


def _hinted(hint: str, account: str) -> Iterator[str]:
    """ARNs in this account that a pattern on the caller's ARN matches, in other letter cases too."""
    parts = hint.split(":", 5)
    if hint == "*" or (len(parts) == 6 and not _fits(parts[4], account)):
        return
    last = parts[5] if len(parts) == 6 else f"role/{parts[-1].rpartition('/')[2]}"
    if last.startswith("*"):
        last = "role/q" + last
    for text in instances(last):
        kind, _, name = text.partition("/")
        yield iam(text, account)
        yield iam(f"{kind.lower()}/{name.swapcase()}", account)


def _fits(pattern: str, account: str) -> bool:
    return glob(pattern, account) or not pattern.isdigit()
