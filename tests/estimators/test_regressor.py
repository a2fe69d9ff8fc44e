"""The regressor in scikit-learn's own company."""

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures

from estimator_cases import regressor, rows


def test_amounts_come_back_in_their_own_unit() -> None:
    x, y = rows()
    fitted = regressor(epochs=60, learning_rate=0.02).fit(x, 1000 + 50 * y)
    assert fitted.predict(x).dtype == np.float64
    assert abs(fitted.predict(x).mean() - (1000 + 50 * y).mean()) < 25
    assert fitted.score(x, 1000 + 50 * y) > 0.5


@pytest.mark.thorough
def test_in_searches_and_pipelines() -> None:
    x, y = rows()
    pipeline = make_pipeline(PolynomialFeatures(2, include_bias=False), regressor())
    search = GridSearchCV(pipeline, {"polynomialfeatures__degree": [1, 2]}, cv=2).fit(x, y)
    assert search.best_estimator_[-1].n_features_in_ in (3, 9)
    around = TransformedTargetRegressor(regressor(), func=np.cbrt, inverse_func=lambda y: y**3)
    assert np.isfinite(cross_val_score(around, x, y, cv=2)).all()
