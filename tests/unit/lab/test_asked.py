"""Which operation a request asks for, however its SDK writes that."""

from __future__ import annotations

import pytest
from botocore.loaders import Loader
from botocore.session import get_session

SHORT = {
    "cloudtrail": "CloudTrail_20131101",
    "codeconnections": "CodeConnections_20231201",
    "codestar-connections": "CodeStar_connections_20191201",
}
"""What SDKs that are made of Smithy models send where botocore's models have a name with dots."""


@pytest.mark.parametrize("service", SHORT)
def test_a_service_is_asked_by_its_short_and_its_dotted_name(here, service):
    model = get_session().get_service_model(service)
    operation = next(name for name in model.operation_names if name.startswith("List"))
    members = {"ResourceIdList": ["x"]} if operation == "ListTags" else {}
    given = members if operation == "ListTags" else {}

    whole = here.ask(service, f"{model.metadata['targetPrefix']}.{operation}", given)
    short = here.ask(service, f"{SHORT[service]}.{operation}", given)

    assert model.metadata["targetPrefix"].endswith("." + SHORT[service])
    assert (short.status, short.code) == (whole.status, whole.code)
    assert short.code != "UnknownOperationException"


@pytest.mark.parametrize(
    "target", ["20131101.ListTrails", "Other_20131101.ListTrails", "ListTrails", "", "."]
)
def test_no_other_name_is_taken_for_it(here, target):
    assert here.ask("cloudtrail", target, {}).code == "UnknownOperationException"


def test_every_service_is_found_by_the_name_that_it_is_signed_for():
    from trailseal_lab.operations import services_signed_for

    session = get_session()
    loader = Loader()
    for service in ("accessanalyzer", "elbv2", "cloudwatch", "efs", "sesv2", "docdb", "stepfunctions", "sso"):
        metadata = loader.load_service_model(service, "service-2")["metadata"]
        signed = metadata.get("signingName") or metadata["endpointPrefix"]
        assert service in services_signed_for(signed)
    assert services_signed_for("nothing") == ("nothing",)
    assert set(session.get_available_services()) >= set(services_signed_for("rds"))


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("version", "member"),
    [("2012-06-01", b"<LoadBalancerDescriptions"), ("2015-12-01", b"<LoadBalancers")],
    ids=["elb", "elbv2"],
)
def test_services_of_one_name_are_told_apart_by_their_version(here, version, member):
    kind = "application/x-www-form-urlencoded; charset=utf-8"
    body = f"Action=DescribeLoadBalancers&Version={version}".encode()

    answer = here.send("elasticloadbalancing", body, Content_Type=kind)

    assert answer.status == 200
    assert member in answer.body
