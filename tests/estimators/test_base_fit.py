"""A fit is a study of the same rows and settings, and a refit as Keras trains it."""

from typing import Any

import numpy as np
import pytest
from sklearn.base import clone

import wane
from estimator_cases import classifier, network, regressor, rows, words
from wane.data.networks import default_network
from wane.estimators.rows import table_of

KINDS = {"binary": classifier, "multiclass": classifier, "regression": regressor}
every_kind = pytest.mark.parametrize(
    "kind", ["binary", *(pytest.param(k, marks=pytest.mark.thorough) for k in [*KINDS][1:])]
)
LEFT_OUT: dict[str, Any] = {
    "learning_curve": False,
    "retraining": False,
    "extend": False,
    "references": False,
}


def targets(kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Targets as an estimator and as a study takes them."""
    y = rows()[1]
    if kind == "binary":
        return words(y), (y > 0).astype(np.float32)
    if kind == "multiclass":
        codes = np.digitize(y, [-0.4, 0.4])
        return np.array(["low", "mid", "top"])[codes], codes
    return y, y


@every_kind
def test_the_result_is_that_of_a_study(kind: str) -> None:
    x, (given, y) = rows()[0], targets(kind)
    fitted = KINDS[kind](random_state=3).fit(x, given)
    model = default_network(3, task=kind, classes=3, hidden=(4,))
    result = wane.Study(
        model, table_of(x, None), y, repeats=2,
        candidates=wane.sweep(wane.L2, [0.01], layers="hidden"),
        epochs=2, batch_size=8, seed=3, transform=clone(fitted.transformer_),
        standardize_target=kind == "regression", **LEFT_OUT,
    ).run(progress=False)  # fmt: skip
    assert fitted.result_.runs.equals(result.runs)
    assert fitted.result_.chosen == result.chosen
    for mine, theirs in zip(fitted.model_.weights, result.best_model().weights, strict=True):
        np.testing.assert_array_equal(np.asarray(mine.value), np.asarray(theirs.value))
    predicted = fitted.result_.predict(table_of(x, None))["prediction"].to_numpy()
    if kind == "regression":
        np.testing.assert_allclose(fitted.predict(x), predicted, rtol=1e-5)
    else:
        assert list(fitted.predict(x)) == list(predicted)


@every_kind
def test_the_model_is_what_fit_makes_of_all_rows(kind: str) -> None:
    x, (given, y) = rows()[0], targets(kind)
    fitted = KINDS[kind](batch_size=len(x), epochs=5, repeats=1, penalty="l2").fit(x, given)
    session = fitted.result_._refit.args[0]
    place = fitted.result_.spec.names.index(fitted.result_.chosen)
    start, _ = session.structures.of(place).beginning.initial_states.on_all_rows()
    model = default_network(3, task=kind, classes=3, hidden=(4,))
    if fitted.penalty_ is not None:
        model = wane.regularize(model, fitted.penalty_)
    for variable, value in zip(model.trainable_variables, start.weights, strict=True):
        variable.assign(value)
    if kind == "regression":
        y = (y - y.mean()) / y.std()
    inputs = fitted.transformer_.transform(table_of(x, None))
    model.fit(inputs, y, batch_size=len(x), epochs=5, verbose=0)
    theirs = [np.asarray(v.value) for v in model.trainable_variables]
    for mine, other in zip(fitted.model_.trainable_variables, theirs, strict=True):
        np.testing.assert_allclose(np.asarray(mine.value), other, atol=2e-6)


def test_what_a_fit_leaves() -> None:
    x, y = rows()
    fitted = classifier().fit(x, words(y))
    assert fitted.penalty_ in (None, wane.L2(0.01, layers="hidden"))
    assert fitted.strength_ == (0.01 if fitted.penalty_ else 0.0)
    assert isinstance(fitted.result_, wane.Result)
    assert fitted.verdict_ is fitted.result_.verdict
    assert len(fitted.cv_results_["params"]) == 2
    assert fitted.n_features_in_ == 3 and not hasattr(fitted, "feature_names_in_")
    assert list(fitted.classes_) == ["no", "yes"]
    assert fitted.model_.count_params() == 4 * 4 + 5


@pytest.mark.thorough
def test_any_network_by_a_function() -> None:
    x, y = rows()
    asked = []

    def model(n_features: int, n_outputs: int) -> Any:
        asked.append((n_features, n_outputs))
        return network(n_features, n_outputs)

    fitted = classifier(model=model).fit(x, words(y))
    assert asked == [(3, 1)]
    assert [layer.name for layer in fitted.model_.layers] == ["hidden", "output"]
    np.testing.assert_allclose(fitted.predict_proba(x).sum(axis=1), 1)

    def amounts(n_features: int, n_outputs: int) -> Any:
        return network(n_features, n_outputs, "mean_squared_error")

    plain = regressor(model=amounts, standardize=False).fit(x, y)
    assert plain.transformer_ is None and plain.predict(x).shape == (40,)
    options = {"standardize_target": True}
    scaled = regressor(model=amounts, study_options=options).fit(x, 1000 * y)
    assert scaled.model_.layers[-1].name == "target_unit"


@pytest.mark.thorough
def test_the_rest_of_a_study_by_its_own_words() -> None:
    x, y = rows(80)
    options = {
        "candidates": [wane.L1(0.01), (wane.L2(0.01), wane.L1(0.01))],
        "references": ["constant"],
        "select_by": "accuracy",
        "test": 0.25,
    }
    fitted = classifier(study_options=options).fit(x, words(y))
    assert len(fitted.result_.spec.names) == 3
    assert fitted.verdict_.improvement_on in ("test", None)
    assert [one.name for one in fitted.result_.record.references] == ["constant"]


@pytest.mark.thorough
def test_gaps_are_filled_and_marked() -> None:
    x, y = rows()
    x[::5, 1] = np.nan
    fitted = regressor().fit(x, y)
    assert fitted.model_.input_shape == (None, 4)
    assert np.isfinite(fitted.predict(x)).all()
    assert np.isfinite(fitted.predict(np.full((2, 3), np.nan))).all()


@pytest.mark.parametrize(("count", "batch"), [(20, 32), (1600, 50), (50_000, 200)])
def test_a_batch_is_a_share_of_the_rows(count: int, batch: int) -> None:
    assert classifier(batch_size="auto")._batch_size(count) == batch
    assert classifier(batch_size=7)._batch_size(count) == 7


@pytest.mark.thorough
def test_seeds() -> None:
    x, y = rows()
    first, again = (regressor(random_state=7).fit(x, y).predict(x) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    drawn = np.random.RandomState(0)
    other, another = (regressor(random_state=drawn).fit(x, y).predict(x) for _ in range(2))
    assert not np.array_equal(other, another)
    assert not np.array_equal(first, other)


@pytest.mark.thorough
def test_a_row_is_predicted_alike_whatever_it_comes_with() -> None:
    x, y = rows(300)
    fitted = regressor().fit(x, y)
    whole = fitted.predict(x)
    for places in ([7], [299, 0], list(range(290, 300))):
        np.testing.assert_array_equal(fitted.predict(x[places]), whole[places])
