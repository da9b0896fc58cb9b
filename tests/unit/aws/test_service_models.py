"""What the faster loader gives is what botocore's own gives."""

from __future__ import annotations

import os

import pytest
from botocore.loaders import Loader

from trailseal.aws.service_models import open_models

SERVICES = ("cloudtrail", "iam", "kms", "organizations", "s3", "s3control", "securityhub", "sts")


@pytest.mark.parametrize("service", SERVICES)
def test_a_description_is_the_one_that_botocore_reads(service):
    theirs = Loader().load_service_model(service, "service-2")

    ours = open_models(None).load_service_model(service, "service-2")

    assert list(ours) == list(theirs)
    assert list(ours["operations"]) == list(theirs["operations"])
    for name, part in theirs.items():
        assert dict(ours[name].items()) == part if isinstance(part, dict) else ours[name] == part


def test_a_part_is_decoded_once_and_a_missing_one_is_missing():
    shapes = open_models(None).load_service_model("kms", "service-2")["shapes"]

    first = shapes["KeyMetadata"]

    assert first["type"] == "structure"
    assert shapes.get("KeyMetadata") is first
    assert first in list(shapes.values())
    assert shapes.get("NoSuchShape") is None
    with pytest.raises(KeyError):
        shapes["NoSuchShape"]


def test_an_endpoint_rule_set_is_the_one_that_botocore_reads():
    theirs = Loader().load_service_model("s3", "endpoint-rule-set-1")

    assert open_models(None).load_service_model("s3", "endpoint-rule-set-1") == theirs


@pytest.mark.parametrize("path", ["~no-such-user/models", "~/models", "nowhere", ""])
def test_a_search_path_is_read_as_botocore_reads_it(path):
    theirs = Loader(extra_search_paths=[os.path.expanduser(path)] if path else [])  # noqa: PTH111 - as botocore does

    assert open_models(path).search_paths == theirs.search_paths
