"""Training sets of its own for each repeat: drawn anew, or small ones out of many rows."""

from typing import Any

import numpy as np
import pytest
from sklearn.model_selection import KFold, ShuffleSplit, TimeSeriesSplit

import wane
from study_cases import INPUTS, data, network, study
from wane.resampling.draws import spread_order
from wane.resampling.splits import Resampling, Split, resampling
from wane.study.running.session import Session

FRESH = wane.Fresh(lambda rows, seed: data(rows=rows, seed=seed), train=12, validation=20)


def fresh(**options: Any) -> wane.Study:
    """A study over fresh rows, without rows of its own."""
    settings: dict[str, Any] = {"x": None, "y": None, "validation": FRESH, "repeats": 3}
    return study(**(settings | options))


def message(call: Any, *args: Any, **options: Any) -> str:
    """The text of the error that this call raises."""
    with pytest.raises(wane.InputError) as caught:
        call(*args, **options)
    return str(caught.value)


def test_fresh_rows_are_those_of_the_function() -> None:
    asked: list[tuple[int, int]] = []

    def noted(rows: int, seed: int) -> Any:
        asked.append((rows, seed))
        return data(rows=rows, seed=seed)

    session = Session(fresh(validation=wane.Fresh(noted, train=12, validation=20)).spec)
    assert [rows for rows, _ in asked] == [12, 20] * 3
    assert len({seed for _, seed in asked}) == 6
    for repeat in range(3):
        rows = session.splits.rows(repeat)
        for part, (count, seed) in zip(
            (rows.train, rows.validation), asked[2 * repeat : 2 * repeat + 2], strict=True
        ):
            x, y = data(rows=count, seed=seed)
            np.testing.assert_array_equal(part.x, x)
            np.testing.assert_array_equal(part.y, y)


@pytest.mark.thorough
def test_fresh_repeats_are_independent_and_say_so() -> None:
    result = fresh(test=data(rows=50, seed=9)).run(progress=False)
    document = result.document["study"]
    assert document["rows"] == {"train": 12, "validation": 20, "test": 50}
    assert document["resampling"] == (
        "12 training and 20 validation rows drawn anew for each of 3 repeats, one seed each"
    )
    assert "share one split" not in result.verdict.text
    baseline = result.runs[result.runs["candidate"] == "baseline"]
    assert baseline["test_data_loss"].nunique() == 3
    again = fresh(test=data(rows=50, seed=9)).run(progress=False)
    assert again.runs.equals(result.runs)
    # The model handed back is the one of repeat 0: there are no rows for a larger training.
    best, first = result.best_model(), result.model(result.chosen, 0)
    for mine, other in zip(best.get_weights(), first.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, other)


def test_a_single_fresh_repeat_has_no_interval() -> None:
    """Regression: the verdict had a 95 % interval from nan to nan."""
    result = fresh(repeats=1).run(progress=False)
    assert "On new rows expect" in result.verdict.text
    assert "nan" not in result.verdict.text
    assert result.document["verdict"]["expected"]["metrics"]["data_loss"]["low"] is None


def test_the_correction_is_for_what_splits_share() -> None:
    splits = tuple(Split(np.arange(10), np.arange(10, 14)) for _ in range(3))
    assert Resampling("fresh", splits, 3).test_to_train_ratio is None
    assert not Resampling("fresh", splits, 3).shares_split
    assert not Resampling("fresh", splits[:1], 1).shares_split
    assert Resampling("fixed", splits[:1], 3).shares_split
    assert Resampling("fraction", splits, 3).test_to_train_ratio == pytest.approx(0.4)
    # ρ = max(n₁, n₂) / n = 10 / 60; the ratio is ρ / (1 − ρ).
    assert Resampling("subsample", splits, 3, pool=60).test_to_train_ratio == pytest.approx(0.2)
    # Where all rows are taken it is the usual one.
    assert Resampling("subsample", splits, 3, pool=14).test_to_train_ratio == pytest.approx(0.4)


def test_the_share_of_rows_in_common_is_the_assumed_correlation() -> None:
    y = np.zeros(200)
    made = resampling(wane.Subsample(30, 40), y, y, repeats=400, seed=0, stratify=False)
    masks = np.zeros((400, 200))
    for mask, split in zip(masks, made.splits, strict=True):
        assert split.validation is not None
        mask[split.validation] = 1
        assert not set(split.train) & set(split.validation)
    common = (masks @ masks.T)[np.triu_indices(400, 1)].mean() / 40
    ratio = made.test_to_train_ratio
    assert ratio is not None and common == pytest.approx(ratio / (1 + ratio), abs=0.01)


def test_the_same_splits_have_the_same_ratio_whoever_draws_them() -> None:
    y = np.zeros(400)
    options: dict[str, Any] = {"repeats": 10, "seed": 0, "stratify": False}
    drawn = resampling(wane.Subsample(30, 20), y, y, **options)
    splitter = ShuffleSplit(10, train_size=30, test_size=20, random_state=0)
    split = resampling(splitter, y, y, **options)
    assert split.test_to_train_ratio == drawn.test_to_train_ratio == pytest.approx(30 / 370)
    # Folds take all rows, and windows of growing size are not of one size.
    assert resampling(KFold(5), y, y, **options).test_to_train_ratio == pytest.approx(0.25)
    growing = resampling(TimeSeriesSplit(3), y, y, **{**options, "repeats": 3}).test_to_train_ratio
    assert growing == pytest.approx(np.mean([1, 1 / 2, 1 / 3]))


def test_a_subsample_has_the_classes_in_their_shares_and_leaves_rows_out() -> None:
    x, y = data("multiclass", rows=120)
    made = study("multiclass", x=x, y=y, validation=wane.Subsample(20, 40), repeats=5)
    session = Session(made.spec)
    shares = np.bincount(y) / len(y)
    assert len({tuple(split.train) for split in session.resampling.splits}) == 5
    for split in session.resampling.splits:
        assert split.validation is not None
        assert (len(split.train), len(split.validation)) == (20, 40)
        for part in (split.train, split.validation):
            assert abs(np.bincount(y[part], minlength=3) - shares * len(part)).max() <= 2
    assert str(session.resampling) == (
        "5 random splits of 20 training and 40 validation rows out of 120 rows, one seed each"
    )


def test_every_beginning_of_a_spread_order_has_the_shares_of_the_classes() -> None:
    labels = np.repeat([0, 1, 2], [50, 30, 20])
    order = spread_order(labels, 100, np.random.default_rng(0))
    assert sorted(order) == list(range(100))
    for end in range(1, 101):
        counts = np.bincount(labels[order[:end]], minlength=3)
        assert abs(counts - end * np.array([0.5, 0.3, 0.2])).max() <= 1.5


NOT_ROWS = "{} must be a whole number of at least 1, got {!r}."
SHAPES = "generate gives rows of other shapes for another seed; give one shape."


@pytest.mark.parametrize("count", [0, -3, 2.5, True, "ten", None])
@pytest.mark.parametrize("name", ["train", "validation"])
def test_numbers_of_rows_are_checked(name: str, count: Any) -> None:
    sizes = {"train": 5, "validation": 5, name: count}
    assert message(wane.Subsample, **sizes) == NOT_ROWS.format(name, count)
    assert message(wane.Fresh, FRESH.generate, **sizes) == NOT_ROWS.format(name, count)


def test_a_subsample_of_more_rows_than_there_are() -> None:
    assert message(study, validation=wane.Subsample(20, 11)) == (
        "20 training and 11 validation rows are more than the 30 that there are: take fewer."
    )


def drawing(generate: Any) -> str:
    """What a study says of a function that draws rows."""
    return message(fresh, validation=wane.Fresh(generate, train=4, validation=4))


def raising(*_: int) -> Any:
    raise OSError("no such device")


def test_a_function_that_does_not_draw_rows_is_refused() -> None:
    assert message(wane.Fresh, "moons", train=4, validation=4) == (
        "generate must be a function of a number of rows and a seed that gives (x, y), got 'moons'."
    )
    assert drawing(raising).partition("raised ")[2] == (
        "OSError: no such device; it must give (x, y) of as many rows as it is asked for."
    )
    assert drawing(lambda *_: None).partition(") ")[2] == ("must give (x, y), got NoneType.")
    assert drawing(lambda *_: data(rows=9)).partition(") ")[2] == (
        "gave 9 rows; it must give as many as it is asked for."
    )

    def widening(rows: int, seed: int) -> Any:
        return np.zeros((rows, INPUTS + seed % 2)), np.zeros(rows)

    assert drawing(widening) == SHAPES


def test_a_fresh_study_has_no_other_rows() -> None:
    assert message(study, validation=FRESH) == (
        "wane.Fresh draws the rows of every repeat itself: leave out x and y."
    )
    assert message(fresh, sample_weight=np.ones(30)) == (
        "wane.Fresh draws the rows of every repeat itself: leave out sample_weight."
    )
    assert message(fresh, test=0.2) == (
        "With wane.Fresh there are no rows of which test could be a part, got 0.2: give arrays "
        "(x, y), which the same function can draw, or leave it out."
    )
    assert message(wane.Study, network(), epochs=1) == (
        "A study needs x and y, or a wane.Fresh as validation, which draws them."
    )
