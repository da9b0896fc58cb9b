"""
An organization: a trail for all of it into the log archive account's bucket, a trail of one Region, and one
that is under a shared key already.
"""

from __future__ import annotations

import json
from typing import Any

from moto.organizations.models import organizations_backends

from trailseal_lab.cloudtrail.history import write_history
from trailseal_lab.cloudtrail.trails import organization_id, trail_named
from trailseal_lab.hub.catalogue import CIS5, FSBP
from trailseal_lab.hub.state import enable
from trailseal_lab.inside import client
from trailseal_lab.scenarios.parts import (
    bucket_policy,
    key_policy,
    make_bucket,
    make_key,
    make_role,
    trail_arn,
)
from trailseal_lab.scenarios.story import ADMINISTRATOR, make_operator
from trailseal_lab.world import World

MEMBERS = {"111111111111": "workload-1", "222222222222": "workload-2", "333333333333": "log-archive"}
ARCHIVE = "333333333333"
EUROPE, AMERICA = "eu-west-1", "us-east-1"


def build(world: World) -> None:
    """Make the organization, its accounts, keys and trails."""
    make_operator(world)
    make_organization(world)
    make_organization_trail(world)
    make_regional_trail(world)
    make_sealed_trail(world)
    for name in ("auditor", "admin"):
        for account in MEMBERS:
            make_role(world, name, policies=(ADMINISTRATOR,), account=account)
    for region in (world.region, EUROPE, AMERICA):
        enable(world, world.account, region, standards=(FSBP, CIS5))


def make_organization(world: World) -> None:
    """Make an organization with all features and three members of known ids."""
    organizations = client(world, "organizations", region=AMERICA)
    organizations.create_organization(FeatureSet="ALL")
    backend: Any = organizations_backends[world.account]["aws"]
    for account, name in MEMBERS.items():
        organizations.create_account(AccountName=name, Email=f"{name}@example.com")
        organizations_backends.master_accounts.pop(str(backend.accounts[-1].id), None)
        backend.accounts[-1].id = account
        organizations_backends.master_accounts[account] = (world.account, "aws")
    organizations.enable_aws_service_access(ServicePrincipal="cloudtrail.amazonaws.com")


def make_organization_trail(world: World) -> None:
    """Make the trail of everybody, into a bucket of the log archive account."""
    name, bucket, organization = "organization-events", "example-archive-logs", organization_id(world.account)
    policy = bucket_policy(world, bucket=bucket, trail=name, organization=organization)
    make_bucket(world, bucket, policy=policy, account=ARCHIVE)
    cloudtrail = client(world, "cloudtrail")
    cloudtrail.create_trail(
        Name=name,
        S3BucketName=bucket,
        IsMultiRegionTrail=True,
        IsOrganizationTrail=True,
        IncludeGlobalServiceEvents=True,
        EnableLogFileValidation=True,
    )
    cloudtrail.start_logging(Name=name)
    trail = trail_named(name)
    places = [(account, world.region) for account in (world.account, *MEMBERS)]
    write_history(world, trail, hours=24, places=[*places, (world.account, AMERICA)])


def make_regional_trail(world: World) -> None:
    """Make a single-Region trail on SSE-S3."""
    name, bucket = "us-events", "example-us-logs"
    make_bucket(
        world,
        bucket,
        policy=bucket_policy(world, bucket=bucket, trail=name, region=AMERICA),
        region="us-east-2",
    )
    cloudtrail = client(world, "cloudtrail", region=AMERICA)
    cloudtrail.create_trail(Name=name, S3BucketName=bucket, EnableLogFileValidation=False)
    cloudtrail.start_logging(Name=name)
    write_history(world, trail_named(name), hours=24)


def make_sealed_trail(world: World) -> None:
    """Make a trail that is under a key already, one that an application shares."""
    name, bucket = "eu-events", "example-eu-logs"
    make_bucket(
        world, bucket, policy=bucket_policy(world, bucket=bucket, trail=name, region=EUROPE), region=EUROPE
    )
    application = {
        "Sid": "AllowApplication",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{world.account}:user/operator"},
        "Action": ["kms:Encrypt", "kms:Decrypt"],
        "Resource": "*",
    }
    policy = key_policy(world, trails=[trail_arn(world, name, region=EUROPE)], others=(application,))
    key = make_key(world, policy=policy, alias="alias/shared-logs", region=EUROPE)
    shared_at_home(world, application)
    cloudtrail = client(world, "cloudtrail", region=EUROPE)
    cloudtrail.create_trail(Name=name, S3BucketName=bucket, EnableLogFileValidation=True, KmsKeyId=key)
    cloudtrail.start_logging(Name=name)
    write_history(world, trail_named(name), hours=24)


def shared_at_home(world: World, application: dict[str, Any]) -> None:
    """Make an application's key in the home Region, which a plan may choose and has to merge into."""
    kms = client(world, "kms")
    administration = {
        "Sid": "EnableIamPolicies",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{world.account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [administration, application]})
    arn = kms.create_key(Policy=policy)["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/shared-logs", TargetKeyId=arn)
