"""
Access keys: whose they are, and keys for any principal of the lab.

Signatures are not checked: an access key id is random for each lab and is all that identifies a caller.
"""

from __future__ import annotations

import secrets
import string
from datetime import UTC

from moto.iam.models import IAMBackend, iam_backends
from moto.sts.models import AssumedRole, sts_backends
from msgspec import Struct
from msgspec.structs import replace

from trailseal.model.arn import Arn, is_arn
from trailseal_lab.call import Call
from trailseal_lab.caller import SigningPrincipal
from trailseal_lab.errors import ApiError
from trailseal_lab.world import World

EC2 = "AWS was not able to validate the provided access credentials"
LETTERS = string.ascii_uppercase + "234567"


class AccessKey(Struct, frozen=True, kw_only=True):
    """What a client needs to sign as a principal."""

    principal: str
    access_key_id: str
    secret_access_key: str


def iam_of(account: str) -> IAMBackend:
    """Return IAM of one account."""
    backend: IAMBackend = iam_backends[account]["aws"]
    return backend


def identify(world: World, call: Call) -> SigningPrincipal:
    """
    Return who signs `call`.

    Raises:
        ApiError: the lab gave out no such key, it is inactive or expired, or its session token is wrong.
    """
    caller = find_caller(world, call.access_key_id)
    if caller is None:
        raise unknown_key(call)
    if caller.session_token and caller.session_token != call.session_token:
        raise bad_token(call)
    if caller.expires and caller.expires <= call.time:
        raise ApiError(
            _expired_code(call), "The security token included in the request is expired", status=_status(call)
        )
    return caller


def find_caller(world: World, access_key_id: str) -> SigningPrincipal | None:
    """Return the caller behind an access key: one the lab issued, an IAM user's or an STS session's."""
    if access_key_id in world.issued:
        return world.issued[access_key_id]
    for account in list(iam_backends):
        if (name := _user_of(account, access_key_id)) is not None:
            return user_caller(account, name, access_key_id)
    for account in list(sts_backends):
        session = sts_backends[account]["aws"].get_assumed_role_from_access_key(access_key_id)
        if session is not None:
            return _session_caller(session)
    return None


def _user_of(account: str, access_key_id: str) -> str | None:
    for user in iam_of(account).users.values():
        if any(k.access_key_id == access_key_id and k.status == "Active" for k in user.access_keys):
            return str(user.name)
    return None


def user_caller(account: str, name: str, access_key_id: str = "") -> SigningPrincipal | None:
    """Return the caller that an IAM user is, None when there is no such user."""
    user = iam_of(account).users.get(name)
    if user is None:
        return None
    return SigningPrincipal(
        arn=user.arn,
        account=account,
        principal_id=user.id,
        kind="user",
        access_key_id=access_key_id,
        user_name=name,
    )


def role_caller(
    account: str, name: str, session_name: str, access_key_id: str = ""
) -> SigningPrincipal | None:
    """Return the caller that a session of a role is, None when there is no such role."""
    for role in iam_of(account).roles.values():
        if role.name == name:
            return SigningPrincipal(
                arn=f"arn:aws:sts::{account}:assumed-role/{name}/{session_name}",
                account=account,
                principal_id=f"{role.id}:{session_name}",
                kind="role",
                access_key_id=access_key_id,
                issuer_arn=role.arn,
                issuer_id=role.id,
                session_name=session_name,
            )
    return None


def _session_caller(session: AssumedRole) -> SigningPrincipal | None:
    name = session.role_arn.split("/")[-1]
    caller = role_caller(session.account_id, name, session.session_name, session.access_key_id)
    if caller is None:
        return None
    return replace(
        caller,
        session_token=session.session_token,
        session_policies=vars(session).get("lab_policies", ()),
        session_tags=vars(session).get("lab_tags", ()),
        transitive_tags=vars(session).get("lab_transitive_tags", ()),
        source_identity=vars(session).get("lab_source_identity", ""),
        issued=vars(session).get("lab_issued"),
        expires=session.expiration.replace(tzinfo=UTC),
    )


def issue(world: World, principal: str = "") -> AccessKey:
    """
    Return a fresh access key of a principal: a user's or role's ARN or name, a role session's ARN or
    `ROLE/SESSION`, `root`, or "" for the lab's own administrator. A role gets a session called `lab`.
    A name is looked for in the lab's own account, then in others, where it must be the only one.

    Raises:
        LookupError: the lab has no such principal.
    """
    wanted = principal or world.default_principal
    key_id = new_key_id("ASIA" if ":assumed-role/" in wanted or ":role/" in wanted else "AKIA")
    caller = _principal(world, wanted, key_id)
    if caller is None:
        raise LookupError(wanted)
    issued = world.now() if caller.kind == "role" else None
    world.issued[key_id] = replace(caller, access_key_id=key_id, issued=issued)
    return AccessKey(
        principal=caller.arn, access_key_id=key_id, secret_access_key=secrets.token_urlsafe(30)[:40]
    )


def principals(world: World) -> tuple[str, ...]:
    """Return the ARNs that `issue` knows, of every account of the lab."""
    found = [f"arn:aws:iam::{world.account}:root"]
    for account in sorted(iam_backends):
        backend = iam_of(account)
        found += sorted(user.arn for user in backend.users.values())
        found += sorted(role.arn for role in backend.roles.values())
    return tuple(found)


def _principal(world: World, wanted: str, key_id: str) -> SigningPrincipal | None:
    if not is_arn(wanted) and wanted != "root":
        return _by_name(world, wanted, key_id)
    arn = Arn.parse(f"arn:aws:iam::{world.account}:root" if wanted == "root" else wanted)
    kind, _, rest = arn.resource.partition("/")
    name = rest.split("/")[-1]
    match kind:
        case "root":
            return _root(arn.account)
        case "user":
            return user_caller(arn.account, name, key_id)
        case "role":
            return role_caller(arn.account, name, "lab", key_id)
        case "assumed-role" if "/" in rest:
            return role_caller(arn.account, rest.partition("/")[0], name, key_id)
    return None


def _by_name(world: World, wanted: str, key_id: str) -> SigningPrincipal | None:
    """Return who has this name in the world's account, else the only one who has it in any other."""
    name, _, session = wanted.partition("/")
    others = [account for account in list(iam_backends) if account != world.account]
    found = [
        caller
        for account in (world.account, *others)
        if (caller := _named(account, name, session, key_id)) is not None
    ]
    return found[0] if found and (found[0].account == world.account or len(found) == 1) else None


def _named(account: str, name: str, session: str, key_id: str) -> SigningPrincipal | None:
    user = None if session else user_caller(account, name, key_id)
    return user or role_caller(account, name, session or "lab", key_id)


def _root(account: str) -> SigningPrincipal:
    return SigningPrincipal(
        arn=f"arn:aws:iam::{account}:root", account=account, principal_id=account, kind="root"
    )


def new_key_id(prefix: str) -> str:
    """Return a random access key id of AWS's form."""
    return prefix + "".join(secrets.choice(LETTERS) for _ in range(16))


def _status(call: Call) -> int:
    return 400 if call.protocol in {"json", "rest-json"} or call.service == "s3" else 403


def _expired_code(call: Call) -> str:
    return "ExpiredToken" if call.protocol in {"query", "rest-xml"} else "ExpiredTokenException"


def unknown_key(call: Call) -> ApiError:
    """Return the error for an access key that the service does not know, in its own words."""
    if call.service == "s3":
        text = "The AWS Access Key Id you provided does not exist in our records."
        return ApiError("InvalidAccessKeyId", text, status=403, AWSAccessKeyId=call.access_key_id)
    if call.service == "ec2":
        return ApiError("AuthFailure", EC2, status=401)
    text = "The security token included in the request is invalid."
    if call.protocol == "json":
        return ApiError("UnrecognizedClientException", text, status=400)
    if call.protocol == "rest-json":
        return ApiError("UnrecognizedClientException", text, status=403)
    return ApiError("InvalidClientTokenId", text, status=403)


def bad_token(call: Call) -> ApiError:
    """Return the error for a session token that is not of the access key."""
    if call.service == "s3":
        return ApiError("InvalidToken", "The provided token is malformed or otherwise invalid.", status=400)
    return unknown_key(call)
