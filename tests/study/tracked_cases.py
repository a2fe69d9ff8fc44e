"""A finished study made by hand, for the tests of what is handed to other tools."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import wane
from wane.penalties import strength_of
from wane.study.exports.tracked import Tracked
from wane.study.measures.tables import penalty_label
from wane.study.spec.spec import StudySpec

EPOCHS = 5
CANDIDATES = (
    (),
    (wane.L2(0.001),),
    (wane.L2(0.1), wane.Dropout(0.5)),
    (wane.EarlyStopping(3),),
    (wane.L2(1.0),),
)


def tracked(
    folder: Path,
    candidates: Sequence[Any] = CANDIDATES,
    *,
    select_by: str = "data_loss",
    direction: str | None = "down",
    epochs: int = EPOCHS,
) -> Tracked:
    """Two runs of each candidate; the very last one diverged at its third epoch."""
    spec = StudySpec(candidates=tuple(candidates), epochs=epochs, name="by hand")
    random = np.random.default_rng(0)
    runs, curves = [], []
    for name, candidate in zip(spec.names, spec.candidates, strict=True):
        for repeat in range(2):
            diverged = name == spec.names[-1] and repeat == 1
            values = random.random((epochs, 4)).astype("float32")
            if diverged:
                values = values[:3]
                values[-1] = [np.nan, np.inf, np.nan, 0.5]
            columns = ("train_data_loss", "validation_data_loss", "train_auc", "validation_auc")
            curve = pd.DataFrame(values, columns=list(columns))
            curve.insert(0, "epoch", np.arange(1, len(values) + 1))
            curve.insert(0, "repeat", repeat)
            curve.insert(0, "candidate", name)
            curves.append(curve)
            final = random.random(6) if not diverged else [np.nan] * 6
            numbers = (*columns, "validation_auc_exact", "norm_hidden:bias")
            runs.append(
                {
                    "candidate": name,
                    "penalty": penalty_label(candidate),
                    "strength": strength_of(candidate),
                    "repeat": repeat,
                    **dict(zip(numbers, final, strict=True)),
                }
            )
    table = pd.concat(curves, ignore_index=True)
    table["candidate"] = pd.Categorical(table["candidate"], categories=list(spec.names))
    verdict = {"answer": "It does.", "text": "It does. So.", "improvement": 0.25, "interval": None}
    about = {
        "name": "by hand", "task": "binary", "metric": "auc", "select_by": select_by,
        "direction": direction, "loss": "mse", "optimizer": "adam", "epochs": epochs,
        "batch_size": 32, "repeats": 2, "seed": 0, "resampling": "2 splits",
    }  # fmt: skip
    document = {"study": about, "chosen": spec.names[:2][-1], "verdict": verdict}
    return Tracked(spec, document, pd.DataFrame(runs), table, folder)


def with_methods(one: Tracked) -> Tracked:
    """The same as a comparison of methods."""
    baseline, *others = one.spec.candidates
    methods = {"none": (baseline,), "others": tuple(others)}
    return dataclasses.replace(one, spec=dataclasses.replace(one.spec, methods=methods))
