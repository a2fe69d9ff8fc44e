"""A study from the specification in its folder is the same study, and what differs is refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import make_scorer
from sklearn.model_selection import GroupKFold, KFold
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import wane
from interruption_cases import interrupt, outcome, without_figures
from study_cases import data, network, study
from wane.study.journal.journal import Journal

X, Y = data()
PATIENTS = pd.Series([f"p{i % 12}" for i in range(30)], name="patient")
CLINICS = pd.Series([f"p{i % 10}" for i in range(30)], name="patient")
DAYS = pd.Series(pd.date_range("2024-01-01", periods=30), name="day").sample(frac=1, random_state=0)


def own_score(y: Any, predicted: Any) -> float:
    """A score of the user's own."""
    return float(np.mean(y == predicted))


def other_network() -> Any:
    """A network of the candidates, the same in each study."""
    keras.utils.set_random_seed(3)
    return network(optimizer="adam")


def drawn(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows for :class:`wane.Fresh`."""
    return data(rows=rows, seed=seed)


SAME: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "nothing else": (
        {
            "validation": 0.3, "test": 0.2, "class_weight": {0: 1.0, 1: 2.0}, "repeats": None,
            "candidates": [wane.L2(wane.schedule.linear(0, 0.1, 2)), wane.EarlyStopping(1)],
            "select_by": ("accuracy", "up"), "scoring": ["roc_auc"], "learning_curve": True,
        },
        {},
    ),
    "arrays and objects": (
        {
            "validation": data(seed=1), "test": data(seed=2), "transform": StandardScaler(),
            "scoring": ["f1", make_scorer(own_score)], "sample_weight": np.linspace(0.5, 1, 30),
            "callbacks": [keras.callbacks.TerminateOnNaN()],
        },
        {
            "validation": data(seed=1), "test": data(seed=2), "transform": StandardScaler(),
            "scoring": ["f1", make_scorer(own_score)], "sample_weight": np.linspace(0.5, 1, 30),
            "callbacks": [keras.callbacks.TerminateOnNaN()],
        },
    ),
    "networks and folds": (
        {
            "validation": KFold(3), "repeats": 3,
            "candidates": [
                wane.Network(other_network, "other"),
                (wane.Network(other_network, "other"), wane.L1(0.1, proximal=True)),
            ],
        },
        {"validation": KFold(3), "networks": {"other": other_network}},
    ),
    "rows of groups": (
        {"groups": PATIENTS, "validation": 0.3, "test": 0.3, "references": ["linear"]},
        {"groups": PATIENTS},
    ),
    "groups without a name": (
        {"groups": list(PATIENTS), "validation": GroupKFold(3), "repeats": 3},
        {"groups": PATIENTS.to_numpy(), "validation": GroupKFold(3)},
    ),
    "rows in time": (
        {"time": DAYS, "gap": 1, "validation": 0.3, "test": 0.2, "references": ["linear"]},
        {"time": DAYS},
    ),
    "rows drawn anew": (
        {"x": None, "y": None, "validation": wane.Fresh(drawn, train=12, validation=20)},
        {"x": None, "y": None, "validation": wane.Fresh(drawn, train=12, validation=20)},
    ),
}  # fmt: skip
"""Studies, and what of them a document cannot hold."""


def read(folder: Path) -> wane.StudySpec:
    """The specification of a folder's study."""
    document = json.loads((folder / "study.json").read_text(encoding="utf-8"))
    return wane.StudySpec.from_dict(document)


def again(spec: wane.StudySpec, **given: Any) -> wane.Study:
    """The study of a specification, with the usual model and rows."""
    return wane.Study.from_spec(spec, **{"model": network(), "x": X, "y": Y, **given})


@pytest.mark.thorough
@pytest.mark.parametrize("case", SAME)
def test_it_resumes_the_folder_and_gives_the_same_tables(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_figures(monkeypatch)
    options, given = SAME[case]
    keras.utils.set_random_seed(1)
    made = study(**options)
    first = made.run(tmp_path / "study", progress=False)
    same = again(read(tmp_path / "study"), **given)
    # The document has their number and the scorers, whoever gave them.
    found = {"repeats": first.record.study.repeats, "scoring": list(first.spec.scoring or {})}
    assert same.spec.to_dict() == {**made.spec.to_dict(), **found}

    def add(self: Journal, trained: Any) -> None:
        raise AssertionError(f"{trained.run} was trained again by {self}")

    monkeypatch.setattr(Journal, "add", add)
    second = same.run(tmp_path / "study", progress=False)
    pd.testing.assert_frame_equal(second.runs, first.runs)
    pd.testing.assert_frame_equal(second.summary(), first.summary())
    pd.testing.assert_frame_equal(second.comparisons(), first.comparisons())
    assert second.document == first.document
    monkeypatch.undo()
    apart = again(read(tmp_path / "study"), **given).run(progress=False)
    pd.testing.assert_frame_equal(apart.runs, first.runs)


@pytest.mark.thorough
@pytest.mark.parametrize("case", ["rows of groups", "rows in time"])
def test_an_interrupted_one_goes_on_to_the_same_bits(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_figures(monkeypatch)
    options, given = SAME[case]
    study(**options, epochs=6).run(tmp_path / "whole", progress=False)
    with monkeypatch.context() as broken:
        interrupt(broken, after=2)
        with pytest.raises(wane.Interrupted):
            study(**options, epochs=6).run(tmp_path / "cut", progress=False)
    again(read(tmp_path / "cut"), **given).run(tmp_path / "cut", progress=False)
    assert outcome(tmp_path / "cut") == outcome(tmp_path / "whole")


def test_a_comparison_s_methods_are_those_of_the_specification() -> None:
    methods = {
        "l2": [wane.L2(0.1)],
        "other": [(wane.Network(other_network, "other"), wane.EarlyStopping(1))],
    }
    compared = study().compare(methods, progress=False)
    spec = wane.StudySpec.from_dict(json.loads(json.dumps(compared.result.spec.to_dict())))
    same = again(spec, networks={"other": other_network})
    assert same.spec.to_dict() == compared.result.spec.to_dict()
    assert same.spec.methods == compared.result.spec.methods
    assert same.spec.ineligible == compared.result.spec.ineligible
    assert set(same.spec.ineligible) <= set(same.spec.candidates)


ANOTHER = (
    "This is another study than the one that was written, which differs in its {}: give what it "
    "was made with."
)
MISSING = (
    "The study was made with {} that a JSON document cannot hold: give {} to Study.from_spec as to "
    "wane.Study."
)


def spec_of(**options: Any) -> wane.StudySpec:
    """The specification of a study, read back."""
    return wane.StudySpec.from_dict(json.loads(json.dumps(study(**options).spec.to_dict())))


OTHER = {"candidates": [wane.Network(other_network, "other")]}
REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "other rows": (lambda: again(spec_of(), x=X + 1), ANOTHER.format("data")),
    "fewer rows": (lambda: again(spec_of(), x=X[:20], y=Y[:20]), ANOTHER.format("data")),
    "weights that were not there": (
        lambda: again(spec_of(), sample_weight=np.full(30, 0.5)), ANOTHER.format("data")
    ),
    "other groups": (
        lambda: again(spec_of(groups=PATIENTS), groups=CLINICS), ANOTHER.format("data")
    ),
    "groups of another name": (
        lambda: again(spec_of(groups=PATIENTS), groups=PATIENTS.rename("clinic")),
        ANOTHER.format("groups"),
    ),
    "another order in time": (
        lambda: again(spec_of(time=DAYS), time=DAYS[::-1]), ANOTHER.format("data")
    ),
    "groups that were not there": (
        lambda: again(spec_of(), groups=PATIENTS), ANOTHER.format("groups and data")
    ),
    "groups missing": (lambda: again(spec_of(groups=PATIENTS)), MISSING.format("groups", "it")),
    "times missing": (lambda: again(spec_of(time=DAYS)), MISSING.format("time", "it")),
    "no rows": (
        lambda: again(spec_of(), x=None, y=None),
        "A study needs x and y, or a wane.Fresh as validation, which draws them.",
    ),
    "other validation rows": (
        lambda: again(spec_of(validation=data(seed=1)), validation=data(seed=2)),
        ANOTHER.format("data"),
    ),
    "another splitter": (
        lambda: again(spec_of(validation=KFold(2)), validation=KFold(2, shuffle=True)),
        ANOTHER.format("validation"),
    ),
    "another fraction": (
        lambda: again(spec_of(validation=0.2), validation=0.3), ANOTHER.format("validation")
    ),
    "arrays for a fraction": (
        lambda: again(spec_of(validation=0.2), validation=data(seed=1)),
        ANOTHER.format("validation and data"),
    ),
    "test rows that were not there": (
        lambda: again(spec_of(), test=data(seed=2)), ANOTHER.format("test and data")
    ),
    "another transform": (
        lambda: again(
            spec_of(transform=StandardScaler()), transform=FunctionTransformer(np.tanh)
        ),
        ANOTHER.format("transform"),
    ),
    "a transform that was not there": (
        lambda: again(spec_of(), transform=StandardScaler()), ANOTHER.format("transform")
    ),
    "other callbacks": (
        lambda: again(
            spec_of(callbacks=[keras.callbacks.TerminateOnNaN()]),
            callbacks=[keras.callbacks.ReduceLROnPlateau()],
        ),
        ANOTHER.format("callbacks"),
    ),
    "other scorers": (
        lambda: again(spec_of(scoring=["f1"]), scoring=["roc_auc"]), ANOTHER.format("scoring")
    ),
    "validation rows missing": (
        lambda: again(spec_of(validation=data(seed=1))), MISSING.format("validation", "it")
    ),
    "several missing": (
        lambda: again(
            spec_of(
                validation=data(seed=1), test=data(seed=2), transform=StandardScaler(),
                callbacks=[keras.callbacks.TerminateOnNaN()], scoring=[make_scorer(own_score)],
                **OTHER,
            )
        ),
        MISSING.format("validation, test, transform, callbacks, scoring and networks", "them"),
    ),
    "a network by another title": (
        lambda: again(spec_of(**OTHER), networks={"othr": other_network}),
        "The study has no network 'othr': did you mean 'other'?",
    ),
    "a network missing": (
        lambda: again(
            spec_of(candidates=[*OTHER["candidates"], wane.Network(network(), "second")]),
            networks={"other": other_network},
        ),
        "The study was made with the network 'second' that a JSON document cannot hold: give its "
        "model in networks, by its title.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_missing_or_different_is_refused(case: str) -> None:
    ask, text = REFUSED[case]
    with pytest.raises(wane.InputError) as caught:
        ask()
    assert str(caught.value) == text
