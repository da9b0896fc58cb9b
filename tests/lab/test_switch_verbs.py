"""plan, apply, undo, verify and key as commands against a lab that has one trail and one bucket."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import msgspec
import pytest

from plan_estate import plan_of
from trailseal.plan.codec import write_plan
from trailseal.plan.plan import seal

TESTS = Path(__file__).parent.parent
BUCKET = "trail-logs-123456789012"
TRAIL = "arn:aws:cloudtrail:ap-northeast-1:123456789012:trail/management-events"
ALIAS = "alias/trailseal-cloudtrail"


def add_trail(lab, *, name="management-events"):
    s3, cloudtrail = lab.client("s3"), lab.client("cloudtrail")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    service = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}}
    arn = f"arn:aws:s3:::{BUCKET}"
    acl = {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}
    statements = [
        {**service, "Action": "s3:GetBucketAcl", "Resource": arn},
        {**service, "Action": "s3:PutObject", "Resource": f"{arn}/AWSLogs/*", "Condition": acl},
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    s3.put_bucket_policy(Bucket=BUCKET, Policy=policy)
    cloudtrail.create_trail(Name=name, S3BucketName=BUCKET, EnableLogFileValidation=True)
    cloudtrail.start_logging(Name=name)


@pytest.fixture
def account(lab):
    add_trail(lab)
    return lab


@pytest.fixture(scope="module")
def untouched(nursery, tmp_path_factory):
    """One account for all the tests in which nothing may change."""
    lab = nursery.start_lab(tmp_path_factory.mktemp("untouched"), "empty")
    add_trail(lab)
    yield lab
    assert (made_keys(lab), trail_key(lab)) == ([], "")
    lab.stop()


def trailseal(lab, *words, environment=None, stdin=""):
    return lab.trailseal_as({**lab.environment(), **(environment or {})}, *words, input=stdin)


def planned(lab, *words):
    path = str(lab.home / "plan.json")
    made = trailseal(lab, "plan", "--out", path, *words)
    assert made.returncode == 3, made.stderr
    return path


def trail_key(lab):
    return lab.client("cloudtrail").get_trail(Name=TRAIL)["Trail"].get("KmsKeyId", "")


def made_keys(lab):
    kms = lab.client("kms")
    arns = [key["KeyArn"] for key in kms.list_keys()["Keys"]]
    tagged = {arn: kms.list_resource_tags(KeyId=arn)["Tags"] for arn in arns}
    return [arn for arn, tags in tagged.items() if any(t["TagKey"] == "trailseal:plan" for t in tags)]


def test_plan_apply_plan_undo(account):
    path = planned(account)
    assert oct(Path(path).stat().st_mode & 0o777) == "0o600"

    applied = trailseal(account, "apply", path, "--yes", "--no-wait", "--format", "json")
    again = trailseal(account, "plan")
    undone = trailseal(account, "undo", "--yes")

    assert applied.returncode == 0, applied.stderr
    assert json.loads(applied.stdout)["outcome"] == "applied"
    assert again.returncode == 0
    assert "Nothing selected" in again.stdout
    assert undone.returncode == 0, undone.stderr
    assert "No key was deleted or disabled" in undone.stdout
    assert undone.stderr.splitlines()[1].strip() == TRAIL
    assert trail_key(account) == ""
    assert len(made_keys(account)) == 1


def test_undo_passes_over_what_changed_nothing(account, tmp_path):
    path, nothing = planned(account), str(tmp_path / "nothing.json")
    trailseal(account, "apply", path, "--yes", "--no-wait")
    assert trailseal(account, "plan", "--out", nothing).returncode == 0

    empty = trailseal(account, "apply", nothing, "--yes", "--format", "json")
    listed = json.loads(trailseal(account, "runs", "--format", "json").stdout)["runs"]
    undone = trailseal(account, "undo", "--yes", "--format", "json")

    assert (empty.returncode, json.loads(empty.stdout)["outcome"]) == (0, "nothing to do")
    assert [(run["trails"], run["to_undo"]) for run in listed] == [([TRAIL], 1)]
    assert json.loads(undone.stdout)["run"] == listed[0]["run"]
    assert trail_key(account) == ""
    assert trailseal(account, "undo", "--yes").returncode == 2


def test_a_key_that_kms_would_delete_is_brought_back_and_stays_after_an_undo(account):
    assert trailseal(account, "apply", planned(account), "--yes", "--no-wait").returncode == 0
    kms = account.client("kms")
    kms.schedule_key_deletion(KeyId=trail_key(account), PendingWindowInDays=7)

    told = trailseal(account, "check")
    done = trailseal(account, "apply", planned(account), "--yes", "--no-wait", "--format", "json")
    undone = trailseal(account, "undo", json.loads(done.stdout)["run"], "--yes")

    assert "LOST FOR GOOD" in told.stdout
    assert [step["step"]["call"] for step in json.loads(done.stdout)["steps"]] == [
        "kms:CancelKeyDeletion",
        "kms:EnableKey",
    ]
    assert f"aws kms disable-key --key-id {trail_key(account)}" in undone.stdout
    assert kms.describe_key(KeyId=trail_key(account))["KeyMetadata"]["KeyState"] == "Enabled"


def test_apply_touches_nothing_else_of_the_trail(account):
    before = account.client("cloudtrail").get_trail(Name=TRAIL)["Trail"]

    trailseal(account, "apply", planned(account), "--yes", "--no-wait")

    after = account.client("cloudtrail").get_trail(Name=TRAIL)["Trail"]
    assert after.pop("KmsKeyId").startswith("arn:aws:kms:ap-northeast-1:123456789012:key/")
    assert after == before


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("method", ["create_key", "create_alias", "set_rotation", "update_trail"])
def test_killed_with_sigkill_and_started_again_there_is_one_key(account, method, when):
    path = planned(account)
    killer = [sys.executable, str(TESTS / "killed_apply.py"), path, when, method]

    killed = subprocess.run(killer, env=account.environment(), capture_output=True, check=False, timeout=60)
    again = trailseal(account, "apply", path, "--yes", "--no-wait", "--settle", "2")

    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert again.returncode == 0, again.stderr
    assert made_keys(account) == [trail_key(account)]


def test_from_another_machine_it_ends_with_one_key_too(account, tmp_path):
    path = planned(account)
    killer = [sys.executable, str(TESTS / "killed_apply.py"), path, "after", "create_key"]
    subprocess.run(killer, env=account.environment(), capture_output=True, check=False, timeout=60)

    elsewhere = {"TRAILSEAL_HOME": str(tmp_path / "elsewhere")}
    again = trailseal(account, "apply", path, "--yes", "--no-wait", environment=elsewhere)

    assert again.returncode == 0, again.stderr
    assert made_keys(account) == [trail_key(account)]


def test_ctrl_c_is_clean_and_says_how_to_go_on(account):
    path = planned(account)
    account.fault("slow", service="kms", operation="EnableKeyRotation", seconds=20, count=1)
    command = [sys.executable, "-m", "trailseal", "apply", path, "--yes", "--no-wait"]
    with subprocess.Popen(command, env=account.environment(), stderr=subprocess.PIPE, text=True) as running:
        deadline = time.monotonic() + 30
        while not account.client("kms").list_aliases()["Aliases"] and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(0.5)
        running.send_signal(signal.SIGINT)
        told = running.communicate(timeout=30)[1]

    assert running.returncode == 130
    assert "2 of 4 steps are applied" in told
    assert "Traceback" not in told
    assert trail_key(account) == ""


def test_nobody_to_ask_means_nothing_is_changed(untouched):
    refused = trailseal(untouched, "apply", planned(untouched))

    assert refused.returncode == 2
    assert "nobody can be asked here" in refused.stderr


def test_a_world_that_moved_stops_apply(account):
    path = planned(account)
    policy = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"},
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "cloudtrail.amazonaws.com"},
                    "Action": "kms:*",
                    "Resource": "*",
                },
            ],
        }
    )
    other = account.client("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"]
    account.client("cloudtrail").update_trail(Name=TRAIL, KmsKeyId=other)

    stopped = trailseal(account, "apply", path, "--yes", "--no-wait")

    assert stopped.returncode == 1
    assert "the plan was made when it had SSE-S3" in stopped.stderr
    assert trail_key(account) == other
    assert made_keys(account) == []


def test_own_key_material_comes_before_the_trail(account, tmp_path):
    path = planned(account, "--origin", "external")
    waiting = trailseal(account, "apply", path, "--yes", "--no-wait")
    (key,) = made_keys(account)

    imported = trailseal(account, "key", "import", key, "--generate", str(tmp_path / "material"))
    done = trailseal(account, "apply", path, "--yes", "--no-wait")
    shown = trailseal(account, "key", "show", ALIAS, "--format", "json")

    assert (waiting.returncode, trail_key(account)) == (3, key)
    assert "waits for your key material" in waiting.stderr
    assert imported.returncode == 0, imported.stderr
    assert done.returncode == 0, done.stderr
    assert json.loads(shown.stdout)["key"]["state"] == "Enabled"
    material = (tmp_path / "material").read_bytes()
    assert len(material) == 32
    assert material.hex() not in imported.stdout + imported.stderr


def test_verify_knows_nothing_before_a_delivery(account):
    trailseal(account, "apply", planned(account), "--yes", "--no-wait")

    looked = trailseal(account, "verify", "--format", "json")

    assert looked.returncode == 4
    proof = json.loads(looked.stdout)
    assert proof["trails"][0]["source"] == "journal"


ONE_LINE = "error: "
GONE = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}


@pytest.mark.parametrize(
    ("environment", "said", "code"),
    [
        (GONE, "no answer from http://127.0.0.1:9", 1),
        ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "there are no AWS credentials", 1),
        ({"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE"}, "AWS does not accept the credentials", 1),
        ({"AWS_PROFILE": "none"}, "there is no AWS profile `none`", 1),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}, "no AWS Region is configured", 1),
        ({"AWS_REGION": "no where", "AWS_DEFAULT_REGION": "no where"}, "or its name is invalid", 1),
    ],
    ids=["endpoint down", "no credentials", "unknown credentials", "no profile", "no Region", "wrong Region"],
)
def test_what_keeps_aws_out_of_reach_is_one_line(untouched, environment, said, code, tmp_path):
    (tmp_path / "plan.json").write_bytes(write_plan(plan_of()))

    failed = trailseal(untouched, "apply", str(tmp_path / "plan.json"), "--yes", environment=environment)

    errors = [line for line in failed.stderr.splitlines() if line.startswith(ONE_LINE)]
    assert failed.returncode == code
    assert len(errors) == 1, failed.stderr
    assert said in errors[0]
    assert "Traceback" not in failed.stderr


NO_SUCH = "arn:aws:cloudtrail:us-east-1:123456789012:trail/none"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["plan", "--trail", "none"], "there is no trail `none` in account 123456789012"),
        (["plan", "--key", "alias/none"], "there is no key `alias/none`"),
        (["plan", "--out", "/nonexistent/plan.json"], "there is no folder `/nonexistent`"),
        (["policy", "lint", "none"], "there is no file `none`"),
        (["cost", "--trail", "none"], "there is no trail `none` in account 123456789012"),
        (["history", "census", "--trail", "none"], "there is no trail `none` in account 123456789012"),
        (
            ["history", "validate", "--trail", NO_SUCH],
            f"there is no trail `{NO_SUCH}` in account 123456789012",
        ),
        (["check", "--trail", NO_SUCH], f"there is no trail `{NO_SUCH}` in account 123456789012"),
        (["plan", "--key", "my key"], "`my key` is not a KMS key's ARN, ID or alias"),
        (["plan", "--snapshot", "none"], "there is no file `none`"),
        (["apply", "none"], "there is no file `none`"),
        (["undo"], "there is no run to undo"),
        (["undo", "ffff"], "there is no run `ffff`"),
        (["verify", "--since", "soon"], "`soon` is not a time"),
        (["verify", "--trail", "none"], "there is no trail `none`"),
        (["key", "show", "alias/none"], "key `alias/none` cannot be described"),
        (["key", "rotate", "alias/none"], "say how to rotate"),
        (["key", "import", "alias/none"], "say where the key material comes from"),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, list) else "",
)
def test_what_the_user_got_wrong_is_one_line(untouched, words, said):
    failed = trailseal(untouched, *words)

    assert failed.returncode == 2
    assert failed.stderr.count(ONE_LINE) == 1
    assert said in failed.stderr


@pytest.mark.parametrize("damage", ["truncated", "tampered", "other account"])
def test_a_bad_plan_file_changes_nothing(untouched, damage, tmp_path):
    path = tmp_path / "plan.json"
    raw = write_plan(plan_of())
    spoilt = {
        "truncated": raw[:-200],
        "tampered": raw.replace(b"kms:GenerateDataKey*", b"kms:*"),
        "other account": write_plan(seal(msgspec.structs.replace(plan_of(), account="999999999999"))),
    }[damage]
    path.write_bytes(spoilt)

    refused = trailseal(untouched, "apply", str(path), "--yes")

    assert refused.returncode == 2
    assert refused.stderr.count(ONE_LINE) == 1


EXPIRED = b"""<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code>
<Message>The security token included in the request is expired</Message></Error></ErrorResponse>"""


class Expired(BaseHTTPRequestHandler):
    """An STS that says of every caller that its session is over."""

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(403)
        self.send_header("Content-Length", str(len(EXPIRED)))
        self.end_headers()
        self.wfile.write(EXPIRED)

    def log_message(self, *given):
        pass


def test_expired_credentials_are_one_line(untouched):
    with ThreadingHTTPServer(("127.0.0.1", 0), Expired) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        there = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}"}

        failed = trailseal(untouched, "plan", environment=there)
        server.shutdown()

    assert failed.stderr.count(ONE_LINE) == 1
    assert failed.returncode == 1
    assert "the AWS credentials have expired" in failed.stderr


def test_a_toml_file_says_it_all(untouched, tmp_path):
    (tmp_path / "mine.toml").write_text('alias = "alias/logs"\nrotation_days = 180\n')

    toml = str(tmp_path / "mine.toml")
    planned_by_file = trailseal(untouched, "plan", "--config", toml, "--format", "json")

    steps = json.loads(planned_by_file.stdout)["steps"]
    assert [step["call"] for step in steps][1:3] == ["kms:CreateAlias", "kms:EnableKeyRotation"]
    assert (steps[1]["alias"], steps[2]["after"]) == ("alias/logs", 180)


def test_one_multi_region_key_serves_buckets_in_two_regions(account):
    s3, cloudtrail = account.client("s3"), account.client("cloudtrail")
    there = account.client("s3", region="eu-west-1")
    away = BUCKET + "-eu"
    there.create_bucket(Bucket=away, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    policy = s3.get_bucket_policy(Bucket=BUCKET)["Policy"].replace(BUCKET, away)
    there.put_bucket_policy(Bucket=away, Policy=policy)
    cloudtrail.create_trail(Name="away", S3BucketName=away)

    applied = trailseal(account, "apply", planned(account, "--multi-region"), "--yes", "--no-wait")
    again = trailseal(account, "plan")

    assert applied.returncode == 0, applied.stderr
    assert again.returncode == 0, again.stdout
    keys = [cloudtrail.get_trail(Name=name)["Trail"]["KmsKeyId"] for name in ("management-events", "away")]
    assert [key.split(":")[3] for key in keys] == ["ap-northeast-1", "eu-west-1"]
    assert len({key.rpartition("/")[2] for key in keys}) == 1


def test_from_another_region_the_same_plan_is_made_and_done(account):
    elsewhere = {"AWS_REGION": "us-west-2", "AWS_DEFAULT_REGION": "us-west-2"}
    path = str(account.home / "plan.json")

    made = trailseal(account, "plan", "--out", path, environment=elsewhere)
    done = trailseal(account, "apply", path, "--yes", "--no-wait", environment=elsewhere)

    assert (made.returncode, done.returncode) == (3, 0), made.stderr + done.stderr
    assert trail_key(account).startswith("arn:aws:kms:ap-northeast-1:")


def test_a_key_that_may_not_be_looked_at_is_not_known(account):
    account.fault("denied", service="kms", operation="DescribeKey", count=99)

    failed = trailseal(account, "key", "show", "alias/mine")

    assert failed.returncode == 4
    assert "AWS does not allow kms:DescribeKey on alias/mine" in failed.stderr
    assert "give the caller kms:DescribeKey" in failed.stderr


def test_nobody_surely_reads_on_while_the_organizations_policies_cannot_be_read(fresh_lab, tmp_path):
    lab, plan = fresh_lab("story"), str(tmp_path / "plan.json")
    surely = lab.trailseal("plan", "--format", "json")
    lab.fault("denied", service="organizations", count=100)
    told = lab.trailseal("plan", "--out", plan)
    who = lab.trailseal("who", "--plan", plan, "--format", "json")

    readers = json.loads(surely.stdout)["readers"]
    keeping = {reader["principal"] for reader in readers if reader["outlook"] == "keeps reading"}
    assert keeping
    assert told.stdout.count("[guardrails-not-read]") == 1, told.stdout + told.stderr
    assert "keeps reading" not in told.stdout
    assert "no policy of the organization denies it" in told.stdout
    impacts = {i["principal"]: i["outlook"] for t in json.loads(who.stdout)["trails"] for i in t["impacts"]}
    assert {impacts[principal] for principal in keeping} == {"unknown"}
