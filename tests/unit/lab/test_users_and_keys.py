"""Users' access keys, and the account's principals page by page."""

from __future__ import annotations

import json

import pytest

from refusals import code_of


def test_a_users_keys_are_listed_its_own_call_s_too(here):
    iam = here.client("iam", principal=here.world.default_principal)
    own = {row["AccessKeyId"] for row in iam.list_access_keys()["AccessKeyMetadata"]}
    iam.create_user(UserName="alice")
    made = {iam.create_access_key(UserName="alice")["AccessKey"]["AccessKeyId"] for _ in range(2)}

    assert own <= set(here.world.issued)
    assert own
    pages = list(iam.get_paginator("list_access_keys").paginate(
        UserName="alice", PaginationConfig={"PageSize": 1}))  # fmt: skip
    assert {row["AccessKeyId"] for page in pages for row in page["AccessKeyMetadata"]} == made
    assert len(pages) == 2
    assert code_of(iam.list_access_keys, UserName="nobody") == "NoSuchEntity"
    assert code_of(iam.list_access_keys, UserName="alice", Marker="x") == "ValidationError"


@pytest.mark.parametrize("principal", ["alice", "root"])
def test_keys_of_who_calls_are_the_lasting_ones(here, principal):
    here.client("iam").create_user(UserName="alice")
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    here.client("iam").put_user_policy(UserName="alice", PolicyName="p", PolicyDocument=document)
    iam = here.client("iam", principal=principal)
    here.client("sts", principal=principal).get_session_token()

    rows = iam.list_access_keys()["AccessKeyMetadata"]

    assert rows
    assert all(row["AccessKeyId"].startswith("AKIA") for row in rows)
    assert {row.get("UserName") for row in rows} == {principal if principal == "alice" else None}


def test_a_user_with_access_keys_stays(here):
    iam = here.client("iam")
    iam.create_user(UserName="alice")
    key = iam.create_access_key(UserName="alice")["AccessKey"]["AccessKeyId"]

    assert code_of(iam.delete_user, UserName="alice") == "DeleteConflict"
    iam.delete_access_key(UserName="alice", AccessKeyId=key)
    iam.delete_user(UserName="alice")
    assert code_of(iam.delete_user, UserName="alice") == "NoSuchEntity"


def test_principals_come_page_by_page(here):
    iam, kinds = here.client("iam"), ["User", "Group", "Role"]
    for number in range(3):
        iam.create_user(UserName=f"user-{number}")
        iam.create_group(GroupName=f"group-{number}")

    pages = iam.get_paginator("get_account_authorization_details").paginate(
        Filter=kinds, PaginationConfig={"PageSize": 2}
    )
    lists = ("UserDetailList", "GroupDetailList", "RoleDetailList")
    found = [[row["Arn"] for name in lists for row in page[name]] for page in pages]

    assert all(0 < len(arns) <= 2 for arns in found)
    arns = [arn for page in found for arn in page]
    assert len(set(arns)) == len(arns) >= 7
    assert code_of(iam.get_account_authorization_details, Marker="x") == "ValidationError"
