"""A profile whose SSO session has expired: one line that says how to sign in again, before any call."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from trailseal.aws.session import AwsSession
from trailseal.errors import TrailsealError

CONFIG = """\
[profile dev]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Auditor
region = ap-northeast-1

[sso-session corp]
sso_region = ap-northeast-1
sso_start_url = https://example.awsapps.com/start
"""


@pytest.fixture
def expired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave a home with an SSO profile whose cached token has expired."""
    cache = tmp_path / ".aws" / "sso" / "cache"
    cache.mkdir(parents=True)
    (tmp_path / ".aws" / "config").write_text(CONFIG)
    token = {"accessToken": "t", "expiresAt": "2020-01-01T00:00:00Z", "region": "ap-northeast-1"}
    (cache / f"{hashlib.sha1(b'corp').hexdigest()}.json").write_text(json.dumps(token))  # noqa: S324 - botocore's name
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_CONFIG_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.mark.sweep
@pytest.mark.usefixtures("expired")
def test_an_expired_sign_in_names_the_profile_to_sign_in_with() -> None:
    with pytest.raises(TrailsealError) as stopped:
        AwsSession(profile="dev").client("kms")

    assert str(stopped.value.hint) == "aws sso login --profile dev, then try again"


@pytest.mark.usefixtures("expired")
def test_a_profile_from_the_environment_is_named_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "dev")

    with pytest.raises(TrailsealError) as stopped:
        AwsSession().client("sts")

    assert "--profile dev" in str(stopped.value.hint)
