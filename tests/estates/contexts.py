"""The contexts that a caller may come with: what it is, what it chooses, what chance decides."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cached_property

from estates.arbiter import Undecided, Who, listed, may_be_tagged
from estates.build import NOW, A, Scene
from estates.callers import may_do
from estates.clauses import holds
from estates.literals import (
    MOST_VALUES,
    WORDS,
    addresses,
    documents,
    instances,
    literals_of,
    numbers,
    seconds,
    strings,
)
from trailseal.model.organization import NoOrganization, Organization

Values = dict[str, tuple[str, ...]]
Clauses = tuple[tuple[str, str, list[str]], ...]
ABSENT: tuple[str, ...] = ()
ISSUED = "2026-11-22T23:00:01Z"
"""When temporary credentials, which every session has, were made: an hour before the call."""
CLOCKS = ("aws:currenttime", "aws:epochtime")
TEXTS = (
    "aws:principaltag/",
    "aws:useragent",
    "aws:referer",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:principalorgid",
    "aws:sourceidentity",
    "aws:federatedprovider",
    "s3:authtype",
    "s3:signatureversion",
)
NOT_OF_SERVICES = (
    "aws:principaltag/",
    "aws:principalorg",
    "aws:multifactor",
    "aws:sourcevpc",
    "aws:sourceip",
    "aws:sourceidentity",
    "aws:federatedprovider",
)
OF_SESSIONS = ("aws:sourceidentity", "aws:federatedprovider")
NOT_OF: dict[str, tuple[str, ...]] = {
    "assumed-role": ("never:",),
    "user": OF_SESSIONS,
    "federated-user": OF_SESSIONS,
    "root": (*OF_SESSIONS, "aws:principaltag/"),
    "anonymous": ("aws:principaltag/", "aws:principalorg", "aws:multifactor", *OF_SESSIONS),
}
"""Keys that a kind of caller never brings; a service brings the fewest."""
TYPES = {
    "user": "User",
    "root": "Account",
    "assumed-role": "AssumedRole",
    "role": "AssumedRole",
    "federated-user": "FederatedUser",
}
MOST_PATHS = 8


class Pool:
    """Draws contexts for the callers of one scene, half of them led by what the statements ask for."""

    def __init__(self, scene: Scene, dice: random.Random) -> None:
        self.scene, self.dice = scene, dice
        self.said = literals_of(scene)

    @cached_property
    def free(self) -> dict[str, list[tuple[str, ...]]]:
        """The keys that callers or chance decide, each with the values worth trying."""
        asked = sorted({*self.said.tests, *self.said.variables})
        found = {key: self._values(key, self.said.tests.get(key, [])) for key in asked}
        return {key: values for key, values in found.items() if values}

    @cached_property
    def _statements(self) -> list[tuple[str, Clauses]]:
        """Effect and tests of every statement that has a condition."""
        found = []
        for text in documents(self.scene):
            for statement in listed(json.loads(text)["Statement"]):
                tests = tuple(
                    (operator, key, [str(v) for v in listed(values)])
                    for operator, clauses in statement.get("Condition", {}).items()
                    for key, values in clauses.items()
                )
                found += [(str(statement["Effect"]), tests)] if tests else []
        return found

    def contexts(self, who: Who, most: int) -> Iterator[Values]:
        """Up to `most` contexts in which this caller may ask S3."""
        known = self.identity(who)
        size = 1
        for values in self.free.values():
            size *= len(values)
        if size <= most:
            for each in itertools.product(*self.free.values()):
                yield self._consistent(known | dict(zip(self.free, each, strict=True)), who)
            return
        for n in range(most):
            chosen = {key: self.dice.choice(values) for key, values in self.free.items()}
            yield self._consistent(known | (self._led(chosen, known) if n % 4 else chosen), who)

    def _led(self, chosen: Values, known: Values) -> Values:
        """The values moved to where some Allows hold and the Denies do not."""
        allows = [tests for effect, tests in self._statements if effect == "Allow"]
        denies = [tests for effect, tests in self._statements if effect == "Deny"]
        wanted = [t for tests in self.dice.sample(allows, min(2, len(allows))) for t in tests]
        barred = [self.dice.choice(tests) for tests in denies]
        led = dict(chosen)
        for key, values in self.free.items():
            fits = [
                value
                for value in values
                if all(self._is(test, known | {key: value}) for test in wanted if test[1].lower() == key)
                and not any(self._is(test, known | {key: value}) for test in barred if test[1].lower() == key)
            ]
            if fits:
                led[key] = self.dice.choice(fits)
        return led

    def _is(self, test: tuple[str, str, list[str]], context: Values) -> bool:
        operator, key, values = test
        given = {k: v for k, v in context.items() if v}
        try:
            return holds(operator, key, values, given, variables=True)
        except Undecided:
            return self.dice.random() < 1 / 2  # either will do

    def _values(self, key: str, tests: list[str]) -> list[tuple[str, ...]]:
        if key in CLOCKS:
            bounds = [value for clock in CLOCKS for value in self.said.tests.get(clock, [])]
            return [(str(s),) for s in seconds(bounds, now=NOW.timestamp())]
        if key in {"aws:sourceip", "aws:vpcsourceip"}:
            return [ABSENT, *((a,) for a in addresses(tests))]
        if key in {"aws:multifactorauthage", "s3:tlsversion"}:
            return [ABSENT, *((n,) for n in numbers(tests))]
        return self._words(key, tests)

    def _words(self, key: str, tests: list[str]) -> list[tuple[str, ...]]:
        fixed: dict[str, list[tuple[str, ...]]] = {
            "aws:multifactorauthpresent": [ABSENT, ("true",), ("false",)],
            "aws:securetransport": [("true",)] if self.scene.sealed else [("true",), ("false",)],
        }
        if key in fixed:
            return fixed[key]
        if key == "aws:principalorgpaths":
            paths = [text if text.endswith("/") else text + "/" for text in strings(tests)]
            return [ABSENT, *((p,) for p in paths[:MOST_PATHS]), ("o-zz/r-1/ou-1/",)]
        if not key.startswith(TEXTS):
            return []
        open_ended = key in self.said.variables or any("$" in test for test in tests)
        texts = strings(tests, (*self.scene.tags.values(), *WORDS) if open_ended else ())
        return [ABSENT, *((text,) for text in (*self._of_families(key, tests), *texts[: 3 * MOST_VALUES]))]

    def _of_families(self, key: str, tests: list[str]) -> list[str]:
        """Numbers, moments and addresses for a text that is compared as such."""
        operators = self.said.operators.get(key, set())
        found: list[str] = []
        if any("numeric" in operator for operator in operators):
            found += numbers(tests)
        if any("date" in operator for operator in operators):
            found += [str(int(s)) for s in seconds(tests, now=0)]
        return found + (addresses(tests) if any("ipaddress" in operator for operator in operators) else [])

    def identity(self, who: Who) -> Values:
        """What AWS says of a caller. Source: IAM user guide, reference_policies_condition-keys."""
        if who.kind == "anonymous":
            return {
                "aws:principaltype": ("Anonymous",),
                "aws:principalaccount": ("anonymous",),
                "aws:userid": ("anonymous",),
            }
        if who.kind == "service":
            return {
                "aws:principalisawsservice": ("true",),
                "aws:principalservicename": (who.arn,),
                "aws:principalservicenameslist": (who.arn,),
            }
        found: Values = {
            "aws:principalisawsservice": ("false",),
            "aws:principalarn": (who.iam_arn,),
            "aws:principalaccount": (who.account,),
            "aws:principaltype": (TYPES[who.kind],),
            "aws:userid": (self._user_id(who),),
        }
        if who.kind == "user":
            return found | {"aws:username": (who.arn.rpartition("/")[2],)}
        return found | ({} if who.kind == "root" else {"aws:tokenissuetime": (ISSUED,)})

    def _user_id(self, who: Who) -> str:
        last = who.arn.rpartition("/")[2]
        if who.kind == "root":
            return who.account
        if who.kind == "federated-user":
            return f"{who.account}:{last}"
        prefix = "AIDA" if who.kind == "user" else "AROA"
        tests = self.said.tests.get("aws:userid", [])
        hinted = [text.partition(":")[0] for test in tests for text in instances(test)]
        fits = [text for text in hinted if text.startswith(prefix)]
        unique = who.unique or self.dice.choice([f"{prefix}ZZZZZZZZ", *fits])
        return unique if who.kind == "user" else f"{unique}:{last}"

    def _consistent(self, context: Values, who: Who) -> Values:
        """The context as one call could have it: one moment, one organization, one way in, its own tags."""
        found = dict(context)
        clocks = [found[clock][0] for clock in CLOCKS if clock in found]
        moment = float(self.dice.choice(clocks)) if clocks else NOW.timestamp()
        found["aws:epochtime"] = (str(int(moment)),)
        found["aws:currenttime"] = (datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),)
        if paths := found.get("aws:principalorgpaths"):
            found["aws:principalorgid"] = (paths[0].partition("/")[0],)
        private = found.get("aws:sourcevpc") or found.get("aws:sourcevpce")
        if not private and not found.get("aws:sourceip"):  # no address is a call from inside some VPC
            private = found["aws:sourcevpc"] = found["aws:sourcevpce"] = ("vpc-0f0f0f0f",)
        found["aws:sourceip" if private else "aws:vpcsourceip"] = ABSENT
        if found.get("aws:multifactorauthage"):
            found["aws:multifactorauthpresent"] = ("true",)
        never = NOT_OF.get(who.kind, NOT_OF_SERVICES)
        found = {key: values for key, values in found.items() if not key.startswith(never)}
        found |= self._fixed(who, found)
        return {key: values for key, values in found.items() if values}

    def _fixed(self, who: Who, chosen: Values) -> Values:
        """What the snapshot fixes: the organization of its account, the tags of a known principal."""
        found = self._organization(who)
        person = next((p for p in self.scene.everybody if p.arn in {who.arn, who.iam_arn}), None)
        if who.kind == "federated-user" and not may_do("sts:TagSession", who.identity):
            return found | dict.fromkeys((k for k in self.free if k.startswith("aws:principaltag/")), ABSENT)
        if person is None:
            return found
        asked = [key for key in self.free if key.startswith("aws:principaltag/")]
        tags = {f"aws:principaltag/{name.lower()}": (value,) for name, value in person.tags.items()}
        passed = {k.partition("/")[2]: v for k, v in chosen.items() if k in asked and v and tags.get(k) != v}
        if person.trust and may_do("sts:TagSession", (person.trust,)) and may_be_tagged(person.trust, passed):
            return found | {key: value for key, value in tags.items() if key in asked and not chosen.get(key)}
        return found | dict.fromkeys(asked, ABSENT) | tags

    def _organization(self, who: Who) -> Values:
        if who.account != A:
            return {}
        match self.scene.organization:
            case NoOrganization():
                return {"aws:principalorgid": ABSENT, "aws:principalorgpaths": ABSENT}
            case Organization(organization_id=name):
                paths = [
                    p for p in self.free.get("aws:principalorgpaths", []) if p and p[0].startswith(f"{name}/")
                ]
                path = self.dice.choice([*paths, (f"{name}/r-zz/ou-zz/",)])
                return {"aws:principalorgid": (name,), "aws:principalorgpaths": path}
        return {}
