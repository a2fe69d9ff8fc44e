"""Standardized targets and weighted rows."""

from typing import Any

import keras
import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

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
    model = scaled.best_model()
    model.save(tmp_path / "best.keras")
    x, _ = data("regression", rows=50)
    loaded = keras.models.load_model(tmp_path / "best.keras")
    np.testing.assert_array_equal(loaded.predict(x, verbose=0), model.predict(x, verbose=0))


@pytest.mark.thorough
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


def test_weights_of_all_rows_leave_the_diagnosis_as_it_is() -> None:
    """Regression: the loss of a constant was that of rows without weights."""
    fixed: dict[str, Any] = {"repeats": 2, "initial_weights": "model"}
    model = network()
    model.compile(keras.optimizers.SGD(0.0), "binary_crossentropy")
    plain, heavy = (
        study(model=model, sample_weight=weight, **fixed).run(progress=False)
        for weight in (None, np.full(30, 8.0))
    )
    one, other = (result.verdict.diagnosis for result in (plain, heavy))
    assert other.kind == one.kind
    assert one.constant_data_loss is not None and one.gap is not None and other.gap is not None
    assert other.constant_data_loss == pytest.approx(8 * one.constant_data_loss)
    assert other.train_data_loss == pytest.approx(8 * one.train_data_loss, rel=1e-5)
    assert other.gap.mean == pytest.approx(8 * one.gap.mean, rel=1e-4)


@pytest.mark.parametrize(
    "loss",
    ["poisson", "mean_absolute_percentage_error", keras.losses.MeanSquaredLogarithmicError()],
)
def test_a_network_that_has_learnt_no_amounts_is_told_as_such(loss: Any) -> None:
    """Regression: of these losses no constant's was known, so that nothing was said."""
    x, y = data("regression")
    counts = np.round(100 * np.exp(y / 4)).astype("float32")

    def of(rate: float, bias: float, epochs: int) -> Any:
        start = keras.initializers.Constant(bias)
        model = keras.Sequential(
            [
                keras.layers.Input((3,)),
                keras.layers.Dense(1, "exponential", kernel_initializer="zeros",
                                   bias_initializer=start),
            ]
        )  # fmt: skip
        model.compile(keras.optimizers.Adam(rate), loss)
        return study(model=model, x=x, y=counts, epochs=epochs).run(progress=False).verdict

    assert of(1e-6, 2.0, 2).text.startswith("The network has not learnt yet")
    fitted = of(0.05, 4.6, 150)
    assert fitted.diagnosis.learnt is not None and fitted.diagnosis.learnt > 0.3
    assert "has not learnt yet" not in fitted.text


@pytest.mark.thorough
def test_weights_of_validation_rows_alone_are_compared_with_nothing() -> None:
    x, y = data(seed=1)
    validation = (x, y, np.full(30, 5.0))
    for by_class in (None, {0: 2.0, 1: 1.0}):
        result = study(validation=validation, class_weight=by_class).run(progress=False)
        assert result.verdict.diagnosis.gap is None
        assert "Training rows have no such weights" in result.verdict.text
    both = study(validation=validation, sample_weight=np.ones(30)).run(progress=False)
    assert both.verdict.diagnosis.gap is not None


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


def test_balanced_classes_weigh_as_scikit_learn_says_by_rows_that_do_not_test() -> None:
    x, _ = data(rows=40)
    y = np.array([1.0] * 8 + [0.0] * 32)
    spec = study(x=x, y=y, class_weight="balanced", test=0.25).spec
    kept = spec.data.development.y
    assert len(kept) == 30
    expected = compute_class_weight("balanced", classes=np.array([0.0, 1.0]), y=kept)
    assert spec.class_weight == {0: expected[0], 1: expected[1]}
    assert wane.StudySpec.from_dict(spec.to_dict()).class_weight == spec.class_weight


@pytest.mark.thorough
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


def within_100(y: Any, predictions: Any) -> Any:
    near = keras.ops.abs(keras.ops.reshape(y, (-1, 1)) - predictions) < 100  # one for each row
    return keras.ops.mean(keras.ops.cast(near, "float32"), axis=-1)


def squared(y: Any, predictions: Any) -> Any:
    return keras.ops.mean(keras.ops.square(y - predictions), axis=-1)


@pytest.fixture(scope="module")
def measured(tmp_path_factory: Any) -> wane.Result:
    """A study with metrics and a loss of the user's own, under names that say nothing."""
    model = network("regression", keras.optimizers.Adam(0.05))
    known = keras.metrics
    own = [
        known.MeanAbsoluteError(name="a"), known.RootMeanSquaredError(name="b"), "mape", "msle",
        known.CosineSimilarity(name="d"), "mse", within_100, "r2_score",
    ]  # fmt: skip
    model.compile(model.optimizer, squared, metrics=own)
    folder = tmp_path_factory.mktemp("measured") / "study"
    return scaled_study(model=model, candidates=[]).run(folder, progress=False)


@pytest.mark.thorough
def test_every_metric_is_that_of_predictions_in_the_target_s_own_unit(
    measured: wane.Result,
) -> None:
    x, y = data("regression", rows=50)
    t = SCALE * y + CENTRE
    p = measured.best_model().predict(x, verbose=0)[:, 0].astype(float)
    row: Any = measured.runs.iloc[0]
    for part, rows in (
        ("train", slice(30)),
        ("validation", slice(30, 40)),
        ("test", slice(40, 50)),
    ):
        errors = p[rows] - t[rows]
        expected = {
            "a": np.abs(errors).mean(),
            "b": np.sqrt(np.mean(errors**2)),
            "mape": 100 * np.mean(np.abs(errors) / t[rows]),
            "msle": np.mean((np.log1p(p[rows]) - np.log1p(t[rows])) ** 2),
            "d": 1.0,
            "mse": np.mean(errors**2),
            "within_100": np.mean(np.abs(errors) < 100),
            "r2_score": 1 - np.sum(errors**2) / np.sum((t[rows] - t[rows].mean()) ** 2),
        }
        for name, value in expected.items():
            assert row[f"{part}_{name}"] == pytest.approx(value, rel=2e-3), (part, name)
    assert 0 < row["validation_within_100"] < 1 and row["validation_mape"] < 10
    spread = float(np.std(t[:30]))
    error = p[30:40] - t[30:40]
    assert row["validation_data_loss"] == pytest.approx(np.mean((error / spread) ** 2), rel=1e-3)


@pytest.mark.thorough
def test_curves_and_expectations_have_the_same_unit(measured: wane.Result) -> None:
    last, row = measured.curves.iloc[-1], measured.runs.iloc[0]
    for name in ("a", "mape", "within_100", "mse", "msle"):
        assert last[f"validation_{name}"] == pytest.approx(row[f"validation_{name}"], rel=1e-4)
        ratio = last[f"train_{name}"] / row[f"train_{name}"]
        assert 0.2 < ratio < 5, name  # a running mean over the epoch, in the same unit


@pytest.mark.thorough
def test_what_is_the_user_s_own_is_in_the_file(measured: wane.Result) -> None:
    parts = {"within_100": within_100, "squared": squared}
    path = measured.folder / "best.keras"
    loaded = keras.models.load_model(path, custom_objects=parts)
    x, y = data("regression", rows=50)
    found = loaded.evaluate(x[40:], SCALE * y[40:] + CENTRE, verbose=0, return_dict=True)
    assert found["within_100"] == pytest.approx(measured.runs["test_within_100"][0], rel=1e-5)


def test_r2_keeps_its_digits_far_from_zero() -> None:
    x, y = data("regression", rows=50)
    options: dict[str, Any] = {"candidates": [], "epochs": 3}
    results = []
    for centre in (0.0, 50_000.0):
        t = (y + centre).astype("float32")
        rows = {"y": t[:30], "validation": (x[30:40], t[30:40]), "test": None}
        results.append(scaled_study(**options, **rows).run(progress=False).runs["validation_r2"])
    np.testing.assert_allclose(results[1], results[0], rtol=0.02)  # y itself is rounded


REFUSED = {
    "a sigmoid": ("sigmoid", "mse", "The last activation 'sigmoid' cannot reach a standardized"),
    "rectified": ("relu", "mae", "The last activation 'relu' cannot reach a standardized"),
    "counts": (None, "poisson", "The loss poisson is not for a standardized target, whose numbers"),
    "shares of it": (None, "mape", "The loss mean_absolute_percentage_error is not for a standard"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_network_that_cannot_learn_a_standardized_target(case: str) -> None:
    activation, loss, text = REFUSED[case]
    inner = keras.layers.Dense(1, activation=activation)
    model = keras.Sequential([keras.layers.Input((3,)), inner, keras.layers.Dropout(0.1)])
    model.compile("sgd", loss)
    with pytest.raises(wane.InputError, match=text):
        scaled_study(model=model).run(progress=False)
