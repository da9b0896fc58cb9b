"""What the lab knows of a key beyond moto: rotation period, imported material, last use."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from moto.kms.models import Key

from trailseal_lab.world import World


@dataclass(kw_only=True)
class ImportToken:
    """One answer of GetParametersForImport, until its material arrives or a day has passed."""

    private_key: RSAPrivateKey
    algorithm: str
    valid_to: datetime


@dataclass(kw_only=True)
class Material:
    """One key material: when it became current, and of an imported one whether it is there, until when."""

    id: str
    rotated: datetime | None = None
    imported: bool = True
    expiration_model: str = ""
    valid_to: datetime | None = None
    description: str = ""


@dataclass(kw_only=True)
class FactsOfKey:
    """The facts of one key."""

    rotation_period: int = 365
    rotation_enabled_at: datetime | None = None
    tokens: dict[bytes, ImportToken] = field(default_factory=dict)
    materials: list[Material] = field(default_factory=list)
    pending: Material | None = None
    made_with: dict[bytes, str] = field(default_factory=dict)
    last_operation: str = ""
    last_used: datetime | None = None
    last_request_id: str = ""


@dataclass
class KeyFacts:
    """The facts of every key, by ARN."""

    by_arn: dict[str, FactsOfKey] = field(default_factory=dict)

    def of(self, key: Key) -> FactsOfKey:
        """Return the facts of a key, empty ones at first."""
        return self.by_arn.setdefault(str(key.arn), FactsOfKey())


def facts_of(world: World, key: Key) -> FactsOfKey:
    """Return what is known of a key beyond moto."""
    return world.part(KeyFacts).of(key)


def note_use(world: World, key: Key, operation: str, request_id: str) -> None:
    """Remember a key's last use, for GetKeyLastUsage."""
    facts = facts_of(world, key)
    facts.last_operation, facts.last_used, facts.last_request_id = operation, world.now(), request_id
