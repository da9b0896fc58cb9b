"""The lab's own endpoints under `/_lab/`, for holders of its secret: status, keys, faults, ticks, stop."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from typing import Any

import msgspec
from werkzeug.wrappers import Request, Response

from trailseal_lab import clock, credentials
from trailseal_lab.failures import Failures
from trailseal_lab.faults import HOLDING, Fault, FaultKind, Faults
from trailseal_lab.held_calls import HeldCalls
from trailseal_lab.register import SECRET_HEADER
from trailseal_lab.world import World

PREFIX = "/_lab/"
Stop = Callable[[], None]


def control(world: World, request: Request, stop: Stop) -> Response:
    """Answer one control request; 403 without the secret that only the lab's state file (0600) holds."""
    if not hmac.compare_digest(request.headers.get(SECRET_HEADER, ""), world.secret):
        return _json({"error": "wrong or missing secret"}, status=403)
    action = request.path.removeprefix(PREFIX)
    given = request.get_json(silent=True) if request.get_data() else {}
    handler = ACTIONS.get((request.method, action))
    if handler is None or not isinstance(given, dict):
        return _json({"error": f"no such control: {action}"}, status=404)
    try:
        return _json(handler(world, given, stop))
    except LookupError as missing:
        known = credentials.principals(world)
        return _json({"error": "unknown principal", "name": str(missing.args[0]), "known": known}, status=404)
    except (ValueError, TypeError) as wrong:
        return _json({"error": str(wrong)}, status=400)


def _json(document: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(document), status=status, content_type="application/json")


def _status(world: World, _given: dict[str, Any], _stop: Stop) -> dict[str, Any]:
    return {
        "scenario": world.scenario,
        "account": world.account,
        "region": world.region,
        "cycle": world.cycle,
        "cycles": world.cycles,
        "started": world.started.isoformat(),
        "principals": credentials.principals(world),
        "failures": msgspec.to_builtins(world.part(Failures).since(0)),
    }


def _key(world: World, given: dict[str, Any], _stop: Stop) -> dict[str, Any]:
    with world.lock:
        key = credentials.issue(world, str(given.get("principal") or ""))
    return {**msgspec.to_builtins(key), "region": world.region}


def _faults(world: World, _given: dict[str, Any], _stop: Stop) -> dict[str, Any]:
    waiting = [vars(fault) for fault in world.part(Faults).waiting]
    return {"faults": waiting, "held": world.part(HeldCalls).count}


def _add_fault(world: World, given: dict[str, Any], stop: Stop) -> dict[str, Any]:
    fault = Fault(**{**given, "kind": FaultKind(given.get("kind", ""))})
    with world.lock:
        world.part(Faults).waiting.append(fault)
    return _faults(world, given, stop)


def _clear_faults(world: World, given: dict[str, Any], stop: Stop) -> dict[str, Any]:
    with world.lock:
        world.part(Faults).waiting.clear()
    return _release(world, given, stop)


def _release(world: World, given: dict[str, Any], stop: Stop) -> dict[str, Any]:
    with world.lock:
        faults = world.part(Faults)
        faults.waiting = [fault for fault in faults.waiting if fault.kind not in HOLDING]
        world.part(HeldCalls).release()
    return _faults(world, given, stop)


def _tick(world: World, given: dict[str, Any], _stop: Stop) -> dict[str, Any]:
    failures = clock.advance(world, int(given.get("cycles", 1)))
    return {"cycles": world.cycles, "failures": msgspec.to_builtins(failures)}


def _stop(_world: World, _given: dict[str, Any], stop: Stop) -> dict[str, Any]:
    stop()
    return {"stopping": True}


ACTIONS: dict[tuple[str, str], Callable[[World, dict[str, Any], Stop], dict[str, Any]]] = {
    ("GET", "status"): _status,
    ("POST", "key"): _key,
    ("GET", "faults"): _faults,
    ("POST", "faults"): _add_fault,
    ("DELETE", "faults"): _clear_faults,
    ("POST", "release"): _release,
    ("POST", "tick"): _tick,
    ("POST", "stop"): _stop,
}
