"""Which AWS a run belongs to is told by the configuration, as botocore reads it."""

from __future__ import annotations

from itertools import product

import pytest

from trailseal.aws.session import AwsSession
from trailseal.errors import TrailsealError

LAB = "http://127.0.0.1:4001"
OTHER = "https://Aws.Example:8443"
CONFIG = """\
[default]
region = eu-west-1
{profile}
{services}
[services mine]
cloudtrail =
  endpoint_url = http://127.0.0.1:4003
s3 =
  endpoint_url = http://127.0.0.1:4004
"""
PLACES = ("AWS_ENDPOINT_URL_CLOUDTRAIL", "AWS_ENDPOINT_URL", "services", "profile", "ignored")


@pytest.fixture
def configured(tmp_path, monkeypatch):
    def configure(*places: str) -> AwsSession:
        for name in (
            "AWS_ENDPOINT_URL_CLOUDTRAIL",
            "AWS_ENDPOINT_URL",
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        ):
            monkeypatch.delenv(name, raising=False)
        for number, name in enumerate(PLACES[:2], 4001):
            if name in places:
                monkeypatch.setenv(name, f"http://127.0.0.1:{number}")
        if "ignored" in places:
            monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
        profile = f"endpoint_url = {OTHER}/path/" if "profile" in places else ""
        services = "services = mine" if "services" in places else ""
        file = tmp_path / "config"
        file.write_text(CONFIG.format(profile=profile, services=services))
        monkeypatch.setenv("AWS_CONFIG_FILE", str(file))
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
        return AwsSession()

    return configure


@pytest.mark.sweep
@pytest.mark.parametrize("chosen", list(product([False, True], repeat=len(PLACES))), ids=str)
def test_it_is_where_the_calls_go(configured, chosen) -> None:
    session = configured(*(place for place, there in zip(PLACES, chosen, strict=True) if there))

    called = session.client("cloudtrail").meta.endpoint_url

    assert session.endpoint == ("" if "amazonaws.com" in called else called.lower().removesuffix("/path/"))


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("https://cloudtrail.eu-west-1.amazonaws.com", ""),
        ("https://vpce-1-a.cloudtrail.eu-west-1.vpce.amazonaws.com", ""),
        ("https://cloudtrail.cn-north-1.amazonaws.com.cn", ""),
        ("https://cloudtrail.eu-west-1.api.aws", ""),
        ("https://amazonaws.com.example", "https://amazonaws.com.example"),
        (LAB + "/", LAB),
        ("http://[", "http://["),
        ("lab", ""),
    ],
)
def test_aws_is_one_wherever_it_is_reached(configured, monkeypatch, url, endpoint) -> None:
    session = configured()
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)

    assert session.endpoint == endpoint


def test_settings_that_are_none_are_passed_over(configured, tmp_path) -> None:
    configured("services")
    file = tmp_path / "config"
    file.write_text("[default]\nservices = mine\n[services mine]\ncloudtrail = x\n")

    assert AwsSession().endpoint == ""


@pytest.mark.parametrize(
    "url",
    ["http://[", "http://[::1", "http://a b", "http://x:65536", "http://x:-1", "http://x:port", "http://"],
)
def test_an_address_that_is_none_is_one_line_before_the_first_call(configured, monkeypatch, url) -> None:
    session = configured()
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)

    with pytest.raises(TrailsealError, match="AWS cannot be reached: ") as refused:
        session.client("sts")

    assert "AWS_ENDPOINT_URL" in str(refused.value.hint)
    assert isinstance(session.endpoint, str)
