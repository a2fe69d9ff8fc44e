"""Scorers of scikit-learn as a study takes them."""

from collections.abc import Callable, Iterable
from typing import Any

from wane._errors import InputError, nearest
from wane.study.spec.documents import Recorded

Scorers = dict[str, Any]
"""Functions (estimator, x, y) by name; a :class:`Recorded` one where a spec was read back."""


def checked_scorers(given: Any) -> Scorers:
    """Scorers by name, from names of scikit-learn, or functions (estimator, x, y) as it makes them.

    Raises:
        InputError: if one is none of these, or two have one name.
    """
    if given is None:
        return {}
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
    from sklearn.metrics import get_scorer, get_scorer_names

    if isinstance(scorer, str):
        if scorer not in get_scorer_names():
            raise InputError(
                f"scikit-learn has no scorer {scorer!r}: {nearest(scorer, get_scorer_names())}"
            )
        return scorer, get_scorer(scorer)
    if not callable(scorer):
        raise InputError(
            f"A scorer must be a name of scikit-learn's such as 'roc_auc', what "
            f"sklearn.metrics.make_scorer gives, or a function (estimator, x, y), got {scorer!r}."
        )
    function = getattr(scorer, "_score_func", scorer)
    return getattr(function, "__name__", type(function).__name__), scorer


def scorers_of(names: Iterable[str]) -> Scorers:
    """The scorers of these names; a function of the user's own stays :class:`Recorded`."""
    from sklearn.metrics import get_scorer, get_scorer_names

    known = get_scorer_names()
    return {name: get_scorer(name) if name in known else Recorded(name) for name in names}
