"""Every metric of Keras gives in training and validation what ``fit`` logs."""

import dataclasses
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, metrics

import wane
from parity_cases import classes as labels
from parity_cases import column, one_hot
from thorough_cases import thorough_but

TRAIN, ROWS, EPOCHS, BATCH = 22, 33, 3, 8

Rows = Callable[[np.ndarray], np.ndarray]


@dataclasses.dataclass(frozen=True)
class Output:
    """An output on which some metrics make sense."""

    units: int
    activation: str
    loss: str
    targets: Rows
    metrics: tuple[Callable[[], Any], ...]


def of_classes(name: str) -> Callable[[], Any]:
    """An intersection over union of classes that are given as probabilities."""
    options = {} if name == "MeanIoU" else {"target_class_ids": [0, 2]}
    return lambda: getattr(metrics, name)(num_classes=3, sparse_y_pred=False, **options)


class Spread(metrics.Metric):  # type: ignore[misc] # Keras has no types
    """A metric of one's own: the largest prediction less the smallest."""

    def __init__(self, name: str = "spread", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.low = self.add_variable((), "zeros", name="low")
        self.high = self.add_variable((), "zeros", name="high")

    def update_state(self, y: Any, predictions: Any, sample_weight: Any = None) -> None:
        del y, sample_weight
        self.low.assign(keras.ops.minimum(self.low, keras.ops.min(predictions)))
        self.high.assign(keras.ops.maximum(self.high, keras.ops.max(predictions)))

    def result(self) -> Any:
        return self.high - self.low


OUTPUTS: dict[str, Output] = {
    "binary": Output(
        1,
        "sigmoid",
        "binary_crossentropy",
        lambda score: column(score > 0),
        (
            metrics.AUC,
            lambda: metrics.AUC(curve="PR", name="pr"),
            metrics.BinaryAccuracy,
            metrics.BinaryCrossentropy,
            metrics.BinaryIoU,
            metrics.FalseNegatives,
            metrics.FalsePositives,
            metrics.TrueNegatives,
            metrics.TruePositives,
            metrics.Precision,
            metrics.Recall,
            lambda: metrics.PrecisionAtRecall(0.5),
            lambda: metrics.RecallAtPrecision(0.5),
            lambda: metrics.SensitivityAtSpecificity(0.5),
            lambda: metrics.SpecificityAtSensitivity(0.5),
            metrics.Hinge,
            metrics.SquaredHinge,
        ),
    ),
    "one_hot": Output(
        3,
        "softmax",
        "categorical_crossentropy",
        one_hot,
        (
            metrics.CategoricalAccuracy,
            metrics.CategoricalCrossentropy,
            metrics.CategoricalHinge,
            lambda: metrics.TopKCategoricalAccuracy(k=2),
            lambda: metrics.F1Score(average="macro"),
            lambda: metrics.FBetaScore(average="weighted", beta=0.5),
            lambda: metrics.OneHotIoU(3, [0, 2]),
            lambda: metrics.OneHotMeanIoU(3),
            metrics.KLDivergence,
            metrics.CosineSimilarity,
            metrics.ConcordanceCorrelation,
            metrics.PearsonCorrelation,
            metrics.Poisson,
        ),
    ),
    "sparse": Output(
        3,
        "softmax",
        "sparse_categorical_crossentropy",
        labels,
        (
            metrics.SparseCategoricalAccuracy,
            metrics.SparseCategoricalCrossentropy,
            lambda: metrics.SparseTopKCategoricalAccuracy(k=2),
            of_classes("IoU"),
            of_classes("MeanIoU"),
        ),
    ),
    "number": Output(
        1,
        "linear",
        "mse",
        column,
        (
            metrics.Accuracy,
            metrics.LogCoshError,
            metrics.MeanAbsoluteError,
            metrics.MeanAbsolutePercentageError,
            metrics.MeanSquaredError,
            metrics.MeanSquaredLogarithmicError,
            metrics.RootMeanSquaredError,
            metrics.R2Score,
            lambda: metrics.MeanMetricWrapper(keras.losses.huber, name="wrapped"),
            Spread,
        ),
    ),
}

NOT_COMPILED = {"Metric", "Mean", "Sum"}
"""A base class, and two that take values rather than targets with predictions."""


def test_every_metric_has_a_row() -> None:
    made = {type(make()).__name__ for output in OUTPUTS.values() for make in output.metrics}
    known = (made - {"Spread"}) | NOT_COMPILED
    assert {name for name in vars(metrics) if isinstance(getattr(metrics, name), type)} == known


# Keras's confusion matrix asks JAX for int64.
@pytest.mark.thorough
@pytest.mark.filterwarnings("ignore:Explicitly requested dtype:UserWarning")
@pytest.mark.usefixtures("quick_compilation")
@pytest.mark.parametrize("name", thorough_but(["number"], OUTPUTS))
def test_every_metric(name: str) -> None:
    output = OUTPUTS[name]
    random = np.random.default_rng(0)
    x = random.normal(size=(ROWS, 4)).astype("float32")
    y = output.targets(x.sum(axis=1) + random.normal(size=ROWS))
    model = keras.Sequential(
        [layers.Input((4,)), layers.Dense(output.units, activation=output.activation)]
    )
    given = [make() for make in output.metrics]
    weighted = [type(given[0]).from_config({**given[0].get_config(), "name": "weighted"})]
    model.compile("adam", loss=output.loss, metrics=given, weighted_metrics=weighted)
    options: dict[str, Any] = {
        "sample_weight": np.linspace(0.2, 2, TRAIN, dtype="float32"),
        "epochs": EPOCHS,
        "batch_size": BATCH,
        "shuffle": False,
    }
    rest = (x[TRAIN:], y[TRAIN:])
    curves = (
        wane.Study(
            model, x[:TRAIN], y[:TRAIN], candidates=[], repeats=1, validation=rest,
            initial_weights="model", **options,
        )
        .run(progress=False)
        .curves
    )  # fmt: skip
    history = model.fit(x[:TRAIN], y[:TRAIN], validation_data=rest, verbose=0, **options).history
    assert {"weighted", *(metric.name for metric in given)} <= history.keys()
    for logged, values in history.items():
        part, metric = ("validation", logged[4:]) if logged[:4] == "val_" else ("train", logged)
        column_name = f"{part}_{'data_loss' if metric == 'loss' else metric}"
        assert np.isfinite(values).all(), logged
        np.testing.assert_allclose(
            curves[column_name], values, rtol=1e-5, atol=1e-6, err_msg=logged
        )
