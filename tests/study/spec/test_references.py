"""Models beside the networks, as users name them."""

from typing import Any

import pytest
from sklearn.linear_model import Lasso, Ridge

import wane
from wane.study.spec.documents import Recorded
from wane.study.spec.references import (
    BUILT_IN,
    checked_references,
    references_document,
    references_of,
)


def test_what_is_taken() -> None:
    every = dict.fromkeys(BUILT_IN)
    assert checked_references(None) == checked_references(True) == every
    assert checked_references(False) == checked_references([]) == {}
    ridge = Ridge()
    assert checked_references(["linear", ridge]) == {"linear": None, "Ridge": ridge}
    assert checked_references(ridge) == {"Ridge": ridge}
    assert checked_references({"mine": ridge, "constant": "constant"}) == {
        "mine": ridge, "constant": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (["ridge"], "There is no reference 'ridge': available: 'constant', 'linear', 'boosting', "
         "'recalibrated'."),
        ([Ridge], "A reference must be a name (constant, linear, boosting, recalibrated) or an "
         "unfitted estimator of scikit-learn, such as KNeighborsRegressor(), got "
         "<class 'sklearn.linear_model._ridge.Ridge'>."),
        ({"linear": Ridge()}, "The reference 'linear' is one that wane has by itself: give your "
         "estimator another name."),
        ([Ridge(1), Ridge(2)], "There are two references named 'Ridge': give them as {name: "
         "estimator}."),
    ],
)  # fmt: skip
def test_what_is_refused(given: Any, text: str) -> None:
    with pytest.raises(wane.InputError) as caught:
        checked_references(given)
    assert str(caught.value) == text


def test_a_document_holds_names_and_how_estimators_show_themselves() -> None:
    given = checked_references(["constant", Lasso(0.5)])
    document = references_document(given)
    assert document == {"constant": None, "Lasso": "Lasso(alpha=0.5)"}
    back = references_of(document)
    assert back == {"constant": None, "Lasso": Recorded("Lasso(alpha=0.5)")}
    assert references_document(back) == document and checked_references(back) == back
