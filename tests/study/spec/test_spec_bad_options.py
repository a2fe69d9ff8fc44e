"""Models and options that cannot be used: one sentence each."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

import wane
from study_cases import data, study

Dense, Input = keras.layers.Dense, keras.layers.Input
X, Y = data()


class OwnStep(keras.Sequential):  # type: ignore[misc] # Keras has no types
    """A model with a train_step of its own."""

    def train_step(self, *args: Any) -> Any:
        return super().train_step(*args)


def uncompiled() -> Any:
    """A model that was never compiled."""
    return keras.Sequential([Input((3,)), Dense(1)], name="net")


def compiled(model: Any, **options: Any) -> Any:
    """The model, compiled."""
    model.compile(**{"optimizer": "sgd", "loss": "mse", **options})
    return model


def frozen() -> Any:
    """A model without trainable weights."""
    model = uncompiled()
    model.trainable = False
    return compiled(model)


NOT_A_MODEL = "model must be a compiled keras.Model or a function that returns one, got {}."
MODELS: dict[str, tuple[Callable[[], Any], str]] = {
    "uncompiled": (
        uncompiled,
        "The model 'net' is not compiled: call model.compile(optimizer=..., loss=...) before "
        "giving it to wane.",
    ),
    "without a loss": (
        lambda: compiled(uncompiled(), loss=None),
        "The model 'net' was compiled without a loss: call model.compile(optimizer=..., loss=...).",
    ),
    "text": (lambda: "dense", NOT_A_MODEL.format("str")),
    "None": (lambda: None, NOT_A_MODEL.format("NoneType")),
    "scikit-learn": (LogisticRegression, NOT_A_MODEL.format("LogisticRegression")),
    "a function of nothing": (lambda: lambda: None, NOT_A_MODEL.format("NoneType")),
    "a function of an uncompiled one": (
        lambda: uncompiled,
        "The model 'net' is not compiled: call model.compile(optimizer=..., loss=...) before "
        "giving it to wane.",
    ),
    "own train_step": (
        lambda: compiled(OwnStep([Input((3,)), Dense(1)], name="net")),
        "The model 'net' has a train_step() of its own, which wane does not train; it trains "
        "models that leave train_step() as in keras.Model.",
    ),
    "frozen": (
        frozen,
        "The model 'net' has no trainable weight: set trainable=True on a layer.",
    ),
}


class Overlapping:
    """A splitter whose parts have two rows in common."""

    def split(self, x: Any, *_: Any) -> Any:
        yield np.arange(12), np.arange(10, len(x))

    def get_n_splits(self, *_: Any) -> int:
        return 1


CLASS_WEIGHT = (
    "class_weight must map whole labels to finite weights of at least 0, such as {0: 1.0, 1: 5.0}, "
    "got "
)
TRANSFORM = "transform must be an unfitted scikit-learn transformer such as StandardScaler(), got "
MATTERS = (
    "matters must be a number above 0, the smallest difference of interest in the unit of what "
    "candidates are chosen by, got {}."
)
WHOLE = "{} must be a whole number of at least {}, got {}."
STRENGTH = "l2 must be a finite number of at least 0, got {}: 0 is no penalty."
KIND = "{} must be a tuple of arrays, a fraction or a scikit-learn splitter, got {}."
CANDIDATES = (
    "candidates must be a list of penalties such as [wane.L2(1e-3)], or what wane.sweep gives, got "
)
CALLBACKS = "callbacks must be Keras callbacks such as EarlyStopping(patience=5), got "
OPTIONS: dict[str, tuple[Callable[[], dict[str, Any]], str]] = {
    "matters 0": (lambda: {"matters": 0}, MATTERS.format(0)),
    "matters -0.1": (lambda: {"matters": -0.1}, MATTERS.format(-0.1)),
    "matters NaN": (lambda: {"matters": np.nan}, MATTERS.format("nan")),
    "matters infinite": (lambda: {"matters": np.inf}, MATTERS.format("inf")),
    "matters text": (lambda: {"matters": "abc"}, MATTERS.format("'abc'")),
    "matters True": (lambda: {"matters": True}, MATTERS.format(True)),
    "extend no": (lambda: {"extend": "no"}, "extend must be True or False, got 'no'."),
    "halving 1": (lambda: {"halving": 1}, "halving must be True or False, got 1."),
    "matters of a share": (
        lambda: {"matters": 5, "select_by": "accuracy"},
        "matters=5 is more than accuracy, a number from 0 to 1, can change: give a part of that, "
        "such as 0.01 for one point.",
    ),
    "epochs 0": (lambda: {"epochs": 0}, WHOLE.format("epochs", 1, 0)),
    "epochs 1.5": (lambda: {"epochs": 1.5}, WHOLE.format("epochs", 1, 1.5)),
    "epochs True": (lambda: {"epochs": True}, WHOLE.format("epochs", 1, True)),
    "epochs NaN": (lambda: {"epochs": np.nan}, WHOLE.format("epochs", 1, "nan")),
    "epochs text": (lambda: {"epochs": "9"}, WHOLE.format("epochs", 1, "'9'")),
    "repeats 0": (lambda: {"repeats": 0}, WHOLE.format("repeats", 1, 0)),
    "repeats text": (lambda: {"repeats": "many"}, WHOLE.format("repeats", 1, "'many'")),
    "repeats NaN": (lambda: {"repeats": np.nan}, WHOLE.format("repeats", 1, "nan")),
    "batch_size 0": (lambda: {"batch_size": 0}, WHOLE.format("batch_size", 1, 0)),
    "seed -1": (lambda: {"seed": -1}, WHOLE.format("seed", 0, -1)),
    "seed 2**32": (
        lambda: {"seed": 2**32},
        "seed must be at most 4294967295, got 4294967296.",
    ),
    "text as class weight": (lambda: {"class_weight": {0: "a"}}, CLASS_WEIGHT + "{0: 'a'}."),
    "text as label": (lambda: {"class_weight": {"a": 1.0}}, CLASS_WEIGHT + "{'a': 1.0}."),
    "NaN as class weight": (
        lambda: {"class_weight": {0: float("nan")}},
        CLASS_WEIGHT + "{0: nan}.",
    ),
    "list of class weights": (lambda: {"class_weight": [1, 2]}, CLASS_WEIGHT + "[1, 2]."),
    "class weight of a class that is not there": (
        lambda: {"class_weight": {0: 1.0, 1: 5.0, 2: 9.0}},
        "class_weight has a weight for the label '2', which no row of y has: take its labels, "
        "'0', '1'.",
    ),
    "fewer names than classes": (
        lambda: {"class_names": ["no"]},
        "class_names has 'no' alone, and the labels of y go from 0 to 1: give a name for each "
        "label from 0 on, in their order.",
    ),
    "a row on both sides": (
        lambda: {"validation": Overlapping(), "repeats": None},
        "The splitter Overlapping puts 2 rows on both sides of split 1, such as row 10: a row that "
        "trains tells nothing of new ones; give a splitter whose parts have no row in common.",
    ),
    "class weight by another name": (
        lambda: {"class_weight": "equal"},
        "class_weight (--class-weight) takes 'balanced', or in Python the weight of each label "
        "too, got 'equal'.",
    ),
    "balanced amounts": (
        lambda: {"class_weight": "balanced", "y": data("regression")[1]},
        "class_weight='balanced' (--class-weight balanced) is for rows of one class each, and y "
        "holds amounts or several classes: leave it out.",
    ),
    "transform that is none": (lambda: {"transform": len}, TRANSFORM + "<built-in function len>."),
    "class as transform": (
        lambda: {"transform": KFold},
        TRANSFORM + "<class 'sklearn.model_selection._split.KFold'>.",
    ),
    "strength -1": (lambda: {"candidates": [wane.L2(-1)]}, STRENGTH.format(-1)),
    "strength NaN": (lambda: {"candidates": [wane.L2(np.nan)]}, STRENGTH.format("nan")),
    "not a penalty": (
        lambda: {"candidates": [("l2",)]},
        "A candidate must be a penalty, a wane.Dropout, a wane.EarlyStopping, a wane.LearningRate "
        "or a wane.Network, or a tuple of them such as (wane.L2(1e-3),), got 'l2'.",
    ),
    "a number as candidate": (
        lambda: {"candidates": [0.1]},
        "A candidate must be a penalty, a wane.Dropout, a wane.EarlyStopping, a wane.LearningRate "
        "or a wane.Network, or a tuple of them such as (wane.L2(1e-3),), got 0.1.",
    ),
    "a number as candidates": (lambda: {"candidates": 0.1}, CANDIDATES + "0.1."),
    "text as candidates": (lambda: {"candidates": "l2"}, CANDIDATES + "'l2'."),
    "a class as candidates": (
        lambda: {"candidates": wane.L2},
        CANDIDATES + "<class 'wane.penalties.elementwise.L2'>.",
    ),
    "text as callback": (lambda: {"callbacks": "stop"}, CALLBACKS + "'stop'."),
    "a class as callback": (
        lambda: {"callbacks": [keras.callbacks.TerminateOnNaN]},
        CALLBACKS + "<class 'keras.src.callbacks.terminate_on_nan.TerminateOnNaN'>.",
    ),
    "twice the same": (
        lambda: {"candidates": [wane.L2(0.1), wane.L2(0.1)]},
        "Candidate L2(0.1, layers='all', on='kernel+recurrent') is there twice; give each one "
        "once.",
    ),
    "initial_weights": (
        lambda: {"initial_weights": "zeros"},
        "initial_weights must be 'auto', 'fresh' or 'model', got 'zeros'.",
    ),
    "two kinds of weights": (
        lambda: {"sample_weight": np.ones(30), "class_weight": {0: 2.0}},
        "Give sample_weight or class_weight, not both (as in Keras's fit).",
    ),
    "penalty on nothing": (
        lambda: {"candidates": [wane.L2(0.1, layers="conv*")]},
        "No trainable weight matches layers='conv*' and on='kernel+recurrent' of L2(0.1); the "
        "model has the layers 'hidden', 'output', and layers takes 'all', 'hidden', 'output' or a "
        "glob on those names.",
    ),
    "validation 0": (
        lambda: {"validation": 0},
        "validation as a fraction must lie between 0 and 1, got 0.",
    ),
    "validation 1": (
        lambda: {"validation": 1},
        "validation as a fraction must lie between 0 and 1, got 1.",
    ),
    "validation 1.5": (
        lambda: {"validation": 1.5},
        "validation as a fraction must lie between 0 and 1, got 1.5.",
    ),
    "validation NaN": (
        lambda: {"validation": np.nan},
        "validation as a fraction must lie between 0 and 1, got nan.",
    ),
    "test 1.5": (
        lambda: {"test": 1.5},
        "test as a fraction must lie between 0 and 1, got 1.5.",
    ),
    "validation text": (lambda: {"validation": "a bit"}, KIND.format("validation", "str")),
    "validation array": (lambda: {"validation": X}, KIND.format("validation", "ndarray")),
    "test True": (lambda: {"test": True}, KIND.format("test", "bool")),
    "splits beyond the rows": (
        lambda: {"validation": KFold(40), "repeats": None},
        "The splitter KFold cannot split 30 rows: Cannot have number of splits n_splits=40 greater "
        "than the number of samples: n_samples=30.",
    ),
    "test splits beyond the rows": (
        lambda: {"test": KFold(40)},
        "The splitter KFold cannot split 30 rows: Cannot have number of splits n_splits=40 greater "
        "than the number of samples: n_samples=30.",
    ),
    "repeats that leave splits out": (
        lambda: {"validation": KFold(3), "repeats": 4},
        "repeats=4 does not give each of the 3 splits of KFold as many runs; take a multiple of 3.",
    ),
}


@pytest.mark.parametrize("case", MODELS)
def test_models(case: str) -> None:
    make, text = MODELS[case]
    with pytest.raises(wane.InputError) as caught:
        study(model=make()).run(progress=False)
    assert str(caught.value) == text


@pytest.mark.parametrize("case", OPTIONS)
def test_options(case: str) -> None:
    make, text = OPTIONS[case]
    with pytest.raises(wane.InputError) as caught:
        study(**make()).run(progress=False)
    assert str(caught.value) == text


def test_no_callbacks_as_in_fit() -> None:
    assert study(callbacks=None).spec.callbacks == study(callbacks=[]).spec.callbacks == ()
