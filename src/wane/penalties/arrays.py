"""Arrays and numbers as penalties take them."""

import contextlib
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
    number = math.nan
    # Older NumPy makes a float of an array of one number, with a warning.
    if not isinstance(strength, bool | str) and length(strength) is None:
        with contextlib.suppress(TypeError, ValueError):
            number = float(strength)  # type: ignore[arg-type] # whatever float refuses is reported
    if not math.isfinite(number) or number < 0:
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
