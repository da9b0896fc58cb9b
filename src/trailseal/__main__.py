"""
`python -m trailseal`, and the command itself: whoever stops it early sees no traceback.

Nothing is imported before an interrupt is caught, because imports are most of a start.
"""

from __future__ import annotations

import sys

INTERRUPTED = 130


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        from trailseal.cli.main import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
