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
    print(result.verdict.text)
    best = result.best_model()

Importing wane chooses JAX as the backend of Keras where nothing else has been chosen. JAX, Keras
and the rest load when they are first needed.
"""

import importlib
from typing import TYPE_CHECKING

from wane._errors import InputError, StorageError, WaneError
from wane.keras_model.backend import choose_backend

if TYPE_CHECKING:
    from wane.keras_model.inspection import inspect
    from wane.keras_model.proximal import ProximalSteps
    from wane.keras_model.regularize import regularize, unregularize
    from wane.keras_model.scheduled import ScheduledPenalties
    from wane.keras_model.shrink import shrink
    from wane.literature import convert, presets
    from wane.penalties import (
        L1,
        L1L2,
        L2,
        Dropout,
        EarlyStopping,
        GroupLasso,
        Network,
        Orthogonality,
        Penalty,
        WeightDecay,
        decades,
        schedule,
        sweep,
    )
    from wane.study import (
        Comparison,
        Fresh,
        Interrupted,
        PathResult,
        Result,
        Study,
        Subsample,
        feature_importance,
        placements,
        upper_end,
    )
    from wane.training.placement import Placement

__version__ = "0.1.0"

_HOMES = {
    "Comparison": "wane.study",
    "Dropout": "wane.penalties",
    "EarlyStopping": "wane.penalties",
    "Fresh": "wane.study",
    "GroupLasso": "wane.penalties",
    "Interrupted": "wane.study",
    "L1": "wane.penalties",
    "L1L2": "wane.penalties",
    "L2": "wane.penalties",
    "Network": "wane.penalties",
    "Orthogonality": "wane.penalties",
    "PathResult": "wane.study",
    "Penalty": "wane.penalties",
    "Placement": "wane.training.placement",
    "ProximalSteps": "wane.keras_model.proximal",
    "Result": "wane.study",
    "ScheduledPenalties": "wane.keras_model.scheduled",
    "Study": "wane.study",
    "Subsample": "wane.study",
    "WeightDecay": "wane.penalties",
    "convert": "wane.literature",
    "decades": "wane.penalties",
    "feature_importance": "wane.study",
    "inspect": "wane.keras_model.inspection",
    "placements": "wane.study",
    "presets": "wane.literature",
    "regularize": "wane.keras_model.regularize",
    "schedule": "wane.penalties",
    "shrink": "wane.keras_model.shrink",
    "sweep": "wane.penalties",
    "unregularize": "wane.keras_model.regularize",
    "upper_end": "wane.study",
}

__all__ = [
    "L1",
    "L1L2",
    "L2",
    "Comparison",
    "Dropout",
    "EarlyStopping",
    "Fresh",
    "GroupLasso",
    "InputError",
    "Interrupted",
    "Network",
    "Orthogonality",
    "PathResult",
    "Penalty",
    "Placement",
    "ProximalSteps",
    "Result",
    "ScheduledPenalties",
    "StorageError",
    "Study",
    "Subsample",
    "WaneError",
    "WeightDecay",
    "convert",
    "decades",
    "feature_importance",
    "inspect",
    "placements",
    "presets",
    "regularize",
    "schedule",
    "shrink",
    "sweep",
    "unregularize",
    "upper_end",
]


def __getattr__(name: str) -> object:
    """Load a public name when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module 'wane' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


choose_backend()
