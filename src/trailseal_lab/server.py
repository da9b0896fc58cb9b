"""Runs one lab: builds its scenario, listens on loopback, ticks, until it is stopped."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable

from trailseal.errors import TrailsealError
from trailseal.messages import message
from trailseal_lab import clock, register, services
from trailseal_lab.application import Application
from trailseal_lab.http_server import WAITING, Server
from trailseal_lab.world import World

ADDRESS = "127.0.0.1"
services.load()


class Lab:
    """A lab that is built and listens; `serve` answers until `stop`."""

    def __init__(self, world: World, *, port: int = 0) -> None:
        """
        Take the port for a world that is built.

        Raises:
            TrailsealError: the port is in use.
        """
        self.world = world
        self.application = Application(world, self.stop)
        self._server = _listen(port, self.application)
        world.port = int(self._server.socket.getsockname()[1])
        self._clock = clock.Ticking(world)

    @property
    def address(self) -> str:
        """The endpoint URL."""
        return f"http://{ADDRESS}:{self.world.port}"

    def serve(self, ready: Callable[[], None] = lambda: None) -> None:
        """Evaluate once what a client expects to find, say `ready`, and answer until stopped."""
        clock.start(self.world)
        self._clock.start()
        ready()
        try:
            self._server.serve_forever(poll_interval=0.1)
        finally:
            self._clock.stop()
            self._server.server_close()

    def stop(self) -> None:
        """End `serve`; may be called from a request."""
        threading.Thread(target=self._server.shutdown, daemon=True).start()


def serve(lab: Lab, name: str, ready: Callable[[register.Running], None]) -> None:
    """Serve `lab` under `name` in the register, until it is stopped; SIGTERM stops it too."""
    entry = register.Running(
        name=name,
        pid=os.getpid(),
        address=lab.address,
        secret=lab.world.secret,
        scenario=lab.world.scenario,
        region=lab.world.region,
    )
    signal.signal(signal.SIGTERM, lambda *_: lab.stop())

    def announce() -> None:
        register.enter(entry)
        ready(entry)

    with register.keep_lock(name):
        try:
            lab.serve(announce)
        finally:
            register.leave(entry)


def _listen(port: int, application: Application) -> Server:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((ADDRESS, port))
    except OSError as problem:
        listening.close()
        raise TrailsealError(
            message("port {port} cannot be used on {address}", port=port, address=ADDRESS),
            message("choose another with `--port`, or leave it out for a free one"),
        ) from problem
    listening.listen(WAITING)
    return Server(listening, application.respond)
