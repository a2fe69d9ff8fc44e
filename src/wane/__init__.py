"""wane tells whether a Keras network overfits and how much weight regularization it needs.

Six words, by one example. A *penalty* such as ``wane.L2`` acts on a *target* (here the hidden
layers' kernels); each setting of it is a *candidate*; a *study* trains every candidate several
times (each training is a *run*) beside the unregularized baseline; its *result* holds tables,
figures, a verdict and the trained model::

    import wane
    import keras
    from sklearn.datasets import make_moons

    x, y = make_moons(n_samples=100, noise=0.2, random_state=1)
    model = keras.Sequential(
        [keras.layers.Input((2,)),
         keras.layers.Dense(500, activation="relu"),
         keras.layers.Dense(1, activation="sigmoid")])
    model.compile(optimizer="adam", loss="binary_crossentropy")

    study = wane.Study(
        model, x[:30], y[:30],
        candidates=wane.sweep(wane.L2, strengths=wane.decades(1e-6, 1e-1), layers="hidden"),
        validation=(x[30:], y[30:]), repeats=30, epochs=4000)
    result = study.run()
    print(result.verdict)
    best = result.best_model()

Importing wane chooses JAX as the backend of Keras where nothing else has been chosen. JAX, Keras
and the rest load when they are first needed.
"""

import importlib
import logging
from typing import TYPE_CHECKING

from wane._errors import InputError, Interrupted, StorageError, WaneError
from wane._version import __version__ as __version__
from wane.keras_model.backend.choice import choose_backend

if TYPE_CHECKING:
    from wane.estimators.classifier import RegularizedMLPClassifier
    from wane.estimators.regressor import RegularizedMLPRegressor
    from wane.keras_model.editing.inspection import inspect
    from wane.keras_model.editing.proximal_callback import ProximalSteps
    from wane.keras_model.editing.regularize import regularize, unregularize
    from wane.keras_model.editing.scheduled_penalties import ScheduledPenalties
    from wane.keras_model.editing.shrink import Shrunk, shrink
    from wane.literature import Converted, Preset, convert, presets
    from wane.penalties import (
        L1,
        L1L2,
        L2,
        Candidate,
        Dropout,
        EarlyStopping,
        GroupLasso,
        LearningRate,
        Network,
        Orthogonality,
        Penalty,
        Range,
        Schedule,
        WeightDecay,
        decades,
        schedule,
        sweep,
    )
    from wane.prediction.folder import predict
    from wane.resampling import Fresh, Subsample
    from wane.study import (
        Comparison,
        Diagnosis,
        Expected,
        Importance,
        PathResult,
        Result,
        Study,
        StudySpec,
        Verdict,
        feature_importance,
        load_study,
        targets,
        write_report,
    )
    from wane.study.max_strength import max_strength
    from wane.training.execution import Execution

_RENAMED = {"Placement": "Execution", "placements": "targets", "upper_end": "max_strength"}
"""Names of version 0.1.0, and what they are called now."""

_HOMES = {
    "Candidate": "wane.penalties",
    "Comparison": "wane.study",
    "Converted": "wane.literature",
    "Diagnosis": "wane.study",
    "Dropout": "wane.penalties",
    "EarlyStopping": "wane.penalties",
    "Execution": "wane.training.execution",
    "Expected": "wane.study",
    "Fresh": "wane.resampling",
    "GroupLasso": "wane.penalties",
    "Importance": "wane.study",
    "L1": "wane.penalties",
    "L1L2": "wane.penalties",
    "L2": "wane.penalties",
    "LearningRate": "wane.penalties",
    "Network": "wane.penalties",
    "Orthogonality": "wane.penalties",
    "PathResult": "wane.study",
    "Penalty": "wane.penalties",
    "Preset": "wane.literature",
    "Range": "wane.penalties",
    "ProximalSteps": "wane.keras_model.editing.proximal_callback",
    "RegularizedMLPClassifier": "wane.estimators.classifier",
    "RegularizedMLPRegressor": "wane.estimators.regressor",
    "Result": "wane.study",
    "Schedule": "wane.penalties",
    "ScheduledPenalties": "wane.keras_model.editing.scheduled_penalties",
    "Shrunk": "wane.keras_model.editing.shrink",
    "Study": "wane.study",
    "StudySpec": "wane.study",
    "Subsample": "wane.resampling",
    "Verdict": "wane.study",
    "WeightDecay": "wane.penalties",
    "convert": "wane.literature",
    "decades": "wane.penalties",
    "feature_importance": "wane.study",
    "inspect": "wane.keras_model.editing.inspection",
    "load_study": "wane.study",
    "max_strength": "wane.study.max_strength",
    "predict": "wane.prediction.folder",
    "presets": "wane.literature",
    "regularize": "wane.keras_model.editing.regularize",
    "schedule": "wane.penalties",
    "shrink": "wane.keras_model.editing.shrink",
    "sweep": "wane.penalties",
    "targets": "wane.study",
    "unregularize": "wane.keras_model.editing.regularize",
    "write_report": "wane.study",
}

__all__ = [
    "L1",
    "L1L2",
    "L2",
    "Candidate",
    "Comparison",
    "Converted",
    "Diagnosis",
    "Dropout",
    "EarlyStopping",
    "Execution",
    "Expected",
    "Fresh",
    "GroupLasso",
    "Importance",
    "InputError",
    "Interrupted",
    "LearningRate",
    "Network",
    "Orthogonality",
    "PathResult",
    "Penalty",
    "Preset",
    "ProximalSteps",
    "Range",
    "RegularizedMLPClassifier",
    "RegularizedMLPRegressor",
    "Result",
    "Schedule",
    "ScheduledPenalties",
    "Shrunk",
    "StorageError",
    "Study",
    "StudySpec",
    "Subsample",
    "Verdict",
    "WaneError",
    "WeightDecay",
    "convert",
    "decades",
    "feature_importance",
    "inspect",
    "load_study",
    "max_strength",
    "predict",
    "presets",
    "regularize",
    "schedule",
    "shrink",
    "sweep",
    "targets",
    "unregularize",
    "write_report",
]


def __getattr__(name: str) -> object:
    """Load a public name when it is first used."""
    if name in _RENAMED:
        raise AttributeError(
            f"wane.{name} has been called wane.{_RENAMED[name]} since version 0.2.0: use that name."
        )
    if name not in _HOMES:
        raise AttributeError(f"module 'wane' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


choose_backend()
# Whoever uses wane says what becomes of its log; until then nothing does.
logging.getLogger("wane").addHandler(logging.NullHandler())
