"""Which generated lines a difference that the page tells can touch."""

from __future__ import annotations

import json
from typing import Any

OTHER_ACCOUNT = "210987654321"
RESOURCES = ("Resource", "NotResource")


def _statements(line: dict[str, Any]) -> list[dict[str, Any]]:
    return [statement for document in _documents(line["policies"]) for statement in document["Statement"]]


def spares_somebody(line: dict[str, Any]) -> bool:
    return any("NotPrincipal" in statement for statement in _statements(line))


def of_a_service_linked_role(line: dict[str, Any]) -> bool:
    guarded = "scp" in line["policies"] or "rcp" in line["policies"]
    return guarded and ":role/aws-service-role/" in str(line["request"]["principal"])


def of_a_service_under_an_scp(line: dict[str, Any]) -> bool:
    return "scp" in line["policies"] and isinstance(line["request"]["principal"], dict)


def of_a_federated_user_without_its_policy(line: dict[str, Any]) -> bool:
    return "session" not in line["policies"] and ":federated-user/" in str(line["request"]["principal"])


def of_a_federated_user_whose_maker_may_be_named(line: dict[str, Any]) -> bool:
    principal = str(line["request"]["principal"])
    users = f"arn:aws:iam::{principal.split(':')[4]}:user/" if ":federated-user/" in principal else ""
    return bool(users) and users in str(line["policies"])


def manages_a_key_of_another_account(line: dict[str, Any]) -> bool:
    request = line["request"]
    return request["action"] == "kms:PutKeyPolicy" and f"::{OTHER_ACCOUNT}:" in str(request["principal"])


def is_unsigned_to_kms(line: dict[str, Any]) -> bool:
    return line["request"]["principal"] == "anonymous" and line["request"]["action"].startswith("kms:")


def negates_a_variable(line: dict[str, Any]) -> bool:
    return any(
        "Not" in operator and "${" in json.dumps(keys)
        for statement in _statements(line)
        for operator, keys in statement.get("Condition", {}).items()
    )


def of_a_role_whose_session_is_named(line: dict[str, Any]) -> bool:
    """A role that is asked as such, where somebody writes down one of its sessions."""
    principal = str(line["request"]["principal"])
    session = principal.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/") + "/"
    return ":role/" in principal and any(session in json.dumps(s) for s in _statements(line))


def compares_an_address_with_the_other_version(line: dict[str, Any]) -> bool:
    """A lone IPv4 address under NotIpAddress, and a caller with an IPv6 address."""
    given = line["request"]["context"].get("aws:SourceIp", "")
    tested = [
        json.dumps(keys)
        for statement in _statements(line)
        for operator, keys in statement.get("Condition", {}).items()
        if operator.startswith("NotIpAddress")
    ]
    return ":" in given and any('"192.0.2.7"' in each for each in tested)


def has_a_variable_in_an_rcp(line: dict[str, Any]) -> bool:
    return "${" in json.dumps(line["policies"].get("rcp", ""))


def named_to_all_under_a_limit(line: dict[str, Any]) -> bool:
    policies = line["policies"]
    given = policies.get("resource", {}).get("Statement", [])
    names = any(s["Effect"] == "Allow" and s.get("Principal") in ("*", {"AWS": "*"}) for s in given)
    return names and ("session" in policies or "boundary" in policies)


def old_with_a_variable_in_a_resource(line: dict[str, Any]) -> bool:
    return any(
        document["Version"] == "2008-10-17" and "${" in json.dumps([s.get(name) for name in RESOURCES])
        for document in _documents(line["policies"])
        for s in document["Statement"]
    )


def _documents(value: Any) -> list[dict[str, Any]]:
    """Return every document of a line, however deep its layer holds it."""
    if isinstance(value, dict) and "Statement" in value:
        return [value]
    inner = value.values() if isinstance(value, dict) else value
    return [document for each in inner for document in _documents(each)]
