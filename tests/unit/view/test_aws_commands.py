"""Every command of the AWS CLI that is printed says in which Region it is meant, as the sources write it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from hints import SOURCES
from plan_estate import bucket, plan_of, snapshot
from trailseal.controls import bucket_remedies
from trailseal.controls.typed import typed
from trailseal.model.unreadable import Unreadable
from trailseal.plan.concern_facts import Code

COMMAND = re.compile(r"aws (?!ARN)([a-z][a-z0-9]+) ([a-z]+(?:-[a-z]+)+)((?:(?! aws |, then|`).)*)")
GLOBAL = frozenset({"iam", "configure"})
"""What is asked the same from every Region: https://docs.aws.amazon.com/general/latest/gr/iam-service.html"""
NAMED_ALONE = frozenset({"aws kms get-key-policy", "aws cloudtrail validate-logs"})
"""What a text names without telling anybody to type it."""


def written() -> Iterator[tuple[str, str, bool]]:
    """Yield each command of a text or of `typed`, where it stands, and whether it has a Region."""
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docstrings = {
            id(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(tree):
            match node:
                case ast.Call(
                    func=ast.Name(id="typed"), args=[ast.Constant(value=str(words)), *_], keywords=given
                ):
                    docstrings.add(id(node.args[0]))
                    yield words, path.stem, any(each.arg == "region" for each in given)
                case ast.JoinedStr():
                    docstrings |= {id(each) for each in node.values}
                    yield from _in_text(ast.unparse(node), path.stem)
                case ast.Constant(value=str(text)) if id(node) not in docstrings:
                    yield from _in_text(text, path.stem)


def _in_text(text: str, place: str) -> Iterator[tuple[str, str, bool]]:
    for service, operation, rest in COMMAND.findall(text):
        yield f"aws {service} {operation}", place, "--region" in rest


def test_every_command_of_the_aws_cli_names_its_region() -> None:
    found = list(written())
    told = {command for command, _, _ in found}

    assert len(told) > 15, told
    assert [
        (command, place)
        for command, place, has_region in found
        if not has_region
        and command.startswith("aws ")
        and command.split()[1] not in GLOBAL
        and command not in NAMED_ALONE
    ] == []


def test_a_bucket_policy_is_put_in_the_buckets_region_whatever_the_trails_is() -> None:
    for region, said in (
        ("eu-west-3", "--region eu-west-3 "),
        (Unreadable(call="s3:HeadBucket", code="AccessDenied", where="b"), None),
    ):
        seen = snapshot(buckets=(bucket(region=region, policy='{"Version": "2012-10-17", "Statement": []}'),))
        found = [each for each in plan_of(seen).concerns if each.code is Code.BUCKET_POLICY_LACKS]
        assert [each.facts.bucket_region for each in found] == [region] if said else not found


def test_a_region_that_nobody_would_say_is_one_to_fill_in_and_never_the_sessions() -> None:
    made = bucket_remedies.log_access("logs", "", account="111122223333", partition="aws")

    assert made.count("--region REGION") == made.count("aws s3api") == 3
    assert "LocationConstraint=REGION" in made
    assert bucket_remedies.shut("logs", "").count("--region REGION") == 1
    assert "--region" not in typed("aws iam get-role", role_name="a")
