"""One line in, one line out."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from schema_fit import SCHEMAS
from trailseal.access.given_grant import GivenConstraints, GivenGrant
from trailseal.access.lines import answer_line
from trailseal.access.one_request import plain, written

ALICE = "arn:aws:iam::123456789012:user/alice"
KEY = "arn:aws:kms:ap-northeast-1:123456789012:key/k"


def ask(**more: Any) -> dict[str, Any]:
    """Return the answer to a line about a key whose policy names alice, as changed."""
    document = {
        "Statement": {"Effect": "Allow", "Principal": {"AWS": ALICE}, "Action": "kms:*", "Resource": "*"}
    }
    request = {"principal": ALICE, "action": "kms:Decrypt", "resource": KEY}
    line = {"id": 7, "request": request, "policies": {"identity": [], "resource": document}} | more
    answer: dict[str, Any] = json.loads(answer_line(json.dumps(line).encode()))
    return answer


def test_an_answer_has_the_id_the_effect_and_the_reasons() -> None:
    assert ask() == {
        "id": 7,
        "effect": "allowed",
        "reasons": [
            {
                "layer": "resource",
                "outcome": "allow",
                "policy": "resource[0]",
                "statement": "#1",
                "detail": "",
            }
        ],
        "conditions": [],
    }


def test_an_id_comes_back_as_it_is() -> None:
    assert ask(id={"a": [1, None]})["id"] == {"a": [1, None]}


def test_context_values_may_be_truth_values_numbers_and_lists() -> None:
    conditions = {
        "Bool": {"aws:SecureTransport": "true"},
        "NumericEquals": {"s3:max-keys": "5"},
        "ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]},
    }
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": conditions}
    context = {"aws:SecureTransport": True, "s3:max-keys": 5, "aws:TagKeys": ["a"]}

    answer = ask(
        request={
            "principal": ALICE,
            "action": "s3:ListBucket",
            "resource": "arn:aws:s3:::b",
            "context": context,
        },
        policies={"identity": [{"Statement": statement}]},
    )

    assert answer["effect"] == "allowed"


def test_a_document_may_be_a_text() -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}

    assert (
        ask(policies={"identity": [], "resource": json.dumps({"Statement": statement})})["effect"]
        == "allowed"
    )


def test_null_is_no_layer_but_a_null_document_is_invalid() -> None:
    assert ask(policies={"identity": None, "scp": None})["effect"] == "implicitly_denied"
    assert ask(policies={"identity": [None]})["effect"] == "invalid"


def test_a_misspelt_field_of_the_line_is_invalid_and_keeps_the_id() -> None:
    answer = ask(polices={})

    assert (answer["id"], answer["effect"]) == (7, "invalid")
    assert "polices" in answer["reasons"][0]["detail"]


def test_the_place_of_a_mistake_is_told() -> None:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEqual": {"a": "b"}}}

    answer = ask(policies={"scp": [[], [{"Version": "2012-10-17", "Statement": [statement]}]]})

    assert answer["reasons"] == [
        {
            "layer": "scp",
            "outcome": "invalid",
            "policy": "",
            "statement": "[1][0].Statement[0].Condition.StringEqual",
            "detail": "no such operator",
        }
    ]


def test_a_line_that_is_not_json_has_no_id() -> None:
    assert json.loads(answer_line(b"{"))["id"] is None


def test_the_published_schemas_name_the_fields_that_are_read_and_written() -> None:
    line = SCHEMAS["simulate.line"]
    answer = SCHEMAS["simulate.answer"]

    assert set(line["properties"]) == {"id", "request", "policies", "derive", "unknown_context"}
    assert set(answer["properties"]) == set(ask())
    assert set(answer["properties"]["reasons"]["items"]["properties"]) == set(ask()["reasons"][0])


@pytest.mark.parametrize(("name", "read"), [("Grant", GivenGrant), ("GrantConstraints", GivenConstraints)])
def test_the_published_schema_tells_of_a_grant_what_is_read(name: str, read: type) -> None:
    published = SCHEMAS["simulate.line"]["$defs"][name]
    schema = msgspec.json.schema(read)["$defs"][read.__name__]

    assert published["properties"].keys() == schema["properties"].keys()
    assert published.get("required", []) == schema["required"]
    assert published["additionalProperties"] is schema["additionalProperties"] is False


def line(text: str) -> dict[str, Any]:
    """Return the answer to a line as text."""
    answer: dict[str, Any] = json.loads(answer_line(text.encode()))
    return answer


REQUEST = f'"principal":"{ALICE}","action":"kms:Decrypt","resource":"{KEY}"'


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (f'{{"request":{{{REQUEST},"action":"kms:Encrypt"}}}}', "request.action"),
        (f'{{"request":{{{REQUEST},"\\u0061ction":"kms:Encrypt"}}}}', "request.action"),
        (f'{{"request":{{{REQUEST}}},"request" : {{{REQUEST}}}}}', "request"),
        (f'{{"id":1,"request":{{{REQUEST}}},"derive":true,"derive":false}}', "derive"),
        (f'{{"id":{{"a":1,"a":2}},"request":{{{REQUEST}}},"policies":{{}}}}', "id.a"),
        (f'{{"request":{{{REQUEST},"context":{{"a":"1","a":"2"}}}}}}', "request.context.a"),
        (f'{{"request":{{{REQUEST}}},"policies":{{"scp":[],"scp":[[]]}}}}', "policies.scp"),
        (
            f'{{"request":{{{REQUEST}}},"policies":{{"grants":[{{"Operations":[],"Name":"1","Name":"2"}}]}}}}',
            "policies.grants[0].Name",
        ),
        (f'{{"policies":{{}},"request":{{{REQUEST}}},"policies":{{}}}}', "policies"),
    ],
)
def test_a_name_that_stands_twice_makes_a_line_invalid_with_its_place(text: str, place: str) -> None:
    answer = line(text)

    assert answer["effect"] == "invalid"
    assert [(r["layer"], r["statement"]) for r in answer["reasons"]] == [("request", place)]


def test_a_name_that_stands_twice_in_a_document_is_told_by_its_layer() -> None:
    document = '{"Statement":[],"Statement":[]}'
    for given in (document, json.dumps(document)):
        answer = line(f'{{"request":{{{REQUEST}}},"policies":{{"identity":[{given}]}}}}')

        assert answer["effect"] == "invalid"
        assert [(r["layer"], r["statement"]) for r in answer["reasons"]] == [("identity", "[0].Statement")]


@pytest.mark.parametrize("between", [(",", ":"), (" , ", " : "), ("\t,", "\r:\t")])
def test_a_text_that_looks_like_names_is_none(between: tuple[str, str]) -> None:
    odd = '": " : '
    request = {
        "principal": ALICE,
        "action": "kms:Decrypt",
        "resource": KEY,
        "resource_account": "123456789012",
    }
    asked = {
        "request": {**request, "context": {"aws:UserAgent": odd, odd: "x"}},
        "policies": {"identity": [json.dumps({"Id": odd, "Statement": []})], "resource": {"Statement": []}},
        "unknown_context": "absent",
        "id": {odd: odd},
    }

    answer = line(json.dumps(asked, separators=between))

    assert answer["reasons"][0]["layer"] == "identity"
    assert answer["reasons"][0]["statement"] == "[0].Id"
    assert answer["id"] == {odd: odd}


def test_several_session_policies_add_up() -> None:
    def session(*statements: dict[str, Any]) -> str:
        return str(
            ask(request=SESSION, policies={**OPEN, "session": [{"Statement": s} for s in statements]})[
                "effect"
            ]
        )

    decrypt, describe = (
        {"Effect": "Allow", "Action": f"kms:{a}", "Resource": "*"} for a in ("Decrypt", "DescribeKey")
    )

    assert session(describe, decrypt) == "allowed"
    assert session(describe) == "implicitly_denied"
    assert session(decrypt, {**decrypt, "Effect": "Deny"}) == "explicitly_denied"
    assert session() == "implicitly_denied"


SESSION = {
    "principal": "arn:aws:sts::123456789012:assumed-role/R/s",
    "action": "kms:Decrypt",
    "resource": KEY,
}
OPEN = {
    "identity": [{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}],
    "resource": {
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": "123456789012"},
            "Action": "kms:*",
            "Resource": "*",
        }
    },
}


@pytest.mark.parametrize("blank", [" ", "\t", "\n", "\r", "\t  "])
@pytest.mark.parametrize("name", ["action", "resource", "derive", "policies", "aws:SourceVpc"])
def test_a_name_that_stands_twice_is_found_whatever_blank_is_before_its_colon(name: str, blank: str) -> None:
    request = {"principal": ALICE, "action": "a:B", "resource": "*", "context": {"aws:SourceVpc": "a"}}
    text = json.dumps({"request": request, "policies": {}, "derive": True})
    value = {"derive": "false", "policies": "{}"}.get(name, '"x"')
    doubled = text.replace(f'"{name}":', f'"{name}": {value}, "{name}"{blank}:')

    answer = json.loads(answer_line(doubled.encode()))

    assert answer["effect"] == "invalid"
    assert "appears twice" in answer["reasons"][0]["detail"]


def test_a_long_path_of_a_principal_is_read_in_no_time() -> None:
    principal = {"AWS": f"arn:aws:iam::123456789012:role/{'a/' * 250}!"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*"}

    answer = ask(policies={"resource": {"Statement": statement}})

    assert answer["effect"] == "invalid"


def test_what_is_not_derived_is_unknown_unless_the_line_says_absent() -> None:
    condition = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}
    document = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}, deny]}
    asked = {
        "request": {"principal": ALICE, "action": "s3:GetObject", "resource": "arn:aws:s3:::b/x"},
        "policies": {"identity": [document]},
        "derive": False,
    }

    assert ask(**asked)["effect"] == "unknown"
    assert ask(**asked, unknown_context="absent")["effect"] == "allowed"


@pytest.mark.parametrize("name", ["a", "a*", "a?b", "${*}", "${a}", "$", "${${*}", "*"])
def test_a_name_with_stars_comes_back_as_it_was_written(name: str) -> None:
    assert plain(written(name)) == name


@pytest.mark.parametrize(
    "grant",
    [
        {},
        {"Operations": None},
        {"Operations": "Decrypt"},
        {"Operations": [1]},
        {"Operations": ["Decrypt"], "Constraint": {"SourceArn": "arn:aws:s3:::logs"}},
        {"Operations": ["Decrypt"], "Constraints": {"EncryptionContextSubSet": {"a": "b"}}},
        {"Operations": ["Decrypt"], "Constraints": {"EncryptionContextEquals": {"a": ["b"]}}},
        {"Operations": ["Decrypt"], "Constraints": []},
        {"Operations": ["Decrypt"], "GranteePrincipal": ["arn:aws:iam::123456789012:user/alice"]},
        {"Operations": ["Decrypt"], "Grantee": "arn:aws:iam::123456789012:user/alice"},
    ],
)
def test_a_grant_that_lists_what_listgrants_does_not_is_invalid(grant):
    line = {
        "request": {
            "principal": "arn:aws:iam::123456789012:user/alice",
            "action": "kms:Decrypt",
            "resource": "arn:aws:kms:eu-west-1:123456789012:key/k",
        },
        "policies": {"grants": [grant]},
    }

    assert json.loads(answer_line(json.dumps(line).encode()))["effect"] == "invalid"
