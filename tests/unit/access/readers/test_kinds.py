"""Principals are of one kind only where every condition on their ARN answers alike for them."""

from __future__ import annotations

from itertools import combinations

import pytest

from estates.build import (
    DECRYPTS,
    DELEGATES,
    KEY,
    S3,
    A,
    Scene,
    Statement,
    allow,
    deny,
    iam,
    may,
    opens_key,
    person,
    policy,
    verdict_of,
)
from trailseal.access.readers.classes import Kinds, answer_by_kind
from trailseal.access.readers.from_snapshot import estate_of, target_of
from trailseal.access.readers.population import population
from trailseal.access.readers.questions import DECRYPT, decrypt
from trailseal.access.readers.reading import governing_documents

NAMES = (
    "role/p:role/zb",
    "role/zz",
    "role/a*b/one",
    "role/axb/two",
    "role/Ops/three",
    "role/ops/four",
    "role/z/five",
    "user/zz",
    "user/p:user/z",
)
PATTERNS = (
    "arn:aws:iam::*:role/z*",
    iam("role/a${*}b/*"),
    iam("role/a?b/*"),
    iam("role/Ops/*"),
    iam("role/OPS/three"),
    "arn:aws:iam:*:role/zz",
    "arn:*/z*",
    "*:role/z?",
    "*",
)
OPERATORS = (
    "ArnLike",
    "ArnEquals",
    "ArnNotLike",
    "ArnNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLikeIfExists",
    "ForAnyValue:ArnLike",
    "ForAllValues:StringLike",
)


def at_key(when: dict[str, object]) -> Statement:
    return opens_key("*", {"StringEquals": {"aws:PrincipalAccount": A}, **when})


def place(name: str, when: dict[str, object], version: str) -> Scene:
    """The condition in one of the policies that decide on decrypting."""
    everything: tuple[Statement, ...] = (S3, DECRYPTS)
    if name == "key":
        people = tuple(person(each, S3) for each in NAMES)
        return Scene(raw_key=policy(at_key(when), version=version), people=people)
    if name == "scp":
        levels = ((policy(may("*"), deny(None, "kms:*", when)),),)
        return Scene(key=(DELEGATES,), scp=levels, people=tuple(person(each, *everything) for each in NAMES))
    if name == "rcp":
        levels = ((policy(allow("*", "*"), deny("*", "kms:*", when)),),)
        return Scene(key=(DELEGATES,), rcp=levels, people=tuple(person(each, *everything) for each in NAMES))
    people = tuple(person(each, S3, may("kms:Decrypt", when)) for each in NAMES)
    return Scene(key=(DELEGATES,), people=people)


def wrongly_joined(scene: Scene) -> list[str]:
    """Who gets another answer among all others than alone."""
    estate = estate_of(scene.snapshot, scene.trail, kms_key=KEY)
    target = target_of(scene.snapshot, scene.trail, kms_key=KEY)
    asked = tuple(s for s in population(estate, target) if s.arn in {iam(name) for name in NAMES})
    found: list[str] = []
    for one in (asked, asked[::-1]):
        kinds = Kinds(estate, (DECRYPT,), governing_documents(estate))
        answers = answer_by_kind(one, kinds, lambda s: decrypt(estate, target, s).effect)
        alone = (decrypt(estate, target, s).effect for s in one)
        found += [s.arn for s, joined, own in zip(one, answers, alone, strict=True) if joined is not own]
    return found


@pytest.mark.sweep
@pytest.mark.parametrize("where", ["key", "scp", "rcp", "iam"])
@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("version", ["2012-10-17", "2008-10-17"])
def test_nobody_gets_somebody_elses_answer(where: str, operator: str, version: str) -> None:
    wrong = {}
    for pattern in PATTERNS:
        scene = place(where, {operator: {"aws:PrincipalArn": pattern}}, version)
        if found := wrongly_joined(scene):
            wrong[pattern] = found
    assert wrong == {}


@pytest.mark.sweep
@pytest.mark.parametrize("pattern", PATTERNS[:4])
@pytest.mark.parametrize("operator", ["ArnLike", "StringLike", "ArnNotLike"])
def test_a_proof_does_not_rest_on_who_is_told_first(operator: str, pattern: str) -> None:
    key = (at_key({operator: {"aws:PrincipalArn": pattern}}),)
    for pair in combinations([person(name, S3) for name in NAMES[:4]], 2):
        assert verdict_of(Scene(key=key, people=pair)) == verdict_of(Scene(key=key, people=pair[::-1]))
