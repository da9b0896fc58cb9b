"""A policy says the same however its JSON text is written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from estates.build import (
    BUCKET,
    DECRYPTS,
    FETCHES,
    S3,
    A,
    Scene,
    X,
    allow,
    deny,
    iam,
    may,
    opens_bucket,
    opens_key,
    person,
    policy,
)
from estates.faults import faults
from estates.fifteen import FIFTEEN
from estates.rows import row_faults
from estates.variations import variations
from trailseal.access.readers.wording import has_variable, speaks_of, texts_in
from trailseal.model.key import KmsKey
from trailseal.model.principal import Inventory, NamedPolicy, Principal
from trailseal.model.snapshot import Snapshot
from trailseal.run.who import answer
from trailseal.run.who_proof import prove_trail

TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
Encode = Callable[[str], str]


def escaped(text: str) -> str:
    """Every character by its number."""
    signs = text.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{signs[at : at + 4]}" for at in range(0, len(signs), 4))


def slashed(text: str) -> str:
    """Every slash as PHP writes it."""
    return json.dumps(text)[1:-1].replace("/", "\\/")


def written_by(encode: Encode, document: str) -> str:
    return TEXT.sub(lambda text: f'"{encode(json.loads(text[0]))}"', document)


def by(encode: Encode, snapshot: Snapshot) -> Snapshot:
    """The snapshot with every policy's text written another way."""

    def written(document: str) -> str:
        return written_by(encode, document)

    def named(policies: tuple[NamedPolicy, ...]) -> tuple[NamedPolicy, ...]:
        return tuple(replace(p, document=written(p.document)) for p in policies)

    def one(principal: Principal) -> Principal:
        return replace(
            principal,
            policies=named(principal.policies),
            boundary=named((principal.boundary,))[0] if principal.boundary else None,
            trust=written(principal.trust),
        )

    def inventory(given: Inventory) -> Inventory:
        return replace(
            given,
            principals=tuple(map(one, given.principals)),
            shared=named(given.shared),
            service_control_policies=tuple(map(named, given.service_control_policies)),
            resource_control_policies=tuple(map(named, given.resource_control_policies)),
        )

    def key(given: KmsKey) -> KmsKey:
        said = given.policies
        texts = {name: written(getattr(said, name)) for name in ("default", "aws_ram")}
        return replace(given, policies=replace(said, **texts))

    return replace(
        snapshot,
        keys=tuple(map(key, snapshot.keys)),
        buckets=tuple(replace(b, policy=written(b.policy)) for b in snapshot.buckets),
        inventories=tuple(map(inventory, snapshot.inventories)),
    )


OWN = {"StringEquals": {"aws:PrincipalAccount": A}}
ZED, AAA = person("user/zed", S3, tags={"clearance": "high"}), person("user/aaa", S3)
BY_PERSON = (
    {"StringEquals": {"aws:username": "zed"}},
    {"StringLike": {"aws:userid": "AIDAZED*"}},
    {"StringEquals": {"aws:PrincipalTag/clearance": "high"}},
    {"StringEquals": {"aws:PrincipalArn": iam("user/zed")}},
    {"ArnLike": {"aws:PrincipalArn": "${ aws:PrincipalArn }", "AWS:PRINCIPALARN": iam("user/z*")}},
    {"StringNotEquals": {"aws:SourceIdentity": "zed"}},
    {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/${aws:username}", "aws:UserName": "z*"}},
)
FOREIGN_ID = {"StringLike": {"aws:userid": "AROAREADER00:*"}}
BY_NAME = may("s3:GetObject", on=f"arn:aws:s3:::{BUCKET}/*${{aws:username}}*")
SCENES = {
    **{
        f"person {n}": Scene(key=(opens_key("*", {**OWN, **when}),), people=(AAA, ZED))
        for n, when in enumerate(BY_PERSON)
    },
    "way": Scene(
        key=(opens_key(X),),
        bucket=(opens_bucket(X, {"ForAnyValue:StringEquals": {"aws:CalledVia": "a.amazonaws.com"}}),),
        people=(person("role/x"),),
    ),
    "federated": Scene(
        key=(opens_key(iam("root")), deny("*", "kms:*", {"StringEquals": {"aws:PrincipalType": "User"}})),
        people=(person("user/zed", S3, DECRYPTS, may("sts:GetFederationToken")),),
    ),
    "somebody's ID": Scene(key=(opens_key("*", FOREIGN_ID),), bucket=(opens_bucket("*", FOREIGN_ID),)),
    "resource": Scene(
        key=(opens_key(iam("root")),),
        people=(person("user/u1", BY_NAME, DECRYPTS),),
    ),
    "beyond ASCII": Scene(people=(person("user/x", FETCHES),), key=(opens_key(X, Sid="é😀"),)),
}
CORPUS = [
    *SCENES.items(),
    *((f"row {row.name}", row.scene) for row in FIFTEEN),
    *((f"fault {f.name}", f.scene) for f in [*faults()][::16]),
    *((f"who {f.name}", f.scene) for f in [*row_faults()][::9]),
    *((v.name, v.scene) for v in [*variations()][::80]),
]


def is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def proven(snapshot: Snapshot, scene: Scene) -> object:
    """What is proven, with the requests to replay, whose documents are values and no texts."""
    found = prove_trail(snapshot, scene.trail, scene.listed)
    return found.proof.verdict, str(found.proof.why), found.readers, found.proof.decisions


@pytest.mark.sweep
@pytest.mark.parametrize("scene", [pytest.param(scene, id=name) for name, scene in CORPUS])
def test_who_and_proof_are_the_same(scene: Scene) -> None:
    if not (is_json(scene.key_policy) and is_json(scene.bucket_policy)):
        return
    plain = scene.snapshot
    readings, proof = answer(plain, scene.trail).readings, proven(plain, scene)
    for encode in (escaped, slashed):
        other = by(encode, plain)
        assert answer(other, scene.trail).readings == readings, encode
        assert proven(other, scene) == proof, encode


@pytest.mark.parametrize("encode", [escaped, slashed])
@pytest.mark.parametrize(
    "statement", [allow("*", "kms:*", {"Bool": {"aws:ViaAWSService": "x/y"}}), may("${*}")]
)
def test_what_is_written_is_what_was_read(statement: dict[str, object], encode: Encode) -> None:
    plain = policy(statement)
    other = written_by(encode, plain)
    words = ("aws:viaawsservice",)
    assert json.loads(other) == json.loads(plain)
    assert texts_in(other) == texts_in(plain)
    assert speaks_of(other, words) is speaks_of(plain, words) is ("Condition" in statement)
    assert not has_variable(other)


@pytest.mark.parametrize(
    ("text", "has"),
    [
        ("${aws:username}", True),
        ("${ aws:userid}", True),
        ("${*}${?}${$}", False),
        ("$ {x}", False),
        ("${", True),
    ],
)
def test_a_sign_for_itself_is_no_variable(text: str, has: bool) -> None:  # noqa: FBT001  # a table's column
    assert has_variable(policy(may("s3:*", on=text))) is has
