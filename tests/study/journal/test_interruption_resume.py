"""A study that was stopped is resumed, and ends with the very numbers of an undisturbed one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import KFold
from sklearn.preprocessing import FunctionTransformer

import wane
from interruption_cases import interrupt, outcome, rows, without_figures
from study_cases import data, network, study
from wane.study.journal.journal import Journal
from wane.training.batch import Trained

Make = Callable[[], wane.Study]


def dropping_out() -> Any:
    """A network with random numbers of its own, and callbacks' memory beside it."""
    model = keras.Sequential(
        [
            keras.layers.Input((3,)),
            keras.layers.Dense(6, activation="relu", name="hidden"),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.3, seed=7),
            keras.layers.Dense(1, name="output"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.01), "mean_squared_error")
    return model


STUDIES: dict[str, Make] = {
    "fraction": lambda: study(epochs=20, learning_curve=True),
    "regression with callbacks": lambda: study(
        "regression", model=dropping_out(), epochs=20, standardize_target=True,
        callbacks=[keras.callbacks.EarlyStopping(patience=15, restore_best_weights=True)],
    ),
    "splitter and structures": lambda: study(
        epochs=20, validation=KFold(2, shuffle=True, random_state=0), repeats=2,
        candidates=[wane.Network(network(optimizer="adam"), "adam")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    "kind",
    [
        "fraction",
        pytest.param("regression with callbacks", marks=pytest.mark.thorough),
        pytest.param("splitter and structures", marks=pytest.mark.thorough),
    ],
)
def test_the_numbers_are_those_of_an_undisturbed_study(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_figures(monkeypatch)
    folder = tmp_path / "stopped"
    for after in (1, 10):
        with pytest.raises(wane.Interrupted), monkeypatch.context() as patch:
            interrupt(patch, after=after)
            STUDIES[kind]().run(folder, progress=False)
        kept = rows(folder, "SELECT epoch FROM checkpoint")
        assert kept and min(kept)[0] > 0
    stopped = STUDIES[kind]().run(folder, progress=False)
    STUDIES[kind]().run(tmp_path / "undisturbed", progress=False)
    assert outcome(folder) == outcome(tmp_path / "undisturbed")
    assert stopped.runs.shape[0] == 4


def test_what_has_finished_is_not_trained_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained: list[Trained] = []
    add = Journal.add
    without_figures(monkeypatch)

    def counted(self: Journal, run: Trained) -> None:
        trained.append(run)
        add(self, run)

    monkeypatch.setattr(Journal, "add", counted)
    first = study(repeats=3).run(tmp_path / "study", progress=False)
    assert len(trained) == 6
    before = {p: p.read_bytes() for p in (tmp_path / "study").rglob("*.*") if p.suffix != ".db"}
    again = study(repeats=3).run(tmp_path / "study", progress=False)
    assert len(trained) == 6
    assert {p: p.read_bytes() for p in before} == before
    assert again.document == first.document and again.verdict == first.verdict
    pd.testing.assert_frame_equal(again.runs, first.runs)
    for mine, theirs in zip(
        again.best_model().get_weights(), first.best_model().get_weights(), strict=True
    ):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.thorough
def test_a_study_killed_while_it_wrote_its_files_writes_them_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: Any) -> None:
        raise KeyboardInterrupt

    without_figures(monkeypatch)
    with pytest.raises(wane.Interrupted), monkeypatch.context() as patch:
        patch.setattr("wane.study.results.files.page", stopped)
        study().run(tmp_path / "study", progress=False)
    assert (tmp_path / "study" / "runs.parquet").exists()
    (tmp_path / "study" / "runs.parquet").write_bytes(b"half of a ta")
    study().run(tmp_path / "study", progress=False)
    study().run(tmp_path / "undisturbed", progress=False)
    assert outcome(tmp_path / "study") == outcome(tmp_path / "undisturbed")


X, Y = data()
OTHERS: dict[str, tuple[Make, str]] = {
    "epochs": (lambda: study(epochs=3), "epochs (2 there, 3 here)"),
    "several": (
        lambda: study(repeats=3, seed=1),
        "seed (0 there, 1 here), initial weights and split of the rows",  # repeats may grow
    ),
    "data": (lambda: study(x=X + 1), "data"),
    "candidates": (
        lambda: study(candidates=[wane.L1(0.1)]),
        "candidates and weights on which the candidates act",
    ),
    "optimizer": (
        lambda: study(model=network(optimizer=keras.optimizers.SGD(0.02))),
        "optimizer, metrics or callbacks",
    ),
    "callbacks": (
        lambda: study(callbacks=[keras.callbacks.TerminateOnNaN()]),
        "callbacks",
    ),
    "model": (
        lambda: study(model=network(inputs=3), x=X, y=np.where(Y > 0, 1.0, 0.0), batch_size=4),
        "batch_size (8 there, 4 here)",
    ),
}


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a study of the defaults."""
    folder = tmp_path_factory.mktemp("begun") / "study"
    with pytest.MonkeyPatch.context() as patch:
        without_figures(patch)
        study().run(folder, progress=False)
    return folder


@pytest.mark.parametrize("name", OTHERS)
def test_another_study_is_refused(name: str, begun: Path) -> None:
    make, different = OTHERS[name]
    before = sorted((p, p.stat().st_mtime_ns) for p in begun.iterdir())
    with pytest.raises(wane.InputError) as caught:
        make().run(begun, progress=False)
    assert str(caught.value) == (
        f"{str(begun)!r} holds another study, which differs in its {different}; nothing was "
        f"written: give a new folder, or that study again to resume it."
    )
    assert sorted((p, p.stat().st_mtime_ns) for p in begun.iterdir()) == before


def test_a_transform_that_does_other_things_is_another_study(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: a function shows its name and address, which differ though it does the same,
    and may be the same though it does something else."""

    def made(times: float) -> wane.Study:
        def scaled(x: Any) -> Any:
            return x * times

        return study(transform=FunctionTransformer(scaled))

    without_figures(monkeypatch)
    for _ in range(2):
        made(1.0).run(tmp_path / "study", progress=False)
    with pytest.raises(wane.InputError, match="which differs in its transform; nothing was writ"):
        made(2.0).run(tmp_path / "study", progress=False)


@pytest.mark.thorough
def test_names_that_keras_counts_up_are_no_difference(
    begun: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unnamed() -> Any:
        layers = keras.layers
        model = keras.Sequential([layers.Input((3,)), layers.Dense(4), layers.Dense(1, "sigmoid")])
        model.compile("adam", "binary_crossentropy")
        return model

    without_figures(monkeypatch)
    folder = begun.parent / "unnamed"
    first = study(model=unnamed()).run(folder, progress=False)
    again = study(model=unnamed()).run(folder, progress=False)
    theirs, own = ([c for c in map(str, r.runs) if c.startswith("norm_")] for r in (first, again))
    model: Any = again.spec.model
    assert own[0].startswith(f"norm_{model.layers[0].name}") and len(own) == len(theirs)
    assert set(own).isdisjoint(theirs)  # Keras has counted on
    np.testing.assert_array_equal(again.runs[own].to_numpy(), first.runs[theirs].to_numpy())
