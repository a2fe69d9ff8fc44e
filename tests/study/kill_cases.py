"""Studies that are killed, each begun in a process of its own; run as a script by test_kill.py.

``python kill_cases.py KIND FOLDER`` runs a study and prints ``ready`` once everything is imported.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import keras
from study_cases import data, network, study

import wane

KINDS: dict[str, Callable[[], wane.Study]] = {
    "fraction": lambda: study(repeats=12, epochs=400, train_sizes=True),
    "fixed": lambda: study(
        "multiclass", repeats=12, epochs=400, validation=data("multiclass", seed=1),
        candidates=wane.sweep(wane.L2, [0.01, 0.1]),
    ),
    "callbacks": lambda: study(
        "regression", model=network("regression", keras.optimizers.Adam(0.01)), repeats=12,
        epochs=400, standardize_target=True,
        callbacks=[keras.callbacks.EarlyStopping(patience=300, restore_best_weights=True)],
    ),
    "structures": lambda: study(
        repeats=12, epochs=400, candidates=[wane.Network(network(optimizer="adam"), "adam")]
    ),
}  # fmt: skip


def main(kind: str, folder: Path) -> None:
    """Run a study, keeping what is under way several times a second."""
    from wane.training import placement

    placement.KEEP_SECONDS = 0.1
    placement.CALL_SECONDS = 0.02
    print("ready", flush=True)
    KINDS[kind]().run(folder, progress=False)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
