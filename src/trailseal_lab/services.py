"""The modules that register handlers, observers and beats: a new one is added to this list."""

from __future__ import annotations

from importlib import import_module

MODULES: tuple[str, ...] = (
    "batch.executor",
    "batch.operations",
    "cloudformation.stacks",
    "cloudtrail.changes",
    "cloudtrail.channels",
    "cloudtrail.delivery",
    "cloudtrail.digest_delivery",
    "cloudtrail.event_data_stores",
    "cloudtrail.insights",
    "cloudtrail.log_groups",
    "cloudtrail.lookup",
    "cloudtrail.reading",
    "cloudtrail.recorder",
    "cloudtrail.tags",
    "hub.aggregation",
    "hub.config",
    "hub.associations",
    "hub.imports",
    "hub.operations",
    "hub.organizations",
    "hub.products",
    "hub.switching",
    "hub.state",
    "iam.access_keys",
    "iam.accounts",
    "iam.context_keys",
    "iam.credential_report",
    "iam.managed",
    "iam.simulator",
    "kms.aliases",
    "kms.grants",
    "kms.imports",
    "kms.pages",
    "kms.policies",
    "kms.primary",
    "kms.rotation",
    "kms.states",
    "region_list",
    "regions",
    "s3.access_logs",
    "s3.acls",
    "s3.inventories",
    "s3.inventory_reports",
    "s3.lacking",
    "s3.kept",
    "s3.listing",
    "s3.locks",
    "s3.metadata_tables",
    "s3.public_access",
    "s3.reading",
    "s3.retention",
    "s3.settings",
    "s3.update_encryption",
    "s3.uploads",
    "s3.versions",
    "s3.writing",
    "sts.identity",
    "sts.sessions",
)


def load() -> None:
    """Import every module that registers something."""
    for module in MODULES:
        import_module(f"trailseal_lab.{module}")
