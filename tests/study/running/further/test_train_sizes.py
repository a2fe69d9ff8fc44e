"""The baseline on a quarter and a half of its rows: the same engine, other rows."""

from typing import Any

import keras
import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

import wane
from study_cases import data, network, study
from wane.stats import crossed_difference
from wane.study.measures.train_size_tables import losses, worth_asking
from wane.study.running.further.train_sizes import TrainSizeRuns
from wane.study.running.session import Session

ROWS = 40


def sized(task: str = "binary", **options: Any) -> wane.Study:
    """A study that trains sizes too."""
    x, y = data(task, rows=ROWS)
    settings: dict[str, Any] = {"x": x, "y": y, "validation": 0.2, "learning_curve": True}
    return study(task, **(settings | options))


@pytest.fixture(scope="module")
def result() -> wane.Result:
    return sized(repeats=3, epochs=3, name="sized").run(progress=False)


@pytest.fixture(scope="module")
def without() -> wane.Result:
    """The same study without the training on fewer rows."""
    return sized(repeats=3, epochs=3, learning_curve=False).run(progress=False)


def test_the_table_has_a_row_for_each_size_and_repeat(result: wane.Result) -> None:
    table = result.train_sizes
    assert table is not None
    assert set(table.columns) == {
        "rows", "repeat", "train_data_loss", "train_accuracy", "validation_data_loss",
        "validation_accuracy", "validation_lowest_data_loss",
    }  # fmt: skip
    assert table["rows"].tolist() == [8] * 3 + [16] * 3 + [32] * 3
    assert table["repeat"].tolist() == [0, 1, 2] * 3
    whole = table[table["rows"] == 32].reset_index(drop=True)
    baseline = result.runs[result.runs["candidate"] == "baseline"].reset_index(drop=True)
    assert whole["validation_data_loss"].equals(baseline["validation_data_loss"])
    found = losses(table, result._finished)
    assert found is not None and found.fall_of_rows is None  # on several splits
    assert found is not None and found.rows.tolist() == [8, 16, 32]
    np.testing.assert_array_equal(found.train_loss[2], baseline["train_data_loss"])
    assert found.validation_loss.shape == (3, 3) and np.isfinite(found.validation_loss).all()


def test_the_document_has_means_and_spreads(result: wane.Result) -> None:
    documents = result.document["train_sizes"]
    assert [(size["rows"], size["runs"], size["diverged"]) for size in documents] == [
        (8, 3, 0), (16, 3, 0), (32, 3, 0),
    ]  # fmt: skip
    assert result.train_sizes is not None
    own = result.train_sizes[result.train_sizes["rows"] == 8]["validation_data_loss"]
    assert documents[0]["validation"]["data_loss"] == {
        "mean": pytest.approx(own.mean()), "std": pytest.approx(own.std()),
    }  # fmt: skip


@pytest.mark.thorough
def test_a_part_is_what_a_study_of_those_rows_alone_gives() -> None:
    x, y = data(rows=ROWS)
    apart = data(rows=20, seed=5)
    mine = sized(x=x, y=y, validation=apart, repeats=1, epochs=3, batch_size=16, shuffle=False)
    whole = mine.run(progress=False)
    table = whole.train_sizes
    assert table is not None
    part = TrainSizeRuns(Session(mine.spec)).part(0, 10).train
    # Forty rows are three batches, ten are one: three times as many epochs are as many steps.
    alone = study(
        x=x[part], y=y[part], validation=apart, repeats=1, epochs=9, batch_size=16, shuffle=False
    ).run(progress=False)  # fmt: skip
    expected = alone.runs[alone.runs["candidate"] == "baseline"].iloc[0]
    for column in ("train_data_loss", "validation_data_loss"):
        assert table[table["rows"] == 10][column].item() == expected[column]
    lowest = "validation_lowest_data_loss"
    for rows, result in ((10, alone), (40, whole)):
        curve = result.curves[result.curves["candidate"] == "baseline"]["validation_data_loss"]
        assert table[table["rows"] == rows][lowest].item() == curve.min()


def test_rows_of_one_split_are_crossed_with_repeats_at_the_best_epochs() -> None:
    """What rows add to the fall of the lowest loss has its mean, and is kept with the study."""
    x, y = data(rows=12)
    made = sized(
        x=x, y=y, validation=data(rows=30, seed=5), repeats=3, epochs=25, batch_size=16,
        model=network("binary", keras.optimizers.Adam(0.05)),
    )  # fmt: skip
    result = made.run(progress=False)
    table = result.train_sizes
    assert table is not None and worth_asking(table)
    found = losses(table, result._finished)
    assert found is not None and found.fall_of_rows is not None
    lowest = table.pivot(index="rows", columns="repeat", values="validation_lowest_data_loss")
    fell = (lowest.loc[6] - lowest.loc[12]).to_numpy()
    assert found.fall_of_rows.mean() == pytest.approx(fell.mean(), rel=1e-4)
    # The epoch is that of the lowest loss, which for some run is not the last.
    final = table.pivot(index="rows", columns="repeat", values="validation_data_loss")
    assert not np.allclose(lowest.loc[12], final.loc[12])
    sizes = result.verdict.diagnosis.train_sizes
    assert sizes is not None and sizes.gain_of_rows is not None
    expected = crossed_difference(found.fall_of_rows, fell)
    assert sizes.gain_of_rows.p_value == pytest.approx(expected.p_value, rel=1e-4)


def test_without_predictions_of_rows_nothing_is_said_of_more() -> None:
    """Where callbacks stop runs, or a journal is of an earlier wane."""
    made = sized(
        validation=data(rows=30, seed=5), repeats=3, epochs=8,
        model=network("binary", keras.optimizers.Adam(0.05)),
        callbacks=[keras.callbacks.EarlyStopping(patience=30)],
    )  # fmt: skip
    sizes = made.run(progress=False).verdict.diagnosis.train_sizes
    assert sizes is not None and sizes.gain_of_rows is None


@pytest.mark.thorough
@pytest.mark.parametrize("validation", [0.2, data(rows=8, seed=5)])
def test_parts_are_nested_and_keep_the_shares_of_classes(validation: Any) -> None:
    made = sized(validation=validation, repeats=12)
    session = Session(made.spec)
    sizes = TrainSizeRuns(session)
    assert sizes.repeats == 10
    labels = np.asarray(made.spec.data.development.y)
    for repeat in range(sizes.repeats):
        whole = session.resampling.splits[session.resampling.resample(repeat)]
        quarter, half = (set(sizes.part(repeat, size).train) for size in sizes.rows)
        assert quarter < half < set(whole.train)
        assert sizes.part(repeat, sizes.rows[0]).validation is whole.validation
        share = labels[whole.train].mean()
        for part in (quarter, half):
            assert abs(labels[list(part)].sum() - share * len(part)) <= 1.5
    assert sizes.part(0, 8).train.tolist() != sizes.part(1, 8).train.tolist()


def test_a_standardized_target_keeps_its_unit_and_a_transform_sees_only_the_part() -> None:
    options = {"standardize_target": True, "transform": StandardScaler(), "validation": 0.2}
    session = Session(sized("regression", **options).spec)
    sizes = TrainSizeRuns(session)
    from wane.training.batch import Run

    start = sizes._initial_state(Run(0, 0, session.run(0, 0).settings, 0))
    assert start.train.row_count == sizes.rows[0] == 8
    np.testing.assert_allclose(np.asarray(start.train.x).mean(axis=0), 0, atol=1e-6)
    whole = session.splits.rows(0)
    np.testing.assert_array_equal(start.validation.y, whole.validation.y)


def test_sizes_add_no_trace_of_the_study_and_change_none_of_its_numbers(
    result: wane.Result, without: wane.Result
) -> None:
    assert (result._traces, without._traces) == (1, 1)
    assert result.runs.equals(without.runs)
    assert without.train_sizes is None and without.document["train_sizes"] is None
    assert "sizes" in result.document["seconds"]
    assert "sizes" not in without.document["seconds"]


@pytest.mark.parametrize(
    ("options", "epochs"),
    [
        ({"batch_size": 8}, (20, 10)),  # 4 batches; 1 and 2 of the parts
        ({"batch_size": 32}, (5, 5)),
        ({"batch_size": 3}, (18, 9)),  # 11 batches; 3 and 6 of the parts
        ({"batch_size": 8, "callbacks": [keras.callbacks.EarlyStopping(patience=2)]}, (5, 5)),
    ],
)
def test_parts_are_trained_by_as_many_steps(
    options: dict[str, Any], epochs: tuple[int, int]
) -> None:
    sizes = TrainSizeRuns(Session(sized(epochs=5, **options).spec))
    assert (sizes.rows, sizes.epochs) == ((8, 16), epochs)


def test_too_few_rows_for_a_part() -> None:
    x, y = data(rows=7)
    few = study(x=x, y=y, validation=data(rows=5, seed=2), learning_curve=True, epochs=1)
    assert TrainSizeRuns(Session(few.spec)).rows == (2, 4)
    one_class = np.r_[np.ones(4), np.zeros(1)].astype("float32")
    tiny = study(
        x=x[:5], y=one_class, validation=data(rows=5, seed=2), learning_curve=True, epochs=1
    )
    assert all(size > 1 for size in TrainSizeRuns(Session(tiny.spec)).rows)


def test_the_figure_and_its_absence(result: wane.Result, without: wane.Result) -> None:
    figure = result.plot_train_sizes()
    loss, metric = figure.axes
    assert loss.get_xlabel() == metric.get_xlabel() == "training rows"
    assert [tick.get_text() for tick in loss.get_xticklabels()] == ["8", "16", "32"]
    with pytest.raises(wane.InputError) as caught:
        without.plot_train_sizes()
    assert str(caught.value) == (
        "The baseline was trained on all of its training rows only: that is so with "
        "learning_curve=False, and where a quarter of them would be too few."
    )
