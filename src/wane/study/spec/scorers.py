"""Scorers of scikit-learn as a study takes them."""

import math
from collections.abc import Callable, Iterable
from typing import Any, cast

import numpy as np

from wane._errors import InputError, nearest
from wane.resampling.draws import class_labels
from wane.study.spec.documents import Recorded

Scorers = dict[str, Any]
"""Functions (estimator, x, y) by name; a :class:`Recorded` one where a spec was read back."""


RARE = 0.2
"""Where a class has a smaller share of the rows, accuracy tells little."""
OF_CLASS_0 = "average_precision_of_class_0"
"""Average precision where the class 0 is the rare one: scikit-learn's own is of the class 1."""

_OF_RARE_CLASSES = {
    "binary": ("balanced_accuracy", "roc_auc", "average_precision", "neg_brier_score"),
    "multiclass": ("balanced_accuracy",),
}


def default_scorers(kind: str, y: Any, taken: Iterable[str]) -> Scorers:
    """The scorers of a study that names none: where a class is rare, those that heed it.

    Args:
        kind: of the task.
        y: targets that no test row has, as the model's loss takes them.
        taken: the names of metrics.
    """
    several_questions = kind == "binary" and np.size(y) > len(y)
    if kind not in _OF_RARE_CLASSES or several_questions:
        return {}
    labels = class_labels(y)
    if labels is None:
        return {}
    classes, counts = np.unique(labels, return_counts=True)
    if counts.min() >= RARE * len(labels) or (kind == "binary" and len(classes) != 2):
        return {}
    names = list(_OF_RARE_CLASSES[kind])
    if kind == "binary" and counts[0] < counts[1]:
        # Of a common class it is near 1 for any network, so that it would tell nothing.
        names[names.index("average_precision")] = OF_CLASS_0
    return {name: _named(name) for name in names if name not in taken}


def _named(name: str) -> Callable[..., float] | None:
    """The scorer of this name; None where there is none."""
    from sklearn.metrics import (
        average_precision_score,
        get_scorer,
        get_scorer_names,
        make_scorer,
    )

    if name == OF_CLASS_0:
        found = make_scorer(average_precision_score, response_method="predict_proba", pos_label=0)
    else:
        found = get_scorer(name) if name in get_scorer_names() else None
    return cast("Callable[..., float] | None", found)


_RANGES = {
    (0.0, 1.0): (
        "accuracy_score", "average_precision_score", "f1_score", "fbeta_score", "jaccard_score",
        "precision_score", "recall_score", "roc_auc_score", "top_k_accuracy_score",
    ),
    (-1.0, 1.0): ("balanced_accuracy_score", "cohen_kappa_score", "matthews_corrcoef"),
    (-math.inf, 1.0): (
        "d2_absolute_error_score", "d2_brier_score", "d2_log_loss_score", "d2_pinball_score",
        "d2_tweedie_score", "explained_variance_score", "r2_score",
    ),
}  # fmt: skip


def scorer_range(scorer: Any) -> tuple[float, float] | None:
    """Between which numbers a scorer of scikit-learn lies whose best is 1; None for any other.

    Balanced accuracy may be adjusted for chance, and is below 0 then.
    """
    function = getattr(scorer, "_score_func", None)
    if getattr(scorer, "_sign", 0) != 1 or not callable(function):
        return None
    if function.__name__ == "balanced_accuracy_score" and not scorer._kwargs.get("adjusted"):
        return (0.0, 1.0)
    return next((ends for ends, names in _RANGES.items() if function.__name__ in names), None)


def checked_scorers(given: Any) -> Scorers | None:
    """Scorers by name, from names of scikit-learn, or functions (estimator, x, y) as it makes them.

    None, by which the classes decide, stays None.

    Raises:
        InputError: if one is none of these, or two have one name.
    """
    if given is None:
        return None
    if isinstance(given, str) or not isinstance(given, Iterable):
        given = [given]
    found: Scorers = {}
    for scorer in given:
        name, called = _scorer(scorer)
        if name in found:
            raise InputError(f"There are two scorers named {name!r}; give each once.")
        found[name] = called
    return found


def _scorer(scorer: Any) -> tuple[str, Callable[..., float]]:
    from sklearn.metrics import get_scorer_names

    if isinstance(scorer, str):
        named = _named(scorer)
        if named is None:
            raise InputError(
                f"scikit-learn has no scorer {scorer!r}: {nearest(scorer, get_scorer_names())}"
            )
        return scorer, named
    if not callable(scorer):
        raise InputError(
            f"A scorer must be a name of scikit-learn's such as 'roc_auc', what "
            f"sklearn.metrics.make_scorer gives, or a function (estimator, x, y), got {scorer!r}."
        )
    function = getattr(scorer, "_score_func", scorer)
    return getattr(function, "__name__", type(function).__name__), scorer


def scorers_of(names: Iterable[str] | None) -> Scorers | None:
    """The scorers of these names; a function of the user's own stays :class:`Recorded`."""
    if names is None:
        return None
    return {name: _named(name) or Recorded(name) for name in names}
