"""A study that names no scorers has those that heed a rare class, where there is one."""

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

import wane
from study_cases import data, network, study
from wane.study.measures.scorers import scored
from wane.study.spec.scorers import OF_CLASS_0, default_scorers, scorers_of

if TYPE_CHECKING:
    from wane.keras_model.bridge.task import Task

OF_TWO = ["balanced_accuracy", "roc_auc", "average_precision", "neg_brier_score"]
RARE = np.array([1] * 19 + [0] * 81)


@pytest.mark.parametrize(
    ("kind", "y", "names"),
    [
        ("binary", RARE, OF_TWO),
        ("binary", RARE[:, None].astype("float32"), OF_TWO),
        ("binary", 1 - RARE, [*OF_TWO[:2], OF_CLASS_0, OF_TWO[3]]),
        ("binary", [1] * 20 + [0] * 80, []),
        ("binary", np.eye(2)[RARE], []),  # two questions of yes or no
        ("binary", np.zeros(9), []),
        ("binary", np.linspace(0, 1, 9), []),
        ("multiclass", [0] * 10 + [1] * 45 + [2] * 45, ["balanced_accuracy"]),
        ("multiclass", np.eye(2)[RARE], ["balanced_accuracy"]),
        ("multiclass", [0, 1, 2], []),
        ("regression", RARE, []),
        ("other", RARE, []),
    ],
)
def test_when_a_class_is_rare(kind: str, y: Any, names: list[str]) -> None:
    assert list(default_scorers(kind, np.asarray(y), ["accuracy"])) == names


def test_names_of_metrics_are_not_taken_twice() -> None:
    assert list(default_scorers("binary", RARE, ["roc_auc"])) == [OF_TWO[0], *OF_TWO[2:]]


def test_average_precision_is_that_of_the_rare_class_whichever_it_is() -> None:
    # 'ja' and 'sick' come before 'nein' and 'well': of those it would be near 1 for any network.
    draw = np.random.default_rng(3)
    scores = np.clip(0.4 * RARE + 0.6 * draw.random(len(RARE)), 0, 1)
    found = []
    for y, shares in ((RARE, scores), (1 - RARE, 1 - scores)):
        task = cast("Task", SimpleNamespace(kind="binary", from_logits=False))
        scorers = default_scorers("binary", y, ["accuracy"])
        again = scorers_of(list(scorers))
        assert again is not None
        values = scored(again, task, shares[:, None], y)
        found.append(values[next(name for name in again if "precision" in name)])
    assert found == pytest.approx([average_precision_score(RARE, scores)] * 2, rel=1e-12)


@pytest.mark.thorough
def test_a_study_of_a_spec_has_the_same_scores() -> None:
    x, _ = data(rows=60, seed=1)
    y = (np.arange(60) % 10 > 0).astype("float32")
    one = study(x=x, y=y, validation=0.5).run(progress=False)
    spec = wane.StudySpec.from_dict(one.spec.to_dict())
    again = wane.Study.from_spec(spec, network(), x, y).run(progress=False)
    column = f"validation_{OF_CLASS_0}"
    assert again.runs[column].tolist() == one.runs[column].tolist()
    assert one.runs[column].mean() < 0.9


def rare(**options: Any) -> wane.Study:
    x, _ = data(rows=60, seed=1)
    return study(x=x, y=(np.arange(60) % 10 == 0).astype("float32"), validation=0.5, **options)


@pytest.mark.thorough
def test_a_rare_class_is_scored_unless_the_user_says_otherwise() -> None:
    assert rare().spec.scoring is None and rare().spec.to_dict()["scoring"] is None
    result = rare().run(progress=False)
    assert {f"validation_{name}" for name in OF_TWO} < set(result.runs)
    assert list(result.spec.scoring or {}) == OF_TWO
    assert result.document["account"]["majority_accuracy"] == 0.9
    assert [one["rows"] for one in result.document["account"]["classes"]] == [54, 6]
    again = wane.StudySpec.from_dict(result.spec.to_dict())
    assert list(again.scoring or {}) == OF_TWO
    for scoring, names in (((), set()), (["f1"], {"validation_f1"})):
        runs = rare(scoring=scoring).run(progress=False).runs
        found = {name for name in map(str, runs) if name.startswith("validation_")}
        assert found - {"validation_data_loss", "validation_accuracy"} == names


def test_a_candidate_may_be_chosen_by_a_score_that_is_there_by_default() -> None:
    assert rare(select_by="roc_auc").run(progress=False).document["study"]["select_by"] == "roc_auc"


@pytest.mark.thorough
def test_common_classes_and_amounts_are_not_scored() -> None:
    assert study(validation=0.5).run(progress=False).spec.scoring == {}
    assert study("regression", model=network("regression")).run(progress=False).spec.scoring == {}
