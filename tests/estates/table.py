"""
Operators by keys by principals by places: for each combination an estate that one test decides.

The first estate lets somebody in only where the test holds; the second takes the same back by the
same test in a Deny, so that nobody at all reads in it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

from estates.build import (
    DELEGATES,
    OBJECTS,
    REGION,
    ROOT_B,
    S3,
    TRAIL,
    TRAIL_PAIR,
    A,
    B,
    Scene,
    deny,
    iam,
    may,
    opens_bucket,
    opens_key,
    person,
    policy,
    sts,
)

FAMILIES: dict[str, str] = {
    "StringEquals": "",
    "StringNotEquals": "",
    "StringEqualsIgnoreCase": "",
    "StringNotEqualsIgnoreCase": "",
    "StringLike": "",
    "StringNotLike": "",
    "NumericEquals": "3",
    "NumericNotEquals": "3",
    "NumericLessThan": "3",
    "NumericLessThanEquals": "3",
    "NumericGreaterThan": "3",
    "NumericGreaterThanEquals": "3",
    "DateEquals": "2027-06-01T00:00:00Z",
    "DateNotEquals": "2027-06-01T00:00:00Z",
    "DateLessThan": "2027-06-01T00:00:00Z",
    "DateLessThanEquals": "1811808000",
    "DateGreaterThan": "2027-06-01T00:00:00Z",
    "DateGreaterThanEquals": "2027-06-01",
    "Bool": "true",
    "BinaryEquals": "QUJD",
    "IpAddress": "192.0.2.0/24",
    "NotIpAddress": "192.0.2.0/24",
    "ArnEquals": "arn:aws:iam::*:role/ops",
    "ArnLike": "arn:aws:iam::*:role/ops",
    "ArnNotEquals": "arn:aws:iam::*:role/ops",
    "ArnNotLike": "arn:aws:iam::*:role/ops",
    "Null": "false",
}
"""Each operator with a value of its family; "" takes the key's own."""
PREFIXES, SUFFIXES = ("", "ForAnyValue:", "ForAllValues:"), ("", "IfExists")
OPERATORS = tuple(
    f"{prefix}{operator}{suffix}"
    for operator in FAMILIES
    for prefix in PREFIXES
    for suffix in SUFFIXES
    if operator != "Null" or not (prefix or suffix)
)
KEYS: dict[str, str] = {
    "aws:PrincipalArn": f"arn:aws:iam::{B}:role/ops",
    "aws:PrincipalAccount": B,
    "aws:PrincipalOrgID": "o-a",
    "aws:PrincipalOrgPaths": "o-a/r-1/ou-1/",
    "aws:PrincipalTag/level": "3",
    "aws:PrincipalType": "AssumedRole",
    "aws:PrincipalIsAWSService": "true",
    "aws:PrincipalServiceName": "macie.amazonaws.com",
    "aws:PrincipalServiceNamesList": "macie.amazonaws.com",
    "aws:username": "svc-1",
    "aws:userid": "AROAZZZZZZZZ:any",
    "kms:CallerAccount": B,
    "aws:SourceIp": "192.0.2.7",
    "aws:SourceVpce": "vpce-1a2b3c4d",
    "aws:MultiFactorAuthPresent": "true",
    "aws:MultiFactorAuthAge": "3",
    "aws:CurrentTime": "2027-06-01T00:00:00Z",
    "aws:EpochTime": "1811808000",
    "aws:UserAgent": "Backup/1",
    "s3:TlsVersion": "1.3",
    "aws:SecureTransport": "true",
    "aws:RequestedRegion": REGION,
    "aws:ViaAWSService": "true",
    "aws:CalledVia": "s3.amazonaws.com",
    "aws:CalledViaLast": "s3.amazonaws.com",
    "kms:ViaService": f"s3.{REGION}.amazonaws.com",
    TRAIL_PAIR: TRAIL,
    "kms:EncryptionContextKeys": "aws:s3:arn",
    "kms:ResourceAliases": "alias/trail",
    "aws:ResourceTag/data": "log",
    "aws:ResourceAccount": A,
    "aws:SourceArn": TRAIL,
}
PRINCIPALS: dict[str, object] = {
    "everybody": "*",
    "an account": ROOT_B,
    "a user": iam("user/svc-1", B),
    "a role": iam("role/ops", B),
    "a session": sts("assumed-role/ops/any", B),
    "a federated user": sts("federated-user/f", B),
    "a service": {"Service": "macie.amazonaws.com"},
}
ON_RESOURCE = ("key", "bucket", "key's Deny", "bucket's Deny")
IN_IAM = ("identity", "boundary", "SCP", "identity's Deny")
OWN = {"a user of ours": "user/svc-1", "a role of ours": "role/x"}
PLACES = tuple(itertools.product(ON_RESOURCE, PRINCIPALS)) + tuple(itertools.product(IN_IAM, OWN))
TESTS = tuple(itertools.product(KEYS, OPERATORS))
SIZE = len(TESTS) * len(PLACES)
STEP = next(n for n in range(SIZE * 5 // 8, SIZE) if math.gcd(n, SIZE) == 1)
"""Walking the table by this step comes by every combination once, and mixes them from the start."""
When = dict[str, dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class Combination:
    """One cell: who may read in `opened` only where the test holds; in `shut` nobody does."""

    name: str
    opened: Scene
    shut: Scene


def combination(number: int) -> Combination:
    """The cell of a number, walking the table so that near numbers are far cells."""
    cell = number * STEP % SIZE
    (key, operator), (place, principal) = TESTS[cell // len(PLACES)], PLACES[cell % len(PLACES)]
    bare = operator.removesuffix("IfExists").rpartition(":")[2]
    value = FAMILIES[bare] or (KEYS[key][:-1] + "*" if "Like" in bare else KEYS[key])
    when: When = {operator: {key: value}}
    build = _on_resource if place in ON_RESOURCE else _in_iam
    opened, shut = build(place, principal, when)
    return Combination(name=f"{operator} {key} of {principal} in the {place}", opened=opened, shut=shut)


FACTS = {"tags": {"data": "log"}, "aliases": ("alias/trail",)}


def _on_resource(place: str, principal: str, when: When) -> tuple[Scene, Scene]:
    who = PRINCIPALS[principal]
    key, bucket = opens_key(who), opens_bucket(who)
    no_key, no_bucket = deny("*", "kms:*", when), deny("*", "s3:*", when, on=OBJECTS)
    if place == "key":
        opened = Scene(key=(opens_key(who, when),), bucket=(bucket,), **FACTS)
        return opened, Scene(key=(opens_key(who, when), no_key), bucket=(bucket,), **FACTS)
    if place == "bucket":
        opened = Scene(key=(key,), bucket=(opens_bucket(who, when),), **FACTS)
        return opened, Scene(key=(key,), bucket=(opens_bucket(who, when), no_bucket), **FACTS)
    if place == "key's Deny":
        opened = Scene(key=(key, no_key), bucket=(bucket,), **FACTS)
        return opened, Scene(key=(opens_key(who, when), no_key), bucket=(bucket,), **FACTS)
    opened = Scene(key=(key,), bucket=(bucket, no_bucket), **FACTS)
    return opened, Scene(key=(key,), bucket=(opens_bucket(who, when), no_bucket), **FACTS)


def _in_iam(place: str, principal: str, when: When) -> tuple[Scene, Scene]:
    name = OWN[principal]
    decrypts, sometimes, never = may("kms:*"), may("kms:*", when), deny(None, "kms:*", when)
    powers = {
        "identity": (S3, sometimes),
        "boundary": (S3, decrypts),
        "SCP": (S3, decrypts),
        "identity's Deny": (S3, decrypts, never),
    }[place]
    boundary = (S3, sometimes) if place == "boundary" else None
    scp = ((policy(may("s3:*"), sometimes),),) if place == "SCP" else ()
    x = person(name, *powers, boundary=boundary)
    walled = person(name, S3, sometimes, never, boundary=boundary)
    opened = Scene(key=(DELEGATES,), people=(x,), scp=scp, **FACTS)
    return opened, Scene(key=(DELEGATES,), people=(walled,), scp=scp, **FACTS)


def combinations(first: int, count: int) -> Iterator[Combination]:
    """So many cells of the walk."""
    return (combination(number % SIZE) for number in range(first, first + count))
