"""What cannot be used is refused at fit, in one sentence."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

import wane
from estimator_cases import classifier, network, regressor, rows, words


def small(n_features: int, n_outputs: int) -> Any:
    return network(n_features, n_outputs + 3)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "penalty": ({"penalty": "l22"}, "There is no penalty 'l22': did you mean 'l2'?"),
    "no penalty": (
        {"penalty": 3},
        "There is no penalty 3: available: 'l1', 'l2', 'l1l2', 'group-lasso', 'weight-decay', "
        "'orthogonality'.",
    ),
    "strengths": (
        {"strengths": 0.1},
        "strengths must be a list of numbers such as [1e-4, 1e-3], one for each candidate, got "
        "0.1.",
    ),
    "sizes": (
        {"hidden_layer_sizes": (10, 0)},
        "hidden must give the units of at least one hidden layer, whole numbers of at least 1, "
        "such as (128, 64); got (10, 0).",
    ),
    "epochs": ({"epochs": 0}, "epochs must be a whole number of at least 1, got 0."),
    "batch_size": (
        {"batch_size": "all"},
        "batch_size must be a whole number of at least 1, got 'all'.",
    ),
    "optimizer": ({"optimizer": "adamm"}, "Keras has no optimizer 'adamm': did you mean 'adam'?"),
    "option": (
        {"study_options": {"refin": True}},
        "study_options has 'refin': did you mean 'refine'?",
    ),
    "own option": (
        {"study_options": {"epochs": 3}},
        "study_options has 'epochs', which is given to the estimator or to fit itself.",
    ),
    "no function": (
        {"model": "mine"},
        "model must be a function of (n_features, n_outputs) that returns a compiled Keras model, "
        "got 'mine'.",
    ),
    "no model": (
        {"model": lambda *_: None},
        "model must be a function of (n_features, n_outputs) that returns a compiled Keras model, "
        "got None.",
    ),
    "outputs": (
        {"model": small},
        "model was asked for 1 outputs and returned a network of 4: take the number from its "
        "second argument, n_outputs.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_settings(case: str) -> None:
    settings, message = REFUSED[case]
    x, y = rows()
    with pytest.raises(wane.InputError) as error:
        classifier(**settings).fit(x, words(y))
    assert str(error.value) == message


def test_a_model_in_place_of_a_function() -> None:
    x, y = rows()
    with pytest.raises(wane.InputError, match=r"model must be a function of .* got <Sequential"):
        classifier(model=network(3, 1)).fit(x, words(y))


@pytest.mark.parametrize(("make", "loss"), [(classifier, "mean_squared_error"), (regressor, "")])
def test_a_loss_for_another_task(make: Callable[..., Any], loss: str) -> None:
    x, y = rows()

    def model(n_features: int, n_outputs: int) -> Any:
        return network(n_features, n_outputs, loss or "binary_crossentropy")

    targets = words(y) if loss else (y > 0).astype(float)
    with pytest.raises(wane.InputError, match="compile it with another loss"):
        make(model=model).fit(x, targets)


def test_rows() -> None:
    x, y = rows()
    with pytest.raises(wane.InputError) as error:
        classifier().fit(x, np.full(40, "a"))
    assert str(error.value) == (
        "y has one class, 'a', in the rows that count: a classifier needs at least two."
    )
    with pytest.raises(wane.InputError) as error:
        regressor().fit(x, y, groups=np.zeros(3))
    assert str(error.value) == (
        "groups must have a label for each of the 40 rows, got an array of shape (3,)."
    )
    with pytest.raises(ValueError, match="Input X contains NaN"):
        regressor(standardize=False).fit(np.full((40, 3), np.nan), y)
    with pytest.raises(ValueError, match="infinity"):
        regressor().fit(np.full((40, 3), np.inf), y)
    refused = regressor(epochs=0)
    with pytest.raises(wane.InputError):
        refused.fit(x, y)
    with pytest.raises(NotFittedError):
        refused.predict(x)
