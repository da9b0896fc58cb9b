"""One pattern against another: what takes all of its texts, and what only matches how it is written."""

from __future__ import annotations

from itertools import product

from key_policies import statement
from trailseal.access.lint.coverage import check
from trailseal.access.lint.matching import takes_all
from trailseal.access.lint.written import read_written
from trailseal.access.match.wildcard import matches


def _words(letters: str, most: int) -> list[str]:
    return ["".join(word) for length in range(1, most + 1) for word in product(letters, repeat=length)]


PATTERNS, TEXTS = _words("a*?", 4), ["", *_words("ab", 6)]
TAKEN = {pattern: frozenset(text for text in TEXTS if matches(pattern, text)) for pattern in PATTERNS}


def test_a_pattern_that_is_said_to_take_all_of_another_does():
    wrong = [(w, n) for w, n in product(PATTERNS, repeat=2) if takes_all(w, n) and not TAKEN[n] <= TAKEN[w]]

    assert wrong == []


def test_a_pattern_without_question_marks_takes_what_is_written_within_it():
    assert takes_all("kms:*", "kms:De?rypt*")
    assert takes_all("kms:De??ypt", "kms:Decrypt")
    assert takes_all("b/?*", "b/?*")
    assert not takes_all("b/?", "b/*")
    assert not takes_all("kms:Decryp?", "kms:Decryp*")


def test_a_question_mark_covers_no_star():
    text = {
        "Statement": [
            statement("wide", Principal="*", Action="kms:Decryp?"),
            statement("narrow", Action="kms:Decryp*"),
        ]
    }

    assert list(check(read_written(text))) == []
