"""
What a test runs in the place of `trailseal`: the command is forked from a process that has imported it.

    python -I -S command.py SOCKET ARGUMENT ...

It hands its arguments, environment, folder and streams to `commands.py`, and ends as the command ends. It
is started for every command, so it imports next to nothing.
"""

import _socket
import os
import sys

STREAMS = (0, 1, 2)


def main(path: str, arguments: list[str]) -> int:
    """Have the command run and return its exit code, or die of its signal."""
    words = [os.getcwd(), str(len(arguments)), *arguments]  # noqa: PTH109 - pathlib takes long to import
    asked = b"\0".join([*map(os.fsencode, words), *(k + b"=" + v for k, v in os.environb.items())])
    asking = _socket.socket(_socket.AF_UNIX)
    asking.connect(path)
    streams = b"".join(number.to_bytes(4, sys.byteorder) for number in STREAMS)
    asking.sendmsg([len(asked).to_bytes(8, "big")], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, streams)])
    asking.sendall(asked)
    told = asking.recv(8)
    ended = int.from_bytes(told, "big", signed=True) if told else 1
    if ended < 0:
        os.kill(os.getpid(), -ended)
    return ended


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
