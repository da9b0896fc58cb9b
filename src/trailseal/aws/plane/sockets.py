"""
The sockets of libcurl's multi handle, looked after one by one.

`curl_multi_perform` goes through every request that is under way each time that one has moved; told which
socket has moved, libcurl looks at that one alone.
Source: https://curl.se/libcurl/c/curl_multi_socket_action.html
"""

from __future__ import annotations

import select
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from math import ceil
from typing import TypeVar

import pycurl

Given = TypeVar("Given")
EVENTS = {
    pycurl.POLL_NONE: 0,
    pycurl.POLL_IN: select.POLLIN,
    pycurl.POLL_OUT: select.POLLOUT,
    pycurl.POLL_INOUT: select.POLLIN | select.POLLOUT,
}
READABLE = select.POLLIN | select.POLLHUP
HELD = (signal.SIGINT,)
AT_ONCE, NEVER = 0.0, float("inf")
FEW = 8
GATHERED = 0.002
"""Seconds; to wake for each answer by itself costs a third more processor time, mostly for cold caches."""


class Sockets:
    """Waits for sockets and lets their requests go on; it lives as long as its multi handle."""

    def __init__(self, multi: pycurl.CurlMulti) -> None:
        self._multi = multi
        self._poll = select.poll()
        self._due = NEVER
        multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        multi.setopt(pycurl.M_TIMERFUNCTION, self._set_timer)

    def go_on(self, patience: float, *, gather: bool) -> None:
        """
        Let requests go on once any of them can, or libcurl's own time has come; wait `patience` seconds.

        To `gather` is to wait a moment longer for others, where few sockets have moved.
        """
        begun = self._due <= time.monotonic()
        if begun:  # what libcurl has set a time for, new requests above all
            self._due = NEVER
            self._hold(self._act, [(pycurl.SOCKET_TIMEOUT, 0)])
        wait = AT_ONCE if begun else min(patience, max(AT_ONCE, self._due - time.monotonic()))
        moved = self._poll.poll(ceil(1000 * wait))
        if gather and not begun and len(moved) < FEW:
            time.sleep(GATHERED)
            moved = self._poll.poll(0)
        self._hold(self._act, moved)

    def add(self, requests: list[pycurl.Curl]) -> None:
        """Begin requests."""
        if requests:
            self._hold(self._add, requests)

    def remove(self, requests: list[pycurl.Curl]) -> None:
        """Take requests away, ended or not; what is not there any more is no error."""
        if requests:
            self._hold(self._remove, requests)

    def _add(self, requests: list[pycurl.Curl]) -> None:
        for curl in requests:
            self._multi.add_handle(curl)

    def _remove(self, requests: list[pycurl.Curl]) -> None:
        for curl in requests:
            with suppress(pycurl.error):
                self._multi.remove_handle(curl)

    def _act(self, moved: Iterable[tuple[int, int]]) -> None:
        for socket, events in moved:
            if events & select.POLLNVAL:
                self._forget(socket)
            self._multi.socket_action(socket, _moved(events))

    def _hold(self, act: Callable[[Given], None], given: Given) -> None:
        """Let libcurl do something; Ctrl-C waits meanwhile: in a callback it would be libcurl's error."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, HELD)
        try:
            act(given)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _watch(self, what: int, socket: int, _multi: object, _kept: object) -> None:
        if what == pycurl.POLL_REMOVE:
            self._forget(socket)
        else:
            self._poll.register(socket, EVENTS[what])

    def _forget(self, socket: int) -> None:
        with suppress(KeyError):
            self._poll.unregister(socket)

    def _set_timer(self, milliseconds: int) -> None:
        self._due = NEVER if milliseconds < 0 else time.monotonic() + milliseconds / 1000


def _moved(events: int) -> int:
    readable = pycurl.CSELECT_IN if events & READABLE else 0
    writable = pycurl.CSELECT_OUT if events & select.POLLOUT else 0
    broken = pycurl.CSELECT_ERR if events & select.POLLERR else 0
    return readable | writable | broken
