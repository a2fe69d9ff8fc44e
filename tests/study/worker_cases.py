"""Studies of other backends, for the tests of handing over; run as a script, one of its own."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import wane
from wane.study.worker.elsewhere import Elsewhere
from wane.study.worker.handed import Handed


def elsewhere(one: wane.Study, rows: Any, **asked: Any) -> Elsewhere:
    """The study as another backend would hand it over, where nothing has checked it."""
    handed = Handed()
    handed.write(one.spec, rows)
    return Elsewhere(one.spec, handed, **asked)


def process_that(does: Callable[[Path], None]) -> type:
    """A process that is none: what it does is done in this one, where it ends after each thing."""

    class Here:
        def __init__(self, place: Path) -> None:
            self.place = place

        def go_on(self, **_: bool) -> bool:
            does(self.place)
            return False

        def end(self) -> None:
            shutil.rmtree(self.place, ignore_errors=True)  # perhaps for the second time

    return Here


def work(place: Path) -> None:
    """What a process on JAX does, in this one."""
    from wane.study.worker.__main__ import checked_study, do
    from wane.study.worker.request import read_call

    study, call = checked_study(place), read_call(place)
    if call is not None:
        do(study, call, place)


def options() -> dict[str, Any]:
    """What is handed over beside model and rows, in this process's own classes."""
    import keras
    from sklearn.model_selection import KFold

    return {
        "validation": KFold(2, shuffle=True, random_state=3),
        "callbacks": [keras.callbacks.EarlyStopping(patience=1)],
        "sample_weight": np.linspace(0.5, 1.5, 30),
    }


def main(folder: Path) -> None:
    """Run the study in a folder and print what a test compares."""
    import keras

    from study_cases import data, study

    result = study(**options()).run(folder, progress=True)
    best = np.asarray(result.best_model().predict(data()[0], verbose=0))
    np.save(folder / "predictions.npy", best)
    print(json.dumps({"backend": keras.config.backend(), "kind": type(result).__name__}))
    loaded = wane.load_study(folder)
    assert isinstance(loaded, wane.Result) and loaded.chosen == result.chosen


if __name__ == "__main__":
    main(Path(sys.argv[1]))
