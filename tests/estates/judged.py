"""
One generated estate before its judges: the proof is attacked, a refutation replayed, `who` attacked.

A fault is a sentence with the seed in it, so that `generated(seed)` shows the estate again.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from estates.arbiter import Call, Undecided, Who, allowed
from estates.attack import Break, attack, attack_by
from estates.build import Scene, proof_of
from estates.callers import known, read_accounts, strangers
from estates.contexts import Pool
from estates.generated import generated
from estates.literals import FRESH
from estates.outside import knows
from estates.table import combinations
from trailseal.access.readers.reading import Access, Reading
from trailseal.access.readers.subject_kind import SubjectKind
from trailseal.run.who import answer
from trailseal.run.who_proof import TrailAccessProof

SHUT = frozenset({Access.NONE, Access.FETCH_ONLY, Access.DECRYPT_ONLY})
OF_ONE_NAME = frozenset({SubjectKind.USER, SubjectKind.ROOT, SubjectKind.SESSION, SubjectKind.FEDERATED})


@dataclass
class Judged:
    """What came of one estate, or of many. `pairs` wait for the outside engine."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    pairs: list[tuple[int, Break]] = field(default_factory=list)

    def add(self, other: Judged) -> None:
        self.counts += other.counts
        self.faults += other.faults
        self.pairs += other.pairs


def judge_proof(seed: int, *, most: int = 8) -> Judged:
    """Ask for the proof and try to break it."""
    scene, found = generated(seed), Judged()
    said = proof_of(scene)
    verdict = said.proof.verdict.value
    found.counts[verdict] += 1
    if verdict == "PROVEN":
        _attack_proof(seed, scene, said, found, most)
    elif verdict == "REFUTED":
        _replay(seed, said, found)
    return found


def _attack_proof(seed: int, scene: Scene, said: TrailAccessProof, found: Judged, most: int) -> None:
    world = said.proof.world.value
    tried = attack(
        scene,
        random.Random(seed),  # noqa: S311  # tests draw estates, not secrets
        open_world=world == "open world",
        most=most,
        wanted=lambda pair: knows(scene, pair),
    )
    found.counts["pairs asked against a PROVEN"] += tried.pairs
    if tried.broken:
        found.faults.append(f"seed {seed}: PROVEN ({world}), but {told(tried.broken)} reads")
    elif tried.near:
        found.pairs += [(seed, pair) for pair in tried.near]


def told(pair: Break) -> str:
    """Who gets through, as a person would look it up."""
    return f"{pair.who.arn} {pair.who.role}".strip()


def _replay(seed: int, said: TrailAccessProof, found: Judged) -> None:
    """Every request of a way in must be one that AWS may allow."""
    for line in said.requests:
        call, who = _asked(line)
        try:
            if not allowed(call, who):
                found.faults.append(f"seed {seed}: REFUTED by {who.arn}, but {call.action} is not allowed")
        except Undecided:
            found.counts["replays that nobody can judge"] += 1
    found.counts["requests replayed"] += len(said.requests)


def _asked(line: dict[str, Any]) -> tuple[Call, Who]:
    request, policies = line["request"], line["policies"]
    principal = request["principal"]
    arn = principal if isinstance(principal, str) else principal["service"]
    given = {key.lower(): tuple(values) for key, values in request["context"].items()}
    who = _caller(arn, given, policies, maker=request.get("maker", ""))
    context = _derived(who, request) | given
    call = Call(
        action=request["action"],
        resource=request["resource"],
        owner=request["resource_account"],
        context=context,
        policies=tuple(_text(policies[name]) for name in ("resource", "resource_shared") if name in policies),
        grants=tuple(policies.get("grants", ())),
        rcp=tuple(tuple(map(_text, level)) for level in policies.get("rcp", ())),
    )
    return call, who


def _caller(arn: str, given: dict[str, tuple[str, ...]], policies: dict[str, Any], *, maker: str) -> Who:
    parts = arn.split(":")
    account = parts[4] if len(parts) > 4 else ""
    role = maker
    if ":assumed-role/" in arn:
        plain = f"arn:aws:iam::{account}:role/{arn.split('/')[1]}"
        role = given.get("aws:principalarn", (plain,))[0]
    elif ":role/" in arn:
        role = arn
    boundary = policies.get("boundary")
    return Who(
        arn=arn,
        account=account,
        role=role,
        identity=tuple(map(_text, policies.get("identity", ()))),
        boundary=None if boundary is None else _text(boundary[0]),
        scp=tuple(tuple(map(_text, level)) for level in policies.get("scp", ())),
    )


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)


def _derived(who: Who, request: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """What `simulate` fills in, by AWS's own account of each key."""
    pool = Pool(Scene(), random.Random(0))  # noqa: S311  # no secret
    found = {k: v for k, v in pool.identity(who).items() if k not in {"aws:userid", "aws:tokenissuetime"}}
    found["aws:resourceaccount"] = (request["resource_account"],)
    if who.account:
        found["kms:calleraccount"] = (who.account,)
    if who.kind != "service":
        found["aws:viaawsservice"] = ("false",)
    return found


def judge_who(seed: int, *, most: int = 6) -> Judged:
    """Ask who reads, and attack every row that says somebody cannot."""
    scene, found = generated(seed), Judged()
    pool = Pool(scene, random.Random(seed))  # noqa: S311  # no secret
    sealing = ("delivered",) if scene.sealed else ("",)
    rows = answer(scene.snapshot, scene.trail).readings
    told_apart = {row.principal for row in rows if row.kind is not SubjectKind.ACCOUNT}
    for row in rows:
        found.counts[f"who: {row.access.value}"] += 1
        if row.access not in SHUT:
            continue
        tried = attack_by(pool, _behind(row, pool, told_apart), most=most, sealings=sealing)
        found.counts["pairs asked against a row"] += tried.pairs
        if tried.broken:
            found.faults.append(
                f"seed {seed}: {row.principal} {row.access.value}, but {told(tried.broken)} reads"
            )
    return found


def _behind(row: Reading, pool: Pool, told_apart: set[str]) -> Iterable[Who]:
    """Every caller that a row speaks of and that has none of its own."""
    scene, said = pool.scene, pool.said
    everybody = list(known(scene, said))
    if row.account and row.account not in read_accounts(scene):
        everybody += strangers(row.account, said, scene)
    match row.kind:
        case SubjectKind.SERVICE | SubjectKind.ANONYMOUS:
            return [Who(arn=row.principal)]
        case SubjectKind.ACCOUNT:
            of_it = (who for who in everybody if who.account == row.account)
            return [who for who in of_it if not {who.arn, who.role} & told_apart]
        case SubjectKind.ANYBODY:
            return strangers(FRESH, said, scene)
        case SubjectKind.ROLE:
            named = set(said.principals.get("AWS", []))
            return [who for who in everybody if who.role == row.principal and who.arn not in named]
        case _:
            return [who for who in everybody if who.arn == row.principal]


def judge_table(first: int, count: int, *, most: int = 24) -> Judged:
    """Judge cells of the table: none opened that brute force opens may be PROVEN, none shut REFUTED."""
    found = Judged()
    for cell in combinations(first, count):
        said = proof_of(cell.opened)
        verdict, world = said.proof.verdict.value, said.proof.world.value
        found.counts[f"table: {verdict}"] += 1
        if verdict == "PROVEN":
            dice = random.Random(first)  # noqa: S311  # no secret
            tried = attack(cell.opened, dice, open_world=world == "open world", most=most)
            if tried.broken:
                found.faults.append(f"{cell.name}: PROVEN ({world}), but {told(tried.broken)} reads")
        shut = proof_of(cell.shut).proof.verdict.value
        found.counts[f"table, shut: {shut}"] += 1
        if shut == "REFUTED":
            found.faults.append(f"{cell.name}, taken back by a Deny: REFUTED")
    return found
