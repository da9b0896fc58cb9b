"""apply and undo as processes: faults at random calls, SIGKILL at random moments, log files that go on."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from itertools import count

import pytest

from lab.test_switch_verbs import ALIAS, BUCKET, add_trail, made_keys, planned, trail_key, trailseal

NIGHTLY = bool(os.environ.get("TRAILSEAL_NIGHTLY"))
COURSES = 20 if NIGHTLY else 2
KINDS = ("throttle", "500", "500-after", "503", "drop", "dropped-after", "denied", "expired", "html", "cut")
CALLS = (
    "CreateKey",
    "CreateAlias",
    "EnableKeyRotation",
    "UpdateTrail",
    "GetTrail",
    "DescribeKey",
    "ListKeys",
)
QUICK = ("--yes", "--no-wait", "--settle", "2")


class Course:
    """One account, the processes that change it, and the log files that arrive meanwhile."""

    def __init__(self, lab, chance):
        self.lab, self.chance = lab, chance
        self.path = planned(lab)
        self.homes = count()
        self.delivered: set[str] = set()

    def log_files_arrive(self):
        """Let a cycle pass: a log file arrives, under the key that the trail has, which is the plan's."""
        self.lab.tick()
        found = self.lab.client("s3").list_objects_v2(Bucket=BUCKET, Prefix="AWSLogs/")["Contents"]
        new = [each for each in found if "/CloudTrail/" in each["Key"] and each["Key"] not in self.delivered]
        assert new
        self.delivered.update(each["Key"] for each in new)
        last = max(each["LastModified"] for each in new)  # in whole seconds: there may be two
        newest = [each["Key"] for each in new if each["LastModified"] == last]
        heads = [self.lab.client("s3").head_object(Bucket=BUCKET, Key=name) for name in newest]
        assert trail_key(self.lab) in {told.get("SSEKMSKeyId", "") for told in heads}
        assert trail_key(self.lab) in {"", *made_keys(self.lab)}

    def environment(self, *, elsewhere):
        home = {"TRAILSEAL_HOME": str(self.lab.home / f"home-{next(self.homes)}")} if elsewhere else {}
        return {**self.lab.environment(), **home}

    def killed(self, *words, elsewhere):
        """Start a process and kill it some time later, if it is not through by then."""
        command = [sys.executable, "-m", "trailseal", *words]
        environment, quiet = self.environment(elsewhere=elsewhere), subprocess.DEVNULL
        with subprocess.Popen(command, env=environment, stderr=quiet, stdout=quiet) as running:
            time.sleep(self.chance.uniform(0.4, 2.0))
            running.kill()

    def ended(self, *words, elsewhere):
        return trailseal(self.lab, *words, environment=self.environment(elsewhere=elsewhere))


@pytest.mark.parametrize("seed", range(COURSES))
def test_after_faults_and_kills_there_is_one_key_and_log_files_arrive(lab, seed):
    chance = random.Random(f"course {seed}")  # noqa: S311 - a seeded course
    add_trail(lab)
    course = Course(lab, chance)
    course.log_files_arrive()
    lab.fault("slow", seconds=0.03, count=10_000)

    for _ in range(2):
        course.killed("apply", course.path, *QUICK, elsewhere=chance.random() < 0.5)
        course.log_files_arrive()
    trailseal(lab, "lab", "fault", "clear")
    kind = chance.choice(KINDS)
    lab.fault(kind, operation=chance.choice(CALLS), skip=chance.randrange(3), count=chance.choice((1, 9)))
    struck = course.ended("apply", course.path, *QUICK, elsewhere=chance.random() < 0.5)
    course.log_files_arrive()
    trailseal(lab, "lab", "fault", "clear")
    done = course.ended("apply", course.path, *QUICK, elsewhere=chance.random() < 0.5)
    course.log_files_arrive()

    assert "Traceback" not in struck.stderr
    assert struck.returncode in {0, 1, 4}
    assert done.returncode == 0, done.stderr
    named = {
        each["AliasName"]: each.get("TargetKeyId") for each in lab.client("kms").list_aliases()["Aliases"]
    }
    (own,) = made_keys(lab)
    assert own.endswith(str(named[ALIAS]))
    assert trail_key(lab) == own

    undone = course.ended("undo", course.path, "--yes", elsewhere=True)
    course.log_files_arrive()

    assert undone.returncode == 0, undone.stderr
    assert (made_keys(lab), trail_key(lab)) == ([own], "")
