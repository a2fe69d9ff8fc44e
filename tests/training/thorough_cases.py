"""Parameters of which a few are tested in every run, and all by ``pytest -m thorough``."""

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def thorough_but(plain: Collection[Any], values: Iterable[Any]) -> list[Any]:
    """Parameters for ``parametrize``, marked as thorough but for the plain ones.

    Args:
        plain: those that every run tests; each of them is a value.
        values: all of them, in their order.
    """
    found = list(values)
    assert all(value in found for value in plain), "a plain value that there is not"
    return [
        value if value in plain else pytest.param(value, marks=pytest.mark.thorough)
        for value in found
    ]
