"""Texts of comparisons in Chinese have the numbers of those in English."""

import math
from typing import Any, Literal

import numpy as np
import pytest

from translation_cases import checked
from wane.resampling.splits import Resampling, Split
from wane.resampling.ties.grouping import Dependence
from wane.study.evaluation.compared.methods import Conclusion, MethodPair, MethodRow, MethodsSummary
from wane.study.verdicts.beside.comparison import comparison_text, with_text

NAN = math.nan


def row(method: str, value: float, conclusion: Conclusion, **more: Any) -> MethodRow:
    usual: dict[str, Any] = {
        "settings": 5, "chosen": method, "setting": f"{method.upper()}(1)", "edge": "",
        "metric_value": 0.9, "difference": value - 0.5, "low": -0.3, "high": -0.1, "p": 0.01,
        "p_holm": 0.02,
    }  # fmt: skip
    return MethodRow(method, value=value, conclusion=conclusion, **{**usual, **more})


NONE = row("none", 0.5, "", difference=NAN)
BETTER, WORSE = row("l2", 0.3, "better", edge="weakest"), row("l1", 0.7, "worse", edge="strongest")
SAME = row("dropout", 0.5, "no difference detected")
MAX_NORM = row("max-norm", 0.8, "worse")
ALONE = row("early-stopping", 0.2, "not comparable")
PAIRS = [
    MethodPair("l1", "l2", 0.4, 0.3, 0.5, 0.01, 0.02, "worse"),
    MethodPair("l2", "dropout", -0.2, -0.3, -0.1, 0.01, 0.02, "better"),
]


def summary(*methods: MethodRow, **more: Any) -> MethodsSummary:
    usual: dict[str, Any] = {
        "evaluated_on": "test", "rows": 1000, "by": "data_loss", "direction": "down",
        "metric": "accuracy", "settings": 5, "best": "l2", "first": "l2", "ineligible": [],
        "corrected": False, "pairs": PAIRS,
    }  # fmt: skip
    return MethodsSummary(methods=methods, **{**usual, **more})


EVERY = (NONE, BETTER, WORSE, SAME)
CASES = {
    "helps": summary(*EVERY),
    "equal differences": summary(NONE, row("l2", 0.3, "better", low=NAN)),
    "chance": summary(NONE, row("l2", 0.4, "no difference detected")),
    "one repeat": summary(NONE, row("l2", 0.4, "no difference detected", p_holm=NAN)),
    "a score": summary(NONE, row("l2", 0.6, "better"), by="accuracy", direction="up"),
    "untold": summary(NONE, row("l2", 0.4, "cannot be told"), evaluated_on="validation"),
    "none is best": summary(NONE, WORSE, MAX_NORM, best="none", first="none"),
    "not eligible": summary(*EVERY, ALONE, best="none", first="none",
                            ineligible=["early-stopping"]),
    "first": summary(*EVERY, best="l1", first="l2"),
    "highest": summary(*EVERY, best="l1", first="l2", direction="up"),
    "not comparable": summary(*EVERY, ALONE, evaluated_on="validation", rows=10),
    "corrected": summary(*EVERY, evaluated_on="validation", rows=10, corrected=True),
    "one setting": summary(NONE, BETTER, settings=1, evaluated_on="validation"),
    "diverged": summary(NONE, row("l2", NAN, "diverged", difference=NAN)),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("how", ["splits", "one split", "groups"])
def test_every_text_has_the_same_numbers_in_chinese(
    name: str, how: Literal["splits", "one split", "groups"]
) -> None:
    found = CASES[name]
    split, repeats = Split(np.arange(20), np.arange(10)), 1 if name == "one repeat" else 30
    splits = Resampling("fraction", (split,) * repeats, repeats)
    groups: dict[str, int] = {}
    if how == "one split":
        splits = Resampling("fixed", (Split(split.train, None),), repeats)
    if how == "groups":
        splits = Resampling(
            "fraction", (split,) * repeats, repeats, dependence=Dependence("groups")
        )
        groups = {"validation": 4, "test": 6}
    rows = {"train": 20, "validation": 10, "test": found.rows}

    def said() -> str:
        return comparison_text(found, splits, rows, groups, same_weights=how == "one split")

    english = checked(said, *(one.method for one in (*EVERY, ALONE, MAX_NORM)), "L2(1)")
    own = with_text(found, splits, rows, groups, same_weights=how == "one split")
    assert own.text == english and set(own.translations) == {"zh"}
