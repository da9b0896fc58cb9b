"""The modules that register handlers, observers and beats: a new one is added to this list."""

from __future__ import annotations

from importlib import import_module

MODULES: tuple[str, ...] = (
    "batch.executor",
    "batch.operations",
    "cloudformation.stacks",
    "cloudtrail.changes",
    "cloudtrail.delivery",
    "cloudtrail.digest_delivery",
    "cloudtrail.lookup",
    "cloudtrail.reading",
    "cloudtrail.recorder",
    "hub.config",
    "hub.associations",
    "hub.imports",
    "hub.operations",
    "hub.organizations",
    "hub.state",
    "iam.accounts",
    "iam.managed",
    "iam.simulator",
    "kms.aliases",
    "kms.imports",
    "kms.policies",
    "kms.rotation",
    "kms.states",
    "s3.access_logs",
    "s3.inventories",
    "s3.inventory_reports",
    "s3.locks",
    "s3.metadata_tables",
    "s3.public_access",
    "s3.reading",
    "s3.settings",
    "s3.update_encryption",
    "s3.writing",
    "sts.identity",
    "sts.sessions",
)


def load() -> None:
    """Import every module that registers something."""
    for module in MODULES:
        import_module(f"trailseal_lab.{module}")
