"""Organizations as member accounts see it, and Config's verdict on a trail."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from lab.test_cloudtrail_changes import TRAIL, make_key

CLOUDTRAIL = "cloudtrail.amazonaws.com"
MEMBER = "arn:aws:iam::111111111111:role/admin"
OTHER = "arn:aws:iam::222222222222:role/admin"
RULE = "cloud-trail-encryption-enabled"


def organizations(lab, principal=""):
    return lab.client("organizations", principal, region="us-east-1")


def put_rule(lab, identifier="CLOUD_TRAIL_ENCRYPTION_ENABLED"):
    client = lab.client("config")
    client.put_config_rule(
        ConfigRule={
            "ConfigRuleName": RULE,
            "Source": {"Owner": "AWS", "SourceIdentifier": identifier},
            "MaximumExecutionFrequency": "TwentyFour_Hours",
        }
    )
    return client


def verdict(client):
    found = client.describe_compliance_by_config_rule(ConfigRuleNames=[RULE])["ComplianceByConfigRules"]
    return found[0]["Compliance"]["ComplianceType"]


def test_a_member_may_ask_which_organization_it_is_in(shared_lab):
    found = organizations(shared_lab("multi"), MEMBER).describe_organization()["Organization"]

    assert found["MasterAccountId"] == "123456789012"


def test_an_account_of_no_organization_is_told_so(shared_lab):
    with pytest.raises(ClientError, match="AWSOrganizationsNotInUseException"):
        organizations(shared_lab("story")).describe_organization()


def test_a_member_may_list_accounts_only_as_delegated_administrator(fresh_lab):
    lab = fresh_lab("multi")
    with pytest.raises(ClientError, match="AccessDeniedException"):
        organizations(lab, MEMBER).list_accounts()

    organizations(lab).register_delegated_administrator(AccountId="111111111111", ServicePrincipal=CLOUDTRAIL)
    accounts = organizations(lab, MEMBER).list_accounts()["Accounts"]

    assert {a["State"] for a in accounts} == {"ACTIVE"}
    assert {"123456789012", "111111111111", "222222222222", "333333333333"} == {a["Id"] for a in accounts}


def test_cloudtrails_delegated_administrators_come_and_go(fresh_lab):
    client = organizations(fresh_lab("multi"))

    client.register_delegated_administrator(AccountId="111111111111", ServicePrincipal=CLOUDTRAIL)
    there = client.list_delegated_administrators(ServicePrincipal=CLOUDTRAIL)["DelegatedAdministrators"]
    client.deregister_delegated_administrator(AccountId="111111111111", ServicePrincipal=CLOUDTRAIL)

    assert [a["Id"] for a in there] == ["111111111111"]
    assert client.list_delegated_administrators()["DelegatedAdministrators"] == []


def test_a_member_cannot_delegate(shared_lab):
    with pytest.raises(ClientError, match="AccessDeniedException"):
        organizations(shared_lab("multi"), OTHER).register_delegated_administrator(
            AccountId="222222222222", ServicePrincipal=CLOUDTRAIL
        )


def test_config_has_no_verdict_before_its_first_look(fresh_lab):
    assert verdict(put_rule(fresh_lab("story"))) == "INSUFFICIENT_DATA"


def test_config_tells_the_trail_that_has_no_key(fresh_lab):
    client = put_rule(fresh_lab("story"))
    client.start_config_rules_evaluation(ConfigRuleNames=[RULE])

    results = client.get_compliance_details_by_config_rule(ConfigRuleName=RULE)["EvaluationResults"]
    qualifier = results[0]["EvaluationResultIdentifier"]["EvaluationResultQualifier"]

    assert verdict(client) == "NON_COMPLIANT"
    assert (qualifier["ResourceType"], qualifier["ResourceId"]) == ("AWS::CloudTrail::Trail", TRAIL)


def test_config_sees_the_switch_when_it_looks_again(fresh_lab):
    lab = fresh_lab("story")
    client = put_rule(lab)
    client.start_config_rules_evaluation(ConfigRuleNames=[RULE])
    lab.client("cloudtrail").update_trail(Name=TRAIL, KmsKeyId=make_key(lab))

    before = verdict(client)
    lab.tick(2)

    assert (before, verdict(client)) == ("NON_COMPLIANT", "COMPLIANT")


def test_config_knows_no_rule_that_is_not_set_up(shared_lab):
    client = shared_lab("story").client("config")

    with pytest.raises(ClientError, match="NoSuchConfigRuleException"):
        client.get_compliance_details_by_config_rule(ConfigRuleName="nothing")
    with pytest.raises(ClientError, match="NoSuchConfigRuleException"):
        client.start_config_rules_evaluation(ConfigRuleNames=["nothing"])
