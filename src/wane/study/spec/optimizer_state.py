"""Whether runs begin with a new optimizer, or go on with the model's own."""

from collections.abc import Mapping
from typing import Any

from wane._errors import InputError


def checked_optimizer_state(given: Mapping[str, Any]) -> str:
    """``"fresh"`` or ``"model"``, as :class:`wane.Study` takes it.

    Args:
        given: the arguments of the study.

    Raises:
        InputError: if it is neither, or does not go with the initial weights.
    """
    state = given.get("optimizer_state", "fresh")
    if state not in ("fresh", "model"):
        raise InputError(f"optimizer_state must be 'fresh' or 'model', got {state!r}.")
    if state == "model" and given["initial_weights"] == "fresh":
        raise InputError(
            "optimizer_state='model' (--optimizer-state model) goes on with the moments of the "
            "model's weights, and initial_weights='fresh' (--weights fresh) draws others: give "
            "initial_weights='model' with it."
        )
    return str(state)
