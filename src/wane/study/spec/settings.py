"""Settings of a study that need no rows to be checked, and what it says of its rows."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from wane._errors import InputError, whole_number
from wane.resampling.dataset import DataSet
from wane.resampling.examples import Examples
from wane.study.spec.references import checked_references
from wane.study.spec.scorers import checked_scorers
from wane.study.spec.selection import checked_matters

LARGEST_SEED = 2**32 - 1
"""As NumPy and scikit-learn take it."""
_SWITCHES = (
    "shuffle",
    "standardize_target",
    "extend",
    "refine",
    "halving",
    "learning_curve",
    "until_decided",
)
_ON = ("shuffle", "extend")
"""Those that are on where nothing is said."""
OF_ROWS = ("validation", "test", "transform", "standardize_target")
"""Arguments that say what is done with the rows."""


def checked_settings(others: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as the specification has them.

    Args:
        others: arguments of :class:`wane.Study`, without its model, candidates and rows.

    Raises:
        InputError: naming the one that makes no sense.
    """
    checked = dict(others)
    for name in ("epochs", "batch_size"):
        checked[name] = whole_number(others[name], name, least=1)
    if others["initial_weights"] not in ("auto", "fresh", "model"):
        raise InputError(
            f"initial_weights must be 'auto', 'fresh' or 'model', got "
            f"{others['initial_weights']!r}."
        )
    checked["optimizer_state"] = _optimizer_state(others)
    checked["matters"] = checked_matters(others.get("matters"))
    callbacks = others.get("callbacks")
    if not isinstance(callbacks, list | tuple):  # a single one may be given alone
        callbacks = () if callbacks is None else (callbacks,)
    checked["callbacks"] = tuple(callbacks)
    checked["scoring"] = checked_scorers(others.get("scoring"))
    checked["references"] = checked_references(others.get("references"))
    checked["class_names"] = _class_names(others.get("class_names", ()))
    name = others.get("name", "study")
    if not isinstance(name, str):
        raise InputError(f"name must be a text such as 'study', got {name!r}.")
    for name in _SWITCHES:
        checked[name] = _switch(name, others.get(name, name in _ON))
    retraining = others.get("retraining")
    if retraining not in (None, True, False):
        raise InputError(f"retraining must be True, False or None, got {retraining!r}.")
    checked["retraining"] = None if retraining is None else bool(retraining)
    return checked


def _class_names(given: Any) -> tuple[str, ...]:
    """The classes by label; a text alone would be a class for each letter."""
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise InputError(
            f"class_names must be a list of texts such as ['no', 'yes'], got {given!r}."
        )
    return tuple(given)


def _switch(name: str, given: Any) -> bool:
    """True or False; a word such as "no" would be true."""
    if not isinstance(given, bool | np.bool_):
        raise InputError(f"{name} must be True or False, got {given!r}.")
    return bool(given)


def _optimizer_state(given: Mapping[str, Any]) -> str:
    """``"fresh"`` or ``"model"``, as it goes with the initial weights."""
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


def of_rows(data: DataSet) -> dict[str, Any]:
    """How many rows each part has, and their fingerprints."""
    parts: dict[str, Examples | None] = {
        "development": data.development,
        "validation": data.validation,
        "test": data.test,
    }
    return {
        "rows": {part: 0 if rows is None else len(rows) for part, rows in parts.items()},
        "data_sha256": {part: rows.sha256() for part, rows in parts.items() if rows is not None},
    }
