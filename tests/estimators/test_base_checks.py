"""scikit-learn's own checks of estimators, none of which is expected to fail."""

from collections.abc import Callable
from typing import Any

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

import wane
from estimator_cases import classifier, regressor

QUICK = {
    "check_complex_data",
    "check_dict_unchanged",
    "check_do_not_raise_errors_in_init_or_set_param",
    "check_estimator_cloneable",
    "check_estimator_get_tags_default_keys",
    "check_estimator_repr",
    "check_estimators_empty_data_messages",
    "check_estimators_unfitted",
    "check_fit1d",
    "check_fit2d_1sample",
    "check_get_params_invariance",
    "check_mixin_order",
    "check_no_attributes_set_in_init",
    "check_parameters_default_constructible",
    "check_requires_y_none",
    "check_set_params",
    "check_valid_tag_types",
}
"""Those that fit once at most; the settings of these fits are those of a moment."""


def checks(*estimators: Any, of: set[str] | None = None) -> list[Any]:
    """scikit-learn's checks of estimators, or those of them with these names."""
    return [
        pytest.param(estimator, check, id=f"{type(estimator).__name__}-{name_of(check)}")
        for one in estimators
        for estimator, check in estimator_checks_generator(one)
        if of is None or check.func.__name__ in of
    ]


def name_of(check: Any) -> str:
    """The name of a check with its settings, which are keywords of a partial function."""
    return "-".join([check.func.__name__, *(f"{k}={v}" for k, v in check.keywords.items())])


@pytest.mark.parametrize(("estimator", "check"), checks(classifier(), regressor(), of=QUICK))
def test_it_passes_quick_checks(estimator: Any, check: Callable[[Any], object]) -> None:
    check(estimator)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("estimator", "check"),
    checks(wane.RegularizedMLPClassifier(), wane.RegularizedMLPRegressor()),
)
def test_it_is_an_estimator_of_scikit_learn(estimator: Any, check: Callable[[Any], object]) -> None:
    check(estimator)
