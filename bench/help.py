"""`trailseal --help` beside an empty click group with as many commands, same interpreter."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from measure import in_turn, median, report

EMPTY = '''
import click


@click.group()
def main():
    """Do nothing, in as many commands."""


for number in range({count}):
    help = "Do nothing, and say so in a line of this length."
    main.add_command(click.Command(f"verb{{number}}", help=help))

main()
'''


def main() -> None:
    """Measure the start of both, whole processes, in turn."""
    from trailseal.cli.main import VERBS

    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "empty.py")
        script.write_text(EMPTY.format(count=len(VERBS)))
        trailseal = str(Path(sys.executable).with_name("trailseal"))
        ours, peer = in_turn([trailseal, "--help"], [sys.executable, str(script), "--help"], runs=15)
    ours_wall, peer_wall = median([r.wall for r in ours]), median([r.wall for r in peer])
    report(
        bench="help",
        ours=ours_wall,
        peer=peer_wall,
        peer_name="empty click group",
        unit="s",
        n=len(VERBS),
        ratio=peer_wall / ours_wall,
    )


if __name__ == "__main__":
    main()
