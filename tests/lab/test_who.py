"""`who`, its proof and the restriction on the lab, compared with real downloads by each principal."""

from __future__ import annotations

import base64
import gzip
import json

import pytest
from botocore.exceptions import ClientError

from key_policies import ACCOUNT, console

REGION = "ap-northeast-1"
BUCKET = "trail-logs"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
USER1 = f"arn:aws:iam::{ACCOUNT}:user/user1"
ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
ROLE1 = f"arn:aws:iam::{ACCOUNT}:role/Role1"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/Role1/User1"
OTHER_SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/Role1/Other"
ADMINISTRATOR = f"arn:aws:iam::{ACCOUNT}:role/Administrator"
ADMINISTERING = f"arn:aws:sts::{ACCOUNT}:assumed-role/Administrator/lab"
ADMIN_POLICY = "arn:aws:iam::aws:policy/AdministratorAccess"
CONTENT = gzip.compress(b'{"Records": []}')
LOG_FILE = (
    f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/2026/11/23/{ACCOUNT}_CloudTrail_{REGION}_20261123T0000Z_x.json.gz"
)
ASKS_AS = {
    ALICE: ALICE,
    USER1: USER1,
    ROLE1: OTHER_SESSION,
    SESSION: SESSION,
    ADMINISTRATOR: ADMINISTERING,
}
"""Who downloads for each principal that `who` tells of: a role's other sessions for the role."""


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def narrowed():
    """Both decrypt statements name user1, and the delegation is left to a session; root administers."""
    document = json.loads(console(reader=USER1, cross=USER1))
    document["Statement"][0]["Principal"] = {"AWS": SESSION}
    manage = {"Action": ["kms:Put*", "kms:Describe*", "kms:Get*", "kms:List*"], "Resource": "*"}
    document["Statement"].append({"Sid": "Manage", "Effect": "Allow", "Principal": {"AWS": ROOT}, **manage})
    return json.dumps(document)


POLICIES = {
    "console": (console(), {ALICE, USER1, ROLE1, SESSION, ADMINISTRATOR}),
    "published restriction": (console(reader=USER1), {ALICE, USER1, ROLE1, SESSION, ADMINISTRATOR}),
    "cross-account statement narrowed too": (
        console(reader=USER1, cross=USER1),
        {USER1, SESSION, ADMINISTRATOR},
    ),
    "delegation narrowed too": (narrowed(), {USER1, SESSION}),
}


class Account:
    """The story's account on a lab."""

    def __init__(self, lab):
        self.lab = lab
        self._people()
        self.key = lab.client("kms").create_key(Policy=console())["KeyMetadata"]["Arn"]
        self._bucket()
        trail = lab.client("cloudtrail").create_trail(
            Name="management-events", S3BucketName=BUCKET, KmsKeyId=self.key
        )
        self.trail = trail["TrailARN"]
        self.deliver()

    def _people(self):
        fetch = policy({"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"})
        trusts = policy({"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "sts:AssumeRole"})
        iam = self.lab.client("iam")
        for name in ("alice", "user1"):
            iam.create_user(UserName=name)
            iam.put_user_policy(UserName=name, PolicyName="fetch", PolicyDocument=fetch)
        for name in ("Administrator", "Role1"):
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusts)
        iam.attach_role_policy(RoleName="Administrator", PolicyArn=ADMIN_POLICY)
        iam.put_role_policy(RoleName="Role1", PolicyName="fetch", PolicyDocument=fetch)

    def _bucket(self):
        s3 = self.lab.client("s3")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        service = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}}
        s3.put_bucket_policy(
            Bucket=BUCKET,
            Policy=policy(
                {**service, "Action": "s3:GetBucketAcl", "Resource": f"arn:aws:s3:::{BUCKET}"},
                {**service, "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{BUCKET}/AWSLogs/*"},
            ),
        )

    def deliver(self):
        """Put a log file with the context that CloudTrail gives it."""
        context = base64.b64encode(json.dumps({"aws:cloudtrail:arn": self.trail}).encode()).decode()
        self.lab.client("s3").put_object(
            Bucket=BUCKET,
            Key=LOG_FILE,
            Body=CONTENT,
            ServerSideEncryption="aws:kms",
            SSEKMSKeyId=self.key,
            SSEKMSEncryptionContext=context,
        )

    def put_policy(self, text):
        self.lab.client("kms").put_key_policy(KeyId=self.key, PolicyName="default", Policy=text)

    def downloads(self):
        """Those whose own download comes through."""
        return {who for who, asks_as in ASKS_AS.items() if self._can_download(asks_as)}

    def _can_download(self, principal):
        try:
            answer = self.lab.client("s3", principal).get_object(Bucket=BUCKET, Key=LOG_FILE)
        except ClientError as refused:
            if refused.response["Error"]["Code"] != "AccessDenied":
                raise
            return False
        return answer["Body"].read() == CONTENT

    def who(self, *arguments):
        done = self.lab.trailseal("who", "--format", "json", *arguments)
        return done.returncode, json.loads(done.stdout or "{}"), done.stderr

    def readers(self):
        _, answer, _ = self.who()
        found = {r["principal"]: r["access"] for r in answer["trails"][0]["readings"]}
        return {who for who in ASKS_AS if found[who] == "can read"}


@pytest.fixture
def account(lab):
    return Account(lab)


@pytest.mark.parametrize(("key_policy", "expected"), POLICIES.values(), ids=POLICIES)
def test_who_says_what_real_downloads_show(account, key_policy, expected):
    account.put_policy(key_policy)

    assert account.readers() == expected
    assert account.downloads() == expected


def test_the_bar_names_the_two_statements_that_let_everybody_in(account):
    done = account.lab.trailseal("who")

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].strip().endswith("principals of the account that were read can read")
    assert "`Enable cross account log decryption`" in done.stdout


@pytest.mark.parametrize("mode", ["grant", "perimeter"])
def test_a_restriction_closes_the_hole_and_is_proven(account, tmp_path, mode):
    plan = str(tmp_path / "plan.json")
    made = account.lab.trailseal(
        "plan", "--trail", account.trail, "--key", account.key, "--reader", USER1, "--reader-mode", mode,
        "--accept", "readers-lose-access", "--out", plan,
    )  # fmt: skip
    assert made.returncode == 3, made.stdout + made.stderr
    assert account.who("--prove", "--only", USER1)[0] == 3
    done = account.lab.trailseal("apply", plan, "--yes", "--no-wait")
    assert done.returncode == 0, done.stdout + done.stderr

    assert account.downloads() == {USER1}
    code, proof, problem = account.who("--prove", "--only", USER1)
    assert (code, proof["trails"][0]["proof"]["verdict"], proof["trails"][0]["proof"]["world"]) == (
        0,
        "PROVEN",
        "open world",
    ), problem


def test_a_refutation_replays_as_allowed(account):
    account.put_policy(console(reader=USER1))
    code, proof, _ = account.who("--prove", "--only", USER1)
    lines = [json.dumps(request) for request in proof["trails"][0]["requests"]]
    replayed = account.lab.trailseal("simulate", input="\n".join(lines) + "\n")

    assert code == 3
    assert len(lines) == 2 * len(proof["trails"][0]["readers"]) > 2
    assert {json.loads(line)["effect"] for line in replayed.stdout.splitlines()} == {"allowed"}


def test_a_plan_names_the_reader_that_would_break(account, tmp_path):
    plan = str(tmp_path / "plan.json")
    iam = account.lab.client("iam")
    iam.create_user(UserName="auditor")
    everywhere = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    iam.put_user_policy(UserName="auditor", PolicyName="s3", PolicyDocument=policy(everywhere))
    account.lab.client("cloudtrail").update_trail(Name=account.trail, KmsKeyId="")
    made = account.lab.trailseal("plan", "--out", plan, "--format", "json")
    told = account.lab.trailseal("who", "--plan", plan)

    assert made.returncode == 3, made.stderr
    assert "LOSE ACCESS" in told.stdout
    assert "user/auditor" in told.stdout.partition("LOSE ACCESS")[2].splitlines()[1]
