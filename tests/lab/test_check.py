"""check, explain and permissions as commands against labs."""

from __future__ import annotations

import json
import re
from collections import Counter

import boto3
import pytest

BUCKET = "example-cloudtrail-logs"
TRAIL = "arn:aws:cloudtrail:ap-northeast-1:123456789012:trail/management-events"
CALL = re.compile(r"(\w+):(\w+) [a-z0-9-]+ \d* \d+ ms request ")


@pytest.fixture
def story(fresh_lab):
    return fresh_lab("story")


def checked(lab, *words, principal=""):
    done = lab.trailseal("check", "--format", "json", *words, principal=principal)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def verdicts(answer):
    return {row["finding"]["check"]: row["finding"]["verdict"] for row in answer["findings"]}


def test_the_story_fails_cloudtrail_2_and_security_hub_agrees(shared_lab):
    code, answer = checked(shared_lab("story"))

    row = next(r for r in answer["findings"] if r["finding"]["check"] == "CloudTrail.2")
    assert code == 3
    assert row["finding"]["verdict"] == "fail"
    assert row["security_hub"]["status"] == "FAILED"
    assert not row["security_hub"]["disagrees"]
    assert answer["scores"][0]["after"] > answer["scores"][0]["now"]


def test_text_ends_with_what_to_do_first_and_has_no_colour(shared_lab):
    done = shared_lab("story").trailseal("check")

    assert done.returncode == 3
    *_, counted, last = done.stdout.splitlines()
    assert re.fullmatch(r"1 trail: \d checks failed, \d passed\.", counted)
    assert last == f"To fix first: CloudTrail.2 (medium): plan the switch: trailseal plan --trail {TRAIL}"
    assert "\x1b" not in done.stdout
    wrapped = [
        line for line in done.stdout.splitlines() if "trailseal plan" not in line and "Fix: " not in line
    ]
    assert max(map(len, wrapped)) <= 100  # a command that is to be copied stays on one line


def test_a_bucket_that_was_deleted_is_no_bucket_that_is_not_known(story):
    s3 = story.client("s3")
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=BUCKET):
        for each in page.get("Versions", ()):
            s3.delete_object(Bucket=BUCKET, Key=each["Key"], VersionId=each["VersionId"])
    s3.delete_bucket(Bucket=BUCKET)

    code, answer = checked(story)
    planned = story.trailseal("plan")

    found = verdicts(answer)
    assert (code, found["TS106"], found["CloudTrail.6"]) == (3, "fail", "no_data")
    assert planned.returncode == 3
    assert f"there is no bucket {BUCKET}" in planned.stdout


def test_after_the_switch_it_passes_and_security_hub_is_said_to_lag(story):
    plan = str(story.home / "plan.json")
    story.trailseal("plan", "--out", plan)
    applied = story.trailseal("apply", plan, "--yes", "--no-wait")
    assert applied.returncode == 0, applied.stderr

    _, at_once = checked(story)
    story.tick(4)
    _, later = checked(story)

    stale = next(r for r in at_once["findings"] if r["finding"]["check"] == "CloudTrail.2")
    assert stale["security_hub"]["disagrees"]
    assert {
        k: v for k, v in verdicts(later).items() if k in {"CloudTrail.2", "KMS.4"} or k > "TS"
    } == dict.fromkeys(["CloudTrail.2", "KMS.4", *(f"TS10{n}" for n in range(1, 9))], "pass")
    assert later["scores"][0]["now"] >= at_once["scores"][0]["after"]


def test_what_is_denied_is_unknown_and_names_the_action(story):
    story.fault("denied", service="s3", operation="GetBucketLogging", count=99)

    done = story.trailseal("check")

    assert done.returncode == 4
    assert "UNKNOWN" in done.stdout
    assert "s3:GetBucketLogging" in done.stdout


def test_security_hub_that_refuses_makes_it_incomplete_unless_it_is_not_asked(story):
    story.fault("denied", service="securityhub", count=99)

    asked = story.trailseal("check")
    spared = story.trailseal("check", "--no-hub")

    assert (asked.returncode, spared.returncode) == (4, 3)
    assert "securityhub:" in asked.stdout


def test_throttling_is_waited_out(story):
    story.fault("throttle", service="cloudtrail", operation="GetTrail", count=2)

    assert story.trailseal("check").returncode == 3


def test_a_saved_snapshot_answers_without_aws(story):
    saved = str(story.home / "seen.json")

    live, answer = checked(story, "--save", saved)
    offline = story.trailseal("check", "--snapshot", saved, "--format", "json", principal="")

    assert offline.returncode == live
    assert json.loads(offline.stdout) == answer


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--trail", "nope"), 2, "there is no trail `nope`"),
        (("--control", "nope"), 2, "there is no check `nope`"),
        (("--snapshot", "/nonexistent"), 2, "/nonexistent"),
        (("--save", "/nonexistent/file"), 2, "there is no folder `/nonexistent`"),
        (("--profile", "nope"), 1, "no AWS profile `nope`"),
        (("--region", "no_region"), 2, "`no_region` is not the name of a Region"),
    ],
)
def test_a_mistake_is_one_line_and_no_traceback(shared_lab, words, code, said):
    done = shared_lab("story").trailseal("check", *words)

    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "no answer from"),
        ({"AWS_ENDPOINT_URL": "nonsense"}, "AWS_ENDPOINT_URL"),
        ({"AWS_ACCESS_KEY_ID": "AKIANOBODY0000000000"}, "does not accept the credentials"),
        ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "no AWS credentials"),
        ({"AWS_SECRET_ACCESS_KEY": ""}, "no AWS credentials"),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}, "no AWS Region"),
    ],
)
def test_bad_configuration_is_one_line_with_a_hint(shared_lab, variables, said):
    lab = shared_lab("story")
    done = lab.trailseal_as({**lab.environment(), **variables}, "check")

    assert done.returncode == 1
    assert said in done.stderr
    assert "hint:" in done.stderr
    assert "Traceback" not in done.stderr


def add_trails(lab, regions):
    """Five in each Region, which is what CloudTrail allows; two of them with selectors of their own."""
    selector = {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}
    for region in regions:
        cloudtrail = lab.client("cloudtrail", region=region)
        there = len(cloudtrail.describe_trails(includeShadowTrails=False)["trailList"])
        for n in range(there, 5):
            cloudtrail.create_trail(Name=f"more-{n}", S3BucketName=BUCKET)
            if n > 2:
                cloudtrail.put_event_selectors(TrailName=f"more-{n}", EventSelectors=[selector])


def calls(lab):
    done = lab.trailseal("check", "-v", "--no-hub")
    assert done.returncode == 3, done.stdout
    return Counter(f"{service}:{operation}" for service, operation in CALL.findall(done.stderr))


def test_calls_grow_with_the_trails_alone_and_by_two_and_a_status_each(story):
    regions = boto3.session.Session().get_available_regions("cloudtrail")
    policy = json.loads(story.client("s3").get_bucket_policy(Bucket=BUCKET)["Policy"])
    for statement in policy["Statement"]:
        statement["Condition"]["StringEquals"].pop("aws:SourceArn", None)
    story.client("s3").put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy))

    few = calls(story)
    add_trails(story, regions)
    many = calls(story)

    trails, of_trails = many["cloudtrail:GetTrail"], ("GetTrail", "GetEventSelectors", "ListTags")
    assert trails == 5 * len(regions)
    assert sum(many[f"cloudtrail:{name}"] for name in of_trails) <= 2 * trails
    assert many["cloudtrail:GetTrailStatus"] == trails
    assert many["cloudtrail:ListTrails"] == few["cloudtrail:ListTrails"] == 1
    assert {name for name in many - few if not name.startswith("cloudtrail:")} == set()


def test_what_only_a_plan_needs_is_read_for_a_saved_snapshot_alone(shared_lab, tmp_path):
    story = shared_lab("story")
    seldom = {"s3:GetBucketVersioning", "s3:GetBucketReplication", "s3:GetBucketLifecycleConfiguration"}
    saved = tmp_path / "seen.json"

    looked = calls(story)
    story.trailseal("check", "--save", str(saved))

    assert not seldom & set(looked)
    bucket = json.loads(saved.read_text())["buckets"][0]
    assert (bucket["lifecycle_rules"], bucket["object_lock"]) == (0, False)


def test_two_hundred_trails_cost_two_calls_each_and_a_status(shared_lab):
    """
    They lie in ten Regions and four buckets, in twenty folders of one account and Region.

    A folder takes a few calls more after midnight, until the new day has its first file.
    """
    buckets, folders = 4, 20

    found = calls(shared_lab("many"))

    of_trails = sum(found[f"cloudtrail:{name}"] for name in ("GetTrail", "GetEventSelectors", "ListTags"))
    assert found["cloudtrail:ListTrails"] == 1
    assert found["cloudtrail:GetTrail"] == found["cloudtrail:GetTrailStatus"] == 200
    assert of_trails <= 2 * 200
    assert sum(n for name, n in found.items() if name.startswith("s3:")) <= 8 * buckets + 12 * folders
    assert found["sts:GetCallerIdentity"] == 1


def test_explain_gives_both_sides_for_the_account(shared_lab):
    done = shared_lab("story").trailseal("explain")

    assert done.returncode == 0, done.stderr
    assert "not strictly required" in done.stdout.replace("\n  ", " ")
    assert "What speaks against it" in done.stdout
    assert "a month" in done.stdout


def test_explain_tells_of_each_check_without_aws(shared_lab):
    done = shared_lab("story").trailseal("explain", "ts105", "--format", "json")

    assert json.loads(done.stdout)["check"] == "TS105"
    assert done.returncode == 0


def test_the_printed_permissions_are_enough_for_check(story):
    iam = story.client("iam")
    policy = story.trailseal("permissions", "check").stdout
    iam.create_user(UserName="auditor")
    iam.put_user_policy(UserName="auditor", PolicyName="check", PolicyDocument=policy)

    code, answer = checked(story, principal="auditor")

    assert code == 3
    assert answer["unreadable"] == []
    assert answer["counts"]["unknown"] == 0


def test_trails_that_may_not_be_listed_are_never_told_as_none(story):
    story.fault("denied", service="cloudtrail", operation="ListTrails", count=99)

    told = {verb: story.trailseal(verb) for verb in ("check", "explain", "plan", "verify", "who")}
    named = {verb: story.trailseal(verb, "--trail", "one") for verb in told}

    assert {verb: done.returncode for verb, done in told.items()} == dict.fromkeys(told, 4)
    assert {verb: done.returncode for verb, done in named.items()} == dict.fromkeys(told, 4)
    for done in (*told.values(), *named.values()):
        assert "cloudtrail:ListTrails" in done.stdout + done.stderr
        assert not re.search(
            r"[Tt]here is no trail|0 trails in|Nothing selected|No changes", done.stdout + done.stderr
        )
