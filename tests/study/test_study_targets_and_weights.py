"""Standardized targets and weighted rows."""

from typing import Any

import numpy as np
import pytest

import wane
from study_cases import data, network, study

SCALE, CENTRE = 250.0, 4000.0


def scaled_study(**options: Any) -> wane.Study:
    """A regression whose target is far from unit size."""
    x, y = data("regression", rows=50)
    y = SCALE * y + CENTRE
    defaults: dict[str, Any] = {
        "x": x[:30], "y": y[:30], "validation": (x[30:40], y[30:40]), "test": (x[40:], y[40:]),
        "epochs": 30, "repeats": 1, "standardize_target": True,
    }  # fmt: skip
    return study("regression", **{**defaults, **options})


@pytest.fixture(scope="module")
def scaled() -> wane.Result:
    """A finished study of it."""
    return scaled_study().run(progress=False)


def test_errors_are_in_the_target_s_own_unit(scaled: wane.Result) -> None:
    x, y = data("regression", rows=50)
    y = SCALE * y + CENTRE
    row: Any = scaled.runs.set_index("candidate").loc[scaled.chosen]
    predictions = scaled.best_model().predict(x, verbose=0)[:, 0]
    for part, rows in (
        ("train", slice(30)),
        ("validation", slice(30, 40)),
        ("test", slice(40, 50)),
    ):
        error = np.sqrt(np.mean((predictions[rows] - y[rows]) ** 2))
        r2 = 1 - error**2 / np.var(y[rows])
        assert row[f"{part}_rmse"] == pytest.approx(error, rel=1e-3)
        assert row[f"{part}_r2"] == pytest.approx(r2, abs=1e-3)
    assert row["train_r2"] > 0.2
    assert row["train_data_loss"] < 1  # the loss is the one that is trained


def test_curves_are_in_the_same_unit(scaled: wane.Result) -> None:
    row: Any = scaled.runs.set_index("candidate").loc["baseline"]
    curves = scaled.curves[scaled.curves["candidate"] == "baseline"]
    assert curves["validation_rmse"].iloc[-1] == pytest.approx(row["validation_rmse"], rel=1e-4)
    assert curves["validation_r2"].iloc[-1] == pytest.approx(row["validation_r2"], rel=1e-4)


def test_r2_is_that_of_a_target_scaled_by_hand(scaled: wane.Result) -> None:
    x, y = data("regression", rows=50)
    y = (y - y[:30].mean()) / y[:30].std()
    by_hand = scaled_study(
        y=y[:30], validation=(x[30:40], y[30:40]), test=(x[40:], y[40:]), standardize_target=False
    ).run(progress=False)
    for column in ("validation_r2", "validation_data_loss", "test_r2"):
        np.testing.assert_allclose(scaled.runs[column], by_hand.runs[column], rtol=1e-3, atol=1e-4)
    unit = SCALE * data("regression", rows=50)[1][:30].std()
    np.testing.assert_allclose(
        scaled.runs["test_rmse"], unit * by_hand.runs["test_rmse"], rtol=1e-3
    )


def test_a_best_model_in_the_target_s_unit_is_plain_keras(
    scaled: wane.Result, tmp_path: Any
) -> None:
    import keras

    model = scaled.best_model()
    model.save(tmp_path / "best.keras")
    x, _ = data("regression", rows=50)
    loaded = keras.models.load_model(tmp_path / "best.keras")
    np.testing.assert_array_equal(loaded.predict(x, verbose=0), model.predict(x, verbose=0))


def test_weights_change_training_and_not_unweighted_metrics() -> None:
    _, y = data(rows=30)
    ones = study(sample_weight=np.ones(30), repeats=1).run(progress=False)
    plain = study(repeats=1).run(progress=False)
    weighted = study(sample_weight=np.where(y > 0, 5.0, 0.1), repeats=1).run(progress=False)
    assert ones.runs.equals(plain.runs)
    losses = [r.runs["validation_data_loss"].iloc[0] for r in (plain, weighted)]
    assert losses[0] != losses[1]


def test_zero_weight_is_as_if_the_rows_were_not_there() -> None:
    x, y = data(rows=30)
    weight = np.ones(30)
    weight[20:] = 0
    noise = np.where(np.arange(30) < 20, y, 1 - y)
    fixed: dict[str, Any] = {
        "validation": data(seed=1), "repeats": 1, "batch_size": 30, "sample_weight": weight,
    }  # fmt: skip
    one, other = (study(x=x, y=t, **fixed).run(progress=False) for t in (y, noise))
    columns = ["validation_data_loss", "norm_hidden", "norm_output"]
    assert one.runs[columns].equals(other.runs[columns])


def test_class_weights_are_sample_weights_by_label_in_training_only() -> None:
    _, y = data(rows=30)
    fixed: dict[str, Any] = {"validation": data(seed=1), "repeats": 1}
    by_class = study(class_weight={0: 0.25, 1: 4.0}, **fixed).run(progress=False)
    by_row = study(sample_weight=np.where(y > 0, 4.0, 0.25), **fixed).run(progress=False)
    assert by_class.runs.equals(by_row.runs)
    for candidate in by_class.spec.names:
        for a, b in zip(
            by_class.model(candidate).get_weights(),
            by_row.model(candidate).get_weights(),
            strict=True,
        ):
            np.testing.assert_array_equal(a, b)


def test_class_weights_of_one_hot_and_column_labels() -> None:
    _, y = data("multiclass")
    model = network("multiclass")
    model.compile(optimizer="sgd", loss="categorical_crossentropy")
    weights = {0: 0.5, 1: 3.0}
    fixed: dict[str, Any] = {"repeats": 1, "class_weight": weights}
    hot = study(
        model=model, y=np.eye(3)[y], validation=(data("multiclass")[0], np.eye(3)[y]), **fixed
    ).run(progress=False)
    sparse = study("multiclass", validation=data("multiclass"), **fixed).run(progress=False)
    np.testing.assert_allclose(
        hot.runs["validation_data_loss"], sparse.runs["validation_data_loss"], rtol=1e-5
    )
