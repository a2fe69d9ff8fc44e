"""Arguments of a study as Keras's ``fit`` has them."""

from typing import Any

import keras
import numpy as np
import pytest

import wane

X = np.linspace(0, 1, 24, dtype=np.float32)[:, None]
Y = 2 * X[:, 0]


class Batches(keras.utils.PyDataset):  # type: ignore[misc] # Keras has no types
    """Rows by six, perhaps with weights."""

    def __init__(self, x: Any, *others: Any) -> None:
        super().__init__()
        self._parts = (x, *others)

    def __len__(self) -> int:
        return len(self._parts[0]) // 6

    def __getitem__(self, place: int) -> Any:
        return tuple(part[6 * place : 6 * place + 6] for part in self._parts)


def model() -> keras.Model:
    model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
    model.compile(loss="mse")
    return model


def study(*rows: Any, **options: Any) -> wane.Study:
    return wane.Study(
        model(),
        *rows,
        **{"epochs": 2, "repeats": 2, "learning_curve": False, "references": False, **options},
    )


def test_a_data_set_in_batches_is_the_study_of_its_arrays() -> None:
    batched = study(Batches(X, Y), validation=Batches(X[:6], Y[:6]), test=Batches(X[6:12], Y[6:12]))
    arrays = study(X, Y, validation=(X[:6], Y[:6]), test=(X[6:12], Y[6:12]))
    assert batched.spec.to_dict() == arrays.spec.to_dict()


def test_weights_of_batches_are_those_of_rows() -> None:
    weights = np.arange(24, dtype=np.float32)
    batched = study(Batches(X, Y, weights), validation=Batches(X[:6], Y[:6], weights[:6]))
    arrays = study(X, Y, sample_weight=weights, validation=(X[:6], Y[:6], weights[:6]))
    assert batched.spec.to_dict() == arrays.spec.to_dict()


def test_a_study_is_read_back_with_its_data_set() -> None:
    spec = study(Batches(X, Y)).spec
    written = wane.StudySpec.from_dict(spec.to_dict())
    again = wane.Study.from_spec(written, model(), Batches(X, Y))
    assert again.spec.to_dict() == spec.to_dict()


@pytest.mark.parametrize(
    ("name", "value"), [("validation_data", (X[:6], Y[:6])), ("validation_split", 0.4)]
)
def test_names_of_fit_are_names_of_validation(name: str, value: Any) -> None:
    by_fit, own = study(X, Y, **{name: value}), study(X, Y, validation=value)
    assert by_fit.spec.to_dict() == own.spec.to_dict()


def test_validation_is_a_quarter_by_default() -> None:
    assert study(X, Y).spec.validation == 0.25


@pytest.mark.parametrize(
    ("rows", "options", "said"),
    [
        ((X, Y), {"validation": 0.2, "validation_split": 0.2}, "Give one of validation and"),
        ((Batches(X, Y), Y), {}, "leave out y"),
        ((Batches(X, Y),), {"sample_weight": Y}, "leave out sample_weight"),
        (((x for x in [1]),), {}, "x is a generator that does not say how many"),
        ((X, Y), {"validation": iter([(X, Y)])}, "validation is a list_iterator"),
    ],
)
def test_what_is_given_twice_or_without_length_is_refused(
    rows: Any, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(wane.InputError, match=said):
        study(*rows, **options)
