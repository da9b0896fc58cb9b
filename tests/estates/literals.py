"""What an estate's own documents mention, and the neighbours of it: the pool that attacks draw from."""

from __future__ import annotations

import ipaddress
import itertools
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from estates.arbiter import listed
from estates.build import REGION, A, B, Scene
from estates.clauses import VARIABLE, moment

FRESH = "555566667777"
ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")
WORDS = (A, B, FRESH, REGION, "CloudTrail", "AWSLogs", "*")
MOST_VALUES = 14


def documents(scene: Scene) -> Iterator[str]:
    """Every policy of a scene."""
    yield from (scene.key_policy, scene.bucket_policy)
    yield from (scene.aws_ram,) if scene.aws_ram else ()
    for person in scene.everybody:
        yield from (policy.document for policy in person.policies)
        yield from (person.boundary.document,) if person.boundary else ()
    for levels in (scene.scp, scene.rcp):
        yield from (text for level in levels for text in level)


@dataclass
class Literals:
    """Keys (lower case) with the values that tests compare them with, and the principals named."""

    tests: dict[str, list[str]] = field(default_factory=dict)
    operators: dict[str, set[str]] = field(default_factory=dict)
    principals: dict[str, list[str]] = field(default_factory=dict)
    resources: list[str] = field(default_factory=list)
    variables: set[str] = field(default_factory=set)
    accounts: list[str] = field(default_factory=list)


def literals_of(scene: Scene) -> Literals:
    found = Literals()
    texts = list(documents(scene))
    for text in texts:
        for statement in listed(json.loads(text)["Statement"]):
            _collect(statement, found)
    for grant in scene.grants:
        kind = "AWS" if ":" in grant.grantee_principal else "Service"
        found.principals.setdefault(kind, []).append(grant.grantee_principal)
    everything = " ".join((*texts, *found.principals.get("AWS", [])))
    found.accounts = sorted({*ACCOUNT.findall(everything), A, B, FRESH})
    found.variables = {v.partition(",")[0].strip().lower() for t in texts for v in VARIABLE.findall(t)}
    return found


def _collect(statement: dict[str, Any], found: Literals) -> None:
    for operator, clauses in statement.get("Condition", {}).items():
        for key, values in clauses.items():
            found.tests.setdefault(key.lower(), []).extend(str(v) for v in listed(values))
            found.operators.setdefault(key.lower(), set()).add(operator.lower())
    found.resources += [
        str(r) for name in ("Resource", "NotResource") for r in listed(statement.get(name, []))
    ]
    for name in ("Principal", "NotPrincipal"):
        principal = statement.get(name, {})
        for kind, values in principal.items() if isinstance(principal, dict) else ():
            found.principals.setdefault(kind, []).extend(map(str, listed(values)))


def instances(pattern: str) -> list[str]:
    """Texts that a pattern matches, and some beside it."""
    plain = VARIABLE.sub("v", pattern)
    if "*" not in plain and "?" not in plain:
        return [plain]
    return [plain.replace("*", fill).replace("?", "a") for fill in ("", "q", "q/r", "x#y")]


def strings(patterns: Iterable[str], more: Iterable[str] = ()) -> list[str]:
    """Values for a text: instances, another letter case, a longer one, something else."""
    found: list[str] = []
    for pattern in patterns:
        for text in instances(pattern):
            found += [text, text.swapcase(), text.title(), text + "x"]
    return list(dict.fromkeys([*found, *more, "other"]))


def numbers(bounds: Iterable[str], *, least: float = 0) -> list[str]:
    """Values for a number: on each bound, beside it, and in the middle of each gap."""
    points = sorted({float(b) for b in bounds if _is_number(b)})
    found = [p + step for p in points for step in (-1, -0.01, 0, 0.01, 1)]
    found += [(a + b) / 2 for a, b in itertools.pairwise(points)]
    return list(dict.fromkeys(_written(n) for n in sorted(found) if n >= least)) or ["1"]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _written(number: float) -> str:
    return str(int(number)) if number == int(number) else f"{number:.6f}".rstrip("0")


def seconds(bounds: Iterable[str], *, now: float) -> list[float]:
    """Moments from now on: now, each bound, beside it, and in the middle of each gap."""
    points = sorted({m for b in bounds if (m := moment(b)) is not None and m >= now} | {now})
    found = [p + step for p in points for step in (-1, 0, 1)]
    found += [float(int((a + b) / 2)) for a, b in itertools.pairwise(points)]
    return sorted({m for m in found if m >= now})


def addresses(networks: Iterable[str]) -> list[str]:
    """Addresses of both versions: the ends of each network, beside them, and two of no network."""
    found = ["203.0.113.77", "2001:db8:ffff::77"]
    for text in networks:
        try:
            network = ipaddress.ip_network(text.replace("?", "7").replace("*", "0.2.7"), strict=False)
        except ValueError:
            continue
        first, last = int(network.network_address), int(network.broadcast_address)
        kind = type(network.network_address)
        most = 2**network.max_prefixlen - 1
        found += [str(kind(n)) for n in (first - 1, first, last, last + 1) if 0 <= n <= most]
    return list(dict.fromkeys(found))
