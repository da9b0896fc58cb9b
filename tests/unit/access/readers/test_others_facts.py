"""What a key's tags and other principals' IDs tell of a request, and what they leave open."""

from __future__ import annotations

from msgspec import structs

from story_account import KEY, account
from trailseal.access.facts import Lack, OneOf
from trailseal.access.readers.estate import Estate
from trailseal.access.readers.from_snapshot import estate_of
from trailseal.access.readers.subject import stranger_of
from trailseal.access.readers.subject_kind import SubjectKind
from trailseal.model.key import Tags
from trailseal.model.principal import Inventory, Principal, PrincipalKind

ACCOUNT, ELSEWHERE = "123456789012", "444455556666"
READER = Principal(
    arn=f"arn:aws:iam::{ACCOUNT}:role/reader", kind=PrincipalKind.ROLE, principal_id="AROAREADER00"
)
GUARDED = '{"Statement":[{"Condition":{"StringNotLike":{"aws:userid":"AROAREADER00:*"}}}]}'
NOBODY = Inventory(account=ACCOUNT, principals=(READER,))


def userid(kind: SubjectKind, name: str, policy: str = GUARDED):
    estate = Estate(bucket_policy=policy, inventories=(NOBODY,))
    service = "sts" if "assumed-role" in name or "federated" in name else "iam"
    arn = f"arn:aws:{service}::{ELSEWHERE}:{name}"
    return stranger_of(arn, kind, ELSEWHERE, estate).context.get("aws:userid")


def test_nobody_else_has_the_unique_id_of_a_known_principal():
    theirs = ("AROAREADER00", "AROAREADER00:*")

    assert userid(SubjectKind.ROLE, "role/x") == OneOf(("AROA*:*",), but_for=theirs)
    assert userid(SubjectKind.USER, "user/x") == OneOf(("AIDA*",), but_for=theirs)
    assert userid(SubjectKind.SESSION, "assumed-role/x/s1") == OneOf(("AROA*:s1",), but_for=theirs)
    assert userid(SubjectKind.FEDERATED, "federated-user/x") is None


def test_ids_that_no_policy_names_are_not_told_apart():
    assert userid(SubjectKind.USER, "user/x", policy="") is None
    assert userid(SubjectKind.ROLE, "role/x", policy="") == OneOf(("AROA*:*",))


def test_tags_whose_names_differ_in_case_only_settle_nothing():
    snapshot = account()
    tags = Tags(values={"Team": "a", "team": "b", "data": "public"})
    tagged = structs.replace(snapshot, keys=(structs.replace(snapshot.keys[0], tags=tags),))

    facts = estate_of(tagged, snapshot.trails[0], kms_key=KEY).key_facts

    assert facts["aws:ResourceTag/data"] == ("public",)
    assert facts["aws:ResourceTag/Team"] is facts["aws:ResourceTag/team"] is Lack.UNKNOWN
