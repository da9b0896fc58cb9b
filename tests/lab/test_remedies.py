"""Every remedy that a check prints, typed as it stands in a shell: afterwards the check passes."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labs import RunningLab
from trailseal.controls.catalogue import CHECKS
from witnesses import program

BUCKET, TRAIL, ACCOUNT, HOME = (
    "example-cloudtrail-logs",
    "management-events",
    "123456789012",
    "ap-northeast-1",
)
NOT_MADE = {
    "TS101": "KMS keeps a key for a week at least",
    "TS103": "CloudTrail takes no key of another kind",
    "TS104": "CloudTrail takes no key of another Region",
    "S3.17": "the standards of the lab's Security Hub are those of its scenario",
}
"""Failures that nobody can bring about in the lab: `unit/controls/test_remedies.py` has their commands."""
COMMAND = re.compile(r"\b(?:aws|trailseal) (?!.*\bFILE\b).*$", re.DOTALL)


def command_in(finding: dict[str, Any]) -> str:
    """Return the command that a remedy ends in."""
    found = COMMAND.search(str(finding["remedy"]))
    assert found, finding
    return found[0]


TRIES, SECONDS = 30, 5


class Account:
    """A lab with a shell beside it, in which `aws` and `trailseal` are commands."""

    def __init__(self, lab: RunningLab) -> None:
        self.lab = lab
        self.bin = lab.home / "bin"
        self.bin.mkdir()
        (self.bin / "aws").symlink_to(program("awscli", "aws"))
        ours = self.bin / "trailseal"
        ours.write_text(f'#!/bin/sh\nexec {shlex.join(lab.forked.command)} "$@"\n')
        ours.chmod(0o755)
        self.plans = 0

    def client(self, service: str) -> Any:
        return self.lab.client(service)

    def found(self, *checks: str) -> dict[str, list[Any]]:
        """Return the findings of these checks on the one trail, by verdict."""
        named = [word for check in checks for word in ("--control", check)]
        done = self.lab.trailseal("check", "--format", "json", *named, "--no-hub")
        by: dict[str, list[Any]] = {}
        for row in json.loads(done.stdout)["findings"]:
            by.setdefault(row["finding"]["verdict"], []).append(row["finding"])
        return by

    def type(self, line: str) -> None:
        """Type a line as it stands; a plan is saved and applied, as its last line says."""
        if line.startswith("trailseal plan"):
            self.plans += 1
            plan = self.lab.home / f"plan-{self.plans}.json"
            self._run(f"{line} --out {plan}", 3, 4)
            self._run(f"trailseal apply {plan} --yes --no-wait", 0)
            return
        if line.startswith("trailseal"):
            self.lab.tick()
        self._run(line, 0)

    def _run(self, line: str, *codes: int) -> None:
        """Run a line, with deliveries going on meanwhile where it waits for them."""
        environment = self.lab.environment()
        running = subprocess.Popen(
            ["/bin/sh", "-c", line],
            env={**environment, "PATH": f"{self.bin}:{environment['PATH']}", "AWS_PAGER": ""},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(TRIES):
            try:
                out, errors = running.communicate(timeout=SECONDS)
                break
            except subprocess.TimeoutExpired:
                self.lab.tick()
        else:
            running.kill()
            out, errors = running.communicate()
        assert running.returncode in codes, f"{line}\n{out}\n{errors}"

    def mend(self, check: str) -> None:
        """See a check fail, type its remedy, let a delivery pass, and see it pass."""
        failed = self.found(check)["fail"]
        self.type(command_in(failed[0]))
        self.lab.tick(12)  # with the next digest file, of which an error stands as long
        assert set(self.found(check)) <= {"pass", "no_data"}, check


@pytest.fixture
def account(fresh_lab) -> Callable[[str], Account]:
    return lambda scenario: Account(fresh_lab(scenario))


def policy_of(account: Account) -> dict[str, Any]:
    return json.loads(account.client("s3").get_bucket_policy(Bucket=BUCKET)["Policy"])


def put_policy(account: Account, policy: dict[str, Any]) -> None:
    account.client("s3").put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy))


def deny(**more: Any) -> dict[str, Any]:
    return {
        "Sid": "NoWrites",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{BUCKET}/*",
        **more,
    }


def test_what_is_wrong_with_the_trail_is_mended_by_what_is_printed(account):
    story = account("story")
    cloudtrail = story.client("cloudtrail")

    cloudtrail.update_trail(Name=TRAIL, EnableLogFileValidation=False)
    story.mend("CloudTrail.4")
    assert "fail" not in story.found("TS106")

    story.mend("CloudTrail.5")
    assert set(story.found("TS109")) == {"pass"}

    role = story.client("iam")
    role.delete_role_policy(RoleName=f"CloudTrail-{TRAIL}", PolicyName="cloudtrail-to-cloudwatch-logs")
    story.lab.tick()
    story.mend("TS109")

    kept = cloudtrail.get_event_selectors(TrailName=TRAIL)["EventSelectors"][0]["DataResources"]
    cloudtrail.update_trail(Name=TRAIL, IsMultiRegionTrail=False)
    selectors = [
        {
            "ReadWriteType": "All",
            "ExcludeManagementEventSources": ["kms.amazonaws.com"],
            "IncludeManagementEvents": True,
            "DataResources": kept,
        }
    ]
    cloudtrail.put_event_selectors(TrailName=TRAIL, EventSelectors=selectors)
    story.mend("CloudTrail.1")
    given = cloudtrail.get_event_selectors(TrailName=TRAIL)["EventSelectors"]
    assert kept in [each["DataResources"] for each in given]

    cloudtrail.stop_logging(Name=TRAIL)
    story.mend("TS106")


def test_what_is_wrong_with_the_bucket_is_mended_by_what_is_printed(account):
    story = account("story")
    s3 = story.client("s3")
    story.mend("CloudTrail.7")

    whole = policy_of(story)
    public = {**deny(Sid="All", Effect="Allow", Action="s3:GetObject")}
    s3.delete_public_access_block(Bucket=BUCKET)
    put_policy(story, {**whole, "Statement": [*whole["Statement"], public]})
    story.mend("CloudTrail.6")

    reads = deny(Sid="Reads", Effect="Allow", Action="s3:GetObject", Principal={"AWS": ACCOUNT})
    for broken in (
        {**whole, "Statement": [reads]},
        {**whole, "Statement": [*whole["Statement"], deny()]},
        {**whole, "Statement": [*whole["Statement"], {k: v for k, v in deny().items() if k != "Sid"}]},
    ):
        put_policy(story, broken)
        story.lab.tick()
        assert story.found("TS106").get("fail")
        story.mend("TS108")
        story.lab.tick()
        assert "fail" not in story.found("TS106")

    put_policy(story, {**whole, "Statement": [reads]})
    story.lab.tick()
    story.mend("TS106")


def test_what_is_wrong_with_the_key_is_mended_by_what_is_printed(account):
    story = account("story")
    story.mend("CloudTrail.2")
    kms = story.client("kms")
    key = story.client("cloudtrail").get_trail(Name=TRAIL)["Trail"]["KmsKeyId"]
    policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    own = [each for each in policy["Statement"] if "AWS" in each["Principal"]]

    kms.disable_key_rotation(KeyId=key)
    story.mend("KMS.4")
    kms.disable_key(KeyId=key)
    story.mend("TS102")
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    story.lab.tick()
    story.mend("TS106")

    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps({**policy, "Statement": own}))
    story.mend("TS105")
    denying = {
        "Sid": "No",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "kms:GenerateDataKey*",
        "Resource": "*",
    }
    kms.put_key_policy(
        KeyId=key,
        PolicyName="default",
        Policy=json.dumps({**policy, "Statement": [*policy["Statement"], denying]}),
    )
    story.mend("TS105")


def test_right_after_a_switch_the_remedy_waits_for_the_next_delivery(account):
    story = account("story")
    plan = story.lab.home / "plan.json"
    story.lab.trailseal("plan", "--out", str(plan))
    assert story.lab.trailseal("apply", str(plan), "--yes", "--no-wait").returncode == 0

    story.mend("TS107")


def test_a_bucket_that_is_gone_is_made_again_by_what_is_printed(account):
    story = account("story")
    s3 = story.client("s3")
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=BUCKET):
        for kind in ("Versions", "DeleteMarkers"):
            for each in page.get(kind, ()):
                s3.delete_object(Bucket=BUCKET, Key=each["Key"])
    s3.delete_bucket(Bucket=BUCKET)

    story.mend("TS106")


def test_an_account_with_many_faults_is_mended_by_what_is_printed(account):
    broken = account("broken")
    for _ in range(5):
        failed = [
            each
            for each in broken.found("TS102", "TS105", "TS106", "TS108").get("fail", ())
            if "out-of-sight" not in each["subject"]
        ]
        if not failed:
            break
        broken.type(command_in(failed[0]))
        broken.lab.tick(2)

    assert not failed


def test_where_there_is_no_trail_one_is_made_by_what_is_printed(account):
    empty = account("empty")

    empty.mend("CloudTrail.1")


def test_each_check_fails_somewhere_here_or_it_is_said_why_not():
    seen = set(re.findall(r"mend\(\"([\w.]+)\"\)", Path(__file__).read_text()))

    assert seen | set(NOT_MADE) == set(CHECKS)
