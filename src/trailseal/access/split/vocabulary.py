"""What policies look at when they decide on an action: tests on keys, resources, principals, variables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from msgspec import Struct, structs

from trailseal.access.conditions.families import OPERATORS
from trailseal.access.facts import Facts, Lack
from trailseal.access.match.relevant import on_action
from trailseal.access.pairs import CONTEXT
from trailseal.access.parse.document import Policy
from trailseal.access.service_name import is_service_name
from trailseal.access.split.whitelist import Test
from trailseal.access.variables import ESCAPES, VARIABLE, name_in, replace, replace_in_resource
from trailseal.model.arn import ACCOUNT

KEPT = 2_000
GRANTEES = ("GranteePrincipal", "RetiringPrincipal", "GranteeServicePrincipal", "RetiringServicePrincipal")


class Look(Struct, frozen=True):
    """One test on one key; `has_variable` where a value of it is still to be replaced."""

    key: str
    test: Test
    has_variable: bool = False


class Vocabulary(Struct, frozen=True, kw_only=True):
    """
    Everything that is looked at, as written. `variables` are the keys that policy variables name.

    `resources` come with whether they hold a variable.
    """

    looks: tuple[Look, ...] = ()
    resources: tuple[tuple[str, bool], ...] = ()
    principals: tuple[tuple[str, str], ...] = ()
    variables: frozenset[str] = frozenset()

    def on(self, *keys: str) -> tuple[Look, ...]:
        """Return the looks at some keys."""
        return tuple(look for look in self.looks if look.key in keys)


@lru_cache(maxsize=KEPT)
def vocabulary(policies: tuple[Policy, ...], action: str) -> Vocabulary:
    """Return what the policies look at for one action."""
    statements = [s for policy in policies for s in on_action(policy, action)]
    looks: list[Look] = []
    resources: list[tuple[str, bool]] = []
    principals: list[tuple[str, str]] = []
    for statement in statements:
        replaces = statement.has_variables
        for condition in statement.conditions:
            test = Test(condition.operator, condition.qualifier, condition.values, condition.if_exists)
            looks.append(Look(condition.key, test, replaces and _takes_variable(condition.operator, test)))
        patterns = statement.resource.patterns if statement.resource else ()
        resources += [(pattern, replaces and "${" in pattern) for pattern in patterns]
        if statement.principal is not None:
            named = statement.principal.named
            principals += [(kind, value) for kind, values in named.items() for value in values]
    written = [v for look in looks if look.has_variable for v in look.test.values]
    written += [pattern for pattern, has_variable in resources if has_variable]
    return Vocabulary(
        looks=tuple(dict.fromkeys(looks)),
        resources=tuple(dict.fromkeys(resources)),
        principals=tuple(dict.fromkeys(principals)),
        variables=frozenset(name for text in written for name in variables_in(text)),
    )


def _takes_variable(operator: str, test: Test) -> bool:
    known = OPERATORS.get(operator)
    return known is not None and known.takes_variables and any("${" in value for value in test.values)


def variables_in(text: str) -> Iterator[str]:
    """Yield the keys, in lower case, that the variables of a text name."""
    for found in VARIABLE.finditer(text):
        if (name := name_in(found)) not in ESCAPES:
            yield name.lower()


def of_grants(grants: Iterable[Mapping[str, object]]) -> Vocabulary:
    """Return what grants look at: the grantees, and what their constraints compare."""
    looks: list[Look] = []
    principals: list[tuple[str, str]] = []
    for grant in grants:
        people = [str(grant[name]) for name in GRANTEES if grant.get(name)]
        principals += [(kind, who) for who in people if (kind := _kind_of_grantee(who))]
        constraints = grant.get("Constraints")
        for name, value in constraints.items() if isinstance(constraints, Mapping) else ():
            if name == "SourceArn":
                looks.append(Look("aws:sourcearn", Test("StringLike", "", (str(value),))))
            else:
                looks += [
                    Look(f"{CONTEXT}{str(pair).lower()}", Test("StringEquals", "", (str(each),)))
                    for pair, each in value.items()
                ]
    return Vocabulary(looks=tuple(dict.fromkeys(looks)), principals=tuple(dict.fromkeys(principals)))


def _kind_of_grantee(who: str) -> str:
    """
    Return how a policy would name the grantee, "" for a unique ID: AWS shows that of who was deleted.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
    """
    if who.startswith("arn:") or ACCOUNT.fullmatch(who):
        return "AWS"
    return "Service" if is_service_name(who) else ""


def merged(*parts: Vocabulary) -> Vocabulary:
    """Return what any of them looks at."""
    return Vocabulary(
        looks=tuple(dict.fromkeys(look for part in parts for look in part.looks)),
        resources=tuple(dict.fromkeys(r for part in parts for r in part.resources)),
        principals=tuple(dict.fromkeys(p for part in parts for p in part.principals)),
        variables=frozenset().union(*(part.variables for part in parts)),
    )


class Tests(Struct, frozen=True, kw_only=True):
    """
    The tests on each key with the variables replaced that have a value.

    `tied` are keys that a variable without a settled value joins to something else: the keys that such
    a variable names, and those that are compared with it. They are not split, each for itself.
    """

    by_key: dict[str, tuple[Test, ...]]
    tied: frozenset[str]

    def on(self, key: str) -> tuple[Test, ...]:
        """Return the tests on one key, in an order that does not change."""
        return self.by_key.get(key, ())


def tests_of(looked: Vocabulary, facts: Facts) -> Tests:
    """Return the tests as they are for a request of which `facts` are known."""
    found: dict[str, set[Test]] = {}
    tied: set[str] = set()
    for look in looked.looks:
        test = look.test
        if look.has_variable:
            values = [replace(value, facts) for value in test.values]
            if Lack.UNKNOWN in values:
                tied |= {look.key, *(name for value in test.values for name in variables_in(value))}
            test = structs.replace(test, values=tuple(v for v in values if isinstance(v, str)))
        found.setdefault(look.key, set()).add(test)
    for pattern, has_variable in looked.resources:
        if has_variable and replace_in_resource(pattern, facts) is Lack.UNKNOWN:
            tied.update(variables_in(pattern))
    return Tests(by_key={key: tuple(sorted(tests)) for key, tests in found.items()}, tied=frozenset(tied))
