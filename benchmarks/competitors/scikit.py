"""scikit-learn's ``MLPClassifier``: same layers, Adam and batches.

Its ``alpha`` acts on every kernel (½ alpha Σ w² / rows of the batch), wane's penalty here on hidden
ones only. It has no evaluation of given rows after each epoch, so it does without.
"""

import time
import warnings
from typing import Any

from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from benchmarks.cases import DATA, Case, quality
from benchmarks.results import Measurement

_UNITS = {"case_study": (500,), "mlp": (256, 256)}


class Scikit:
    """Trains one network at a time."""

    def prepare(self, case: Case) -> float:
        """Nothing is compiled."""
        self._case, self._data = case, DATA[case.data]()
        self._trained(0, 2)
        return 0.0

    def measure(self, pair: int) -> Measurement:
        """Train one network."""
        began, processor = time.perf_counter(), time.process_time()
        model = self._trained(pair, self._case.epochs)
        seconds = time.perf_counter() - began
        return Measurement(
            runs=1,
            epochs=int(model.n_iter_),
            seconds=seconds,
            processor_seconds=time.process_time() - processor,
            quality=quality(self._data, model.predict_proba),
        )

    def _trained(self, seed: int, epochs: int) -> Any:
        case = self._case
        model = MLPClassifier(
            _UNITS[case.network],
            alpha=2 * case.strength * case.batch_size,
            batch_size=case.batch_size,
            max_iter=epochs,
            n_iter_no_change=epochs + 1,
            random_state=seed,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return model.fit(self._data.x, self._data.y.astype(int))


def make(_variant: str, _cores: int) -> Scikit:
    """scikit-learn's classifier."""
    return Scikit()
