"""
z3 as a second opinion on the proofs: key policies as formulas over strings, with no engine of ours.

The formula says what AWS's page says of a key policy: an explicit deny wins; a principal of the key's
account is let in by a statement that names it, or by one that names the account when its IAM policies
allow, which they may in the open world. A federated user counts as named by a statement on the user who
makes it. Callers of other accounts are left to the engine's own tests.
Source: https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
"""

from __future__ import annotations

import fnmatch
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from key_policies import ACCOUNT, CONTEXT, TRAIL, TRAILS, console
from story_account import CONSOLE, KEY, PUBLISHED, ROLE1, ROOT_NARROWED, SESSION1, USER1, account
from trailseal.access.prove.proof import ProofVerdict, WorldAssumption, prove
from trailseal.access.readers.from_snapshot import estate_of, target_of
from trailseal.plan.restriction import restrict_by_grant, restrict_by_perimeter

z3 = pytest.importorskip("z3")
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
DECRYPT = "kms:decrypt"
KINDS = {"user": "iam", "role": "iam", "federated-user": "sts", "": "iam"}
ALWAYS, NEVER = z3.And(), z3.Or()


class Caller:
    """Any principal of the key's account, of one kind; the object has the trail's context or none."""

    def __init__(self, kind, context):
        self.context = context
        self.name, self.session, self.by = z3.String("name"), z3.String("session"), z3.String("by")
        self.arn = (
            z3.Concat(f"arn:aws:{KINDS[kind]}::{ACCOUNT}:{kind}/", self.name) if kind else z3.StringVal(ROOT)
        )
        word = z3.Loop(z3.Union(z3.Range("a", "z"), z3.Range("A", "Z"), z3.Range("0", "9")), 1, 12)
        named = z3.InRe(self.session, word) if kind == "role" else self.session == ""
        made = z3.InRe(self.by, word) if kind == "federated-user" else self.by == ""
        self.maker = z3.Concat(f"arn:aws:iam::{ACCOUNT}:user/", self.by)
        self.is_one = z3.And(z3.InRe(self.name, word), named, made)

    def is_(self, arn):
        if ":assumed-role/" in arn:
            head, _, tail = arn.partition(":assumed-role/")
            role, _, session = tail.partition("/")
            whose = self.arn == f"{head.replace(':sts:', ':iam:')}:role/{role}"
            return z3.And(whose, self.session == session)
        return z3.Or(self.arn == arn, self.maker == arn)

    def key(self, name):
        """The value of a condition key: a string, or None for one that is not in the request."""
        known = {
            "aws:principalarn": self.arn,
            "kms:calleraccount": z3.StringVal(ACCOUNT),
            "aws:principalaccount": z3.StringVal(ACCOUNT),
            "aws:principalisawsservice": z3.StringVal("false"),
            "aws:userid": z3.Concat("AROA:", self.session),
            CONTEXT.lower(): z3.StringVal(TRAIL) if self.context else None,
        }
        return known.get(name.lower())


def pattern(text):
    """A glob as a regular expression over strings."""
    anything = z3.AllChar(z3.ReSort(z3.StringSort()))
    parts = [z3.Star(anything) if c == "*" else anything if c == "?" else z3.Re(c) for c in text]
    return z3.Concat(*parts) if len(parts) > 1 else parts[0]


def listed(value):
    return value if isinstance(value, list) else [value]


def condition(caller, operator, key, values):
    value = caller.key(key)
    negated = "Not" in operator
    if value is None:
        return z3.BoolVal(negated or operator.endswith("IfExists"))
    like = "Like" in operator or operator.startswith("Arn")
    hits = [z3.InRe(value, pattern(v)) if like else value == v for v in listed(values)]
    return z3.Not(z3.Or(*hits)) if negated else z3.Or(*hits)


def matches(caller, statement):
    if not any(fnmatch.fnmatchcase(DECRYPT, action.lower()) for action in listed(statement["Action"])):
        return NEVER, NEVER
    tests = [
        condition(caller, operator, key, values)
        for operator, keys in statement.get("Condition", {}).items()
        for key, values in keys.items()
    ]
    direct, delegated = [], []
    principal = statement["Principal"]
    for name in listed("*" if principal == "*" else principal.get("AWS", [])):
        if name == "*":
            direct.append(ALWAYS)
        elif name.endswith(":root"):
            delegated.append(ALWAYS)
            direct.append(caller.arn == name)
        else:
            direct.append(caller.is_(name))
    return z3.And(z3.Or(*direct), *tests), z3.And(z3.Or(*delegated), *tests)


def somebody_else(text, only):
    """Whether the formula has a solution: a caller outside the list whom the key lets decrypt."""
    return any(_one_of(kind, context, text, only) for kind in KINDS for context in (True, False))


def _one_of(kind, context, text, only):
    caller = Caller(kind, context)
    allows, delegates, denies = [], [], []
    for statement in json.loads(text)["Statement"]:
        direct, delegated = matches(caller, statement)
        if statement["Effect"] == "Deny":
            denies += [direct, delegated]
        else:
            allows.append(direct)
            delegates.append(delegated)
    solver = z3.Solver()
    solver.set("timeout", 10_000)
    solver.add(caller.is_one, z3.Not(z3.Or(*denies)), z3.Or(*allows, *delegates))
    solver.add(*(z3.Not(caller.is_(arn)) for arn in only))
    found = solver.check()
    assert found != z3.unknown
    return found == z3.sat


def ours(text, only):
    snapshot = account(text)
    trail = snapshot.trails[0]
    estate, target = estate_of(snapshot, trail, kms_key=KEY), target_of(snapshot, trail, kms_key=KEY)
    return prove(estate, target, frozenset(only), world=WorldAssumption.OPEN).verdict


def only_its_sessions(user):
    not_users = {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:user/*"}}
    allowing = {"Effect": "Allow", "Principal": {"AWS": user}, "Action": "kms:Decrypt", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [allowing | {"Condition": not_users}]})


CASES = {
    "console": (CONSOLE, (USER1,)),
    "published restriction": (PUBLISHED, (USER1,)),
    "both narrowed": (console(reader=USER1, cross=USER1), (USER1, SESSION1)),
    "root narrowed too": (ROOT_NARROWED, (USER1, SESSION1)),
    "root narrowed too, one reader": (ROOT_NARROWED, (USER1,)),
    "root narrowed too, the whole role": (ROOT_NARROWED, (USER1, ROLE1)),
    "by grant": (restrict_by_grant(CONSOLE, (USER1,), (TRAIL,)), (USER1,)),
    "by perimeter": (restrict_by_perimeter(CONSOLE, (USER1,), (TRAIL,)), (USER1,)),
    "sessions that a user makes": (only_its_sessions(USER1), ()),
    "sessions that a listed user makes": (only_its_sessions(USER1), (USER1,)),
    "perimeter around a session": (restrict_by_perimeter(CONSOLE, (SESSION1,), (TRAIL,)), (SESSION1,)),
}


@pytest.mark.sweep
@pytest.mark.parametrize(("text", "only"), CASES.values(), ids=CASES)
def test_z3_agrees_on_the_storys_policies(text, only):
    assert (ours(text, only) is ProofVerdict.REFUTED) is somebody_else(text, only)


NAMES = ("user/a", "user/ab", "role/a", "role/abc")
ARNS = st.sampled_from([f"arn:aws:iam::{ACCOUNT}:{name}" for name in NAMES])
GLOBS = st.sampled_from(
    [f"arn:aws:iam::{ACCOUNT}:{name}" for name in ("user/*", "user/a*", "role/?", "*", "*b*")]
)
CONDITIONS = st.one_of(
    st.just({}),
    st.builds(lambda g: {"ArnLike": {"aws:PrincipalArn": g}}, GLOBS),
    st.builds(lambda g: {"ArnNotLike": {"aws:PrincipalArn": g}}, GLOBS),
    st.builds(lambda a: {"StringNotEquals": {"aws:PrincipalArn": a}}, ARNS),
    st.just({"StringEquals": {"kms:CallerAccount": ACCOUNT}}),
    st.just({"StringEquals": {"kms:CallerAccount": "210987654321"}}),
    st.just({"StringLike": {CONTEXT: TRAILS}}),
    st.just({"StringNotLike": {CONTEXT: TRAILS}}),
)
STATEMENTS = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Allow", "Deny"]),
        "Principal": st.one_of(st.just("*"), st.builds(lambda a: {"AWS": a}, ARNS), st.just({"AWS": ROOT})),
        "Action": st.sampled_from(["kms:Decrypt", "kms:*", "kms:De*", "kms:Encrypt"]),
        "Resource": st.just("*"),
        "Condition": CONDITIONS,
    }
)


@pytest.mark.sweep
@given(st.lists(STATEMENTS, min_size=1, max_size=4), st.lists(ARNS, max_size=2))
@settings(max_examples=30, deadline=None)
def test_z3_agrees_on_generated_policies(statements, only):
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})

    assert (ours(text, tuple(only)) is ProofVerdict.REFUTED) is somebody_else(text, tuple(only))
