"""Comparisons of methods: the same budget for each, and claims that the numbers carry."""

import dataclasses
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

import wane
from study_cases import data, network, study
from translation_cases import assert_translated, checked
from wane._language import speaking
from wane.penalties import network_of, strength_of
from wane.report.figures.compared.rows import near_and_far
from wane.resampling.splits import Resampling, Split
from wane.study.evaluation.compared.methods import Conclusion, MethodRow, MethodsSummary
from wane.study.spec.methods import DEFAULT_METHODS, methods_of
from wane.study.verdicts.beside.comparison import comparison_text

TEST = data(rows=40, seed=7)
SEQUENCES = np.random.default_rng(0).normal(size=(30, 4, 2)).astype("float32")


@pytest.fixture(scope="module")
def everything() -> wane.Comparison:
    """All methods on a small problem with test rows."""
    return study(epochs=12, repeats=3, test=TEST).compare(settings=2, progress=False)


def test_all_methods_are_tuned_with_the_same_budget(everything: wane.Comparison) -> None:
    table = everything.methods.set_index("method")
    assert tuple(table.index) == DEFAULT_METHODS
    assert table.loc["none", "settings"] == 1
    assert set(table["settings"].drop("none")) == {2}
    assert (everything.result.runs.groupby("candidate").size() == 3).all()
    assert len(everything.pairs) == 8 * 7 // 2


def test_each_method_stands_by_its_best_setting_on_validation_rows(
    everything: wane.Comparison,
) -> None:
    means = everything.result.runs.groupby("candidate")["validation_data_loss"].mean()
    test = everything.result.runs.groupby("candidate")["test_data_loss"].mean()
    l2 = means[[name for name in means.index if name.startswith("L2(")]]
    row = everything.methods.set_index("method").loc["l2"]
    assert row["chosen"] == l2.idxmin()
    assert row["value"] == pytest.approx(test[row["chosen"]], rel=1e-12)
    assert row["difference"] == pytest.approx(row["value"] - test["baseline"], rel=1e-4, abs=1e-7)
    assert everything.document["evaluated_on"] == "test"
    ordered = everything.methods.sort_values("value")
    assert everything.document["first"] == ordered["method"].iloc[0]


def test_the_best_method_is_that_of_the_model_that_is_handed_back(
    everything: wane.Comparison,
) -> None:
    """Regression: the method of the lowest test loss was announced, and another model was saved."""
    best = everything.methods.set_index("method").loc[everything.best]
    assert best["chosen"] == everything.result.chosen == everything.result.document["chosen"]
    means = everything.result.runs.groupby("candidate")["validation_data_loss"].mean()
    stopped = [name for name in means.index if name.startswith("EarlyStopping")]
    assert len(stopped) == 2
    assert best["chosen"] == means.drop(stopped).idxmin()
    assert f"is {everything.best} ({best['setting']})" in everything.verdict
    assert (
        "Early-stopping is reported but not eligible: its epoch is selected on the validation "
        "rows, so its validation data loss is optimistic." in everything.verdict
    )


def test_settings_of_a_method_share_one_program(everything: wane.Comparison) -> None:
    structures = everything.result.document["engine"]["structures"]
    # Penalties; dropout; early stopping; each of two bounds; dropout with normalization.
    assert [structure["traces"] for structure in structures] == [1] * 6


def test_the_verdict_speaks_the_language_of_now(everything: wane.Comparison) -> None:
    english, names = everything.document["text"], [*DEFAULT_METHODS, *everything.result.spec.names]
    with speaking("zh"):
        assert_translated(english, everything.verdict, *names, "MaxNorm", "WeightDecay", "seed")
        assert repr(everything).endswith(f"{everything.verdict}>")
    assert everything.verdict == english


def test_a_comparison_is_frozen(everything: wane.Comparison) -> None:
    for name in ("result", "methods", "pairs", "best", "verdict", "document"):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(everything, name, None)


def test_differences_to_none_and_between_methods_are_one_arithmetic(
    everything: wane.Comparison,
) -> None:
    own = everything.methods.set_index("method")["difference"]
    for _, pair in everything.pairs.iterrows():
        apart = own[pair["method"]] - own[pair["other"]]
        assert pair["difference"] == pytest.approx(apart, abs=1e-6)
    p = everything.methods["p"].dropna()
    assert (everything.methods["p_holm"].dropna() >= p).all()


@pytest.mark.thorough
def test_files_hold_the_comparison(tmp_path: Any) -> None:
    folder = tmp_path / "compared"
    found = study(test=TEST, name="small").compare(
        ["l2", "l1"], settings=2, folder=folder, progress=False
    )
    summary = (folder / "summary.json").read_text(encoding="utf-8")
    assert found.verdict.split(".")[0] in summary
    assert (folder / "figures" / "methods.png").is_file()
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "Each method of regularization beside none" in page
    assert found.document["methods"][1]["setting"] in page
    assert keras.saving.load_model(folder / "best.keras").built


def test_a_penalty_that_helps_is_found_and_one_that_harms_too() -> None:
    """Noise labels on few rows: a strong L2 must win, and a strong one on all must too."""
    random = np.random.default_rng(0)

    def drawn(rows: int) -> tuple[np.ndarray, np.ndarray]:
        x = random.normal(size=(rows, 20)).astype("float32")
        return x, (random.random(rows) < 0.5).astype("float32")

    x, y = drawn(40)
    made = study(
        model=network("binary", keras.optimizers.Adam(0.05), inputs=20), x=x, y=y,
        validation=drawn(200), test=drawn(200), epochs=60, repeats=8,
    )  # fmt: skip
    found = made.compare({"strong": [wane.L2(0.3)], "nearly nothing": [wane.L2(1e-12)]})
    table = found.methods.set_index("method")
    assert table.loc["strong", "conclusion"] == "better"
    assert table.loc["nearly nothing", "conclusion"] == "no difference detected"
    assert found.best == "strong"
    assert "Beside strong: nearly nothing is worse." in found.verdict
    assert "the differences hold for networks trained on these 40 rows." in found.verdict


def test_one_run_each_is_no_comparison_however_many_the_test_rows() -> None:
    x, y = data(rows=400, seed=7)
    found = study(repeats=1, test=(x, y), epochs=60).compare(
        {"strong": [wane.L2(30.0)]}, progress=False
    )
    row = found.methods.set_index("method").loc["strong"]
    assert row["conclusion"] == "no difference detected" and np.isnan(row["p"])


@pytest.mark.thorough
def test_without_test_rows_early_stopping_is_not_compared() -> None:
    made = study(epochs=40, repeats=3, validation=0.4)
    found = made.compare(["early-stopping", "l2"], settings=2, progress=False)
    table = found.methods.set_index("method")
    assert table.loc["early-stopping", "conclusion"] == "not comparable"
    assert table["difference"].isna()["early-stopping"]
    assert found.best != "early-stopping"
    best = found.methods.set_index("method")["chosen"][found.best]
    assert best == found.result.chosen and not str(best).startswith("EarlyStopping")
    assert (
        "Early-stopping selected the epoch on the rows that evaluate it, so that it looks too good "
        "and is not compared: hold out test rows." in found.verdict
    )
    assert "corrected by a bootstrap" in found.verdict


@pytest.mark.thorough
def test_optimism_is_taken_off_only_where_there_was_a_choice() -> None:
    made = study(epochs=10, repeats=6, validation=0.4)
    found = made.compare({"one": [wane.L2(0.01)]}, progress=False)
    runs = found.result.runs
    means = runs.groupby("candidate")["validation_data_loss"].mean()
    values = found.methods.set_index("method")["value"]
    assert values["none"] == pytest.approx(means["baseline"], rel=1e-12)
    assert values["one"] == pytest.approx(means["L2(0.01)"], rel=1e-12)
    several = made.compare({"some": [wane.L2(s) for s in (0.001, 0.1, 1.0)]}, progress=False)
    row = several.methods.set_index("method").loc["some"]
    naive = several.result.runs.groupby("candidate")["validation_data_loss"].mean()[row["chosen"]]
    assert row["value"] >= naive


def test_a_model_with_dropout_layers_has_its_own_rates_tuned() -> None:
    model = keras.Sequential(
        [
            keras.layers.Input((3,)),
            keras.layers.Dense(4, activation="relu", name="hidden"),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(loss="binary_crossentropy")
    (_, method) = methods_of(study(model=model).spec, ["dropout"], settings=2)
    assert [str(change) for (change,) in method.candidates] == ["Dropout(0.1)", "Dropout(0.7)"]


def test_combined_settings_pair_each_rate_with_one_strength() -> None:
    (_, method) = methods_of(study().spec, ["dropout+bn+l2"], settings=5)
    rates: list[float] = [candidate[1].rate for candidate in method.candidates]  # type: ignore[union-attr] # what it is
    strengths = [strength_of(candidate) for candidate in method.candidates]
    assert len(set(rates)) == len(set(strengths)) == 5
    assert abs(np.corrcoef(rates, np.log(strengths))[0, 1]) < 0.2
    own = network_of(method.candidates[0])
    assert own is not None
    names = [type(layer).__name__ for layer in own.model.layers]
    assert names == ["Dense", "BatchNormalization", "Dropout", "Dense"]


@pytest.mark.thorough
def test_targets_put_strengths_on_layers() -> None:
    found = wane.targets(wane.L2, [0.01], network(), factor=100.0)
    assert list(found) == [
        "hidden", "hidden and output", "biases too", "early stronger", "late stronger",
    ]  # fmt: skip
    ((early,), (late,)) = found["early stronger"], found["late stronger"]
    assert early == (wane.L2(0.1, layers="hidden"), wane.L2(0.001, layers="output"))
    assert late == (wane.L2(0.001, layers="hidden"), wane.L2(0.1, layers="output"))
    compared = study(test=TEST).compare(found, progress=False)
    assert len(compared.methods) == 6


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "unknown method": (
        lambda: study().compare(["dropuot"]),
        "There is no method 'dropuot': did you mean 'dropout'?",
    ),
    "a method twice": (
        lambda: study().compare(["l2", "l2"]),
        "The method 'l2' is named twice; name each once.",
    ),
    "nothing to compare": (
        lambda: study().compare(["none"]),
        "There is nothing to compare with 'none': name other methods, such as 'l2'.",
    ),
    "unequal budgets": (
        lambda: study().compare({"a": [wane.L2(0.1)], "b": [wane.L2(0.2), wane.L2(0.3)]}),
        "The methods have different numbers of settings (a 1, b 2): give each as many, lest one "
        "win by being tuned harder.",
    ),
    "the same candidate twice": (
        lambda: study().compare({"a": [wane.L2(0.1)], "b": [wane.L2(0.1)]}),
        "Candidate L2(0.1, layers='all', on='kernel+recurrent') is there twice; give each one "
        "once.",
    ),
    "no settings": (
        lambda: study().compare(["l2"], settings=0),
        "settings must be a whole number of at least 1, got 0.",
    ),
    "a range upside down": (
        lambda: study().compare(["l2"], strengths=(0.1, 0.001)),
        "strengths must be the weakest and the strongest that methods are tuned over, such as "
        "(1e-5, 1e-1), got (0.1, 0.001).",
    ),
    "too few epochs to stop early": (
        lambda: study().compare(["early-stopping"], settings=3),
        "2 epochs are too few for 3 different patiences of early stopping: train longer, take "
        "fewer settings, or leave out early-stopping.",
    ),
    "dropout in a network that is not sequential": (
        lambda: study(model=functional()).compare(["dropout"]),
        "The method dropout needs a keras.Sequential model, since in no other is it plain where it "
        "belongs, and 'functional' is none: give the network that you mean as a candidate, "
        "wane.Network(model, title).",
    ),
    "dropout without a hidden layer": (
        lambda: study(model=shallow()).compare(["dropout"]),
        "The model 'shallow' has no hidden layer, after which dropout could stand: leave out the "
        "methods with dropout.",
    ),
    "max-norm where nothing takes it": (
        lambda: study().compare(["max-norm"], layers="conv*"),
        "No trainable weight matches layers='conv*' and on='kernel+recurrent' of L2(0); the model "
        "has the layers 'hidden', 'output', and layers takes 'all', 'hidden', 'output' or a glob "
        "on those names.",
    ),
    "groups that an LSTM's kernel has not": (
        lambda: study(model=recurrent(), x=SEQUENCES, y=data()[1]).compare(
            {"groups": [wane.GroupLasso(0.1, layers="lstm", groups="units")]}
        ),
        "GroupLasso(0.1, groups='units') acts on kernels with an axis of units, as those of Dense "
        "and convolutions, but it is also for the kernel of the LSTMCell 'lstm/lstm_cell': name "
        "the layers that are meant.",
    ),
    "the baseline as a candidate": (
        lambda: study().compare({"a": [()]}),
        "The method 'a' must have at least one candidate, and not the baseline, which is the "
        "method 'none' of every comparison.",
    ),
    "no list of candidates": (
        lambda: study().compare({"a": wane.L2(0.1)}),
        "The method 'a' must have a list of candidates, such as what wane.sweep gives, got "
        "L2(layers='all', on=('kernel', 'recurrent'), l2=0.1).",
    ),
    "a factor of nothing": (
        lambda: wane.targets(wane.L2, [0.1], network(), factor=1.0),
        "factor must be a finite number above 1, got 1.0.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_compared_is_reported(case: str) -> None:
    ask, message = REFUSED[case]
    with pytest.raises(wane.InputError) as caught:
        ask()
    assert str(caught.value) == message


def functional() -> Any:
    inputs = keras.Input((3,))
    hidden = keras.layers.Dense(4, activation="tanh")(inputs)
    model = keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(hidden))
    model.compile(loss="binary_crossentropy")
    model.name = "functional"
    return model


def recurrent() -> Any:
    model = keras.Sequential(
        [
            keras.Input((4, 2)),
            keras.layers.LSTM(3, name="lstm"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(loss="binary_crossentropy")
    return model


def shallow() -> Any:
    model = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(1, activation="sigmoid")], name="shallow"
    )
    model.compile(loss="binary_crossentropy")
    return model


def row(method: str, value: float, conclusion: Conclusion, **more: Any) -> MethodRow:
    usual = MethodRow(
        method=method, settings=5, chosen=f"{method}!", setting=f"{method}!", edge="", value=value,
        metric_value=value, difference=value - 0.5, low=value - 0.6, high=value - 0.4, p=0.1,
        p_holm=0.3, conclusion=conclusion,
    )  # fmt: skip
    return dataclasses.replace(usual, **more)


def text(*methods: MethodRow, best: str, first: str | None = None, repeats: int = 30) -> str:
    summary = MethodsSummary(
        evaluated_on="test", rows=1000, by="data_loss", direction="down", metric="accuracy",
        settings=5, best=best, first=first or best, ineligible=[], corrected=False,
        methods=methods, pairs=[],
    )  # fmt: skip
    split = Split(np.arange(20), np.arange(10))
    splits = Resampling("fraction", (split,) * repeats, repeats)
    return checked(
        lambda: comparison_text(summary, splits, {"train": 20}, {}, same_weights=False),
        *(one.method for one in methods),
    )


def test_the_verdict_claims_nothing_that_was_not_found() -> None:
    none = row("none", 0.5, "")
    found = text(none, row("l2", 0.45, "no difference detected"), best="l2")
    assert found == (
        "The choice by validation data loss is l2 (l2!), with a test data loss of 0.450, 0.0500 "
        "lower than none, which may be chance (p is 0.300 after Holm's adjustment over the "
        "methods). Each method is the best of 5 settings with 30 runs each, evaluated on 1,000 "
        "test rows, which chose nothing; the differences hold for networks trained on 20 of these "
        "rows, and not for other data sets."
    )
    assert " with 1 run each, " in text(none, row("l2", 0.45, "worse"), best="l2", repeats=1)
    found = text(none, row("l2", 0.7, "worse"), row("l1", 0.6, "diverged"), best="none")
    assert found.startswith(
        "By validation data loss no method is better than none, which has a test data loss of "
        "0.500. "
    )
    assert "Beside none: l2 is worse than none." in found
    found = text(none, row("l2", 0.3, "better", edge="strongest"), best="l2")
    assert "l2 (l2!), with a test data loss of 0.300: 0.200 lower than none (95 % interval" in found
    assert "an end of the range that was tried, so that more may be gained, for l2" in found
    nan = float("nan")
    found = text(none, row("l2", 0.3, "better", low=nan, high=nan, p_holm=0.01), best="l2")
    assert "0.300: 0.200 lower than none in every repeat. " in found, "there is no spread"


def in_groups(groups: int, **options: Any) -> wane.Comparison:
    """A penalty that presses all weights to zero, on rows of so many groups."""
    x, _ = data(rows=80, seed=7)
    y, model = (x[:, 0] > 0).astype("float32"), network("binary", keras.optimizers.Adam(0.05))
    labels = np.arange(80) % groups
    made = study(model=model, x=x, y=y, epochs=30, repeats=8, groups=labels, **options)
    return made.compare({"strong": [wane.L2(30.0)]}, progress=False)


def test_fewer_than_ten_groups_tell_no_methods_apart() -> None:
    found = in_groups(8, validation=0.4)
    row = found.methods.set_index("method").loc["strong"]
    assert row["p_holm"] < 0.05 and row["conclusion"] == "cannot be told"
    assert (
        "Whether a method is better on new rows cannot be told, since 8 groups of validation rows "
        "are too few: give at least 10." in found.verdict
    )
    assert " evaluated on validation rows of 8 groups; " in found.verdict
    assert "is worse" not in found.verdict


def test_groups_of_test_rows_are_named_and_decide_from_ten_on() -> None:
    x, y = data(rows=60, seed=7)
    groups = np.arange(60) // 2
    made = study(x=x, y=y, epochs=20, repeats=3, groups=groups, validation=0.3, test=0.4)
    found = made.compare({"strong": [wane.L2(30.0)]}, progress=False)
    assert found.document["evaluated_on"] == "test"
    assert " evaluated on 24 test rows of 12 groups, which chose nothing;" in found.verdict
    few = in_groups(40, validation=0.3, test=0.1)
    assert few.document["evaluated_on"] == "validation"
    assert (
        "8 test rows of 4 groups are too few to decide which method is better: give at least 10 "
        "groups." in few.verdict
    )
    x, y = data(rows=60, seed=7)
    plain = study(x=x, y=y, repeats=3, validation=0.3, test=data(rows=6, seed=1)).compare(
        {"strong": [wane.L2(30.0)]}, progress=False
    )
    assert plain.document["evaluated_on"] == "validation"
    assert (
        "6 test rows are too few to decide which method is better: give at least 10."
        in plain.verdict
    )


def test_a_method_that_only_test_rows_find_best_is_reported_and_not_chosen() -> None:
    none, l1 = row("none", 0.5, ""), row("l1", 0.6, "worse", p_holm=0.01)
    found = text(none, row("l2", 0.3, "better"), l1, best="l1", first="l2")
    assert found.startswith(
        "The choice by validation data loss is l1 (l1!), with a test data loss of 0.600: 0.100 "
        "higher than none (95 % interval 0.000 to 0.200). The lowest test data loss is that of l2, "
        "0.300, which is no reason to choose it: choosing by test rows would "
        "bias the test estimate."
    )


def test_the_figure_has_a_panel_for_each_kind(everything: wane.Comparison) -> None:
    figure = everything.result.plot_strengths()
    assert [ax.get_title() for ax in figure.axes] == list(everything.methods["method"])[1:]
    means = everything.result.runs.groupby("candidate")["validation_data_loss"].mean()
    rings = []
    for ax, method in zip(figure.axes, everything.methods["method"][1:], strict=True):
        assert len(ax.get_xticklabels()) == 2
        names = everything.result.spec.methods[method]
        bars: Any = ax.containers[0]
        drawn = bars.lines[0].get_ydata()
        found = [means[str(wane.penalties.candidate_names([c])[0])] for c in names]
        np.testing.assert_allclose(drawn, found)
        rings += [method for line in ax.lines if line.get_markersize() == 13]
    assert rings == [everything.best]


@pytest.mark.parametrize("tested", [False, True])
def test_the_figures_have_lines_of_models_of_other_kinds(tested: bool) -> None:
    made = study(
        references=["constant", "linear"], epochs=3, validation=data(seed=3),
        test=TEST if tested else None,
    )  # fmt: skip
    found = made.compare(["l2", "l1"], settings=2, progress=False)
    table = found.result.references().query("metric == 'data_loss'").set_index("reference")

    def lines(ax: Any, axis: int) -> list[float]:
        return [line.get_data()[axis][0] for line in ax.lines if line.get_label() == "other model"]

    for ax in found.result.plot_strengths().axes:
        np.testing.assert_allclose(lines(ax, 1), table["validation_mean"])
    figure = found.plot()
    none = float(found.methods["value"].to_numpy()[0])
    part = "test" if tested else "validation"
    labels = ["a constant", "logistic regression"]
    beside = dict(zip(labels, table[f"{part}_mean"] - none, strict=True))
    _, far = near_and_far(found.result.document)
    near = [value for label, value in beside.items() if label not in far]
    np.testing.assert_allclose(lines(figure.axes[0], 0), near)
    shown = [text.get_text() for text in figure.axes[0].texts]
    for label in far:
        np.testing.assert_allclose(far[label], beside[label])
        assert any(text.strip("\u2190\u2192 ").startswith(label) for text in shown)
    labels = [text.get_text() for one in figure.legends for text in one.get_texts()]
    assert labels == [label for label in beside if label not in far]
    assert not study().compare(["l2"], settings=2, progress=False).plot().legends


@pytest.mark.thorough
def test_early_stopping_alone_leaves_nothing_to_choose() -> None:
    made = study(epochs=60, repeats=3, validation=0.4, test=TEST)
    found = made.compare(["early-stopping"], settings=2, progress=False)
    assert found.best == "none" and found.result.chosen == "baseline"
    assert found.verdict.startswith(
        "By validation data loss no eligible method is better than none, which has a test "
    )
