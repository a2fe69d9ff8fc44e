"""A specification and its document: what study.json holds is read back as it was."""

import json
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import make_scorer
from sklearn.model_selection import KFold
from sklearn.preprocessing import StandardScaler

import wane
from study_cases import data, network, study
from wane.penalties import CATALOGUE, Penalty

X, Y = data()
WIDER = wane.Network(network(), "another one")


def dropping() -> Any:
    """A compiled network with a dropout layer."""
    layers = keras.layers
    rows, hidden, dropped = layers.Input((3,)), layers.Dense(4), layers.Dropout(0.1, name="drop")
    model = keras.Sequential([rows, hidden, dropped, layers.Dense(1, activation="sigmoid")])
    model.compile("sgd", "binary_crossentropy")
    return model


LINEAR = wane.schedule.linear(0.0, 0.1, 4)
PENALTIES: dict[str, list[Penalty]] = {
    "l1": [
        wane.L1(0.1), wane.L1(0.2, proximal=True, layers="hidden"), wane.L1(LINEAR, on=("bias",)),
    ],
    "l2": [
        wane.L2(1 / 3), wane.L2(0.1, on=("kernel", "bias")), wane.L2(LINEAR),
        wane.L2(wane.schedule.cosine(0.1, 0.0, 7)), wane.L2(wane.schedule.warm_up(0.2, 3)),
        wane.L2(wane.schedule.steps({0: 0.1, 5: 0.0})), wane.L2(wane.schedule.constant(0.7)),
    ],
    "l1l2": [wane.L1L2(0.1, 0.3), wane.L1L2(LINEAR, 0.5), wane.L1L2(0.2, 0.2, proximal=True)],
    "group-lasso": [
        wane.GroupLasso(0.1), wane.GroupLasso(0.1, groups="units", layers="hidden"),
        wane.GroupLasso(0.2, proximal=True),
    ],
    "weight-decay": [wane.WeightDecay(0.1), wane.WeightDecay(LINEAR)],
    "orthogonality": [
        wane.Orthogonality(0.1), wane.Orthogonality(0.1, layers="hidden", mode="columns"),
    ],
}  # fmt: skip
"""Each penalty of the catalogue with its options, targets and schedules."""


def first_half(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows for :class:`wane.Fresh`."""
    return data(rows=rows, seed=seed)


def own_score(y: Any, predicted: Any) -> float:
    """A score of the user's own."""
    return float(np.mean(y == predicted))


STUDIES: dict[str, Callable[[], wane.Study]] = {
    "the usual one": study,
    "a fraction for each": lambda: study(validation=0.3, test=0.2, repeats=None),
    "arrays": lambda: study(validation=data(seed=1), test=data(seed=2)),
    "weighted arrays": lambda: study(
        validation=(*data(seed=1), np.ones(30)), sample_weight=np.linspace(0.5, 1, 30)
    ),
    "a splitter for each": lambda: study(
        validation=KFold(3, shuffle=True, random_state=1), test=KFold(5), repeats=6
    ),
    "few rows of many": lambda: study(validation=wane.Subsample(10, 12)),
    "rows drawn anew": lambda: study(
        x=None, y=None, validation=wane.Fresh(first_half, train=12, validation=20), test=data()
    ),
    "a table": lambda: study(x=pd.DataFrame(X, columns=list("abc")), y=pd.Series(Y)),
    "a transform": lambda: study(transform=StandardScaler(with_mean=False)),
    "a regression": lambda: study("regression", standardize_target=True, select_by="rmse"),
    "selected by a metric": lambda: study(select_by="accuracy"),
    "selected by a metric and way": lambda: study(select_by=("accuracy", "up")),
    "no scorers": lambda: study(scoring=()),
    "scorers": lambda: study(scoring=["roc_auc", "f1", make_scorer(own_score)]),
    "callbacks": lambda: study(
        callbacks=[keras.callbacks.ReduceLROnPlateau(), keras.callbacks.TerminateOnNaN()]
    ),
    "class weights": lambda: study(class_weight={0: 0.25, 1: 4}, class_names=["no", "yes"]),
    "refined and halved": lambda: study(
        refine=True, halving=True, repeats=8, candidates=wane.sweep(wane.L2, [0.1, 0.2])
    ),
    "the model's weights": lambda: study(initial_weights="model", shuffle=False, seed=2**32 - 1),
    "train sizes": lambda: study(learning_curve=True, name="sizes", epochs=np.int64(3)),
    "dropout": lambda: study(
        model=dropping(),
        candidates=[wane.Dropout(0.5), wane.Dropout(0.25, layers="drop*"), wane.EarlyStopping(3)]
    ),
    "networks": lambda: study(
        model=dropping(),
        candidates=[WIDER, (WIDER, wane.L2(0.1)), (wane.L2(0.1), wane.Dropout(0.5))]
    ),
    "no candidates": lambda: study(candidates=[]),
    "the default candidates": lambda: study(candidates=None),
    "presets": lambda: study(
        candidates=[wane.presets["vgg"], (wane.presets["bert"], wane.L1(0.5))]
    ),
    **{
        name: lambda own=own: study(candidates=own)  # type: ignore[misc] # bound now
        for name, own in PENALTIES.items()
    },
}  # fmt: skip


def read_back(spec: wane.StudySpec) -> wane.StudySpec:
    """The specification from the text of its document."""
    return wane.StudySpec.from_dict(json.loads(json.dumps(spec.to_dict())))


def test_every_penalty_of_the_catalogue_is_among_the_studies() -> None:
    assert set(PENALTIES) == set(CATALOGUE)
    for name, own in PENALTIES.items():
        assert {type(penalty) for penalty in own} == {CATALOGUE[name]}
        options = {option for penalty in own for option in penalty._options()}
        assert options == set(CATALOGUE[name].option_fields)


@pytest.mark.parametrize("case", STUDIES)
def test_a_document_is_read_back(case: str) -> None:
    spec = STUDIES[case]().spec
    back = read_back(spec)
    assert back.to_dict() == spec.to_dict()
    assert back.names == spec.names
    if "networks" not in back.missing():
        assert back.candidates == spec.candidates


@pytest.mark.parametrize("name", PENALTIES)
def test_penalties_read_back_are_equal_to_the_bit(name: str) -> None:
    made = study(candidates=PENALTIES[name]).spec
    for candidate, own in zip(read_back(made).candidates, made.candidates, strict=True):
        assert candidate == own
        for penalty, same in zip(candidate, own, strict=True):
            assert isinstance(penalty, Penalty) and isinstance(same, Penalty)
            epochs = range(10)
            assert [penalty.strengths_at(e) for e in epochs] == [
                same.strengths_at(e) for e in epochs
            ]


def test_the_methods_of_a_comparison_are_read_back() -> None:
    candidates: list[Any] = [wane.L2(0.1), wane.EarlyStopping(2), (WIDER, wane.L1(0.1))]
    methods = {"none": ((),), "l2": ((wane.L2(0.1),),), "other": ((WIDER, wane.L1(0.1)),)}
    spec = study().spec.with_candidates(
        candidates, methods=methods, ineligible=[(wane.EarlyStopping(2),)]
    )
    back = read_back(spec)
    assert back.to_dict() == spec.to_dict()
    assert list(back.methods) == list(methods) and back.methods["l2"] == methods["l2"]
    assert back.ineligible == spec.ineligible


def test_what_the_document_cannot_hold_is_named() -> None:
    for case, lacking in (
        ("the usual one", ()),
        ("few rows of many", ()),
        ("arrays", ("validation", "test")),
        ("a splitter for each", ("validation", "test")),
        ("rows drawn anew", ("validation", "test")),
        ("a transform", ("transform",)),
        ("scorers", ("scoring",)),
        ("callbacks", ("callbacks",)),
        ("networks", ("networks",)),
    ):
        assert read_back(STUDIES[case]().spec).missing() == lacking, case


def test_a_specification_without_rows_says_so() -> None:
    with pytest.raises(wane.InputError) as caught:
        _ = read_back(study().spec).data
    assert str(caught.value) == (
        "A specification that was read from study.json has no model and no rows: give them with "
        "wane.Study.from_spec(spec, model, x, y)."
    )


DOCUMENT = study().spec.to_dict()
NO_STUDY = "The document is no study of this version of wane ({}): give what study.json holds."
DAMAGED: dict[str, tuple[Any, str]] = {
    "a list": ([], "A study's document is a dictionary, got list."),
    "nothing": (
        {"candidates": {}, **{k: v for k, v in DOCUMENT.items() if k not in ("epochs", "seed")}},
        "The document lacks 'epochs', 'seed', so it is no study of this version of wane: give what "
        "study.json holds.",
    ),
    "another penalty": (
        {**DOCUMENT, "candidates": {"a": [{"penalty": "l3", "strengths": [1.0]}]}},
        "The study has the unknown penalty 'l3': available: 'l1', 'l2', 'l1l2', 'group-lasso', "
        "'weight-decay', 'orthogonality'.",
    ),
    "a penalty on nothing": (
        {
            **DOCUMENT,
            "candidates": {"a": [{"penalty": "l2", "strengths": [1.0], "layers": "all", "on": []}]},
        },
        "on must name at least one of 'kernel', 'recurrent', 'bias', 'embedding', got ().",
    ),
    "rows of another kind": (
        {**DOCUMENT, "validation": {"share": 0.5}},
        "The study's rows cannot be read from {'share': 0.5}: give its study.json.",
    ),
    "no epochs": ({**DOCUMENT, "epochs": 0}, "epochs must be a whole number of at least 1, got 0."),
    "candidates that are none": (
        {**DOCUMENT, "candidates": 3},
        NO_STUDY.format("'int' object has no attribute 'items'"),
    ),
    "a method of other candidates": (
        {**DOCUMENT, "methods": {"l2": ["L2(7)"]}},
        NO_STUDY.format("'L2(7)'"),
    ),
    "a smallest difference below 0": (
        {**DOCUMENT, "matters": -1},
        "matters must be a number above 0, the smallest difference of interest in the unit of what "
        "candidates are chosen by, got -1.",
    ),
    "an answer that is none": (
        {**DOCUMENT, "retraining": "yes"},
        "retraining must be True, False or None, got 'yes'.",
    ),
    "no time": (
        {**DOCUMENT, "minutes": 0},
        "minutes must be a finite number above 0, got 0.",
    ),
    "two plans": (
        {**DOCUMENT, "minutes": 5, "until_decided": True},
        "until_decided looks at the results as they come in, and minutes allows for one look at "
        "the end: give one of the two.",
    ),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_document_that_is_no_study_s(case: str) -> None:
    document, text = DAMAGED[case]
    with pytest.raises(wane.InputError) as caught:
        wane.StudySpec.from_dict(document)
    assert str(caught.value) == text


def test_further_keys_are_passed_over() -> None:
    document = {**DOCUMENT, "schema": 2, "recipe": None, "versions": {}, "fingerprints": {}}
    assert wane.StudySpec.from_dict(document).to_dict() == DOCUMENT
