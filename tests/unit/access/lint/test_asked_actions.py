"""However a statement writes its actions, it is asked about one that strangers can use, if it names one."""

from __future__ import annotations

from typing import Any

import pytest

from key_policies import administration, policy, statement
from trailseal.access.cross_account import CROSS_ACCOUNT
from trailseal.access.lint.rules import lint
from trailseal.access.lint.spelling import LISTED
from trailseal.access.lint.written import read_written

KMS = tuple(name.partition(":")[2] for name in LISTED["kms"].values())
SHARED = CROSS_ACCOUNT - {"RetireGrant"}
"""What a key policy alone can give to another account: who may retire a grant is told by the grant."""
OWN = ("kms:TagResource", "kms:UntagResource", "kms:EnableKey", "kms:PutKeyPolicy")
"""What no other account can do with a key."""


def is_open(*others: dict[str, Any], **change: Any) -> bool:
    asked = statement("asked", **{"Principal": "*", "Resource": "*", **change})
    found = lint(read_written(policy(*others, asked)))
    return "KP104" in {f.rule for f in found if f.statement == "asked"}


@pytest.mark.sweep
@pytest.mark.parametrize("name", KMS)
def test_an_action_of_kms_is_open_where_other_accounts_can_use_it(name):
    for action in (f"kms:{name}", f"KMS:{name.upper()}", f"Kms:{name.lower()}", f"kms:{name[:-1]}?"):
        assert is_open(administration(), Action=action) is (name in SHARED), action
        assert is_open(administration(), Action=[*OWN, action]) is (name in SHARED), action


@pytest.mark.parametrize("pattern", ["S*", "Ver*", "*Mac", "List*", "Get*", "Enc*", "*Secret", "?ign"])
def test_a_pattern_is_open_where_it_takes_an_action_that_other_accounts_can_use(pattern):
    for service in ("kms", "KMS", "k?s", "*"):
        assert is_open(administration(), Action=f"{service}:{pattern}"), service


def test_a_pattern_of_what_only_the_owner_does_is_not_open():
    for pattern in ("Tag*", "*Alias", "Schedule*", "Put*", "*Rotation"):
        assert not is_open(administration(), Action=f"kms:{pattern}"), pattern


@pytest.mark.parametrize("action", ["s3:DeleteObject", "S3:deleteobject", "s3:Del*", "*:DeleteObject"])
def test_an_action_on_a_bucket_is_open_beside_one_that_is_not_shared(action):
    objects = {"Resource": "arn:aws:s3:::trail-logs/*"}

    assert is_open(**objects, Action=["s3:PutBucketPolicy", action])
    assert not is_open(**objects, Action=["s3:PutBucketPolicy", "s3:PutLifecycleConfiguration"])
