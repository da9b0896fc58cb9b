"""Each account is asked about what is its own, in the Region that its profile names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from trailseal.aws.accounts import AwsAccounts
from trailseal.aws.session import AwsSession

OURS, ARCHIVE, KEYS = "123456789012", "333333333333", "444444444444"


class Session:
    """A session of one account, whose S3 knows who owns which bucket and lets nobody else look."""

    def __init__(self, account: str, owners: dict[str, str]) -> None:
        self.account, self.owners = account, owners
        self.asked: list[str] = []

    def caller(self) -> tuple[str, str]:
        return self.account, f"arn:aws:iam::{self.account}:role/x"

    def client(self, _service: str) -> Session:
        return self

    def head_bucket(self, *, Bucket: str, ExpectedBucketOwner: str = "") -> dict[str, Any]:  # noqa: N803
        self.asked.append(Bucket)
        owner = self.owners.get(Bucket, "")
        if self.account != owner or ExpectedBucketOwner not in {"", owner}:
            raise ClientError({"Error": {"Code": "403" if owner else "404"}}, "HeadBucket")
        return {}


OWNERS = {"archive-logs": ARCHIVE, "our-logs": OURS}


def estate(*accounts: str) -> tuple[Any, list[Session]]:
    sessions: list[Any] = [Session(account, OWNERS) for account in accounts or (OURS, ARCHIVE, KEYS)]
    first, *further = sessions
    return AwsAccounts(first, further), sessions


@pytest.mark.parametrize(
    ("bucket", "account"), [("archive-logs", ARCHIVE), ("our-logs", OURS), ("nowhere", OURS)]
)
def test_a_bucket_is_looked_at_by_its_owner_and_each_is_asked_once(bucket: str, account: str) -> None:
    accounts, sessions = estate()
    found = {accounts.holding(bucket) for _ in range(3)}

    assert found == {next(each for each in sessions if each.account == account)}
    assert all(each.asked.count(bucket) <= 2 for each in sessions)


@pytest.mark.parametrize(("account", "asked"), [(KEYS, KEYS), (OURS, OURS), ("999999999999", OURS)])
def test_a_key_is_looked_at_by_the_account_that_its_arn_names(account: str, asked: str) -> None:
    accounts, _ = estate()

    assert accounts.of(account).caller()[0] == asked


def test_without_further_accounts_nobody_is_asked_whose_a_bucket_is() -> None:
    accounts, (alone,) = estate(OURS)

    assert (accounts.holding("archive-logs"), alone.asked) == (alone, [])


@pytest.mark.parametrize(
    ("profile", "given", "region"),
    [
        ("there", {"otherwise": "us-east-1"}, "eu-west-3"),
        ("anywhere", {"otherwise": "us-east-1"}, "us-east-1"),
        ("there", {}, "ap-northeast-1"),
        ("there", {"region": "eu-north-1", "otherwise": "us-east-1"}, "eu-north-1"),
    ],
    ids=["its own", "as the first", "no further account", "named"],
)
def test_a_further_account_is_asked_in_its_profile_s_own_region(
    profile: str, given: dict[str, str], region: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").write_text(
        "[profile there]\nregion = eu-west-3\n[profile anywhere]\noutput = json\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_REGION", "ap-northeast-1")

    assert AwsSession(profile=profile, **given).region == region
