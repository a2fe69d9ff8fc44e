"""Adjusting p-values for having asked several questions at once."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wane._errors import InputError


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """Holm's adjusted p-values, in the order given.

    With the m p-values sorted, ``p̃(i) = min(1, max over j ≤ i of (m − j + 1) · p(j))``. Rejecting
    where p̃ ≤ α says something wrong in at most a share α of all families, whatever the
    dependence between the tests. A NaN was not tested: it stays NaN and does not count in m.

    Source: Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of
    Statistics 6 (1979).

    Raises:
        InputError: unless ``p_values`` is one row of numbers from 0 to 1 (or NaN).
    """
    p = np.asarray(p_values, dtype=np.float64)
    if p.ndim != 1 or np.any((p < 0) | (p > 1)):
        raise InputError(
            f"p_values must be one row of numbers from 0 to 1, or NaN for what was not tested, "
            f"got {p_values!r}."
        )
    order = np.argsort(p, kind="stable")[: np.count_nonzero(~np.isnan(p))]  # NaN sorts last
    stepped = p[order] * np.arange(order.size, 0, -1)
    adjusted = np.full_like(p, np.nan)
    adjusted[order] = np.minimum(1, np.maximum.accumulate(stepped))
    return adjusted
