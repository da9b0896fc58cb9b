"""
The fifteen realistic estates, each with the verdict that a person gives it, and why.

`world` is what a PROVEN must be over: any principal that may ever exist, or those that were read.
"""

from __future__ import annotations

from dataclasses import dataclass

from estates.build import (
    BUCKET,
    DELEGATES,
    ROOT_B,
    S3,
    TRAIL_PAIR,
    A,
    Scene,
    deny,
    in_organization,
    may,
    opens_bucket,
    opens_key,
    person,
    trusts,
)

OPEN, CLOSED = "open world", "closed inventory"
PATHS = [f"o-a/r-ab12/ou-ab12-{n}/*" for n in range(6)]
SAME_TAG = {"StringEquals": {"aws:PrincipalAccount": A, "aws:PrincipalTag/p": "${aws:ResourceTag/p}"}}
PLAIN_X = person("role/x", S3)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One estate. `open_world` is the verdict where nothing but the open world will do."""

    name: str
    scene: Scene
    verdict: str
    because: str
    world: str = ""
    open_world: str = ""


def everywhere(what: object) -> dict[str, object]:
    return {"StringLike": {TRAIL_PAIR: what}}


FIFTEEN = (
    Row(name="1 as it stands", scene=Scene(), verdict="PROVEN", world=OPEN, because="nobody else decrypts"),
    Row(
        name="2 only over TLS",
        scene=Scene(bucket=(deny("*", "s3:*", {"Bool": {"aws:SecureTransport": "false"}}),)),
        verdict="PROVEN",
        world=OPEN,
        because="a Deny opens nothing",
    ),
    Row(
        name="3 only our organization",
        scene=Scene(
            bucket=(
                deny(
                    "*",
                    "s3:*",
                    {
                        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a"},
                        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
                    },
                ),
            )
        ),
        verdict="PROVEN",
        world=OPEN,
        because="a Deny opens nothing",
    ),
    Row(
        name="4 only our network",
        scene=Scene(
            bucket=(
                deny(
                    "*",
                    "s3:*",
                    {
                        "StringNotEqualsIfExists": {"aws:SourceVpc": "vpc-1a2b3c4d"},
                        "NotIpAddressIfExists": {"aws:SourceIp": ["192.0.2.0/24", "2001:db8::/32"]},
                        "BoolIfExists": {"aws:ViaAWSService": "false"},
                    },
                ),
            )
        ),
        verdict="PROVEN",
        world=OPEN,
        because="a Deny opens nothing",
    ),
    Row(
        name="5 each account its own folder",
        scene=Scene(
            bucket=(
                opens_bucket(
                    "*",
                    {"StringEquals": {"aws:PrincipalOrgID": "o-a"}},
                    on=f"arn:aws:s3:::{BUCKET}/AWSLogs/${{aws:PrincipalAccount}}/*",
                ),
            ),
            organization=in_organization("111122223333"),
        ),
        verdict="PROVEN",
        world=OPEN,
        because="the key is shut to them; the bucket need not be decided",
    ),
    Row(
        name="6 only the bucket's own account",
        scene=Scene(
            bucket=(
                deny("*", "s3:*", {"StringNotEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}}),
            )
        ),
        verdict="PROVEN",
        world=OPEN,
        because="a Deny, and the key is shut",
    ),
    Row(
        name="7 tag is tag, and the key has none",
        scene=Scene(key=(opens_key("*", SAME_TAG),), people=(PLAIN_X,)),
        verdict="PROVEN",
        world=OPEN,
        because="a variable without a value matches nothing",
    ),
    Row(
        name="7 tag is tag, and x has it",
        scene=Scene(
            key=(opens_key("*", SAME_TAG),),
            people=(person("role/x", S3, tags={"p": "blue"}),),
            tags={"p": "blue"},
        ),
        verdict="REFUTED",
        because="x has the key's tag",
    ),
    Row(
        name="7 tag is tag, and a session of x may be tagged",
        scene=Scene(
            key=(opens_key("*", SAME_TAG),),
            people=(person("role/x", S3, trust=trusts(ROOT_B, ["sts:AssumeRole", "sts:TagSession"])),),
            tags={"p": "blue"},
        ),
        verdict="REFUTED",
        because="a session brings the tag",
    ),
    Row(
        name="7 tag is tag, and x has another",
        scene=Scene(
            key=(opens_key("*", SAME_TAG),),
            people=(person("role/x", S3, tags={"p": "red"}),),
            tags={"p": "blue"},
        ),
        verdict="PROVEN",
        world=CLOSED,
        open_world="REFUTED",
        because="nobody that was read has the key's tag",
    ),
    Row(
        name="8 six paths of the organization",
        scene=Scene(
            key=(opens_key("*", {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": PATHS}}),),
            bucket=(opens_bucket("*", {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": PATHS}}),),
            organization=in_organization("111122223333"),
        ),
        verdict="REFUTED",
        because="a principal of any of them reads",
    ),
    Row(
        name="9 B fetches until a date in epoch seconds",
        scene=Scene(bucket=(opens_bucket(ROOT_B, {"DateLessThan": {"aws:CurrentTime": "1830297600"}}),)),
        verdict="PROVEN",
        world=OPEN,
        because="the key is shut to B",
    ),
    Row(
        name="10 B reads until an ISO date",
        scene=Scene(
            key=(opens_key(),),
            bucket=(opens_bucket(ROOT_B, {"DateLessThan": {"aws:CurrentTime": "2028-01-01T00:00:00Z"}}),),
        ),
        verdict="REFUTED",
        because="now is before it",
    ),
    Row(
        name="11 B reads until a number of seconds",
        scene=Scene(
            key=(opens_key(),),
            bucket=(opens_bucket(ROOT_B, {"NumericLessThan": {"aws:EpochTime": "1830297600"}}),),
        ),
        verdict="REFUTED",
        because="now is before it",
    ),
    Row(
        name="12 B reads with fresh MFA",
        scene=Scene(
            key=(opens_key(),),
            bucket=(opens_bucket(ROOT_B, {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}),),
        ),
        verdict="REFUTED",
        because="somebody of B with MFA",
    ),
    Row(
        name="13 each account its own trail",
        scene=Scene(
            key=(opens_key("*", everywhere("arn:aws:cloudtrail:*:${aws:PrincipalAccount}:trail/*")),),
            people=(PLAIN_X,),
        ),
        verdict="REFUTED",
        because="the trail is A's, x is A's",
    ),
    Row(
        name="14 IAM, by the key's tag",
        scene=Scene(
            key=(DELEGATES,),
            people=(
                person(
                    "role/x",
                    S3,
                    may("kms:Decrypt", {"StringEquals": {"aws:ResourceTag/data": "public"}}),
                ),
            ),
            tags={"owner": "security"},
        ),
        verdict="PROVEN",
        world=CLOSED,
        open_world="REFUTED",
        because="the snapshot fixes it",
    ),
    Row(
        name="15 IAM, by the key's alias",
        scene=Scene(
            key=(DELEGATES,),
            people=(
                person(
                    "role/x",
                    S3,
                    may("kms:Decrypt", {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/app"}}),
                ),
            ),
            aliases=("alias/trail",),
        ),
        verdict="PROVEN",
        world=CLOSED,
        open_world="REFUTED",
        because="the snapshot fixes it",
    ),
)
