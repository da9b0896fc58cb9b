"""
A policy or a role as JSON, as a CloudFormation template or as Terraform.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-managedpolicy.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html and
https://developer.hashicorp.com/terraform/language/functions/jsonencode
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any

import msgspec

from trailseal.run.permissions.member import Role


class Notation(StrEnum):
    """In which words a policy is printed."""

    JSON = "json"
    CLOUDFORMATION = "cloudformation"
    TERRAFORM = "terraform"


def policy_text(document: dict[str, Any], verb: str, notation: Notation) -> str:
    """Return a verb's policy in a notation, named after the verb."""
    name = "-".join(("trailseal", *verb.split()))
    match notation:
        case Notation.JSON:
            return json.dumps(document, indent=2)
        case Notation.CLOUDFORMATION:
            properties = {"ManagedPolicyName": name, "PolicyDocument": document}
            return _template("AWS::IAM::ManagedPolicy", properties)
        case Notation.TERRAFORM:
            return _block("aws_iam_policy", name, {"name": json.dumps(name), "policy": _encoded(document)})


def role_text(role: Role, notation: Notation) -> str:
    """Return a role in a notation, with its policy."""
    match notation:
        case Notation.JSON:
            return json.dumps(msgspec.to_builtins(role), indent=2)
        case Notation.CLOUDFORMATION:
            own = {"PolicyName": role.role_name, "PolicyDocument": role.policy_document}
            properties = {
                "RoleName": role.role_name,
                "AssumeRolePolicyDocument": role.assume_role_policy_document,
                "Policies": [own],
            }
            return _template("AWS::IAM::Role", properties)
        case Notation.TERRAFORM:
            return f"{_terraform_role(role)}\n\n{_terraform_policy(role)}"


def _terraform_role(role: Role) -> str:
    trust = _encoded(role.assume_role_policy_document)
    named = json.dumps(role.role_name)
    return _block("aws_iam_role", role.role_name, {"name": named, "assume_role_policy": trust})


def _terraform_policy(role: Role) -> str:
    owner = f"aws_iam_role.{_label(role.role_name)}.id"
    written = {"name": json.dumps(role.role_name), "role": owner, "policy": _encoded(role.policy_document)}
    return _block("aws_iam_role_policy", role.role_name, written)


def _template(kind: str, properties: dict[str, Any]) -> str:
    document = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {"Trailseal": {"Type": kind, "Properties": properties}},
    }
    return json.dumps(document, indent=2)


def _block(kind: str, name: str, attributes: dict[str, str]) -> str:
    """Return a resource; its attributes stand in one column, as `terraform fmt` writes them."""
    width = max(map(len, attributes))
    lines = [f"  {key:<{width}} = {value}" for key, value in attributes.items()]
    return "\n".join((f'resource "{kind}" "{_label(name)}" {{', *lines, "}"))


def _label(name: str) -> str:
    return name.replace("-", "_")


def _encoded(document: dict[str, Any]) -> str:
    """Return the document as Terraform's own value, which JSON is but for the signs of a template."""
    text = json.dumps(document, indent=2).replace("${", "$${").replace("%{", "%%{")
    return "jsonencode(" + text.replace("\n", "\n  ") + ")"
