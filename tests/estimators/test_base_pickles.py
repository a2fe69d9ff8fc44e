"""Estimators in pickles and copies."""

import copy
import pickle
import pickletools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

import wane
from estimator_cases import classifier, regressor, rows, words


@pytest.fixture(scope="module")
def fitted() -> wane.RegularizedMLPClassifier:
    x, y = rows()
    return classifier().fit(x, words(y))


def test_a_pickle_predicts_the_same_and_keeps_what_the_fit_left(fitted: Any) -> None:
    x = rows()[0]
    back = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(back.predict_proba(x), fitted.predict_proba(x))
    assert back.penalty_ == fitted.penalty_ and back.verdict_ == fitted.verdict_
    mine, theirs = (pd.DataFrame(o.cv_results_).drop(columns="params") for o in (back, fitted))
    pd.testing.assert_frame_equal(mine, theirs)
    assert back.cv_results_["params"] == fitted.cv_results_["params"]
    assert back.model_.optimizer.name == fitted.model_.optimizer.name
    again = pickle.loads(pickle.dumps(back))
    np.testing.assert_array_equal(again.predict_proba(x), fitted.predict_proba(x))


def test_a_pickle_names_no_code_of_keras_and_no_run(fitted: Any) -> None:
    names = {
        str(argument).split(" ")[0].split(".")[0]
        for code, argument, _ in pickletools.genops(pickle.dumps(fitted, protocol=2))
        if code.name == "GLOBAL"
    }
    assert {"wane", "sklearn"} <= names
    assert names.isdisjoint({"keras", "jax", "jaxlib", "builtins.eval", "marshal"})


def test_the_result_of_a_pickle_is_asked_for_in_vain(fitted: Any) -> None:
    back = pickle.loads(pickle.dumps(fitted))
    assert not hasattr(back, "result_") and hasattr(fitted, "result_")
    with pytest.raises(AttributeError) as error:
        _ = back.result_
    assert str(error.value) == (
        "result_ is not in pickles and copies, since it holds every run of the study: verdict_ "
        "and cv_results_ are; fit again for the rest."
    )
    with pytest.raises(AttributeError, match="no attribute 'predictt'"):
        _ = back.predictt


def test_copies_and_clones(fitted: Any) -> None:
    x = rows()[0]
    np.testing.assert_array_equal(copy.deepcopy(fitted).predict(x), fitted.predict(x))
    cloned = clone(fitted)
    assert cloned.get_params() == fitted.get_params() and not hasattr(cloned, "model_")
    assert pickle.loads(pickle.dumps(cloned)).get_params() == fitted.get_params()


@pytest.mark.thorough
def test_a_standardized_target_is_in_the_pickle() -> None:
    x, y = rows()
    own = regressor().fit(x, 100 + 10 * y)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(own)).predict(x), own.predict(x))
