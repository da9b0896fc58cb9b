"""The AWS CLI, as an outside witness, finds in the lab what our own clients find."""

from __future__ import annotations

import json
import subprocess

import pytest

from witnesses import program


@pytest.fixture
def aws(lab):
    path = program("awscli", "aws")

    def run(*arguments, principal=""):
        done = subprocess.run(
            [path, "--output", "json", *arguments],
            env=lab.environment(principal),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout

    return run


def test_the_aws_cli_speaks_every_protocol_of_the_lab(aws, tmp_path):
    file = tmp_path / "log.json"
    file.write_text("{}")

    who = aws("sts", "get-caller-identity")
    key = aws("kms", "create-key")["KeyMetadata"]["Arn"]
    aws("s3", "mb", "s3://logs-bucket")
    aws("s3", "cp", str(file), "s3://logs-bucket/a b/log.json", "--sse", "aws:kms", "--sse-kms-key-id", key)
    head = aws("s3api", "head-object", "--bucket", "logs-bucket", "--key", "a b/log.json")
    users = aws("iam", "list-users")["Users"]

    assert who["Arn"] == "arn:aws:iam::123456789012:user/admin"
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key)
    assert [user["UserName"] for user in users] == ["admin"]
    assert aws("cloudtrail", "describe-trails") == {"trailList": []}
