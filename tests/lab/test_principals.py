"""Whom `lab env --as` speaks for."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("name", "arn"),
    [
        ("alice", "arn:aws:iam::123456789012:user/alice"),
        ("user1", "arn:aws:iam::123456789012:user/user1"),
        ("admin", "arn:aws:sts::123456789012:assumed-role/admin/lab"),
        ("Role1/User1", "arn:aws:sts::123456789012:assumed-role/Role1/User1"),
        ("Role1/Other", "arn:aws:sts::123456789012:assumed-role/Role1/Other"),
        ("outsider-admin", "arn:aws:sts::210987654321:assumed-role/outsider-admin/lab"),
    ],
)
def test_everybody_of_the_story_has_a_name(shared_lab, name, arn):
    assert shared_lab("story").client("sts", name).get_caller_identity()["Arn"] == arn


@pytest.mark.parametrize("name", ["nobody", "alice/session", "Role2/User1"])
def test_a_name_that_nobody_has_is_refused(shared_lab, name):
    done = shared_lab("story").trailseal("lab", "env", "--as", name)

    assert (done.returncode, name in done.stderr) == (2, True)


def test_a_name_that_several_other_accounts_know_is_nobodys(shared_lab):
    done = shared_lab("multi").trailseal("lab", "env", "--as", "auditor")

    assert done.returncode == 2
