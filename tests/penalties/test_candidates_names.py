"""The names of candidates, and those that are refused."""

import re
from collections.abc import Callable

import pytest

from wane._errors import InputError
from wane.penalties import (
    BASELINE,
    L1,
    L2,
    candidate_names,
)


def test_strengths_that_round_to_one_number_are_named_exactly() -> None:
    close = [(L2(0.001),), (L2(0.0010000001),)]
    assert candidate_names(close) == ("L2(0.001)", "L2(0.0010000001)")
    assert candidate_names([(L2(1 / 3),)]) == ("L2(0.333333)",)


def test_candidates_are_named_with_the_target_only_where_it_tells_them_apart() -> None:
    both = (L1(0.1), L2(0.2))
    assert candidate_names([BASELINE, (L2(0.1),), both]) == (
        "baseline",
        "L2(0.1)",
        "L1(0.1) + L2(0.2)",
    )
    hidden, output = (L2(0.1, layers="hidden"),), (L2(0.1, layers="output"),)
    assert candidate_names([hidden, (L2(0.2),), output]) == (
        "L2(0.1, layers='hidden', on='kernel+recurrent')",
        "L2(0.2, layers='all', on='kernel+recurrent')",
        "L2(0.1, layers='output', on='kernel+recurrent')",
    )


REFUSALS: dict[str, tuple[Callable[[], object], str]] = {
    "the same candidate twice": (
        lambda: candidate_names([(L2(0.1),), BASELINE, (L2(0.1),)]),
        "Candidate L2(0.1, layers='all', on='kernel+recurrent') is there twice; "
        "give each one once.",
    ),
    "the baseline twice": (
        lambda: candidate_names([BASELINE, BASELINE]),
        "Candidate baseline is there twice; give each one once.",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_cannot_be_used_is_refused_in_a_sentence(case: str) -> None:
    call, text = REFUSALS[case]
    with pytest.raises(InputError, match=whole(text)):
        call()


def whole(text: str) -> str:
    return f"^{re.escape(text)}$"
