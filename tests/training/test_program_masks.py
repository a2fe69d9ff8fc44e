"""Outputs that carry a mask train and are evaluated as in ``fit``, rewritten or not.

``fit`` leaves masked steps out of losses, in training and in validation, and out of the metrics of
validation rows alone.
"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import wane
from parity_cases import CONVOLUTIONS, OTHERS, RECURRENT, case
from thorough_cases import thorough_but

# Conv1D drops a mask and says so, by wane as by fit.
pytestmark = pytest.mark.filterwarnings("ignore:.*was passed an input with a mask:UserWarning")

TRAIN, ROWS, STEPS, BATCH, EPOCHS = 22, 33, 6, 8, 2
WORDS = 9

Layers = Callable[[], list[Any]]

MASKED: dict[str, Layers] = {
    "Masking": lambda: [layers.Masking()],
    "Masking, GRU": lambda: [layers.Masking(), layers.GRU(3, return_sequences=True)],
    "Masking, TimeDistributed": lambda: [
        layers.Masking(),
        layers.TimeDistributed(layers.Dense(3, activation="relu")),
    ],
    "Masking, Dropout, LayerNormalization": lambda: [
        layers.Masking(),
        layers.Dropout(0.0),
        layers.LayerNormalization(),
    ],
    "Masking, Bidirectional": lambda: [
        layers.Masking(),
        layers.Bidirectional(layers.LSTM(2, return_sequences=True)),
    ],
    "Masking, Conv1D, which drops the mask": lambda: [
        layers.Masking(),
        layers.Conv1D(3, 3, padding="same"),
    ],
}


def sequences(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Padded sequences [rows, steps, 2], and targets that mean nothing under the padding."""
    random = np.random.default_rng(seed)
    lengths = random.integers(1, STEPS + 1, ROWS)
    kept = np.arange(STEPS) < lengths[:, None]
    x = random.normal(size=(ROWS, STEPS, 2)) * kept[..., None]
    y = np.where(kept[..., None], x[..., :1] - x[..., 1:], 50.0)
    return x.astype("float32"), y.astype("float32")


def tagger(middle: Layers, **options: Any) -> Any:
    """A network that gives a number for each step."""
    keras.utils.set_random_seed(2)
    model = keras.Sequential([layers.Input((STEPS, 2)), *middle(), layers.Dense(1, name="tag")])
    model.compile(keras.optimizers.SGD(0.05), **{"loss": "mse", **options})
    return model


def two_outputs() -> Any:
    """A network of words with a masked output for each step, and one for each row."""
    keras.utils.set_random_seed(2)
    words = layers.Input((STEPS,), dtype="int32")
    steps = layers.Embedding(WORDS, 3, mask_zero=True)(words)
    tag = layers.Dense(3, activation="softmax", name="tag")(steps)
    row = layers.Dense(1, activation="sigmoid", name="row")(layers.GlobalAveragePooling1D()(steps))
    model = keras.Model(words, {"tag": tag, "row": row})
    model.compile(
        keras.optimizers.SGD(0.05),
        {"tag": "sparse_categorical_crossentropy", "row": "binary_crossentropy"},
        metrics={"tag": ["accuracy"]},
    )
    return model


def rows_of(values: Any, rows: slice) -> Any:
    return {k: v[rows] for k, v in values.items()} if isinstance(values, dict) else values[rows]


def assert_as_fit(
    model: Any, x: Any, y: Any, sample_weight: Any = None, convolutions: Any = "lowered"
) -> None:
    """One run of a study equals ``fit``: weights, and every number that ``fit`` logs."""
    train, other = slice(TRAIN), slice(TRAIN, None)
    parts = [rows_of(part, train) for part in (x, y)]
    validation = tuple(rows_of(part, other) for part in (x, y))
    weight = None if sample_weight is None else sample_weight[:TRAIN]
    options: dict[str, Any] = {"epochs": EPOCHS, "batch_size": BATCH, "shuffle": False}
    study = wane.Study(
        model, *parts, sample_weight=weight, candidates=[], validation=validation, repeats=1,
        initial_weights="model", learning_curve=False, extend=False, references=False, **options,
    )  # fmt: skip
    execution = wane.Execution("threads", convolutions=convolutions)
    result = study.run(progress=False, execution=execution)
    logged = model.fit(
        *parts, sample_weight=weight, validation_data=validation, verbose=0, **options
    ).history
    for mine, theirs in zip(
        result.model("baseline").get_weights(), model.get_weights(), strict=True
    ):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-6)
    for name, values in logged.items():
        part, short = ("validation", name[4:]) if name.startswith("val_") else ("train", name)
        column = f"{part}_{'data_loss' if short == 'loss' else short}"
        np.testing.assert_allclose(result.curves[column], values, rtol=2e-5, err_msg=name)
    final = result.runs.iloc[0]
    evaluated = model.evaluate(*validation, batch_size=BATCH, verbose=0, return_dict=True)
    np.testing.assert_allclose(final["validation_data_loss"], evaluated["loss"], rtol=2e-5)


@pytest.mark.parametrize("convolutions", ["lowered", "native"])
@pytest.mark.parametrize("kind", thorough_but(["Masking"], MASKED))
def test_a_masked_output_trains_as_in_fit(kind: str, convolutions: str) -> None:
    model = tagger(MASKED[kind], metrics=["mae"])
    assert_as_fit(model, *sequences(), convolutions=convolutions)


def test_what_is_under_the_padding_teaches_nothing() -> None:
    x, y = sequences()
    model = tagger(MASKED["Masking"])
    model.compile(keras.optimizers.Adam(0.1), "mse")
    study = wane.Study(
        model,
        x,
        y,
        candidates=[],
        validation=0.3,
        repeats=1,
        epochs=150,
        learning_curve=False,
        extend=False,
        references=False,
    )
    # y is linear in x where it means anything.
    assert study.run(progress=False).runs["train_data_loss"].item() < 1e-6


@pytest.mark.thorough
def test_one_of_two_outputs_has_a_mask() -> None:
    random = np.random.default_rng(0)
    x = random.integers(1, WORDS, (ROWS, STEPS)).astype("int32")
    x[::2, 3:] = 0
    tags = random.integers(0, 3, (ROWS, STEPS)).astype("int32")
    assert_as_fit(two_outputs(), x, {"tag": tags, "row": (x[:, :1] > 4).astype("float32")})


@pytest.mark.thorough
def test_weights_of_steps_act_with_the_mask() -> None:
    x, y = sequences()
    weight = np.random.default_rng(1).uniform(0.1, 3, (ROWS, STEPS)).astype("float32")
    model = tagger(MASKED["Masking"], metrics=["mae"], weighted_metrics=["mse"])
    assert_as_fit(model, x, y, weight)


def test_weights_of_steps_need_no_mask() -> None:
    x, y = sequences()
    weight = np.random.default_rng(1).uniform(0.1, 3, (ROWS, STEPS)).astype("float32")
    assert_as_fit(tagger(list), x, y, weight)


@pytest.mark.parametrize("middle", [MASKED["Masking"], list])
def test_weights_of_rows_are_refused_for_outputs_of_steps(middle: Layers) -> None:
    x, y = sequences()
    weight = np.linspace(0.1, 2, ROWS)
    with pytest.raises(wane.InputError, match=r"each step of a row, .* sample_weight\[:, None\]"):
        wane.Study(tagger(middle), x, y, sample_weight=weight, candidates=[], epochs=1)


@pytest.mark.parametrize("middle", [MASKED["Masking"], list])
def test_weights_of_rows_with_an_axis_for_the_steps_are_taken(middle: Layers) -> None:
    x, y = sequences()
    assert_as_fit(tagger(middle), x, y, np.linspace(0.1, 2, ROWS).astype("float32")[:, None])


def trained(make: Callable[[], Any], x: Any, y: Any) -> wane.Result:
    return wane.Study(
        make(), x, y, candidates=[wane.L2(0.01)], validation=(x, y), repeats=1, epochs=EPOCHS,
        batch_size=BATCH, learning_curve=False,
        extend=False, references=False, initial_weights="model",
    ).run(progress=False)  # fmt: skip


def assert_not_rewritten_alike(
    make: Callable[[], Any], x: Any, y: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program in which no operation is replaced, as on accelerators, gives the same curves."""
    rewritten = trained(make, x, y).curves
    monkeypatch.setattr("wane.training.lowering.rewriting.is_on_cpu", lambda: False)
    plain = trained(make, x, y).curves
    numbers = rewritten.select_dtypes("number").columns
    np.testing.assert_allclose(rewritten[numbers], plain[numbers], rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize("kind", thorough_but(["Masking"], MASKED))
def test_a_masked_output_needs_no_rewriting(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_not_rewritten_alike(lambda: tagger(MASKED[kind]), *sequences(), monkeypatch)


@pytest.mark.thorough
@pytest.mark.usefixtures("quick_compilation")
@pytest.mark.parametrize("families", [CONVOLUTIONS, {**RECURRENT, **OTHERS}])
def test_no_family_needs_rewriting(families: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """In networks with a branch for each family, which cost a fraction of a network for each."""
    names = list(families)
    given = case(names, ["mse"] * len(names), "sgd")

    def make() -> Any:
        return case(names, ["mse"] * len(names), keras.optimizers.SGD(0.01)).model

    assert_not_rewritten_alike(make, given.x, given.y, monkeypatch)
