"""`trailseal who`."""

from __future__ import annotations

import click

from trailseal.cli.command import aws_options, common_options, format_option, option
from trailseal.cli.command import command as verb
from trailseal.messages import N_
