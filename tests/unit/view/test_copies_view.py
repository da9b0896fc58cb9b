"""Copies of the events as a person reads them: what guards each, who reads it, what was refused."""

from __future__ import annotations

import io

import pytest
from inline_snapshot import snapshot as expected
from msgspec import structs

from key_policies import ACCOUNT
from story_account import BUCKET, REGION, account, document, person
from trailseal.errors import ExitCode, UsageProblem
from trailseal.model.bucket import Bucket, Replication, ReplicationRule
from trailseal.model.copies import AccessPoint, Copies, EventDataStore, LogGroup
from trailseal.model.unreadable import NOT_ASKED, Unreadable
from trailseal.run.check import check_snapshot
from trailseal.run.who_question import Question, SavedObjects, proof, readers
from trailseal.view.check import print_check
from trailseal.view.copies import print_copies
from trailseal.view.proof import print_proof
from trailseal.view.terminal import Terminal
from trailseal.view.who import print_who

GROUP = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:trail:*"
LINE = "Copies of the events beside the log files were not looked at"


def written(write, value):
    text = io.StringIO()
    write(value, Terminal(file=text, width=100))
    return text.getvalue()


def seen(**found):
    looking = document({"Effect": "Allow", "Action": "logs:StartQuery", "Resource": GROUP.removesuffix(":*")})
    base = account(principals=(person("ana", looking), person("bob")))
    (trail,) = base.trails
    return structs.replace(
        base,
        trails=(structs.replace(trail, cloud_watch_logs_log_group_arn=GROUP),),
        copies=Copies(regions=(REGION,), **found),
    )


def refused(call, where, code="AccessDenied"):
    return Unreadable(call=call, code=code, where=where)


def test_each_copy_stands_with_its_guard_its_readers_and_what_was_refused():
    shut = refused("logs:DescribeSubscriptionFilters", GROUP)
    rule = ReplicationRule(rule_id="r", enabled=True, destination="arn:aws:s3:::r", replicates_sse_kms=True)
    copied = seen(
        log_groups=(LogGroup(arn=GROUP, destinations=shut),),
        event_data_stores=(refused("cloudtrail:ListEventDataStores", REGION),),
        access_points=(AccessPoint(arn="arn:aws:s3:us-east-1:123456789012:accesspoint/p", bucket=BUCKET),),
        replicas=(Bucket(name="r", region=REGION, account="444455556666"),),
    )
    (own,) = copied.buckets
    copied = structs.replace(
        copied, buckets=(structs.replace(own, replication=Replication(role="", rules=(rule,))),)
    )
    answer = readers(copied, Question(), SavedObjects(copied))

    assert answer.exit_code is ExitCode.INCOMPLETE
    assert written(print_copies, answer.trails[0].copies) == expected("""\

Copies of the events, with their own readers
  CloudWatch Logs group arn:aws:logs:ap-northeast-1:123456789012:log-group:trail:*: no key of yours
    may be able to (1): user/ana
    not read: logs:DescribeSubscriptionFilters (AccessDenied)
  Event history of account 123456789012: no bucket, and no key of yours
    the management events of the last 90 days, in each Region
    nobody among the principals that were read
  event data store ap-northeast-1: not looked at: cloudtrail:ListEventDataStores (AccessDenied)
  replica in bucket r: not known what guards it
    not read: kms:GetKeyPolicy (r was not asked: --also-profile does)
    not read: iam:GetAccountAuthorizationDetails (444455556666 was not asked: --also-profile does)
  access point arn:aws:s3:us-east-1:123456789012:accesspoint/p: the log files' own
    nobody among the principals that were read
  not looked at: event data stores of other accounts, and of other Regions than ap-northeast-1;
  access points of other accounts, and Object Lambda access points; subscription filters of the
  whole account, and what subscribers do with the events; who is shown a log group from another
  account (CloudWatch cross-account observability); what a replication rule copied before it was
  turned off; what somebody queried, exported or downloaded
""")


def test_of_one_principal_alone_it_is_not_said_that_nobody_else_reads():
    given = seen(log_groups=(LogGroup(arn=GROUP),))
    answer = readers(given, Question(principal="bob"), SavedObjects(given))
    lines = written(print_copies, answer.trails[0].copies).splitlines()

    assert "    arn:aws:iam::123456789012:user/bob is not one of its readers" in lines
    assert not [line for line in lines if "nobody" in line]


def test_readers_of_several_accounts_are_told_with_theirs_and_many_are_counted():
    store = EventDataStore(
        arn=f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:eventdatastore/1",
        name="lake",
        policy=document(
            {
                "Effect": "Allow",
                "Principal": {"AWS": [f"arn:aws:iam::{n}:root" for n in range(222222222222, 222222222262)]},
                "Action": "cloudtrail:StartQuery",
                "Resource": "*",
            }
        ),
    )
    elsewhere = refused("logs:DescribeLogGroups", GROUP, NOT_ASKED)
    given = seen(event_data_stores=(store,), log_groups=(elsewhere,))
    text = written(print_copies, readers(given, Question(), SavedObjects(given)).trails[0].copies)

    assert "may be able to (40): account 222222222222, account" in text
    assert "+10" in text
    assert "was not asked: --also-profile does" in " ".join(text.split())


def test_whoever_did_not_look_says_so_in_one_line():
    plain = account()
    told = written(print_who, readers(plain, Question(), SavedObjects(plain)))
    proven = written(print_proof, proof(plain, Question()))
    checked = written(print_check, check_snapshot(plain))

    for text in (told, proven, checked):
        assert sum(LINE in line for line in text.splitlines()) == 1


def test_a_check_shows_copies_only_where_it_was_asked_to():
    given = seen(event_data_stores=(refused("cloudtrail:ListEventDataStores", REGION),))
    plain, asked = check_snapshot(given), check_snapshot(given, copies=True)

    assert LINE in written(print_check, plain)
    assert "Copies of the events, with their own readers" in written(print_check, asked)
    assert {u.call for u in asked.unreadable} - {u.call for u in plain.unreadable} == {
        "cloudtrail:ListEventDataStores"
    }
    assert asked.exit_code is ExitCode.INCOMPLETE


def test_a_snapshot_without_copies_cannot_be_asked_for_them():
    with pytest.raises(UsageProblem, match="holds nothing about copies"):
        check_snapshot(account(), copies=True)


def test_a_proof_has_the_copies_beside_it():
    (proven,) = proof(seen(log_groups=(LogGroup(arn=GROUP),)), Question()).trails

    assert proven.copies is not None
    assert "CloudWatch Logs group" in written(
        print_proof, proof(seen(log_groups=(LogGroup(arn=GROUP),)), Question())
    )
