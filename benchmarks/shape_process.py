"""One way to train many networks of a shape, in a process of its own.

``python -m benchmarks.shape_process SHAPE wane|fit RUNS [quick]`` prints JSON. It keeps to what
wane has had since 0.1.0, since it also measures older sources.
"""

import dataclasses
import inspect
import json
import os
import resource
import statistics
import sys
import time
from typing import Any

import numpy as np

from benchmarks.results import ShapeRun
from benchmarks.shapes import SHAPES, Shape

CANDIDATES = 7
"""The baseline and six strengths."""


def by_wane(shape: Shape, runs: int) -> ShapeRun:
    """A study of so many runs, seven for each repeat."""
    import wane

    x, y = shape.data()
    absent = ("learning_curve", "train_sizes", "extend", "references")
    known = inspect.signature(wane.Study).parameters
    options: dict[str, Any] = {name: False for name in absent if name in known}
    study = wane.Study(
        shape.model(),
        x,
        y,
        candidates=wane.sweep(wane.L2, strengths=wane.decades(1e-6, 1e-1)),
        validation=_validation(x, y),
        repeats=max(1, runs // CANDIDATES),
        epochs=shape.epochs,
        batch_size=shape.batch_size,
        **options,
    )
    result = study.run(progress=False)
    seconds = result.document["seconds"]
    baseline = result.runs[result.runs["candidate"] == result.runs["candidate"].iloc[0]]
    return _read(
        runs=len(result.runs),
        per_run=seconds["train"] / len(result.runs),
        fixed=seconds["prepare"] + seconds["compile"],
        loss=float(baseline["validation_data_loss"].mean()),
    )


def by_fit(shape: Shape, runs: int) -> ShapeRun:
    """A loop around ``fit`` of one compiled model, which begins anew each time."""
    x, y = shape.data()
    model = shape.model()
    weights = model.get_weights()
    model.optimizer.build(model.trainable_variables)
    state = [np.array(variable) for variable in model.optimizer.variables]
    seconds, losses = [], []
    for _ in range(runs):
        began = time.perf_counter()
        model.set_weights(weights)
        for variable, value in zip(model.optimizer.variables, state, strict=True):
            variable.assign(value)
        history = model.fit(
            x,
            y,
            validation_data=_validation(x, y),
            epochs=shape.epochs,
            batch_size=shape.batch_size,
            verbose=0,
        )
        seconds.append(time.perf_counter() - began)
        losses.append(history.history["val_loss"][-1])
    later = statistics.median(seconds[1:])
    return _read(runs=runs, per_run=later, fixed=seconds[0] - later, loss=float(np.mean(losses)))


def _validation(x: Any, y: Any) -> tuple[Any, Any]:
    count = max(8, len(x) // 4)
    return x[:count], y[:count]


def _read(*, runs: int, per_run: float, fixed: float, loss: float) -> ShapeRun:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return ShapeRun(runs, per_run, fixed, usage.ru_maxrss / 1024, loss)


def main() -> None:
    """Measure what the arguments say."""
    key, way, runs, *quick = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print is no answer
    shape = SHAPES[key].quick() if quick else SHAPES[key]
    found = {"wane": by_wane, "fit": by_fit}[way](shape, int(runs))
    answers.write(json.dumps(dataclasses.asdict(found)) + "\n")
    answers.close()


if __name__ == "__main__":
    main()
