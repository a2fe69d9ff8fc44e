"""``best.keras`` is plain Keras: it loads without wane, predicts the same and is regularized."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import wane
from model_cases import rows, sequential
from wane.keras_model.regularizers import set_regularizers

LOAD = """
import json, sys
import keras, numpy as np
model = keras.models.load_model(sys.argv[1])
x = np.load(sys.argv[2])
print(json.dumps({
    "wane": "wane" in sys.modules,
    "predictions": model.predict(x, verbose=0).tolist(),
    "penalty": float(sum(model.losses)),
    "compiled": model.compiled,
    "loss": model.evaluate(x, x[:, 0] > 0, verbose=0),
}))
"""


@pytest.mark.thorough
def test_best_model_loads_without_wane(tmp_path: Path) -> None:
    x, y = rows()
    np.save(tmp_path / "x.npy", x)
    model = sequential(
        keras.layers.BatchNormalization(),
        kernel_regularizer=keras.regularizers.L1(0.02),
        bias_regularizer="l2",
    )
    study = wane.Study(
        model, x, y, candidates=[wane.L2(0.1, on=("kernel", "bias"))], validation=(x, y),
        repeats=1, epochs=3,
    )  # fmt: skip
    result = study.run(tmp_path / "study", progress=False)
    assert result.chosen in ("baseline", "L2(0.1)")
    done = subprocess.run(
        [sys.executable, "-c", LOAD, tmp_path / "study" / "best.keras", tmp_path / "x.npy"],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = json.loads(done.stdout)
    row: Any = result.runs.set_index("candidate").loc[result.chosen]
    assert loaded["wane"] is False
    assert loaded["compiled"] is True
    mine = result.best_model().predict(x, verbose=0)
    np.testing.assert_allclose(loaded["predictions"], mine, rtol=1e-6)
    assert loaded["penalty"] == pytest.approx(row["penalty_value"], rel=1e-5)
    assert loaded["penalty"] > 0
    total = row["train_data_loss"] + row["penalty_value"]
    assert loaded["loss"] == pytest.approx(total, rel=1e-4)


def regularizer(variable: Any) -> dict[str, float]:
    """The strengths of a variable's regularizer."""
    return {name: float(np.float32(v)) for name, v in variable.regularizer.get_config().items()}


@pytest.mark.parametrize("roundtrip", [False, True])
def test_penalties_add_to_regularizers_that_are_there(roundtrip: bool, tmp_path: Path) -> None:
    model = sequential(kernel_regularizer=keras.regularizers.L1(0.5), bias_regularizer="l2")
    candidate = (wane.L2(0.25), wane.L1L2(0.125, 0.5, layers="hidden", on=("kernel", "bias")))
    set_regularizers(model, candidate)
    if roundtrip:
        model.save(tmp_path / "model.keras")
        model = keras.models.load_model(tmp_path / "model.keras")
    hidden, out = model.get_layer("hidden"), model.get_layer("out")
    assert regularizer(hidden.kernel) == {"l1": 0.625, "l2": 0.75}
    assert regularizer(hidden.bias) == {"l1": 0.125, "l2": float(np.float32(0.51))}
    assert regularizer(out.kernel) == {"l2": 0.25}
    assert out.bias.regularizer is None
    weights = {"kernel": hidden.kernel, "bias": hidden.bias, "out": out.kernel}
    w = {name: np.asarray(v.value, np.float64) for name, v in weights.items()}
    expected = (
        0.625 * np.abs(w["kernel"]).sum()
        + 0.75 * np.square(w["kernel"]).sum()
        + 0.25 * np.square(w["out"]).sum()
    )
    assert float(sum(model.losses)) == pytest.approx(expected, rel=1e-5)


class OwnRegularizer(keras.regularizers.Regularizer):  # type: ignore[misc] # Keras has no types
    """One that Keras cannot add to another."""

    def __call__(self, x: Any) -> Any:
        return keras.ops.sum(x**4)


def test_a_regularizer_of_the_user_s_own_stays_with_a_warning() -> None:
    own = OwnRegularizer()
    model = sequential(kernel_regularizer=own)
    with pytest.warns(UserWarning) as caught:
        set_regularizers(model, (wane.L2(0.25),))
    assert [str(warning.message) for warning in caught] == [
        "The kernel of layer 'hidden' keeps its own regularizer OwnRegularizer and does not get "
        "the study's penalty as well: Keras has no regularizer that is the sum of both."
    ]
    assert model.get_layer("hidden").kernel.regularizer is own
    assert regularizer(model.get_layer("out").kernel) == {"l2": 0.25}
