"""Orthogonality on models: the regularizer of Keras, on matrices and by itself on a weight."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import wane
from wane.keras_model.regularizers import set_regularizers

L = keras.layers


def network() -> Any:
    return keras.Sequential(
        [L.Input((6, 2)), L.Conv1D(3, 2, name="conv"), L.Dense(4, name="wide")], name="net"
    )


@pytest.mark.parametrize("mode", ["rows", "columns"])
def test_it_is_kept_in_files_and_clones_and_adds_its_value(mode: str, tmp_path: Path) -> None:
    model = wane.regularize(network(), wane.Orthogonality(0.5, layers="wide", mode=mode))
    kernel = np.asarray(model.get_layer("wide").kernel, "float64")
    rows = kernel if mode == "rows" else kernel.T
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    cosines = np.abs(rows @ rows.T)[np.triu_indices(len(rows), 1)]
    model.save(tmp_path / "net.keras")
    for one in (model, keras.saving.load_model(tmp_path / "net.keras")):
        assert float(sum(one.losses)) == pytest.approx(0.5 * cosines.mean(), rel=1e-5)
        table = wane.inspect(one)
        (row,) = table[(table["layer"] == "wide") & (table["weight"] == "kernel")].to_dict(
            "records"
        )
        assert row["penalty"] == str(wane.Orthogonality(0.5, mode=mode))
        assert row["penalty_value"] == pytest.approx(0.5 * cosines.mean(), rel=1e-5)
    config = keras.models.clone_model(model).get_layer("wide").kernel.regularizer.get_config()
    assert config == {"factor": 0.5, "mode": mode}
    assert wane.unregularize(model).losses == []


def test_only_matrices_have_rows_and_columns() -> None:
    model = network()
    with pytest.raises(wane.InputError) as caught:
        wane.regularize(model, wane.Orthogonality(0.5))
    assert str(caught.value) == (
        "Orthogonality(0.5) acts on matrices with at least two rows, but it is also for the kernel "
        "of layer 'conv', whose shape is (2, 2, 3): name the layers that are meant."
    )
    assert model.losses == []
    with pytest.raises(wane.InputError, match=r"^There is no mode 'row': did you mean 'rows'\?$"):
        wane.Orthogonality(0.5, mode="row")


def test_a_weight_takes_it_alone_or_it_is_refused() -> None:
    both = (wane.L2(0.1), wane.Orthogonality(0.5, layers="wide"))
    sentence = (
        "Keras has no regularizer that is the sum of Orthogonality and another penalty, or of both "
        "of its modes: give them different layers."
    )
    model = network()
    with pytest.raises(wane.InputError) as caught:
        wane.regularize(model, *both)
    assert str(caught.value) == sentence and model.losses == []
    # A study can train both; the model that it hands back says what it cannot carry.
    with pytest.warns(UserWarning) as warned:
        set_regularizers(model, both)
    assert [str(one.message) for one in warned] == [
        f"The kernel of layer 'wide' does not get the study's penalties: {sentence}"
    ]
    assert wane.inspect(model)["penalty"].dropna().tolist() == ["L2(0.1)"]


@pytest.mark.parametrize("mode", ["rows", "columns"])
def test_a_row_of_zeros_is_refused(mode: str) -> None:
    """Regression: the first step made the weight NaN, which Keras's gradient at zero is."""
    model = network()
    kernel, bias = model.get_layer("wide").get_weights()
    kernel[(slice(None), 1) if mode == "columns" else 1] = 0
    model.get_layer("wide").set_weights([kernel, bias])
    fault = (
        f"The kernel of layer 'wide' has 1 of its {mode} at zero, where the gradient of Keras's "
        f"orthogonal regularizer is NaN"
    )
    remedy = ": give these weights other values first, or penalize other layers."
    penalty = wane.Orthogonality(0.5, layers="wide", mode=mode)
    with pytest.raises(wane.InputError) as caught:
        wane.regularize(model, penalty)
    assert str(caught.value) == fault + remedy
    assert model.losses == []
    model.compile("sgd", "mse")
    x, y = np.ones((4, 6, 2)), np.ones((4, 5, 4))
    with pytest.raises(wane.InputError) as caught:
        model.fit(x, y, verbose=0, callbacks=[wane.ScheduledPenalties(penalty)])
    assert str(caught.value) == fault + remedy
    # In a study it acts by its own gradient; Keras's regularizer stays off what is handed back.
    with pytest.warns(UserWarning, match="does not get the study's penalties: The kernel of layer"):
        set_regularizers(model, (penalty,))
    model.get_layer("wide").kernel.regularizer = keras.regularizers.OrthogonalRegularizer(
        0.5, mode=mode
    )
    assert f"{fault}: the first step makes the whole weight NaN." in wane.inspect(model).warnings
    # It is so: what is refused would not train.
    model.fit(x, y, verbose=0)
    assert np.isnan(model.get_layer("wide").get_weights()[0]).any()
    # The other way round no row is zero.
    other = wane.Orthogonality(0.5, layers="wide", mode={"rows": "columns"}.get(mode, "rows"))
    model.get_layer("wide").set_weights([kernel, bias])
    wane.regularize(model, other)
