"""scikit-learn's published example "Statistical comparison of models using grid search".

Two support vector machines are compared over 100 correlated splits; the example prints a corrected
t of 0.750 and a one-sided p of 0.227.
"""

import numpy as np
import pytest
from scipy import stats
from sklearn.datasets import make_moons
from sklearn.model_selection import GridSearchCV, RepeatedStratifiedKFold
from sklearn.svm import SVC
from statsmodels.stats.multitest import multipletests

from wane.stats import holm, paired_difference


def corrected_t(differences: np.ndarray, train: int, test: int) -> float:
    """Nadeau & Bengio's statistic, as their paper has it: mean / √((1/J + n₂/n₁) σ̂²)."""
    repeats = len(differences)
    mean = sum(differences) / repeats
    variance = sum((difference - mean) ** 2 for difference in differences) / (repeats - 1)
    return float(mean / np.sqrt((1 / repeats + test / train) * variance))


def test_the_corrected_test_is_the_published_one() -> None:
    x, y = make_moons(noise=0.352, random_state=1, n_samples=100)
    grid = [
        {"kernel": ["linear"]},
        {"kernel": ["poly"], "degree": [2, 3]},
        {"kernel": ["rbf"]},
    ]
    splits = RepeatedStratifiedKFold(n_splits=10, n_repeats=10, random_state=0)
    search = GridSearchCV(SVC(random_state=0), grid, scoring="roc_auc", cv=splits).fit(x, y)
    found = search.cv_results_
    order = np.argsort(found["rank_test_score"], kind="stable")
    scores = np.array([[found[f"split{i}_test_score"][c] for i in range(100)] for c in order[:2]])
    assert found["params"][order[0]] == {"kernel": "rbf"}
    difference = paired_difference(scores[0], scores[1], test_to_train_ratio=10 / 90)
    t = difference.mean / difference.standard_error
    assert t == pytest.approx(corrected_t(scores[0] - scores[1], 90, 10))
    assert f"{t:.3f}" == "0.750"
    assert f"{difference.p_value / 2:.3f}" == "0.227"  # its test is one-sided
    assert difference.p_value == pytest.approx(2 * stats.t.sf(t, 99))


@pytest.mark.parametrize("seed", range(5))
def test_holm_is_that_of_statsmodels(seed: int) -> None:
    p = np.random.default_rng(seed).uniform(size=8) ** 3
    p[3] = p[5]  # a tie
    adjusted = multipletests(p, method="holm")[1]
    np.testing.assert_allclose(holm(p), adjusted)
