"""Numbers of rows made numbers of groups of rows, which are drawn as a whole."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wane._errors import InputError

Floats = NDArray[np.float64]


def group_sums(values: ArrayLike, groups: ArrayLike) -> Floats:
    """Sums over the rows of each group, [..., groups].

    Args:
        values: of rows, [..., rows].
        groups: the group of each row, from 0, [rows].
    """
    table, codes = np.asarray(values, np.float64), np.asarray(groups)
    flat = table.reshape(-1, table.shape[-1])
    count = int(codes.max()) + 1
    sums = np.array([np.bincount(codes, weights=row, minlength=count) for row in flat])
    return sums.reshape(*table.shape[:-1], count)


def group_contributions(values: ArrayLike, groups: ArrayLike) -> Floats:
    """What each group of rows adds to the mean over rows, [..., groups]; its mean is that mean.

    Rows of a group are alike, so that groups are the sample and rows are not: the mean over rows is
    a ratio of two sums over G groups, m = Σ S / Σ N. A group contributes
    ``m + (S − m N) G / Σ N``, and the variance of these, over G, is that of the ratio to first
    order, whether groups are of one size or not. A group of which there is no row contributes
    nothing and is left out.

    Source: Cochran, Sampling Techniques, 3rd edition (1977), section 9A.3, of cluster samples of
    unequal size; in regression it is the cluster-robust variance of Liang & Zeger, Biometrika 73
    (1986).

    Args:
        values: of rows, [..., rows].
        groups: the group of each row, [rows].

    Raises:
        InputError: if there is not one group for each row.
    """
    table = np.asarray(values, np.float64)
    codes = np.unique(np.asarray(groups), return_inverse=True)[1].reshape(-1)
    if table.shape[-1:] != codes.shape:
        raise InputError(
            f"There must be one group for each row, got {codes.size} groups and values of shape "
            f"{table.shape}."
        )
    sizes = np.bincount(codes).astype(np.float64)
    mean = table.mean(axis=-1, keepdims=True)
    return np.asarray(mean + (group_sums(table, codes) - mean * sizes) / sizes.mean())


def by_size(means: ArrayLike, sizes: ArrayLike) -> Floats:
    """What groups add to the mean over rows, [groups], as :func:`group_contributions` has it.

    Args:
        means: over the rows of each group, [groups].
        sizes: how many rows each has, [groups].
    """
    own, rows = np.asarray(means, np.float64), np.asarray(sizes, np.float64)
    mean = np.average(own, weights=rows)
    return np.asarray(mean + (own - mean) * rows / rows.mean())
