"""The lab's way to moto's backends is moto's own, for every service that either of them knows."""

from __future__ import annotations

import io

import pytest
from botocore.loaders import Loader

ASKED = (
    ("/", ""),
    ("/v20180820/configuration", ""),
    ("/v2/email/identities", ""),
    ("/x/invocations", ""),
    ("/", "DynamoDBStreams_20120810.ListStreams"),
    ("/", "DynamoDB_20111205.ListTables"),
)
"""Paths and targets by which moto tells services of one signing name apart."""


class _FoundError(Exception):
    """Ends a look at the backend that was chosen: its application is not built for it."""


def _chosen(dispatcher, host):
    """The backend that answers, None where there is none."""
    try:
        return dispatcher.get_backend_for_host(host)
    except NotImplementedError:
        return None


def _asked(dispatcher, name, path, target):
    scope = f"Credential=AKIAIOSFODNN7EXAMPLE/20260101/eu-west-1/{name}/aws4_request"
    environ = {
        "HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 {scope}",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_X_AMZ_TARGET": target,
        "PATH_INFO": path,
        "REQUEST_METHOD": "POST",
        "wsgi.input": io.BytesIO(),
    }
    try:
        dispatcher.get_application(environ)
    except NotImplementedError:
        return None
    except _FoundError as found:
        return found.args[0]
    except (IndexError, ValueError) as odd:  # moto's own, of a target that its service does not have
        return type(odd)


def _found(backend):
    raise _FoundError(backend)


@pytest.fixture(scope="module")
def dispatchers():
    """The lab's dispatcher and moto's."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication

    from trailseal_lab import moto_app

    return moto_app._Dispatcher(_found), DomainDispatcherApplication(_found)


@pytest.mark.sweep
@pytest.mark.parametrize(("path", "target"), ASKED)
def test_every_signing_name_is_answered_by_moto_s_own_choice(dispatchers, path, target, capsys):
    from trailseal_lab.operations import _by_signing_name

    ours, theirs = dispatchers
    names = {*_by_signing_name(), "s3-control", "nothing"}
    assert len(names) > 300

    for name in sorted(names):
        mine = _asked(ours, name, path, target)
        assert capsys.readouterr().out == "", "the lab's stdout is read by programs"
        assert mine == _asked(theirs, name, path, target), name
        capsys.readouterr()


@pytest.mark.sweep
def test_every_host_that_moto_knows_has_its_backend(dispatchers, capsys):
    from moto.backend_index import backend_url_patterns
    from moto.backends import list_of_moto_modules

    ours, theirs = dispatchers
    services = set(Loader().list_available_services("service-2"))
    hosts = {None, "moto_api", "127.0.0.1", "nothing.amazonaws.com", *list_of_moto_modules(), *services}
    hosts |= {f"{name}.eu-west-1.amazonaws.com" for name in services}

    found = {host: _chosen(ours, host) for host in hosts}

    assert capsys.readouterr().out == ""
    assert found == {host: _chosen(theirs, host) for host in hosts}
    assert len({backend for backend in found.values() if backend}) > len(backend_url_patterns) // 2
