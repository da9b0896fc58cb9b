"""What an organization's levels come to where AWS lists no policy at some of them, or at none."""

from __future__ import annotations

import json
from itertools import product

import pytest
from msgspec import structs

from estates.build import (
    BUCKET,
    DECRYPTS,
    DELEGATES,
    KEY,
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
    proof_of,
    rows_of,
    verdict_of,
)
from trailseal.access.evaluate import authorize
from trailseal.access.lines import answer_line
from trailseal.access.readers.classes import Kinds, group_by_kind
from trailseal.access.readers.from_snapshot import estate_of
from trailseal.access.readers.levels import binding
from trailseal.access.readers.questions import READING
from trailseal.access.readers.reading import governing_documents
from trailseal.access.readers.subject import subject_of
from trailseal.access.request import NOT_TOLD, Policies, Request
from trailseal.aws.inventory import read_guardrails
from trailseal.model.principal import NamedPolicy
from trailseal.run.who import answer

FULL = policy(may("*"))
READS = person("role/x", S3, DECRYPTS)


def scene(**levels):
    given = {"key": (DELEGATES,), "people": (READS,), "organization": in_organization(C)}
    return Scene(**{**given, **levels})


@pytest.mark.sweep
@pytest.mark.parametrize("type_of", ["scp", "rcp"])
@pytest.mark.parametrize("depth", range(5))
def test_a_type_that_no_level_has_a_policy_of_limits_nobody(type_of, depth):
    given = scene(**{type_of: ((),) * depth})
    assert (rows_of(given), verdict_of(given)) == (rows_of(scene()), "REFUTED")
    assert rows_of(given)[X] == "can read"


@pytest.mark.sweep
@pytest.mark.parametrize("type_of", ["scp", "rcp"])
@pytest.mark.parametrize("there", [t for t in product((True, False), repeat=3) if len(set(t)) == 2])
def test_an_empty_level_beside_another_leaves_it_open(type_of, there):
    given = scene(**{type_of: tuple((FULL,) if one else () for one in there)})
    assert {rows_of(given)[who] for who in (X, READER)} == {"unknown"}
    assert rows_of(given)[KEYADMIN] == "cannot read"
    assert verdict_of(given) == "UNKNOWN"


@pytest.mark.parametrize(("type_of", "whom"), [("scp", None), ("rcp", "*")])
@pytest.mark.parametrize("turned", [False, True])
def test_a_deny_stands_whatever_another_level_is(type_of, whom, turned):
    denying = policy(allow(whom, "*"), deny(whom, "kms:Decrypt"))
    levels = ((denying,), ())
    given = scene(**{type_of: levels[::-1] if turned else levels})
    assert rows_of(given)[X] == "cannot read"
    assert verdict_of(given) == "PROVEN"


@pytest.mark.parametrize(("type_of", "whom"), [("scp", None), ("rcp", "*")])
def test_the_policies_of_an_organization_do_not_bind_its_management_account(type_of, whom):
    levels = ((policy(allow(whom, "*"), deny(whom, "kms:Decrypt")),),)
    member = structs.replace(in_organization(), management_account="9" * 12)
    managing = structs.replace(in_organization(), management_account=A)

    given = {type_of: levels}
    assert rows_of(scene(**given, organization=member))[X] == "can fetch, cannot decrypt"
    assert rows_of(scene(**given, organization=managing))[X] == "can read"


def test_nothing_else_about_levels_is_changed():
    levels = ((FULL,), (FULL, policy(DELEGATES)))
    assert binding(tuple(tuple(NamedPolicy(name="p", document=d) for d in x) for x in levels)) == levels
    assert binding(()) == ()


BUCKET_ARN = f"arn:aws:s3:::{BUCKET}"
STATED = {"scp": FULL, "rcp": policy(deny("*", "s3:DeleteBucket"))}
HALF = [(type_of, levels) for type_of, one in STATED.items() for levels in (((one,), ()), ((), (one,)))]


@pytest.mark.parametrize(("type_of", "levels"), HALF)
def test_whom_no_guardrail_binds_reads_and_the_lines_replay(type_of, levels):
    name = "role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
    linked = person(name, S3, DECRYPTS)
    given = Scene(key=(DELEGATES,), people=(linked,), organization=in_organization(), **{type_of: levels})
    proof = proof_of(given)
    assert [way.principal for way in proof.proof.ways] == [linked.arn]
    assert len(proof.requests) == 2
    for line in proof.requests:
        assert line["policies"].get(type_of) in (None, [[json.loads(STATED[type_of])]])
        assert b'"effect":"allowed"' in answer_line(json.dumps(line).encode())


@pytest.mark.parametrize(("type_of", "levels"), HALF)
def test_an_empty_level_is_no_policy_that_somebody_could_look_at(type_of, levels):
    many = tuple(person(f"user/u{n}", S3, DECRYPTS) for n in range(20))
    given = Scene(key=(DELEGATES,), people=many, **{type_of: levels})
    estate = estate_of(given.snapshot, given.trail, kms_key=KEY)
    assert estate.guardrails == (STATED[type_of],)
    subjects = tuple(subject_of(each, estate) for each in many)
    assert len(group_by_kind(subjects, Kinds(estate, READING, governing_documents(estate)))) == 1
    found = answer(given.snapshot, given.trail)
    assert not found.undecided
    reading = next(r for r in found.readings if r.principal == many[0].arn)
    untold = f"no policy was listed at level {levels.index(())}, where there is always one"
    reasons = {str(r.detail): r for r in reading.fetch.reasons}
    assert (reasons[untold].layer, reasons[untold].outcome, reasons[untold].policy) == (
        type_of,
        "unknown",
        "",
    )


@pytest.mark.parametrize("denies", [False, True])
@pytest.mark.parametrize("type_of", ["scp", "rcp"])
def test_a_level_that_is_not_told_is_neither_an_allow_nor_a_denial(type_of, denies):
    whom = "*" if type_of == "rcp" else None
    stated = policy(deny(whom, "s3:GetObject")) if denies else STATED[type_of]
    request = Request(principal=X, action="s3:GetObject", resource=f"{BUCKET_ARN}/a", resource_account=A)
    for levels in ((NOT_TOLD,), (NOT_TOLD, (stated,)), ((stated,), NOT_TOLD)):
        found = authorize(request, Policies(identity=(FULL,), **{type_of: levels}))
        expected = "explicitly_denied" if denies and len(levels) > 1 else "unknown"
        assert found.effect.value == expected


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
