"""Every change that a verb may make is refused in turn: the error names the action that lacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from plan_estate import ACCOUNT, HOME, KEY, ROOT_ONLY, TRAIL
from trailseal.aws.control_plane import AwsControlPlane
from trailseal.aws.key_service import AwsKeyService
from trailseal.errors import TrailsealError
from trailseal.model.arn import is_arn
from trailseal.plan.step import CreateKey, ReplicateKey
from trailseal.run.permissions.needs import MADE, MATERIAL, NAMELESS, RESCUED, SWITCHED, VERBS

ALIAS = "alias/logs"
PUBLIC = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
WRAPPING = {
    "get_parameters_for_import": {
        "PublicKey": PUBLIC.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "ImportToken": b"token",
    }
}
"""What AWS answers before material is sent: nothing else is called before what is refused."""
NEW = CreateKey(key="new", account=ACCOUNT, region=HOME, description="CloudTrail log files", policy=ROOT_ONLY)
AGAIN = ReplicateKey(
    key="new", primary=KEY, region="us-east-1", description="CloudTrail log files", policy=ROOT_ONLY
)


class Refusing:
    """A session, and its clients, whom AWS denies one action of one call."""

    endpoint, region = "", HOME

    def __init__(self, operation: str, action: str) -> None:
        self._operation, self._action = operation, action

    def client(self, *_: object, **__: object) -> Refusing:
        return self

    def caller(self) -> tuple[str, str]:
        return ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/somebody"

    def region_of(self, reference: str) -> str:
        return HOME if is_arn(reference) else self.region

    def __getattr__(self, name: str) -> Callable[..., dict[str, Any]]:
        def call(*_: object, **__: object) -> dict[str, Any]:
            if name != self._operation:
                return WRAPPING[name]
            said = f"User: me is not authorized to perform: {self._action} on resource: it"
            answer: Any = {
                "Error": {"Code": "AccessDeniedException", "Message": said},
                "ResponseMetadata": {"HTTPStatusCode": 400},
            }
            raise ClientError(answer, name)

        return call


class Change(NamedTuple):
    """A change by its own action, the call that makes it, and how it is asked for."""

    action: str
    operation: str
    ask: Callable[[AwsControlPlane, AwsKeyService], object]


CHANGES = (
    Change("kms:CreateKey", "create_key", lambda c, _: c.create_key(NEW, "t")),
    Change("kms:TagResource", "create_key", lambda c, _: c.create_key(NEW, "t")),
    Change("iam:CreateServiceLinkedRole", "create_key", lambda c, _: c.create_key(NEW, "t")),
    Change("kms:ReplicateKey", "replicate_key", lambda c, _: c.replicate_key(AGAIN, "t")),
    Change("kms:CreateKey", "replicate_key", lambda c, _: c.replicate_key(AGAIN, "t")),
    Change("kms:PutKeyPolicy", "put_key_policy", lambda c, _: c.put_key_policy(KEY, ROOT_ONLY)),
    Change("kms:CreateAlias", "create_alias", lambda c, _: c.create_alias(ALIAS, KEY)),
    Change("kms:DeleteAlias", "delete_alias", lambda c, _: c.delete_alias(ALIAS, HOME)),
    Change("kms:EnableKeyRotation", "enable_key_rotation", lambda c, _: c.set_rotation(KEY, 90)),
    Change("kms:DisableKeyRotation", "disable_key_rotation", lambda c, _: c.set_rotation(KEY, 0)),
    Change("kms:CancelKeyDeletion", "cancel_key_deletion", lambda c, _: c.cancel_key_deletion(KEY)),
    Change("kms:EnableKey", "enable_key", lambda c, _: c.enable_key(KEY)),
    Change("cloudtrail:UpdateTrail", "update_trail", lambda c, _: c.update_trail(TRAIL, HOME, KEY)),
    Change("kms:EnableKeyRotation", "enable_key_rotation", lambda _, k: k.rotate_every(KEY, 90)),
    Change("kms:RotateKeyOnDemand", "rotate_key_on_demand", lambda _, k: k.rotate_now(KEY)),
    Change(
        "kms:GetParametersForImport",
        "get_parameters_for_import",
        lambda c, _: c.import_material(KEY, bytes(32), None),
    ),
    Change(
        "kms:ImportKeyMaterial", "import_key_material", lambda c, _: c.import_material(KEY, bytes(32), None)
    ),
    Change("kms:ListKeys", "get_paginator", lambda c, _: c.tagged_keys("t", HOME)),
)


@pytest.mark.parametrize("change", CHANGES, ids=range(len(CHANGES)))
def test_a_refused_change_names_the_action_that_lacks(change: Change) -> None:
    session: Any = Refusing(change.operation, change.action)

    with pytest.raises(TrailsealError) as refused:
        change.ask(AwsControlPlane(session), AwsKeyService(session))

    assert change.action in f"{refused.value} {refused.value.hint}"


def test_the_table_holds_each_action_that_changes_something() -> None:
    rotating = {need.action for need in VERBS["key rotate"]} - {need.action for need in VERBS["key show"]}
    allowed = {need.action for need in (*SWITCHED, *RESCUED, *MADE, *NAMELESS, *MATERIAL)} | rotating

    assert allowed == {change.action for change in CHANGES}
