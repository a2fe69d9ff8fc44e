"""Texts of paths in Chinese have the numbers of those in English."""

import math
from typing import Any

import pytest

from evidence_cases import resampling
from translation_cases import checked
from wane._language import speaking
from wane.study.evaluation.path import PathRuns, PathStage, WarmMinusCold
from wane.study.measures.tables import MeanStd
from wane.study.verdicts.beside.path import path_text

CONCLUSIONS = (
    "better", "worse", "no difference detected", "cannot be told", "not comparable",
)  # fmt: skip


def stage(number: int, strength: float, conclusion: Any, diverged: int = 0) -> PathStage:
    loss = {"validation_data_loss": MeanStd(0.3 + 0.01 * number, 0.0)}
    warm, cold = (PathRuns(epochs, diverged, loss) for epochs in (10 * number + 10, 10))
    nan = math.nan
    difference = WarmMinusCold(nan, nan, nan, nan, nan, conclusion)
    return PathStage(number, "", strength, warm, cold, difference)


@pytest.mark.parametrize("equal_epochs", [True, False])
@pytest.mark.parametrize(
    "several", [("better", "worse", "better"), *((one,) * 3 for one in CONCLUSIONS)]
)
@pytest.mark.parametrize("fixed", [True, False])
def test_every_text_has_the_same_numbers_in_chinese(
    several: tuple[str, ...], equal_epochs: bool, fixed: bool
) -> None:
    strengths = (0.1, 0.01, 0.0)
    stages = [
        stage(place, strength, conclusion, diverged=int(conclusion == "not comparable"))
        for place, (strength, conclusion) in enumerate(zip(strengths, several, strict=True), 1)
    ]
    stages.insert(0, stage(0, 1.0, "the same run"))
    scope: dict[str, Any] = {
        "resampling": resampling(30, fixed=fixed), "same_weights": fixed, "rows": 20,
    }  # fmt: skip
    english = checked(lambda: path_text(stages, equal_epochs=equal_epochs, **scope))
    assert ("no penalty" in english) == (several == ("better", "worse", "better"))


def test_no_penalty_comes_last_among_strengths() -> None:
    """In Chinese it is no strength."""
    stages = [stage(0, 1.0, "the same run"), stage(1, 0.5, "worse")]
    stages += [stage(place, strength, "better") for place, strength in enumerate((0.1, 0.01, 0), 2)]
    scope: dict[str, Any] = {
        "resampling": resampling(30), "same_weights": False, "rows": 20, "equal_epochs": True,
    }  # fmt: skip
    with speaking("en"):
        assert "better at 0.1, 0.01 and no penalty; a" in path_text(stages, **scope)
    with speaking("zh"):
        found = path_text(stages, **scope)
    assert found.startswith("在强度 0.1、0.01 下和不加惩罚时，热启动更好；在强度 0.5 下，")
