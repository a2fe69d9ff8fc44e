"""Arrays and numbers as penalties take them."""

import math
from typing import Any

from wane._errors import InputError

Array = Any
"""An array of JAX or NumPy: penalties are written once for both, which types cannot say."""


def namespace(weight: Array) -> Any:
    """The module whose functions take this array: NumPy or ``jax.numpy``."""
    import numpy as np

    if isinstance(weight, np.ndarray | np.generic):
        return np
    import jax.numpy as jnp

    return jnp


def checked_strength(strength: object, name: str = "strength") -> float:
    """``strength`` as a float, if it is one finite number that is not negative."""
    try:
        number = float(strength)  # type: ignore[arg-type] # whatever float refuses is reported
    except (TypeError, ValueError):
        number = math.nan
    if (
        isinstance(strength, bool | str)
        or length(strength) is not None
        or not math.isfinite(number)
        or number < 0
    ):
        raise InputError(
            f"{name} must be a finite number of at least 0, got {strength!r}: 0 is no penalty."
        )
    return number


def length(value: object) -> int | None:
    """How many values there are in one that has a length; None for a single number."""
    try:
        return len(value)  # type: ignore[arg-type] # whatever has no length is one value
    except TypeError:
        return None
