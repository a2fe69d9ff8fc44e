"""Options whose values are small languages of their own."""

import math

from wane._errors import InputError
from wane.penalties.arrays import checked_strength
from wane.penalties.base import checked_roles
from wane.penalties.sweep import log_spaced


def parse_strengths(text: str) -> tuple[float, ...]:
    """Strengths as the command line writes them.

    Args:
        text: ``LOW:HIGH:COUNT`` for strengths evenly spaced on a log scale, or a comma list.

    Raises:
        InputError: if it is neither, or a strength is 0, negative or not finite.
    """
    expected = (
        f"--strengths takes LOW:HIGH:COUNT such as 1e-6:1e-1:6, or a comma list such as "
        f"1e-4,1e-3, got {text!r}"
    )
    try:
        if ":" not in text:
            strengths = tuple(checked_strength(float(part)) for part in text.split(","))
            if 0 in strengths:
                raise InputError(
                    "0 is no penalty, and the baseline has none already; leave it out."
                )
            return strengths
        low, high, count = (float(part) for part in text.split(":"))
    except ValueError as error:
        told = f": {error}" if isinstance(error, InputError) else "."
        raise InputError(expected + told) from error
    if not (0 < low <= high < math.inf) or count != int(count) or count < 1:
        raise InputError(f"{expected}; it needs 0 < LOW <= HIGH and a whole COUNT of at least 1.")
    return log_spaced(low, high, int(count))


def parse_roles(text: str) -> tuple[str, ...]:
    """Roles as the command line writes them: a comma list.

    Raises:
        InputError: if a role is unknown.
    """
    return checked_roles([role.strip() for role in text.split(",")])
