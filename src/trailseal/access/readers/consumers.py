"""
Consumers of log files that are known by what they are: a name to put beside a principal's ARN.

Source: the services' own pages on reading encrypted log files, for instance
https://docs.aws.amazon.com/athena/latest/ug/encryption.html
"""

from __future__ import annotations

import re

from trailseal.access.lint.matching import names_action
from trailseal.access.lint.written import WrittenStatement, principals_in, statements_in
from trailseal.access.readers.estate import Estate
from trailseal.access.service_name import usual_name
from trailseal.messages import N_
from trailseal.model.arn import account_of
from trailseal.model.bucket import Bucket, Replication, UnreadBucket
from trailseal.model.principal import Principal, PrincipalKind

VENDORS = {
    "datadog": "Datadog",
    "splunk": "Splunk",
    "sumo": "Sumo Logic",
    "sumologic": "Sumo Logic",
    "panther": "Panther",
    "sentinel": "Microsoft Sentinel",
    "cortex": "Cortex XSIAM",
    "xsiam": "Cortex XSIAM",
    "wazuh": "Wazuh",
    "siem": N_("SIEM collector"),
}
WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
"""The words of a name, parted by anything that is no letter, or by capitals."""
QUERYING = ("athena:StartQueryExecution", "athena:GetQueryResults")
COPIER = N_("S3 replication")
ACCESS_GRANTS = "access-grants.s3.amazonaws.com"
TRUSTED = {
    "lambda.amazonaws.com": N_("Lambda subscriber"),
    "glue.amazonaws.com": "AWS Glue",
    "athena.amazonaws.com": "Athena",
    "macie.amazonaws.com": "Macie",
    "cloudtrail.amazonaws.com": N_("CloudTrail Lake import"),
    "s3.amazonaws.com": COPIER,
    ACCESS_GRANTS: "S3 Access Grants",
    "batchoperations.s3.amazonaws.com": "S3 Batch Operations",
}
ELSEWHERE = N_("another account")
KNOWN = frozenset({"", *VENDORS.values(), *TRUSTED.values(), ELSEWHERE})
"""All that a principal is known as."""


def known_as(arn: str, estate: Estate, bucket: Bucket | UnreadBucket | None) -> str:
    """Return what the principal is known as, a marked text or a product's name; "" for nothing."""
    replication = bucket.replication if isinstance(bucket, Bucket) else None
    if isinstance(replication, Replication) and arn == replication.role:
        return COPIER
    words = {word.lower() for word in WORDS.findall(arn.rpartition("/")[2])}
    if named := [vendor for word, vendor in VENDORS.items() if word in words]:
        return named[0]
    principal = estate.by_arn.get(arn)
    if principal is None:
        return _elsewhere(arn, estate)
    return _by_trust(principal) or _by_policies(principal, estate)


def _elsewhere(arn: str, estate: Estate) -> str:
    return ELSEWHERE if account_of(arn) not in {"", *estate.by_account} else ""


def _by_trust(principal: Principal) -> str:
    if principal.kind is not PrincipalKind.ROLE:
        return ""
    for kind, value in principals_in(principal.trust):
        if kind == "Service" and (known := TRUSTED.get(usual_name(value))):
            return known
        outside = kind == "AWS" and account_of(value) not in {"", account_of(principal.arn)}
        if outside and "sts:ExternalId" in principal.trust:
            return N_("SIEM collector")
    return ""


def _by_policies(principal: Principal, estate: Estate) -> str:
    statements = _statements(principal, estate)
    actions = {a for s in statements if s.grants for a in s.actions if a.lower().startswith("athena:")}
    return "Athena" if any(names_action(a, wanted) for a in actions for wanted in QUERYING) else ""


def names_bucket(principal: Principal, estate: Estate, bucket: str) -> bool:
    """Whether an Allow in the principal's own policies names this bucket, not just every resource."""
    return any(
        s.grants
        and any(r.startswith("arn:") and r.split(":")[-1].split("/")[0] == bucket for r in s.resources)
        for s in _statements(principal, estate)
    )


def _statements(principal: Principal, estate: Estate) -> list[WrittenStatement]:
    account = account_of(principal.arn)
    policies = estate.policies_of(principal, account)
    return [statement for policy in policies for statement in statements_in(policy.document)]
