"""The classifier in scikit-learn's own company."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.calibration import CalibratedClassifierCV
from sklearn.impute import SimpleImputer
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    cross_val_score,
    cross_validate,
)
from sklearn.pipeline import make_pipeline

import wane
from estimator_cases import classifier, rows, words


def frame() -> tuple[pd.DataFrame, pd.Series]:
    """A frame with names, an index of its own and labels that are words."""
    x, y = rows()
    index = [f"row{place}" for place in range(len(x))]
    return pd.DataFrame(x, columns=["a", "b", "c"], index=index), pd.Series(words(y), index=index)


def test_a_frame_with_names_and_words() -> None:
    x, y = frame()
    fitted = classifier(epochs=60, learning_rate=0.02).fit(x, y)
    assert list(fitted.feature_names_in_) == ["a", "b", "c"]
    assert set(fitted.predict(x)) <= {"no", "yes"} and fitted.score(x, y) > 0.8
    proba = fitted.predict_proba(x)
    assert proba.dtype == np.float64
    np.testing.assert_array_equal(fitted.classes_[proba.argmax(axis=1)], fitted.predict(x))
    with pytest.raises(ValueError, match="feature names should match"):
        fitted.predict(x[["c", "b", "a"]])


@pytest.mark.thorough
def test_several_classes_sum_to_one() -> None:
    x, y = rows(60)
    labels = np.array(["low", "mid", "top"])[np.digitize(y, [-0.4, 0.4])]
    fitted = classifier(epochs=60).fit(x, labels)
    np.testing.assert_allclose(fitted.predict_proba(x).sum(axis=1), 1, rtol=1e-12)
    assert list(fitted.classes_) == ["low", "mid", "top"] and fitted.score(x, labels) > 0.5


@pytest.mark.thorough
def test_in_a_grid_search() -> None:
    x, y = frame()
    search = GridSearchCV(classifier(), {"penalty": ["l1", "l2"]}, cv=2).fit(x, y)
    assert search.best_params_["penalty"] in ("l1", "l2")
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    penalty = search.best_estimator_.result_.spec.candidates[1][0]
    assert type(penalty).__name__.casefold() == search.best_params_["penalty"]


@pytest.mark.thorough
def test_in_a_pipeline_that_passes_frames() -> None:
    x, y = frame()
    x.iloc[3, 1] = np.nan
    pipeline = make_pipeline(SimpleImputer(), classifier()).set_output(transform="pandas")
    assert len(cross_val_score(pipeline, x, y, cv=2)) == 2
    pipeline.fit(x, y)
    assert list(pipeline[-1].feature_names_in_) == ["a", "b", "c"]
    searched = GridSearchCV(pipeline, {"regularizedmlpclassifier__layers": ["all"]}, cv=2)
    assert searched.fit(x, y).best_params_


@pytest.mark.thorough
def test_calibrated() -> None:
    x, y = frame()
    calibrated = CalibratedClassifierCV(classifier(), cv=2).fit(x, y)
    np.testing.assert_allclose(calibrated.predict_proba(x).sum(axis=1), 1)
    assert list(calibrated.classes_) == ["no", "yes"]


@pytest.mark.thorough
def test_groups_and_weights_by_metadata_routing() -> None:
    x, y = rows(60)
    groups, weight = np.repeat(np.arange(20), 3), np.linspace(0.5, 1.5, 60)
    with sklearn.config_context(enable_metadata_routing=True):
        routed = classifier().set_fit_request(groups=True, sample_weight=True)
        routed = routed.set_score_request(sample_weight=False)
        found = cross_validate(
            routed, x, words(y), cv=GroupKFold(2), return_estimator=True,
            params={"groups": groups, "sample_weight": weight}, error_score="raise",
        )  # fmt: skip
    for fitted in found["estimator"]:
        own = fitted.result_.spec.data.development
        assert own.sample_weight is not None and len(np.unique(own.groups)) == 10
        for split in fitted.result_._finished.resampling.splits:
            assert set(own.groups[split.train]).isdisjoint(own.groups[split.validation])


@pytest.mark.thorough
def test_a_splitter_says_how_many_repeats() -> None:
    x, y = rows()
    fitted = classifier(validation=KFold(4), repeats=None).fit(x, words(y))
    assert "split3_test_score" in fitted.cv_results_
    assert "split4_test_score" not in fitted.cv_results_


@pytest.mark.thorough
def test_weights_are_copies() -> None:
    x, y = rows(30)
    weight = np.arange(30) % 3
    weighted = classifier().fit(x, words(y), sample_weight=weight)
    copied = classifier().fit(x.repeat(weight, axis=0), words(y).repeat(weight))
    np.testing.assert_array_equal(weighted.predict_proba(x), copied.predict_proba(x))
    assert not np.array_equal(
        classifier().fit(x, words(y)).predict_proba(x), copied.predict_proba(x)
    )


def test_it_is_there_by_its_name() -> None:
    assert wane.RegularizedMLPClassifier.__name__ in dir(wane)
