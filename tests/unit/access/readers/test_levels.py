"""What an organization's levels come to where AWS lists no policy at some of them, or at none."""

from __future__ import annotations

from itertools import product

import pytest

from estates.build import (
    DECRYPTS,
    DELEGATES,
    KEYADMIN,
    READER,
    S3,
    A,
    C,
    Scene,
    X,
    allow,
    deny,
    in_organization,
    may,
    person,
    policy,
    rows_of,
    verdict_of,
)
from trailseal.access.lines import answer_line
from trailseal.access.readers.levels import binding
from trailseal.aws.inventory import read_guardrails

FULL = policy(may("*"))
READS = person("role/x", S3, DECRYPTS)


def scene(**levels):
    return Scene(key=(DELEGATES,), people=(READS,), organization=in_organization(C), **levels)


@pytest.mark.parametrize("type_of", ["scp", "rcp"])
@pytest.mark.parametrize("depth", range(5))
def test_a_type_that_no_level_has_a_policy_of_limits_nobody(type_of, depth):
    given = scene(**{type_of: ((),) * depth})
    assert (rows_of(given), verdict_of(given)) == (rows_of(scene()), "REFUTED")
    assert rows_of(given)[X] == "can read"


@pytest.mark.parametrize("type_of", ["scp", "rcp"])
@pytest.mark.parametrize("there", [t for t in product((True, False), repeat=3) if len(set(t)) == 2])
def test_an_empty_level_beside_another_leaves_it_open(type_of, there):
    given = scene(**{type_of: tuple((FULL,) if one else () for one in there)})
    assert {rows_of(given)[who] for who in (X, READER)} == {"unknown"}
    assert rows_of(given)[KEYADMIN] == "can not read"
    assert verdict_of(given) == "UNKNOWN"


@pytest.mark.parametrize(("type_of", "whom"), [("scp", None), ("rcp", "*")])
@pytest.mark.parametrize("turned", [False, True])
def test_a_deny_stands_whatever_another_level_is(type_of, whom, turned):
    denying = policy(allow(whom, "*"), deny(whom, "kms:Decrypt"))
    levels = ((denying,), ())
    given = scene(**{type_of: levels[::-1] if turned else levels})
    assert rows_of(given)[X] == "can not read"
    assert verdict_of(given) == "PROVEN"


def test_nothing_else_about_levels_is_changed():
    levels = ((FULL,), (FULL, policy(DELEGATES)))
    assert binding(levels) == levels
    assert binding(()) == ()


class Listed:
    """An organization with one unit, where AWS lists these SCPs and RCPs for each target."""

    def __init__(self, names):
        self.names = names

    def list_parents(self, ChildId):  # noqa: N803
        parents = {A: "ou-1", "ou-1": "r-1"}
        return {"Parents": [{"Id": parents[ChildId], "Type": "ROOT" if ChildId == "ou-1" else "X"}]}

    def get_paginator(self, _):
        return self

    def paginate(self, TargetId, Filter):  # noqa: N803
        return [{"Policies": [{"Id": FULL} for _ in range(self.names.get((TargetId, Filter), 0))]}]

    def describe_policy(self, PolicyId):  # noqa: N803
        return {"Policy": {"PolicySummary": {"Name": "all"}, "Content": PolicyId}}


@pytest.mark.parametrize("type_of", ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"])
@pytest.mark.parametrize("there", list(product((0, 1), repeat=3)))
def test_what_the_collector_reads_decides_as_the_levels_do(type_of, there):
    targets = ("r-1", "ou-1", A)
    listed = Listed({(target, type_of): n for target, n in zip(targets, there, strict=True)})
    scp, rcp, unread = read_guardrails(listed, account=A, organization=in_organization(C))
    assert unread is None
    texts = [tuple(tuple(p.document for p in level) for level in levels) for levels in (scp, rcp)]
    given = scene(scp=texts[0], rcp=texts[1])
    expected = "can read" if len(set(there)) == 1 else "unknown"
    assert rows_of(given)[X] == expected


def test_an_empty_level_in_a_line_of_simulate_allows_nothing():
    line = (
        b'{"request":{"principal":"%b","action":"s3:ListAllMyBuckets","resource":"*"},'
        b'"policies":{"identity":[%b],"scp":[[],[]]}}' % (X.encode(), FULL.encode())
    )
    assert b'"effect":"implicitly_denied"' in answer_line(line)
