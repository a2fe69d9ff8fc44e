"""Whatever is combined, one run equals ``fit``.

Networks in the manner of public examples, with any loss, metrics, optimizer, callback, weights and
masks that go together. Where rounding alone grows, the measure is how far ``fit`` itself goes from
initial weights that are rounded otherwise.
"""

import contextlib
import dataclasses
import os
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import jax
import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from keras import losses, metrics, ops, optimizers

import wane
from architecture_cases import ARCHITECTURES, input_rows, network

DRAWS = int(os.environ.get("WANE_DRAWS", "300"))
PARTS = 6
TRAIN, VALIDATION = 21, 12
TOLERANCE = 2e-5
"""Numbers may differ by this share, or by so many times as rounding makes of it in ``fit``:"""
TIMES_ROUNDING = 20


def ratio_of_sums(y: Any, predictions: Any) -> Any:
    """A loss or metric that is no mean over rows."""
    return 1 - ops.sum(y * predictions) / (ops.sum(ops.abs(y) + ops.abs(predictions)) + 1.0)


@dataclasses.dataclass(frozen=True)
class Head:
    """The last layer, and what its outputs are compared with."""

    units: int
    activation: str
    targets: str
    losses: tuple[Callable[[], Any], ...]
    metrics: tuple[Callable[[], Any], ...]


HEADS: dict[str, Head] = {
    "yes or no": Head(
        1,
        "sigmoid",
        "yes",
        (lambda: "binary_crossentropy", losses.BinaryFocalCrossentropy, losses.Dice),
        (
            lambda: "accuracy",
            lambda: metrics.AUC(name="auc"),
            lambda: metrics.Recall(name="recall"),
            lambda: ratio_of_sums,
        ),
    ),
    "logits": Head(
        1,
        "linear",
        "yes",
        (lambda: losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1), losses.Hinge),
        (lambda: metrics.BinaryAccuracy(threshold=0.0),),
    ),
    "classes": Head(
        3,
        "softmax",
        "classes",
        (
            lambda: "sparse_categorical_crossentropy",
            lambda: losses.SparseCategoricalCrossentropy(ignore_class=1),
        ),
        (lambda: "accuracy", lambda: metrics.SparseTopKCategoricalAccuracy(2, name="top")),
    ),
    "one-hot": Head(
        3,
        "softmax",
        "one-hot",
        (losses.CategoricalCrossentropy, losses.KLDivergence, losses.Tversky),
        (
            lambda: metrics.CategoricalAccuracy(name="right"),
            lambda: metrics.F1Score(average="macro", name="f1"),
            lambda: ratio_of_sums,
        ),
    ),
    "numbers": Head(
        2,
        "linear",
        "numbers",
        (lambda: "mse", losses.Huber, losses.LogCosh, lambda: losses.MeanSquaredError("sum")),
        (lambda: "mae", lambda: metrics.RootMeanSquaredError(name="root"), lambda: ratio_of_sums),
    ),
    "rates": Head(
        1,
        "softplus",
        "rates",
        (losses.Poisson, losses.MeanSquaredLogarithmicError),
        (lambda: "mse",),
    ),
}

OPTIMIZERS: dict[str, Callable[[], Any]] = {
    "SGD": lambda: optimizers.SGD(0.02),
    "Nesterov": lambda: optimizers.SGD(0.01, momentum=0.9, nesterov=True, clipnorm=1.0),
    "Adam": lambda: optimizers.Adam(0.003),
    "Adam, averaged": lambda: optimizers.Adam(0.003, use_ema=True, ema_momentum=0.8),
    "AMSGrad": lambda: optimizers.Adam(0.003, amsgrad=True, global_clipnorm=1.0),
    "AdamW": lambda: optimizers.AdamW(0.003, weight_decay=0.1),
    "RMSprop": lambda: optimizers.RMSprop(0.002, momentum=0.5),
    "Adagrad": lambda: optimizers.Adagrad(0.02),
    "Adamax": lambda: optimizers.Adamax(0.003),
    "Nadam": lambda: optimizers.Nadam(0.003),
    "schedule": lambda: optimizers.SGD(optimizers.schedules.ExponentialDecay(0.05, 3, 0.8)),
}

CALLBACKS: dict[str, Callable[[], list[Any]]] = {
    "none": list,
    "stopping": lambda: [
        keras.callbacks.EarlyStopping(patience=1, restore_best_weights=True, min_delta=0.01)
    ],
    "plateau": lambda: [keras.callbacks.ReduceLROnPlateau(patience=0, factor=0.5, min_delta=0.05)],
    "halving": lambda: [keras.callbacks.LearningRateScheduler(lambda _, rate: rate / 2)],
}

MASKED = ("tagger", "padded", "padded, own layer")
OF_STEPS = ("WaveNet", "transformer", "U-Net", *MASKED)
"""Architectures whose head gives an output for each step or pixel, and of these the masked."""
OF_MAXIMA = ("text CNN", "VGG", "mobile", "U-Net")
"""Those with a maximum over rows' parts in them."""
ONE_NUMBER = (losses.Dice, losses.Tversky)
"""Losses that give one number for a batch."""


def goes_together(draw: "Draw") -> bool:
    """Whether ``fit`` takes this combination; what it does not take cannot be compared."""
    head = HEADS[draw.head]
    loss = head.losses[draw.loss % len(head.losses)]
    scalar = ratio_of_sums in [head.metrics[i % len(head.metrics)]() for i in draw.metrics]
    if draw.architecture in MASKED and (scalar or loss in ONE_NUMBER):
        return False  # Keras multiplies the one number by a mask of steps
    if draw.weights == "given" and loss in ONE_NUMBER:
        return False  # and by the weights of rows
    if draw.architecture in OF_STEPS and "f1" in metric_names(draw):
        return False  # F1Score takes rows alone
    return not (draw.optimizer == "schedule" and draw.callback in ("plateau", "halving"))


def metric_names(draw: "Draw") -> list[str]:
    """The names of the drawn metrics."""
    head = HEADS[draw.head]
    made = [head.metrics[index % len(head.metrics)]() for index in draw.metrics]
    return [getattr(metric, "name", str(metric)) for metric in made]


@dataclasses.dataclass(frozen=True)
class Draw:
    """One combination; its ``repr`` makes it again."""

    architecture: str
    width: int
    head: str
    loss: int
    metrics: tuple[int, ...]
    weighted: bool
    optimizer: str
    callback: str
    weights: str
    penalty: float
    batch_size: int
    seed: int

    def targets(self, shape: tuple[int, ...], random: np.random.Generator) -> np.ndarray:
        """Targets for outputs of this shape."""
        score = random.normal(size=(*shape[:-1], 1))
        labels = np.digitize(score[..., 0], [-0.5, 0.5]).astype("int32")
        values: dict[str, Any] = {
            "yes": lambda: score > 0,
            "classes": lambda: labels,
            "one-hot": lambda: np.eye(3)[labels],
            "numbers": lambda: random.normal(size=(*shape[:-1], 2)),
            "rates": lambda: np.exp(score),
        }
        made = values[HEADS[self.head].targets]()
        return np.asarray(made, "int32" if self.head == "classes" else "float32")

    def model(self) -> Any:
        """The compiled network; alike, with its weights, for the same draw."""
        keras.utils.set_random_seed(self.seed)
        head = HEADS[self.head]
        model = network(self.architecture, self.width, head.units, head.activation)
        some = [head.metrics[index % len(head.metrics)]() for index in self.metrics]
        model.compile(
            OPTIMIZERS[self.optimizer](),
            head.losses[self.loss % len(head.losses)](),
            metrics=some,
            weighted_metrics=["mse"] if self.weighted and head.targets == "numbers" else None,
        )
        return model

    def rows(self, model: Any) -> tuple[Any, Any, np.ndarray | None]:
        """Inputs, targets and weights of training and validation rows."""
        random = np.random.default_rng(self.seed)
        kinds = ARCHITECTURES[self.architecture].inputs
        parts = [input_rows(kind, TRAIN + VALIDATION, random) for kind in kinds]
        shape = (TRAIN + VALIDATION, *model.output_shape[1:])
        y = self.targets(shape, random)
        steps = len(shape) > 2
        size = shape[:-1] if steps else shape[:1]
        weight = random.uniform(0.2, 3, size).astype("float32") if self.weights == "given" else None
        return parts if len(parts) > 1 else parts[0], y, weight


draws = st.builds(
    Draw,
    architecture=st.sampled_from(list(ARCHITECTURES)),
    width=st.integers(2, 5),
    head=st.sampled_from(list(HEADS)),
    loss=st.integers(0, 3),
    metrics=st.lists(st.integers(0, 3), max_size=2, unique=True).map(tuple),
    weighted=st.booleans(),
    optimizer=st.sampled_from(list(OPTIMIZERS)),
    callback=st.sampled_from(list(CALLBACKS)),
    weights=st.sampled_from(["none", "none", "given"]),
    penalty=st.sampled_from([0.0, 0.0, 1e-2]),
    batch_size=st.sampled_from([7, 8, 64]),
    seed=st.integers(0, 2**16),
).filter(goes_together)


def distance(one: Any, other: Any) -> float:
    """The largest difference, as a share of the largest number."""
    one, other = np.asarray(one, "float64"), np.asarray(other, "float64")
    assert one.shape == other.shape
    assert np.array_equal(np.isnan(one), np.isnan(other))
    scale = max(float(np.nanmax(np.abs(other), initial=0.0)), 1e-2)
    return float(np.nanmax(np.abs(one - other), initial=0.0)) / scale


def part(values: Any, rows: slice) -> Any:
    return [value[rows] for value in values] if isinstance(values, list) else values[rows]


def by_fit(draw: Draw, rounding: float = 0.0) -> tuple[list[np.ndarray], dict[str, Any]]:
    """Final weights, and what ``fit`` logs, from weights that are rounded otherwise or not."""
    model = draw.model()
    model.set_weights([np.asarray(w * (1 + rounding), w.dtype) for w in model.get_weights()])
    if draw.penalty:
        with warnings.catch_warnings():  # on penalties beside an optimizer's weight decay
            warnings.simplefilter("ignore")
            wane.regularize(model, wane.L2(draw.penalty))
    x, y, weight = draw.rows(model)
    train, other = slice(TRAIN), slice(TRAIN, None)
    history = model.fit(
        part(x, train), y[train], sample_weight=None if weight is None else weight[train],
        validation_data=(part(x, other), y[other]), epochs=3, batch_size=draw.batch_size,
        shuffle=False, verbose=0, callbacks=callbacks(draw),
    ).history  # fmt: skip
    other_loss = has_penalty(draw) or is_sum(draw)
    skipped = {"learning_rate", *(("loss", "val_loss") if other_loss else ())}
    logs = {name: values for name, values in history.items() if name not in skipped}
    return model.get_weights(), logs


def has_penalty(draw: Draw) -> bool:
    """Whether Keras adds a penalty to the loss that it logs and monitors, and wane does not."""
    return draw.penalty > 0 or "own layer" in draw.architecture


def is_sum(draw: Draw) -> bool:
    """Whether the loss is a sum over rows, which wane reports for each row."""
    return draw.head == "numbers" and draw.loss == 3


def callbacks(draw: Draw) -> list[Any]:
    """The drawn one; none where it would monitor another loss."""
    return [] if has_penalty(draw) or is_sum(draw) else CALLBACKS[draw.callback]()


def by_wane(draw: Draw) -> tuple[list[np.ndarray], Any]:
    model = draw.model()
    x, y, weight = draw.rows(model)
    train, other = slice(TRAIN), slice(TRAIN, None)
    candidates = [wane.L2(draw.penalty)] if draw.penalty else []
    result = wane.Study(
        model, part(x, train), y[train], sample_weight=None if weight is None else weight[train],
        candidates=candidates, validation=(part(x, other), y[other]), repeats=1, epochs=3,
        batch_size=draw.batch_size, shuffle=False, initial_weights="model", learning_curve=False,
        extend=False, references=False,
        callbacks=callbacks(draw),
    ).run(progress=False)  # fmt: skip
    name = result.spec.names[-1]
    curves = result.curves[result.curves["candidate"] == name]
    return result.model(name).get_weights(), curves


@contextlib.contextmanager
def compiled_quickly(draw: Draw) -> Iterator[None]:
    """XLA without most of its optimizations, in two thirds of the time, but for maxima.

    Without them XLA computes what a maximum is taken of once more for its gradient, with other
    rounding, finds no place that has it, and divides by their number.
    """
    setting = "jax_disable_most_optimizations"
    before = jax.config.values[setting]
    jax.config.update(setting, draw.architecture not in OF_MAXIMA)
    try:
        yield
    finally:
        jax.config.update(setting, before)


def check(draw: Draw) -> None:
    """One run of wane and ``fit``: all weights, and all that ``fit`` logs."""
    mine, curves = by_wane(draw)
    theirs, logs = by_fit(draw)
    found = {str(at): distance(*pair) for at, pair in enumerate(zip(mine, theirs, strict=True))}
    for name, values in logs.items():
        side, short = ("validation", name[4:]) if name.startswith("val_") else ("train", name)
        column = f"{side}_{'data_loss' if short == 'loss' else short}"
        found[column] = distance(curves[column], values)
    if max(found.values()) <= TOLERANCE:
        return
    other, logged = by_fit(draw, rounding=1.2e-7)
    rounding = [distance(*pair) for pair in zip(other, theirs, strict=True)]
    rounding += [distance(logged[name], logs[name]) for name in logs]
    allowed = max(TOLERANCE, TIMES_ROUNDING * max(rounding))
    assert {name: value for name, value in found.items() if value > allowed} == {}


@pytest.mark.thorough
@pytest.mark.filterwarnings("ignore:.*was passed an input with a mask:UserWarning")
@pytest.mark.filterwarnings("ignore:Explicitly requested dtype:UserWarning")
@pytest.mark.parametrize("part", range(PARTS))
def test_anything_trains_as_in_fit(part: int) -> None:
    """300 draws, or as many as WANE_DRAWS says, in six parts, which run side by side.

    A draw that fails is not shrunk, which would train networks for hours: its ``repr`` is enough.
    """

    @settings(
        max_examples=-(-DRAWS // PARTS), deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate],
    )  # fmt: skip
    @given(draws)
    def one(draw: Draw) -> None:
        with compiled_quickly(draw):
            check(dataclasses.replace(draw, seed=draw.seed * PARTS + part))

    one()
