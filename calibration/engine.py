"""Real studies: many training sets trained at once by the engine, and dealt out to studies."""

import dataclasses
from collections.abc import Sequence

import keras
import numpy as np

import wane
from calibration.shares import Share
from wane.penalties import Candidate
from wane.resampling.splits import Resampling, Split
from wane.stats import paired_difference
from wane.study.evaluation.evidence import Evidence
from wane.study.verdicts.verdict import Verdict, verdict

TRAIN, VALIDATION = 30, 70
STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1)


@dataclasses.dataclass(frozen=True)
class Pool:
    """Runs on training sets of their own, of which studies take disjoint parts.

    Attributes:
        names, candidates: the candidates.
        train_loss, validation_loss: data losses, [candidates, repeats].
        validation_accuracy, test_accuracy: accuracies, [candidates, repeats].
    """

    names: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    train_loss: np.ndarray
    validation_loss: np.ndarray
    validation_accuracy: np.ndarray
    test_accuracy: np.ndarray

    def verdicts(self, repeats: int) -> list[Verdict]:
        """The verdict of each study of so many repeats."""
        return [verdict(self._evidence(part)) for part in self.parts(repeats)]

    def parts(self, repeats: int) -> list[slice]:
        """The repeats of each study."""
        whole = self.validation_loss.shape[1] // repeats
        return [slice(index * repeats, (index + 1) * repeats) for index in range(whole)]

    def _evidence(self, part: slice) -> Evidence:
        rows = np.arange(TRAIN + VALIDATION)
        split = Split(rows[:TRAIN], rows[TRAIN:])
        loss = self.validation_loss[:, part]
        repeats = loss.shape[1]
        return Evidence(
            names=self.names,
            candidates=self.candidates,
            train_loss=self.train_loss[:, part],
            validation_loss=loss,
            baseline_curve=np.repeat(loss[0][:, None], 2, axis=1),
            metric="accuracy",
            validation_metric=self.validation_accuracy[:, part],
            test_metric=None,
            rows={"train": TRAIN, "validation": VALIDATION, "test": 0},
            resampling=Resampling("fresh", (split,) * repeats, repeats),
        )

    @property
    def gain(self) -> tuple[float, float]:
        """True gain in accuracy of L2(0.01), and its standard error over all training sets."""
        best = self.names.index("L2(0.01)")
        gains = self.test_accuracy[best] - self.test_accuracy[0]
        return float(gains.mean()), float(gains.std(ddof=1) / np.sqrt(len(gains)))

    def gain_coverage(self, repeats: int) -> Share:
        """How often the interval of the gain in accuracy on test rows holds the true gain."""
        best = self.names.index("L2(0.01)")
        truth, held = self.gain[0], 0
        for part in self.parts(repeats):
            one = paired_difference(self.test_accuracy[best, part], self.test_accuracy[0, part])
            held += one.low <= truth <= one.high
        return Share(held, len(self.parts(repeats)))


def moons(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The moons problem's points and classes."""
    from sklearn.datasets import make_moons

    x, y = make_moons(n_samples=rows, noise=0.2, random_state=seed)
    return x.astype("float32"), y.astype("float32")


def moons_pool(repeats: int, epochs: int = 4000, seed: int = 0) -> Pool:
    """The published network on training sets of their own, under four strengths of L2."""
    model = _compiled(keras.layers.Dense(500, activation="relu", name="hidden"))
    candidates = wane.sweep(wane.L2, STRENGTHS, layers="hidden")
    return _pool(model, candidates, repeats, epochs, seed)


def null_pool(repeats: int, epochs: int = 300, seed: int = 0) -> Pool:
    """Candidates that differ from the baseline by chance alone.

    They are the same network in other pieces: a hidden layer of 16 units as two layers side by
    side, whose weights come from the same distribution but are drawn otherwise.
    """
    candidates = [
        wane.Network(_compiled(_hidden(first), _hidden(16 - first)), f"{first} and {16 - first}")
        for first in (4, 8, 12)
    ]
    return _pool(_compiled(_hidden(16)), candidates, repeats, epochs, seed)


def _hidden(units: int) -> keras.layers.Layer:
    # Keras's own range depends on the number of units.
    initial = keras.initializers.RandomUniform(-0.5, 0.5)
    return keras.layers.Dense(units, activation="relu", kernel_initializer=initial)


def _compiled(*side_by_side: keras.layers.Layer) -> keras.Model:
    inputs = keras.layers.Input((2,))
    outputs = [layer(inputs) for layer in side_by_side]
    joined = outputs[0] if len(outputs) == 1 else keras.layers.Concatenate()(outputs)
    model = keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(joined))
    model.compile(optimizer="adam", loss="binary_crossentropy")
    return model


def _pool(
    model: keras.Model,
    candidates: Sequence[Candidate | wane.Network],
    repeats: int,
    epochs: int,
    seed: int,
) -> Pool:
    study = wane.Study(
        model,
        candidates=candidates,
        validation=wane.Fresh(moons, train=TRAIN, validation=VALIDATION),
        test=moons(2000, 2),
        repeats=repeats,
        epochs=epochs,
        seed=seed,
        learning_curve=False,
        extend=False,
        references=False,
    )
    result = study.run(progress=False)
    table = result.runs.set_index(["candidate", "repeat"])

    def values(column: str) -> np.ndarray:
        return table[column].unstack().loc[list(study.spec.names)].to_numpy(np.float64)

    columns = ("train_data_loss", "validation_data_loss", "validation_accuracy", "test_accuracy")
    return Pool(study.spec.names, study.spec.candidates, *map(values, columns))
