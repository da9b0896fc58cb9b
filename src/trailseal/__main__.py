"""`python -m trailseal`."""

from trailseal.cli.main import main

main()
