"""`trailseal policy show|lint|diff`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from trailseal.cli.command import answer_options, aws_options, common_options, group
from trailseal.cli.parameters import SOURCE
from trailseal.errors import ExitCode

if TYPE_CHECKING:
    from trailseal.aws.key_policy import AwsKeyPolicies


@group()
def policy() -> None:
    """
    Show, lint and compare key policies in plain words.

    A policy is a file, `-` for stdin, or the key policy of a key given by ARN, ID or alias.
    """


@policy.command()
@click.argument("source", type=SOURCE, metavar="FILE|KEY")
@aws_options
@answer_options
@common_options
def show(source: str, profile: str | None, region: str | None, output: str) -> ExitCode:
    """Show a policy statement by statement: who may do what, when, and what it really does."""
    from trailseal.run.policy import show as run_show
    from trailseal.view.answer import answer
    from trailseal.view.brief.policy import shown_brief
    from trailseal.view.policy import print_shown

    shown = run_show(source, _keys(profile, region))
    answer(shown, output, print_shown, shown_brief)
    return ExitCode.CLEAN


@policy.command()
@click.argument("source", type=SOURCE, metavar="FILE|KEY")
@aws_options
@answer_options
@common_options
def lint(source: str, profile: str | None, region: str | None, output: str) -> ExitCode:
    """Find what a policy does that its author cannot have meant. Exits 3 when there is something."""
    from trailseal.run.policy import check
    from trailseal.view.answer import answer
    from trailseal.view.brief.policy import linted_brief
    from trailseal.view.policy import print_linted

    linted = check(source, _keys(profile, region))
    answer(linted, output, print_linted, linted_brief)
    return linted.exit_code


@policy.command()
@click.argument("before", type=SOURCE, metavar="BEFORE")
@click.argument("after", type=SOURCE, metavar="AFTER")
@aws_options
@answer_options
@common_options
def diff(before: str, after: str, profile: str | None, region: str | None, output: str) -> ExitCode:
    """Compare two policies by statement; order is no change. Exits 3 when they differ."""
    from trailseal.run.policy import difference
    from trailseal.view.answer import answer
    from trailseal.view.brief.policy import compared_brief
    from trailseal.view.policy import print_compared

    compared = difference(before, after, _keys(profile, region))
    answer(compared, output, print_compared, compared_brief)
    return compared.exit_code


def _keys(profile: str | None, region: str | None) -> AwsKeyPolicies:
    from trailseal.aws.key_policy import AwsKeyPolicies

    return AwsKeyPolicies(profile=profile, region=region)
