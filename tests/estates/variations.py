"""
Some 400 variations of the fifteen estates, each with a verdict that follows from how it was made.

A shape is one of the fifteen with another operator, the condition on the other side, or a second
statement that changes the verdict; each is told under several sets of names and in both orders.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from estates.build import (
    BUCKET,
    DELEGATES,
    NO_ORGANIZATION,
    READER,
    ROOT_B,
    S3,
    TRAIL_PAIR,
    A,
    B,
    Scene,
    X,
    allow,
    deny,
    iam,
    in_organization,
    may,
    opens_bucket,
    opens_key,
    person,
    policy,
    trusts,
)
from estates.fifteen import PATHS, SAME_TAG
from trailseal.model.key import Grant
from trailseal.model.organization import NoOrganization, Organization
from trailseal.model.principal import Principal

PROVEN, REFUTED = "PROVEN", "REFUTED"
SIEM = iam("role/siem", B)
FUTURE, PAST = "2028-01-01T00:00:00Z", "2020-01-01T00:00:00Z"
FUTURE_SECONDS, PAST_SECONDS = "1830297600", "1577836800"
IN_A = {"StringEquals": {"aws:PrincipalAccount": A}}


@dataclass(frozen=True, kw_only=True)
class Variation:
    """One estate whose verdict is known."""

    name: str
    scene: Scene
    verdict: str


Shape = tuple[str, Scene, str]


def to_b(*key: Any, **more: Any) -> Scene:
    """B is let in on both sides; `key` and what is in `more` stand beside."""
    bucket = more.pop("bucket", ())
    return Scene(key=(opens_key(ROOT_B), *key), bucket=(opens_bucket(ROOT_B), *bucket), **more)


def with_x(*statements: Any, **more: Any) -> Scene:
    """role/x of A holds these statements; `traits` are its tags and its trust policy."""
    traits = more.pop("traits", {})
    return Scene(people=(person("role/x", *statements, **traits),), **more)


def grant(*operations: str) -> Grant:
    return Grant(grant_id="g", grantee_principal=X, operations=operations)


def as_it_stands() -> Iterator[Shape]:
    named = (opens_key(X),)
    both = {"key": (DELEGATES,)}
    decrypts = may("kms:Decrypt")
    only_reader = {"ArnNotLike": {"aws:PrincipalArn": READER}}
    scp = ((policy(may("*"), deny(None, "kms:Decrypt", only_reader)),),)
    yield "plain", Scene(), PROVEN
    yield "B encrypts", Scene(key=(allow(ROOT_B, "kms:Encrypt"),)), PROVEN
    yield "B decrypts alone", Scene(key=(opens_key(ROOT_B),)), PROVEN
    yield "B fetches alone", Scene(bucket=(opens_bucket(ROOT_B),)), PROVEN
    yield "a role of B reads", Scene(key=(opens_key(SIEM),), bucket=(opens_bucket(SIEM),)), REFUTED
    yield "two of B, each one half", Scene(key=(opens_key(SIEM),), bucket=(opens_bucket(SIEM + "2"),)), PROVEN
    yield "x is named and cannot fetch", with_x(key=named), PROVEN
    yield "x is named and fetches", with_x(S3, key=named), REFUTED
    yield "x is named and denied", with_x(S3, key=named, bucket=(deny(X, "s3:Get*", on="*"),)), PROVEN
    yield "x by a grant", with_x(S3, grants=(grant("Decrypt"),)), REFUTED
    yield "x by a grant to encrypt", with_x(S3, grants=(grant("Encrypt"),)), PROVEN
    yield "x by IAM", with_x(S3, decrypts, **both), REFUTED
    yield "x by IAM, denied", with_x(S3, decrypts, deny(None, "kms:De*"), **both), PROVEN
    yield (
        "x by IAM, bounded",
        with_x(S3, decrypts, traits={"boundary": (may("s3:*"),)}, **both),
        PROVEN,
    )
    yield "x by IAM, under an SCP", with_x(S3, decrypts, scp=scp, **both), PROVEN


def over_tls() -> Iterator[Shape]:
    key = "aws:SecureTransport"
    for word in (
        {"Bool": {key: "false"}},
        {"BoolIfExists": {key: "false"}},
        {"StringEquals": {key: "false"}},
        {"Null": {key: "true"}},
    ):
        unless = deny("*", "s3:*", word)
        yield f"Deny {word}", Scene(bucket=(unless,)), PROVEN
        yield f"Deny {word}, B reads", to_b(bucket=(unless,)), REFUTED
    yield "Deny in the key", Scene(key=(deny("*", "kms:*", {"Bool": {key: "false"}}),)), PROVEN
    yield "everything over TLS denied", to_b(bucket=(deny("*", "s3:*", {"Bool": {key: "true"}}),)), PROVEN


def in_the_organization() -> Iterator[Shape]:
    for word in ("StringNotEqualsIfExists", "StringNotEquals", "StringNotLike"):
        unless = {word: {"aws:PrincipalOrgID": "o-a"}, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}
        yield f"{word}", Scene(bucket=(deny("*", "s3:*", unless),)), PROVEN
        yield f"{word}, B reads", to_b(bucket=(deny("*", "s3:*", unless),)), REFUTED
        yield f"{word} in the key", Scene(key=(deny("*", "kms:*", unless),)), PROVEN
        other = opens_bucket(ROOT_B, {"StringEquals": {"aws:PrincipalOrgID": "o-other"}})
        yield (
            f"{word}, B of another organization",
            Scene(key=(opens_key(ROOT_B),), bucket=(other, deny("*", "s3:*", unless))),
            PROVEN,
        )


def in_the_network() -> Iterator[Shape]:
    vpc, office = {"aws:SourceVpc": "vpc-1a2b3c4d"}, {"aws:SourceIp": "192.0.2.0/24"}
    through = {"BoolIfExists": {"aws:ViaAWSService": "false"}}
    for word in ({"StringNotEqualsIfExists": vpc}, {"StringNotEquals": vpc}, {"NotIpAddress": office}):
        yield f"Deny {word}", Scene(bucket=(deny("*", "s3:*", {**word, **through}),)), PROVEN
        yield f"Deny {word}, B reads", to_b(bucket=(deny("*", "s3:*", {**word, **through}),)), REFUTED
    unless = deny("*", "s3:*", {"NotIpAddress": office})
    for block, verdict in (
        ("198.51.100.0/24", PROVEN),
        ("192.0.2.128/25", REFUTED),
        ("192.0.0.0/16", REFUTED),
    ):
        lets = opens_bucket(ROOT_B, {"IpAddress": {"aws:SourceIp": block}})
        yield f"B from {block}", Scene(key=(opens_key(ROOT_B),), bucket=(lets, unless)), verdict
    point = opens_key(ROOT_B, {"StringEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}})
    yield "an endpoint does not travel to KMS", Scene(key=(point,), bucket=(opens_bucket(ROOT_B),)), PROVEN


def own_folders() -> Iterator[Shape]:
    folder = f"arn:aws:s3:::{BUCKET}/AWSLogs/${{aws:PrincipalAccount}}/*"
    known = {"organization": in_organization("111122223333")}
    for word in (
        {"StringEquals": {"aws:PrincipalOrgID": "o-a"}},
        {"StringLike": {"aws:PrincipalOrgID": "o-a"}},
    ):
        own = opens_bucket("*", word, on=folder)
        yield f"{word}", Scene(bucket=(own,), **known), PROVEN
        yield f"{word}, B decrypts", Scene(bucket=(own,), key=(opens_key(ROOT_B),), **known), PROVEN
        yield (
            f"{word}, the key is open to the organization",
            with_x(bucket=(own,), key=(opens_key("*", word),), **known),
            REFUTED,
        )
        yield f"{word}, x decrypts", with_x(bucket=(own,), key=(opens_key(X),), **known), REFUTED


def own_account() -> Iterator[Shape]:
    owner = "${aws:ResourceAccount}"
    for word in ("StringNotEquals", "StringNotEqualsIfExists", "StringNotLike", "StringNotEqualsIgnoreCase"):
        unless = {word: {"aws:PrincipalAccount": owner}}
        yield word, Scene(bucket=(deny("*", "s3:*", unless),)), PROVEN
        yield f"{word}, B named", to_b(bucket=(deny("*", "s3:*", unless),)), PROVEN
        yield f"{word}, B named, in the key", to_b(deny("*", "kms:*", unless)), PROVEN
    by_caller = {"StringNotEquals": {"kms:CallerAccount": owner}}
    yield "by the caller's account", to_b(deny("*", "kms:*", by_caller)), PROVEN
    inverted = {"StringEquals": {"aws:PrincipalAccount": owner}}
    yield "the other way round", to_b(bucket=(deny("*", "s3:*", inverted),)), REFUTED
    yield (
        "a Deny with a variable, x named",
        with_x(S3, key=(opens_key(X), deny("*", "kms:*", by_caller))),
        REFUTED,
    )


def same_tag() -> Iterator[Shape]:
    blue, red = {"tags": {"p": "blue"}}, {"tags": {"p": "red"}}
    like = {
        "StringEquals": {"kms:CallerAccount": A},
        "StringLike": {"aws:PrincipalTag/p": "${aws:ResourceTag/p}"},
    }
    tagging = {"trust": trusts(ROOT_B, ["sts:AssumeRole", "sts:TagSession"])}
    fixed = {"StringEquals": {"aws:PrincipalAccount": A, "aws:PrincipalTag/p": "blue"}}
    for label, when in (("equals", SAME_TAG), ("like", like)):
        key = {"key": (opens_key("*", when),)}
        yield f"{label}, the key has no tag", with_x(S3, **key), PROVEN
        yield f"{label}, no tag, x has one", with_x(S3, traits=blue, **key), PROVEN
        yield f"{label}, x has it", with_x(S3, traits=blue, **blue, **key), REFUTED
        yield f"{label}, x has another", with_x(S3, traits=red, **blue, **key), PROVEN
        yield f"{label}, sessions of x are tagged", with_x(S3, traits=tagging, **blue, **key), REFUTED
        user = Scene(people=(person("user/x", S3, **blue),), **blue, **key)
        yield f"{label}, a user has it", user, REFUTED
        user = Scene(people=(person("user/x", S3, **red),), **blue, **key)
        yield f"{label}, a user has another", user, PROVEN
    yield "a fixed tag, x has it", with_x(S3, traits=blue, key=(opens_key("*", fixed),)), REFUTED
    yield "a fixed tag, x has another", with_x(S3, traits=red, key=(opens_key("*", fixed),)), PROVEN


def organization_paths() -> Iterator[Shape]:
    known = {"organization": in_organization("111122223333")}
    for count in (1, 2, 6):
        for word, values in (
            ("StringLike", PATHS[:count]),
            ("StringEquals", [p[:-1] for p in PATHS[:count]]),
        ):
            when = {f"ForAnyValue:{word}": {"aws:PrincipalOrgPaths": values}}
            both: dict[str, Any] = {
                "key": (opens_key("*", when),),
                "bucket": (opens_bucket("*", when),),
                **known,
            }
            yield f"{count} {word}", Scene(**both), REFUTED
            shut = deny("*", "kms:Decrypt", {"ArnNotEquals": {"aws:PrincipalArn": READER}})
            yield (
                f"{count} {word}, key for the reader only",
                Scene(**{**both, "key": (*both["key"], shut)}),
                PROVEN,
            )
            yield f"{count} {word}, key shut", Scene(**{**both, "key": ()}), PROVEN


def until(word: str, key: str, value: str) -> dict[str, dict[str, str]]:
    return {word: {key: value}}


def until_a_date() -> Iterator[Shape]:
    for word in ("DateLessThan", "DateLessThanEquals"):
        for future, past in ((FUTURE, PAST), (FUTURE_SECONDS, PAST_SECONDS)):
            lets = opens_bucket(ROOT_B, until(word, "aws:CurrentTime", future))
            over = opens_bucket(ROOT_B, until(word, "aws:CurrentTime", past))
            yield f"{word} {future}, key shut", Scene(bucket=(lets,)), PROVEN
            yield f"{word} {future}, key for B", Scene(bucket=(lets,), key=(opens_key(ROOT_B),)), REFUTED
            yield f"{word} {past}, key for everybody", Scene(bucket=(over,), key=(opens_key(),)), PROVEN
    between = {
        "DateGreaterThan": {"aws:CurrentTime": FUTURE},
        "DateLessThan": {"aws:CurrentTime": "2027-01-01"},
    }
    yield "no day between", Scene(bucket=(opens_bucket(ROOT_B, between),), key=(opens_key(),)), PROVEN


def until_a_number() -> Iterator[Shape]:
    for word in ("NumericLessThan", "NumericLessThanEquals", "DateLessThan"):
        when = until(word, "aws:EpochTime", FUTURE_SECONDS)
        yield f"{word}", Scene(bucket=(opens_bucket(ROOT_B, when),), key=(opens_key(),)), REFUTED
        yield (
            f"{word} in the key",
            Scene(bucket=(opens_bucket(ROOT_B),), key=(opens_key("*", when),)),
            REFUTED,
        )
        yield f"{word}, key shut", Scene(bucket=(opens_bucket(ROOT_B, when),)), PROVEN
        gone = until(word, "aws:EpochTime", PAST_SECONDS)
        yield f"{word} in the past", Scene(bucket=(opens_bucket(ROOT_B, gone),), key=(opens_key(),)), PROVEN
    both = {
        "DateLessThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"},
        "NumericGreaterThan": {"aws:EpochTime": FUTURE_SECONDS},
    }
    yield (
        "two clocks that cannot both be",
        Scene(bucket=(opens_bucket(ROOT_B, both),), key=(opens_key(),)),
        PROVEN,
    )


def fresh_mfa() -> Iterator[Shape]:
    age = "aws:MultiFactorAuthAge"
    for word in ("NumericLessThan", "NumericLessThanEquals"):
        when = until(word, age, "3600")
        yield f"{word}", Scene(bucket=(opens_bucket(ROOT_B, when),), key=(opens_key(),)), REFUTED
        yield (
            f"{word} in the key",
            Scene(bucket=(opens_bucket(ROOT_B),), key=(opens_key("*", when),)),
            REFUTED,
        )
        yield f"{word}, key shut", Scene(bucket=(opens_bucket(ROOT_B, when),)), PROVEN
        with_mfa = {**when, "Bool": {"aws:MultiFactorAuthPresent": "true"}}
        yield (
            f"{word} and present",
            Scene(bucket=(opens_bucket(ROOT_B, with_mfa),), key=(opens_key(),)),
            REFUTED,
        )
        narrow = {**when, "NumericGreaterThan": {age: "7200"}}
        yield f"{word}, and older", Scene(bucket=(opens_bucket(ROOT_B, narrow),), key=(opens_key(),)), PROVEN
        tight = {"NumericLessThan": {age: "2"}, "NumericGreaterThan": {age: "0"}}
        yield f"{word}, one second", Scene(bucket=(opens_bucket(ROOT_B, tight),), key=(opens_key(),)), REFUTED


def own_trail() -> Iterator[Shape]:
    own = "arn:aws:cloudtrail:*:${aws:PrincipalAccount}:trail/*"
    for word, pattern in (("StringLike", own), ("ArnLike", own), ("StringLike", own.replace("*", "eu-*", 1))):
        when = {word: {TRAIL_PAIR: pattern}}
        key = {"key": (opens_key("*", when),)}
        yield f"{word} {pattern}", with_x(S3, **key), REFUTED
        yield f"{word} {pattern}, x cannot fetch", with_x(**key), PROVEN
        yield f"{word} {pattern} in IAM", with_x(S3, may("kms:Decrypt", when), key=(DELEGATES,)), REFUTED
        closed = {word: {TRAIL_PAIR: pattern.replace("trail/*", "trail/other-*")}}
        yield f"{word} {pattern}, another trail", with_x(S3, key=(opens_key("*", closed),)), PROVEN
    theirs = {"StringLike": {TRAIL_PAIR: f"arn:aws:cloudtrail:*:{B}:trail/*"}}
    yield "the trails of B", with_x(S3, key=(opens_key("*", theirs),)), PROVEN


def by_tag() -> Iterator[Shape]:
    tag = "aws:ResourceTag/data"
    words = (
        ("StringEquals", "public", PROVEN, REFUTED),
        ("StringLike", "pub*", PROVEN, REFUTED),
        ("StringEqualsIgnoreCase", "PUBLIC", PROVEN, REFUTED),
        ("StringEqualsIfExists", "public", REFUTED, REFUTED),
        ("StringNotEquals", "public", REFUTED, PROVEN),
        ("Null", "true", REFUTED, PROVEN),
    )
    for word, value, without, with_public in words:
        decrypts = may("kms:Decrypt", {word: {tag: value}})
        yield f"{word}, no tag", with_x(S3, decrypts, key=(DELEGATES,)), without
        tagged = with_x(S3, decrypts, key=(DELEGATES,), tags={"data": "public"})
        yield f"{word}, the tag", tagged, with_public
    inside = {"StringEquals": {"aws:PrincipalAccount": A, tag: "public"}}
    yield "in the key, no tag", with_x(S3, key=(opens_key("*", inside),)), PROVEN
    yield "in the key, the tag", with_x(S3, key=(opens_key("*", inside),), tags={"data": "public"}), REFUTED


def by_alias() -> Iterator[Shape]:
    key = "kms:ResourceAliases"
    words = (
        ("ForAnyValue:StringEquals", "alias/app", PROVEN, REFUTED, PROVEN),
        ("ForAnyValue:StringLike", "alias/ap*", PROVEN, REFUTED, PROVEN),
        ("ForAllValues:StringEquals", "alias/app", PROVEN, REFUTED, REFUTED),
        ("ForAnyValue:StringNotEquals", "alias/app", REFUTED, PROVEN, PROVEN),
    )
    for word, value, another, same, none in words:
        scene = with_x(S3, may("kms:Decrypt", {word: {key: value}}), key=(DELEGATES,))
        yield f"{word}, another", replace(scene, aliases=("alias/trail",)), another
        yield f"{word}, the same", replace(scene, aliases=("alias/app",)), same
        if word != "ForAnyValue:StringNotEquals":  # without a value: AWS's page leaves the negated one open
            yield f"{word}, none", scene, none


ROWS = (
    as_it_stands,
    over_tls,
    in_the_organization,
    in_the_network,
    own_folders,
    own_account,
    same_tag,
    organization_paths,
    until_a_date,
    until_a_number,
    fresh_mfa,
    own_trail,
    by_tag,
    by_alias,
)
NAMES: tuple[dict[str, str], ...] = (
    {},
    {r"role/reader\b": "role/soc/Reader-1", B: "999911112222", r"\bdata\b": "Data class"},
    {r"role/x\b": "role/team/a.b/x+y@z", r"\bo-a\b": "o-0123456789", r"\bblue\b": "deep blue"},
)


def renamed(scene: Scene, names: dict[str, str]) -> Scene:
    """The same estate with other names."""

    def other(text: str) -> str:
        for old, new in names.items():
            text = re.sub(old, new, text)
        return text

    def again(part: Any, kind: Any) -> Any:
        return msgspec.json.decode(other(msgspec.json.encode(part).decode()), type=kind)

    statements = {
        part: tuple(json.loads(other(json.dumps(getattr(scene, part)))))
        for part in ("key", "bucket", "base_key", "base_bucket")
    }
    return replace(
        scene,
        **statements,
        people=again(scene.people, tuple[Principal, ...]),
        base_people=again(scene.base_people, tuple[Principal, ...]),
        grants=again(scene.grants, tuple[Grant, ...]),
        tags=again(scene.tags, dict[str, str]),
        scp=again(scene.scp, tuple[tuple[str, ...], ...]),
        organization=again(scene.organization or NO_ORGANIZATION, Organization | NoOrganization),
        listed=again(scene.listed, tuple[str, ...]),
    )


def variations() -> Iterator[Variation]:
    """Every shape under two sets of names or three; the statements turned round with each second one."""
    for row in ROWS:
        for count, (label, scene, verdict) in enumerate(row()):
            for number in {0, 1 + count % 2, 1 + count % 4 // 2}:
                told = replace(renamed(scene, NAMES[number]), turned=(count + number) % 2 == 1)
                name = f"{row.__name__}: {label} (names {number})"
                yield Variation(name=name, scene=told, verdict=verdict)
