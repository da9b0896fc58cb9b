"""
Tests of one key that nothing can meet together: a value is sought for each way in which they can answer.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
"""

from __future__ import annotations

from functools import lru_cache

from trailseal.access.decision import Effect
from trailseal.access.facts import Lack, Value
from trailseal.access.lint.asking import Asker, PolicyQuestion, answer, as_text
from trailseal.access.lint.written import Clause, WrittenStatement
from trailseal.access.split.candidates import CLOCK, candidates, clock
from trailseal.access.split.whitelist import Test

BEHIND_US = "1767225600"
"""1 January 2026 in seconds. Whatever clock is asked, it shows more: nothing here was written before."""
SOMEBODY = "arn:aws:iam::111111111111:user/somebody"
MAX_VALUES = 40
MAX_LETTERS = 2_000
MAX_MOMENTS = 8
KEPT = 2_000


@lru_cache(maxsize=KEPT)
def exclude_each_other(clauses: tuple[Clause, ...]) -> bool:
    """Whether no value, and no want of one, meets all tests of a key; only where that is certain."""
    texts = [value for clause in clauses for value in clause.values]
    if len(texts) > MAX_VALUES or sum(map(len, texts)) > MAX_LETTERS or any("${" in text for text in texts):
        return False
    possible = _possible(clauses[0].key.lower(), tuple(map(_test, clauses)))
    return bool(possible) and all(_fails(clauses, value) for value in possible)


def moments(clauses: tuple[Clause, ...]) -> tuple[dict[str, Value], ...]:
    """
    Return a moment still to come of each kind that tests of the clock tell apart, told in both keys.

    One of which nothing is told, where nothing looks at the clock or too much does.
    """
    looks = tuple(sorted({_test(clause) for clause in clauses if clause.key.lower() in CLOCK}))
    found = clock(looks, float(BEHIND_US)) if looks else None
    if not found or len(found) > MAX_MOMENTS:
        return ({},)
    return tuple({key: (told,) for key, told in zip(CLOCK, moment, strict=True)} for moment in found)


def _test(clause: Clause) -> Test:
    qualifier, _, _ = clause.operator.rpartition(":")
    return Test(clause.bare_operator, qualifier, clause.values)


def _possible(key: str, looks: tuple[Test, ...]) -> tuple[Value, ...]:
    if key not in CLOCK:
        return candidates(key, looks, Lack.UNKNOWN) or ()
    found = clock(looks, float(BEHIND_US)) or ()
    return tuple((moment[CLOCK.index(key)],) for moment in found)


def _fails(clauses: tuple[Clause, ...], value: Value) -> bool:
    allow = WrittenStatement(
        position=1,
        effect="Allow",
        principals=(("AWS", "*"),),
        actions=("*",),
        resources=("*",),
        clauses=clauses,
    )
    asked = PolicyQuestion(
        text=as_text([allow], "2012-10-17"),
        action="s3:GetObject",
        resource="arn:aws:s3:::any-bucket/any",
        owner="111111111111",
    )
    one = Asker(principal=SOMEBODY, context={clauses[0].key.lower(): value})
    return answer(asked, one) is Effect.IMPLICITLY_DENIED
