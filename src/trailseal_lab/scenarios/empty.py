"""An account with one administrator and nothing else."""

from __future__ import annotations

from trailseal_lab.inside import client
from trailseal_lab.world import World


def build(world: World) -> None:
    """Make `user/admin` with every permission."""
    iam = client(world, "iam")
    iam.create_user(UserName="admin")
    iam.attach_user_policy(UserName="admin", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    world.default_principal = f"arn:aws:iam::{world.account}:user/admin"
