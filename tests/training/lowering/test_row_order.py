"""Row orders are permutations, every one as likely as any other."""

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from wane.training.lowering.row_order import row_order


@pytest.mark.thorough
@given(seed=st.integers(0, 2**32 - 1), rows=st.sampled_from([1, 2, 3, 31, 512, 513, 70_000]))
@settings(deadline=None, max_examples=30)
def test_every_row_comes_once(seed: int, rows: int) -> None:
    order = np.asarray(row_order(jax.random.PRNGKey(seed), rows))
    np.testing.assert_array_equal(np.sort(order), np.arange(rows))


def test_every_order_of_a_few_rows_is_as_likely() -> None:
    keys = jax.random.split(jax.random.PRNGKey(0), 24_000)
    orders = np.asarray(jax.jit(jax.vmap(lambda key: row_order(key, 4)))(keys))
    counts = np.unique(orders @ (4 ** np.arange(4)), return_counts=True)[1]
    assert len(counts) == 24
    assert stats.chisquare(counts).pvalue > 1e-3


@pytest.mark.parametrize("rows", [100, 5000])  # one round, and two
def test_where_a_row_comes_does_not_depend_on_where_it_stood(rows: int) -> None:
    keys = jax.random.split(jax.random.PRNGKey(1), 400)
    orders = np.asarray(jax.jit(jax.vmap(lambda key: row_order(key, rows)))(keys))
    # The place of the first, a middle and the last row, and the gap between two neighbours.
    places = np.argsort(orders, axis=1)
    for row in (0, rows // 2, rows - 1):
        assert stats.kstest((places[:, row] + 0.5) / rows, "uniform").pvalue > 1e-3
    first_comes_first = int(np.sum(places[:, 0] < places[:, 1]))
    assert stats.binomtest(first_comes_first, len(keys)).pvalue > 1e-3


def test_the_same_key_gives_the_same_order() -> None:
    one, again, other = (row_order(jax.random.PRNGKey(seed), 50) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one, again)
    assert np.any(one != other)
