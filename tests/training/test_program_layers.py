"""Each family of layers in a sequential network of its own trains as in ``fit``.

test_program_families.py trains them all together, under several optimizers and by several losses.
"""

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import wane
from parity_cases import FAMILIES
from thorough_cases import thorough_but

ROWS, TRAIN, BATCH, EPOCHS = 30, 22, 8, 3  # a last batch of 6

ALONE = [
    "Conv2D, strided, and max pooling",
    "LSTM",
    "LSTM that skips a mask",
    "BatchNormalization",
    "attention",
    "a layer of one's own",
]
"""Compared among the thorough tests; the others among the slow ones."""
IN_EVERY_RUN = ["BatchNormalization", "a layer of one's own"]


def rows(family: str) -> tuple[np.ndarray, np.ndarray]:
    """Inputs of a family and labels."""
    random = np.random.default_rng(0)
    return FAMILIES[family].rows(ROWS, random), (random.random(ROWS) > 0.5).astype("float32")


def model_of(family: str, optimizer: Any = "adam") -> Any:
    """A compiled network around the layers of a family."""
    member = FAMILIES[family]
    first = layers.Input(member.shape, dtype="int32" if member.words else None)
    head = [layers.Flatten(), layers.Dense(1, activation="sigmoid")]
    model = keras.Sequential([first, *member.make(), *head])
    model.compile(optimizer=optimizer, loss="binary_crossentropy")
    return model


@pytest.mark.parametrize(
    "family",
    [
        *thorough_but(IN_EVERY_RUN, ALONE),
        *(pytest.param(name, marks=pytest.mark.slow) for name in FAMILIES if name not in ALONE),
    ],
)
def test_a_run_equals_fit(family: str) -> None:
    x, y = rows(family)
    model = model_of(family)
    result = wane.Study(
        model,
        x[:TRAIN],
        y[:TRAIN],
        candidates=[],
        validation=(x[TRAIN:], y[TRAIN:]),
        repeats=1,
        epochs=EPOCHS,
        batch_size=BATCH,
        shuffle=False,
        initial_weights="model",
        learning_curve=False,
        extend=False,
        references=False,
    ).run(progress=False)
    history = model.fit(
        x[:TRAIN],
        y[:TRAIN],
        validation_data=(x[TRAIN:], y[TRAIN:]),
        epochs=EPOCHS,
        batch_size=BATCH,
        shuffle=False,
        verbose=0,
    ).history
    for mine, theirs in zip(
        result.model("baseline").get_weights(), model.get_weights(), strict=True
    ):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-6)
    if family != "a layer of one's own":  # there Keras adds the layer's own penalty to the loss
        np.testing.assert_allclose(result.curves["train_data_loss"], history["loss"], rtol=1e-5)
        np.testing.assert_allclose(
            result.curves["validation_data_loss"], history["val_loss"], rtol=1e-5
        )


@pytest.mark.thorough
@pytest.mark.parametrize(
    "family",
    thorough_but(
        ["Conv2D, strided, and max pooling"],
        ["LSTM", "attention", "Conv2D, strided, and max pooling"],
    ),
)
def test_fresh_weights_and_penalties(family: str) -> None:
    """Repeats draw weights of their own, and the penalty shrinks what it acts on."""
    x, y = rows(family)
    study = wane.Study(
        model_of(family, keras.optimizers.Adam(0.02)), x, y, candidates=[wane.L2(1.0)],
        validation=0.3, repeats=2, epochs=20, batch_size=BATCH,
    )  # fmt: skip
    runs = study.run(progress=False).runs.set_index(["candidate", "repeat"])
    names = [str(column) for column in runs if str(column).startswith("norm_")]
    norms = [name for name in names if not name.endswith(":bias")]  # on which it does not act
    assert norms
    for repeat in (0, 1):
        assert (runs.loc[("L2(1)", repeat), norms] < runs.loc[("baseline", repeat), norms]).all()
    assert (runs.loc[("baseline", 0), norms] != runs.loc[("baseline", 1), norms]).any()
