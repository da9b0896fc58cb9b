"""`who` over several accounts, compared with real downloads by principals of each."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labs import RunningLab

OURS, ARCHIVE, BUCKET = "123456789012", "333333333333", "example-archive-logs"
ADMIN, AUDITOR = (f"arn:aws:iam::{ARCHIVE}:role/{name}" for name in ("admin", "auditor"))
OPERATOR = f"arn:aws:iam::{OURS}:user/operator"
TRAIL = ("--trail", "organization-events")


@pytest.fixture
def lab(fresh_lab: Callable[..., RunningLab]) -> RunningLab:
    return fresh_lab("multi")


def asked(lab: RunningLab, *options: str, exits: int = 0, **principals: str) -> dict[str, Any]:
    done = lab.trailseal_as(lab.profiles(**principals), "who", *options, "--format", "json")
    assert done.returncode == exits, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)["trails"][0]
    return answer


def access(answer: dict[str, Any]) -> dict[str, str]:
    return {r["principal"]: r["access"] for r in answer["readings"]}


def newest(lab: RunningLab) -> str:
    found = lab.client("s3", ADMIN).list_objects_v2(Bucket=BUCKET)["Contents"]
    return next(o["Key"] for o in found if o["Key"].endswith(".json.gz"))


def downloads(lab: RunningLab, principal: str, key: str) -> bool:
    try:
        lab.client("s3", principal).get_object(Bucket=BUCKET, Key=key)["Body"].read()
    except ClientError:
        return False
    return True


def test_the_principals_of_the_bucket_s_account_count_once_its_profile_is_given(lab: RunningLab) -> None:
    alone = asked(lab, *TRAIL, exits=4)
    both = asked(lab, *TRAIL, "--also-profile", "archive", archive=ADMIN)
    key = newest(lab)

    assert ADMIN not in access(alone)
    assert set(access(alone).values()) == {"unknown"}
    assert {p: access(both)[p] == "can read" for p in (ADMIN, AUDITOR, OPERATOR)} == {
        p: downloads(lab, p, key) for p in (ADMIN, AUDITOR, OPERATOR)
    }
    assert both["unread"] == []


def test_the_bar_counts_readers_of_the_other_account(lab: RunningLab) -> None:
    """The key is ours and lets the archive's account in; its administrators read, and none of ours does."""
    key = lab.client("kms").create_key(
        Policy=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": sid,
                        "Effect": "Allow",
                        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
                        "Action": actions,
                        "Resource": "*",
                    }
                    for sid, account, actions in (
                        ("Ours", OURS, "kms:*"),
                        ("Archive", ARCHIVE, "kms:Decrypt"),
                    )
                ],
            }
        )
    )["KeyMetadata"]["Arn"]
    policy = lab.home / "policy.json"
    policy.write_text(lab.client("kms").get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    environment = lab.profiles(archive=ADMIN)
    command = ("who", *TRAIL, "--also-profile", "archive", "--as-of-policy", str(policy))
    shown = lab.trailseal_as(environment, *command).stdout

    assert "of other accounts that can read" in shown


def test_an_object_is_looked_at_by_the_account_that_may(lab: RunningLab) -> None:
    key = newest(lab)
    refused = lab.trailseal_as(lab.profiles(), "who", *TRAIL, "--object", key)
    answer = asked(lab, *TRAIL, "--object", key, "--also-profile", "archive", archive=ADMIN)

    assert (refused.returncode, key in refused.stderr) == (2, True)
    assert answer["target"]["key"] == key


def test_an_organization_s_policy_over_the_further_account_counts(lab: RunningLab) -> None:
    """The member may not read it itself; the management account's credentials do."""
    organizations = lab.client("organizations")
    root = organizations.list_roots()["Roots"][0]["Id"]
    organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    no_s3 = {"Effect": "Deny", "Action": "s3:GetObject*", "Resource": "*"}
    but = {"ArnNotLike": {"aws:PrincipalArn": AUDITOR}}
    made = organizations.create_policy(
        Name="few-readers",
        Description="",
        Type="SERVICE_CONTROL_POLICY",
        Content=json.dumps({"Version": "2012-10-17", "Statement": [no_s3 | {"Condition": but}]}),
    )
    organizations.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=ARCHIVE)
    key = newest(lab)
    answer = asked(lab, *TRAIL, "--also-profile", "archive", archive=ADMIN)

    assert {p: access(answer)[p] == "can read" for p in (ADMIN, AUDITOR)} == {ADMIN: False, AUDITOR: True}
    assert {p: downloads(lab, p, key) for p in (ADMIN, AUDITOR)} == {ADMIN: False, AUDITOR: True}


def test_a_saved_snapshot_holds_the_further_account_too(lab: RunningLab) -> None:
    saved = str(lab.home / "both.json")
    further = ("--also-profile", "archive")
    lab.trailseal_as(lab.profiles(archive=ADMIN), "who", "--save", saved, *further)
    live = asked(lab, *TRAIL, *further, archive=ADMIN)
    lab.stop()
    offline = asked(lab, *TRAIL, "--snapshot", saved)

    assert access(offline) == access(live)


def test_an_account_saved_alone_does_not_tell_what_its_organization_denies(lab: RunningLab) -> None:
    ours, theirs = (str(lab.home / name) for name in ("ours.json", "archive.json"))
    environment = lab.profiles(archive=ADMIN)
    lab.trailseal_as(environment, "who", "--save", ours)
    lab.trailseal_as(environment, "who", "--save", theirs, "--profile", "archive")
    answer = asked(lab, *TRAIL, "--snapshot", ours, "--snapshot", theirs, exits=4)

    assert (access(answer)[ADMIN], access(answer)[OPERATOR]) == ("unknown", "cannot read")
    assert [u["call"] for u in answer["unread"]] == ["organizations:ListPoliciesForTarget"]


def test_a_proof_holds_over_the_principals_of_both_accounts(lab: RunningLab) -> None:
    def proved(*only: str) -> int:
        options = [part for arn in only for part in ("--only", arn)]
        environment = lab.profiles(archive=ADMIN)
        command = ("who", *TRAIL, "--also-profile", "archive", "--prove", *options)
        return lab.trailseal_as(environment, *command).returncode

    root = f"arn:aws:iam::{ARCHIVE}:root"

    assert proved(ADMIN, root) == 3
    assert proved(ADMIN, AUDITOR, root) == 0


def test_what_reads_no_account_takes_no_profile(lab: RunningLab) -> None:
    saved = lab.home / "seen.json"
    lab.trailseal("check", "--save", str(saved))
    for options, words in (
        (("--snapshot", str(saved), "--also-profile", "archive"), "--also-profile"),
        (("--snapshot", str(saved), "--snapshot", str(saved)), "holds no principals"),
        (("--also-profile", "nowhere"), "nowhere"),
    ):
        done = lab.trailseal("who", *options)
        assert (done.returncode, words in done.stderr, len(done.stderr.splitlines())) in {
            (code, True, lines) for code in (1, 2) for lines in (1, 2)
        }, done.stderr


def test_an_account_with_no_trail_saves_its_principals(lab: RunningLab) -> None:
    saved = lab.home / "lone.json"
    lab.client("cloudtrail").delete_trail(Name="organization-events")
    done = lab.trailseal_as(lab.profiles(archive=ADMIN), "who", "--profile", "archive", "--save", str(saved))

    assert (done.returncode, ARCHIVE in done.stderr) == (0, True)
    assert ADMIN in saved.read_text()
