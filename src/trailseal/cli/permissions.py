"""`trailseal permissions`."""

from __future__ import annotations

import click

from trailseal.cli.command import command, common_options
from trailseal.errors import ExitCode


@command()
@click.argument("verb", default="")
@common_options
def permissions(verb: str) -> ExitCode:
    """
    Print the IAM permissions that each verb needs.

    With VERB that verb's, else those of all verbs together: an IAM policy, as JSON.
    """
    click.echo(policy_text(verb))
    return ExitCode.CLEAN


def policy_text(verb: str = "") -> str:
    """Return the policy as indented JSON."""
    import json

    from trailseal.run.permissions import policy

    return json.dumps(policy(verb), indent=2)
