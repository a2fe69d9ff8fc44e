"""A strength for each layer beside one for all: equal budgets, the truth, and going on."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import wane
from interruption_cases import interrupt, outcome, without_figures
from study_cases import data, study
from translation_cases import assert_translated
from wane._language import speaking
from wane.study.evaluation.compared.searched import SearchedRange
from wane.study.spec.methods import of_one_method
from wane.study.spec.spaces.search import EACH, ONE

TEST = data(rows=40, seed=7)


def searched(**options: Any) -> wane.Study:
    return study(**{"epochs": 8, "repeats": 4, "test": TEST, **options})


@pytest.fixture(scope="module")
def found() -> wane.Comparison:
    return searched().tune(trials=14, progress=False)


def test_both_methods_have_equal_budgets_and_the_baseline_stands_beside(
    found: wane.Comparison,
) -> None:
    assert list(found.methods["method"]) == ["none", ONE, EACH]
    assert found.methods["settings"].to_list() == [1, 14, 14]
    # Nothing compiles for another strength.
    assert [one["traces"] for one in found.result.document["engine"]["structures"]] == [1]


def test_candidates_race_and_the_best_have_all_repeats(found: wane.Comparison) -> None:
    counts = found.result.runs.groupby("candidate").size()
    assert counts["baseline"] == counts[found.result.chosen] == 4
    assert counts.min() == 2 and (counts == 2).sum() > len(counts) / 4


def test_the_best_of_each_is_judged_on_rows_that_chose_nothing(found: wane.Comparison) -> None:
    assert found.document["evaluated_on"] == "test"
    row = found.methods.set_index("method").loc[EACH]
    test = found.result.runs.groupby("candidate")["test_data_loss"].mean()
    assert row["value"] == pytest.approx(test[row["chosen"]])
    (pair,) = found.pairs.itertuples()
    assert (pair.method, pair.other) == (ONE, EACH)


def test_what_was_found_of_each_layer_is_a_table(found: wane.Comparison) -> None:
    table = found.ranges.set_index("layers")
    assert list(table.index) == ["hidden", "output"]
    assert ((table["low"] <= table["best"]) & (table["best"] <= table["high"])).all()
    assert ((table["importance"] >= 0) & (table["importance"] <= 1)).all()
    assert found.methods["setting"].iloc[2].startswith("hidden ")
    assert searched().compare(["l1"], settings=1, progress=False).ranges.empty


def test_the_verdict_says_whether_a_strength_for_each_layer_is_needed(
    found: wane.Comparison,
) -> None:
    assert "Take one strength, which is simpler." in found.verdict
    with speaking("zh"):
        names = (ONE, EACH, "hidden", "output", *found.result.spec.names)
        assert_translated(found.document["text"], found.verdict, *names)


def test_the_figure_of_layers_needs_a_search(found: wane.Comparison) -> None:
    (ax,) = found.plot_layers().axes
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["hidden", "output"]
    with pytest.raises(wane.InputError, match=r"plot_layers\(\) draws the strengths of one"):
        searched().compare(["l1"], settings=1, progress=False).plot_layers()


def test_norms_stand_against_one_strength_for_all(found: wane.Comparison) -> None:
    """Regression: against the sum of the strengths of all layers, which is no curve."""
    spec = found.result.spec
    names = dict(zip(spec.candidates, spec.names, strict=True))
    expected = {found.result.spec.names[0], *(names[one] for one in spec.methods[ONE])}
    for method in (ONE, EACH):
        chosen = names[spec.methods[method][0]]
        assert set(of_one_method(spec, chosen)) == expected


def test_the_same_seed_gives_the_same_bits_and_interruptions_change_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_figures(monkeypatch)
    searched().tune(trials=14, progress=False, folder=tmp_path / "whole")
    for after in (3, 40):
        with monkeypatch.context() as patch:
            interrupt(patch, after=after)
            with pytest.raises(wane.Interrupted):
                searched().tune(trials=14, progress=False, folder=tmp_path / f"cut-{after}")
        resumed = searched().tune(trials=14, progress=False, folder=tmp_path / f"cut-{after}")
        assert resumed.methods["method"].tolist() == ["none", ONE, EACH]
        assert outcome(tmp_path / f"cut-{after}") == outcome(tmp_path / "whole")


def test_a_folder_of_a_search_gives_it_back_and_takes_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_figures(monkeypatch)
    folder = tmp_path / "study"
    first = searched().tune(trials=4, progress=False, folder=folder)
    again = wane.load_study(folder)
    assert isinstance(again, wane.Comparison)
    assert again.methods.equals(first.methods) and again.ranges.equals(first.ranges)
    assert again.evidence.equals(first.evidence) and list(again.evidence["layers"]) != []
    statement = json.loads((folder / "study.json").read_text(encoding="utf-8"))
    spec = wane.StudySpec.from_dict(statement)
    assert spec.search is not None and spec.search.trials == 4
    assert again.result.spec.methods[EACH] == first.result.spec.methods[EACH]
    with pytest.raises(wane.InputError, match=r"another study"):
        searched().tune(trials=5, progress=False, folder=folder)
    with pytest.raises(wane.InputError, match=r"a search of 4 repeats"):
        searched(repeats=8).tune(trials=4, progress=False, folder=folder)


def test_dropout_rates_are_searched_beside_strengths() -> None:
    model = keras.Sequential(
        [
            keras.layers.Input((3,)),
            keras.layers.Dense(8, "relu", name="hidden"),
            keras.layers.Dropout(0.1, name="drop"),
            keras.layers.Dense(1, "sigmoid", name="output"),
        ]
    )
    model.compile(loss="binary_crossentropy")
    space = [
        wane.Range(wane.L2(1e-4, layers="hidden"), wane.L2(0.1, layers="hidden")),
        wane.Range(wane.Dropout(0.05, layers="drop"), wane.Dropout(0.6, layers="drop")),
    ]
    found = searched(model=model).tune(space, trials=5, progress=False)
    assert list(found.methods["method"]) == ["none", ONE, "tuned"]
    assert list(found.ranges["kind"]) == ["L2", "Dropout"]
    assert len(found.result.document["engine"]["structures"]) == 1


def test_learning_rates_are_searched_beside_strengths() -> None:
    space = [
        wane.Range(wane.L2(1e-4), wane.L2(0.1)),
        wane.Range(wane.LearningRate(1e-3), wane.LearningRate(0.1)),
    ]
    found = searched().tune(space, trials=5, progress=False)
    assert list(found.ranges["layers"]) == ["all L2", "learning rate"]
    rates = [c for one in found.result.spec.methods["tuned"] for c in one[-1:]]
    assert all(isinstance(rate, wane.LearningRate) for rate in rates)
    assert len(set(rates)) > 2
    assert len(found.result.document["engine"]["structures"]) == 1
    twice = [space[1], wane.Range(wane.LearningRate(1e-4), wane.LearningRate(1.0))]
    with pytest.raises(wane.InputError, match="Two ranges act on the same"):
        searched().tune(twice, trials=5, progress=False)


def linear(inputs: tuple[int, int]) -> Any:
    """A linear network with a layer of its own for each of two groups of inputs."""
    both = [keras.layers.Input((count,), name=f"x{i}") for i, count in enumerate(inputs)]
    names = ("signal", "noise")
    outputs = [
        keras.layers.Dense(1, use_bias=False, name=name)(one)
        for name, one in zip(names, both, strict=True)
    ]
    model = keras.Model(both, keras.layers.Add()(outputs))
    model.compile(optimizer=keras.optimizers.SGD(0.2), loss="mse")
    return model


def test_it_finds_the_strengths_of_which_the_closed_form_knows_the_best() -> None:
    """Ridge regression with a strength for each group of inputs, one of which is noise alone."""
    random = np.random.default_rng(2)
    sizes, rows = (2, 24), {"train": 40, "validation": 400, "test": 400}
    parts = {}
    for name, count in rows.items():
        x = [random.normal(size=(count, size)).astype("float32") for size in sizes]
        noise = random.normal(scale=0.7, size=count)
        parts[name] = ((x[0], x[1]), (2 * x[0][:, 0] - x[0][:, 1] + noise).astype("float32"))
    (train, y), (validation, y_validation) = parts["train"], parts["validation"]
    design, other = np.hstack(train), np.hstack(validation)

    def loss(strengths: Any) -> float:
        """Validation loss of the solution: mean squared error plus strengths × squares."""
        penalty = np.diag(np.repeat(strengths, sizes)) * len(y)
        weights = np.linalg.solve(design.T @ design + penalty, design.T @ y)
        return float(np.mean((other @ weights - y_validation) ** 2))

    grid = [0.0, *np.geomspace(1e-4, 10, 26)]
    best = min(loss((a, b)) for a in grid for b in grid)
    single = min(loss((a, a)) for a in grid)
    assert best < 0.9 * single  # so that there is something to be found
    problem = wane.Study(
        linear(sizes), train, y, epochs=400, batch_size=40, repeats=2, references=False,
        validation=parts["validation"], test=parts["test"],
    )  # fmt: skip
    found = problem.tune(strengths=(1e-4, 10.0), progress=False)
    assert list(found.ranges["layers"]) == ["signal", "noise"]
    signal, of_noise = found.ranges["best"].to_list()
    chosen = loss((signal, of_noise))
    assert chosen < best + 0.1 * (single - best)
    assert of_noise > 10 * signal
    means = found.result.runs.groupby("candidate")["validation_data_loss"].mean()
    assert means[found.result.chosen] == pytest.approx(chosen, rel=1e-3)
    assert "A strength for each layer is better than one for all" in found.verdict


def test_a_range_says_what_it_holds() -> None:
    names = [field.name for field in dataclasses.fields(SearchedRange)]
    assert names == [
        "layers", "kind", "best", "low", "high", "weakest", "strongest", "importance", "matters",
    ]  # fmt: skip
