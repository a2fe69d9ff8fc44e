"""The catalogue of cases: a network, its data, and how long it is trained."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from benchmarks.results import Quality


@dataclasses.dataclass(frozen=True)
class Case:
    """One network on one data set.

    Attributes:
        key: its name on the command line.
        title: its name in tables.
        network: which of ``benchmarks.networks``.
        data: which of :data:`DATA`.
        epochs: how long each network is trained.
        batch_size: rows in a batch.
        validates: whether validation loss and accuracy are computed after every epoch.
        strength: of the L2 penalty on the kernels of hidden layers.
        runs: networks in one timed piece, for those who train several at once.
        execution_epochs: epochs where executions are compared, with 64 networks for each core.
        fewer_epochs: epochs of competitors that would take too long, by key.
    """

    key: str
    title: str
    network: str
    data: str
    epochs: int
    batch_size: int
    validates: bool = True
    strength: float = 1e-4
    runs: int = 8
    execution_epochs: int = 6
    fewer_epochs: Mapping[str, int] = dataclasses.field(default_factory=dict)

    def epochs_of(self, competitor: str) -> int:
        """How long this competitor trains each network."""
        return min(self.epochs, self.fewer_epochs.get(competitor, self.epochs))

    def quick(self) -> "Case":
        """The same case with tiny sizes, to see that everything works."""
        return dataclasses.replace(self, epochs=2, runs=2, execution_epochs=1, fewer_epochs={})


class Data(NamedTuple):
    """Rows for training and validation, float32; y is float32 (two classes) or int32 (more)."""

    x: np.ndarray
    y: np.ndarray
    validation_x: np.ndarray
    validation_y: np.ndarray


def _moons() -> Data:
    """The published case study: 30 rows train, 70 validate."""
    from sklearn.datasets import make_moons

    x, y = make_moons(n_samples=100, noise=0.2, random_state=1)
    x, y = x.astype(np.float32), y.astype(np.float32)
    return Data(x[:30], y[:30], x[30:], y[30:])


def _digits() -> Data:
    """scikit-learn's digits, [rows, 64] in 0 to 1: 1,437 rows train, 360 validate."""
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    x, y = (x[order] / 16).astype(np.float32), y[order].astype(np.int32)
    return Data(x[:1437], y[:1437], x[1437:], y[1437:])


def _images() -> Data:
    """The digits as images, [rows, 8, 8, 1]."""
    x, y, validation_x, validation_y = _digits()
    return Data(x.reshape(-1, 8, 8, 1), y, validation_x.reshape(-1, 8, 8, 1), validation_y)


def _waves() -> Data:
    """Noisy sine waves of two frequencies, [rows, 50, 2]: 512 rows train, 256 validate."""
    generator = np.random.default_rng(0)
    y = generator.integers(0, 2, 768).astype(np.float32)
    frequency = np.where(y == 1, 0.36, 0.3)[:, None]
    phase = generator.uniform(0, 2 * np.pi, (768, 1))
    angle = frequency * np.arange(50) + phase
    x = np.stack([np.sin(angle), np.cos(angle)], -1) + generator.normal(0, 1.0, (768, 50, 2))
    x = x.astype(np.float32)
    return Data(x[:512], y[:512], x[512:], y[512:])


DATA: dict[str, Callable[[], Data]] = {
    "moons": _moons,
    "digits": _digits,
    "images": _images,
    "waves": _waves,
}

_SLOW = {"fit-tensorflow": 25, "fit-torch": 200}
_CASES = (
    Case(
        key="case-study",
        title="case study: 2-500-1, 30 rows, full batch, evaluated on 70 rows every epoch",
        network="case_study",
        data="moons",
        epochs=4000,
        batch_size=30,
        strength=1e-3,
        runs=32,
        execution_epochs=2000,
        fewer_epochs=_SLOW,
    ),
    Case(
        key="case-study-unvalidated",
        title="case study without evaluation in training",
        network="case_study",
        data="moons",
        epochs=4000,
        batch_size=30,
        validates=False,
        strength=1e-3,
        runs=32,
        execution_epochs=2000,
        fewer_epochs=_SLOW,
    ),
    Case(
        key="cnn",
        title="small CNN: Conv 16, pool, Conv 32, pool, dense 10; 8×8 digits, batches of 32",
        network="cnn",
        data="images",
        epochs=20,
        batch_size=32,
        execution_epochs=3,
        fewer_epochs={"fit-tensorflow": 10, "fit-torch": 10},
    ),
    Case(
        key="mlp",
        title="64-256-256-10 on digits, batches of 32",
        network="mlp",
        data="digits",
        epochs=20,
        batch_size=32,
        fewer_epochs={"fit-tensorflow": 10, "fit-torch": 10},
    ),
    Case(
        key="normalized",
        title="64-128-128-10 with BatchNormalization and Dropout on digits, batches of 32",
        network="normalized",
        data="digits",
        epochs=20,
        batch_size=32,
        fewer_epochs={"fit-tensorflow": 10, "fit-torch": 10},
    ),
    Case(
        key="lstm",
        title="LSTM(32) over 50 steps of 2 numbers, 512 rows, batches of 32",
        network="lstm",
        data="waves",
        epochs=20,
        batch_size=32,
        fewer_epochs={"fit-tensorflow": 10, "fit-torch": 5},
    ),
)
CASES = {case.key: case for case in _CASES}
"""Every case by its key."""


def quality(data: Data, predict: Callable[[np.ndarray], np.ndarray]) -> Quality:
    """Cross-entropy (natural logarithm) and accuracy of predicted probabilities.

    Args:
        data: the rows.
        predict: gives the probability of class 1, [rows] or [rows, 1], or of each, [rows, classes].
    """
    train = _scored(np.asarray(predict(data.x)), data.y)
    validation = _scored(np.asarray(predict(data.validation_x)), data.validation_y)
    return Quality(*train, *validation)


def _scored(probabilities: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    if probabilities.size == len(y):
        second = probabilities.reshape(-1)
        probabilities = np.stack([1 - second, second], -1)
    labels = y.astype(int)
    chosen = np.clip(probabilities[np.arange(len(y)), labels], 1e-7, 1.0)
    loss = float(-np.mean(np.log(chosen)))
    return loss, float(np.mean(probabilities.argmax(-1) == labels))
