"""A posterior over terms and one over weights are the same, and what NumPy computes directly."""

import numpy as np
import pytest

from wane.stats.laplace.curvature import Curvature


@pytest.mark.parametrize("terms", [1, 4, 9])
def test_both_forms_give_what_matrices_give(terms: int) -> None:
    random = np.random.default_rng(terms)
    factor, precisions = random.normal(size=(terms, 6)), random.uniform(0.1, 3, 6)
    right, scale = random.normal(size=6), 2.5
    whole = scale * factor.T @ factor + np.diag(precisions)
    determinant = np.linalg.slogdet(whole)[1] - np.log(precisions).sum()
    for curvature in (Curvature(factor), Curvature(matrix=factor.T @ factor)):
        posterior = curvature.beside(precisions, scale)
        assert posterior.log_determinant == pytest.approx(determinant)
        assert posterior.solve(right) == pytest.approx(np.linalg.solve(whole, right))
        left = precisions * np.diag(np.linalg.inv(whole))
        assert posterior.determined == pytest.approx(1 - left)


def test_rows_determine_no_more_weights_than_there_are_terms() -> None:
    factor = 1e6 * np.random.default_rng(0).normal(size=(2, 5))
    assert Curvature(factor).beside(np.ones(5)).determined.sum() == pytest.approx(2)
