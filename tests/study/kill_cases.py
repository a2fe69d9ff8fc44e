"""Studies that are killed, each begun in a process of its own.

``python kill_cases.py KIND FOLDER``, which test_interruption_kills.py calls, runs a study and
prints ``ready`` once everything is imported.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
from sklearn.model_selection import KFold

import wane
from study_cases import data, network, study


def small(folder: Path) -> Any:
    """Splits of their own."""
    return study(repeats=12, epochs=200).run(folder, progress=False)


def fraction(folder: Path) -> Any:
    """Splits of their own, and parts of the rows."""
    return study(repeats=12, epochs=400, learning_curve=True).run(folder, progress=False)


def fixed(folder: Path) -> Any:
    """One split."""
    return study(
        "multiclass", repeats=12, epochs=400, validation=data("multiclass", seed=1),
        candidates=wane.sweep(wane.L2, [0.01, 0.1]),
    ).run(folder, progress=False)  # fmt: skip


def callbacks(folder: Path) -> Any:
    """Runs that end when they like."""
    return study(
        "regression", model=network("regression", keras.optimizers.Adam(0.01)), repeats=12,
        epochs=400, standardize_target=True,
        callbacks=[keras.callbacks.EarlyStopping(patience=300, restore_best_weights=True)],
    ).run(folder, progress=False)  # fmt: skip


def structures(folder: Path) -> Any:
    """Two programs."""
    return study(
        repeats=12, epochs=400, candidates=[wane.Network(network(optimizer="adam"), "adam")]
    ).run(folder, progress=False)


def folds(folder: Path) -> Any:
    """The folds of a cross-validation, several seeds on each."""
    splitter = KFold(4, shuffle=True, random_state=0)
    return study(repeats=12, epochs=400, validation=splitter).run(folder, progress=False)


def refined(folder: Path) -> Any:
    """Strengths that the first ones lead to, and candidates that are dropped."""
    return study(
        repeats=8, epochs=200, candidates=wane.sweep(wane.L2, wane.decades(1e-4, 1.0)), refine=True,
        halving=True,
    ).run(folder, progress=False)  # fmt: skip


def compared(folder: Path) -> Any:
    """Methods of regularization beside each other."""
    return study(repeats=4, epochs=200, test=data(seed=2)).compare(
        ["l2", "dropout", "early-stopping"], settings=2, folder=folder, progress=False
    )


def path(folder: Path) -> Any:
    """A path and its cold starts."""
    return study(repeats=4, epochs=200).path(
        wane.L2, [1e-3, 1e-1], equal_epochs=True, folder=folder, progress=False
    )


def longer(folder: Path) -> Any:
    """What a study of fewer repeats and candidates is the beginning of."""
    return study(repeats=30, epochs=60, candidates=wane.sweep(wane.L2, [0.01, 0.1])).run(
        folder, progress=False
    )


KINDS: dict[str, Callable[[Path], Any]] = {
    each.__name__: each
    for each in (
        small, fraction, fixed, callbacks, structures, folds, refined, compared, path, longer,
    )
}  # fmt: skip
"""Each runs a study in a folder."""


def main(kind: str, folder: Path) -> None:
    """Run a study, keeping what is under way several times a second."""
    from wane.training import workers

    workers.KEEP_SECONDS = 0.1
    workers.CALL_SECONDS = 0.02
    print("ready", flush=True)
    KINDS[kind](folder)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
