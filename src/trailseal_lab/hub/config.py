"""
AWS Config's verdicts for the managed rule `cloud-trail-encryption-enabled`; of other rules it has none.

Source: https://docs.aws.amazon.com/config/latest/developerguide/cloud-trail-encryption-enabled.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.config.models import config_backends

from trailseal_lab.answers import Answer, Forward, answers
from trailseal_lab.call import Call
from trailseal_lab.clock import each_cycle
from trailseal_lab.cloudtrail.trails import visible_in
from trailseal_lab.errors import ApiError
from trailseal_lab.failures import alone
from trailseal_lab.world import World

IDENTIFIER = "CLOUD_TRAIL_ENCRYPTION_ENABLED"
GOOD, BAD, NO_DATA = "COMPLIANT", "NON_COMPLIANT", "INSUFFICIENT_DATA"
MOST_RULES = 25
PAGE = 100
MOST_COUNTED = 25
Place = tuple[str, str]


@dataclass
class Evaluations:
    """What each rule found at its last look: by account and Region, then rule."""

    by_place: dict[Place, dict[str, list[dict[str, Any]]]] = field(default_factory=dict)

    def of(self, place: Place) -> dict[str, list[dict[str, Any]]]:
        """Return the results of one account and Region, by rule."""
        return self.by_place.setdefault(place, {})


def rules_of(account: str, region: str) -> dict[str, str]:
    """Return the rules that are set up, by name, with their managed rule's identifier."""
    held: dict[str, Any] = config_backends[account][region].config_rules
    return {name: str(rule.source.source_identifier) for name, rule in held.items()}


def named(call: Call, *names: str) -> dict[str, str]:
    """
    Return the rules that a call names, all without names.

    Raises:
        ApiError: NoSuchConfigRuleException.
    """
    rules = rules_of(call.caller.account, call.region)
    for name in names:
        if name not in rules:
            text = (
                f"The ConfigRule '{name}' provided in the request is invalid. "
                "Please check the configRule name."
            )
            raise ApiError("NoSuchConfigRuleException", text)
    return {name: rules[name] for name in names or rules}


@each_cycle(order=31, every=2, at_start=True)
def evaluate_all(world: World) -> None:
    """Look again with every rule: periodic rules run each 1 to 24 hours on AWS."""
    for account in list(config_backends):
        for region in list(config_backends[account]):
            for rule, identifier in rules_of(account, region).items():
                with alone(world, "hub.config", f"{account} {region} {rule}"):
                    evaluate(world, (account, region), rule, identifier)


def evaluate(world: World, place: Place, rule: str, identifier: str) -> None:
    """Bring the results of one rule up to date; a rule that is not known here keeps none."""
    if identifier == IDENTIFIER:
        now = world.now()
        results = [_result(rule, t.trail_name, bool(t.kms_key_id), now) for t in visible_in(*place)]
        world.part(Evaluations).of(place)[rule] = results


def _result(rule: str, trail: str, is_encrypted: bool, now: datetime) -> dict[str, Any]:  # noqa: FBT001 - reads as the rule
    qualifier = {
        "ConfigRuleName": rule,
        "ResourceType": "AWS::CloudTrail::Trail",
        "ResourceId": trail,
        "EvaluationMode": "DETECTIVE",
    }
    return {
        "EvaluationResultIdentifier": {"EvaluationResultQualifier": qualifier, "OrderingTimestamp": now},
        "ComplianceType": GOOD if is_encrypted else BAD,
        "ResultRecordedTime": now,
        "ConfigRuleInvokedTime": now,
    }


@answers("config", "StartConfigRulesEvaluation")
def start_evaluation(world: World, call: Call, forward: Forward) -> Answer:
    """Look now, with the rules named."""
    del forward
    names = [str(name) for name in call.params.get("ConfigRuleNames") or ()]
    if not 1 <= len(names) <= MOST_RULES:
        raise ApiError("InvalidParameterValueException", f"Between 1 and {MOST_RULES} rules must be named.")
    for rule, identifier in named(call, *names).items():
        evaluate(world, (call.caller.account, call.region), rule, identifier)
    return {}


@answers("config", "DescribeComplianceByConfigRule")
def describe_compliance(world: World, call: Call, forward: Forward) -> Answer:
    """Return one verdict for each rule."""
    del forward
    held = world.part(Evaluations).of((call.caller.account, call.region))
    names = [str(name) for name in call.params.get("ConfigRuleNames") or ()]
    wanted = call.params.get("ComplianceTypes") or ()
    rows: list[dict[str, Any]] = [
        {"ConfigRuleName": rule, "Compliance": _verdict(held.get(rule, []))} for rule in named(call, *names)
    ]
    found = [row for row in rows if not wanted or row["Compliance"]["ComplianceType"] in wanted]
    return _page(call, "ComplianceByConfigRules", found)


def _verdict(results: list[dict[str, Any]]) -> dict[str, Any]:
    bad = sum(result["ComplianceType"] == BAD for result in results)
    if not bad:
        return {"ComplianceType": GOOD if results else NO_DATA}
    count = {"CappedCount": min(bad, MOST_COUNTED), "CapExceeded": bad > MOST_COUNTED}
    return {"ComplianceType": BAD, "ComplianceContributorCount": count}


@answers("config", "GetComplianceDetailsByConfigRule")
def compliance_details(world: World, call: Call, forward: Forward) -> Answer:
    """Return what a rule found, trail by trail."""
    del forward
    rule = str(call.params.get("ConfigRuleName", ""))
    named(call, rule)
    wanted = call.params.get("ComplianceTypes") or ()
    held = world.part(Evaluations).of((call.caller.account, call.region)).get(rule, [])
    found = [result for result in held if not wanted or result["ComplianceType"] in wanted]
    return _page(call, "EvaluationResults", found)


def _page(call: Call, name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    token = str(call.params.get("NextToken") or "0")
    if not token.isdecimal():
        raise ApiError("InvalidNextTokenException", "The specified next token is not valid.")
    start, size = int(token), min(int(call.params.get("Limit") or PAGE), PAGE)
    more = {"NextToken": str(start + size)} if len(rows) > start + size else {}
    return {name: rows[start : start + size], **more}
