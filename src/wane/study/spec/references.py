"""Models beside which a study puts its networks, as it takes them."""

from collections.abc import Iterable, Mapping
from typing import Any

from wane._errors import InputError, nearest
from wane.study.spec.documents import Recorded, shown

BUILT_IN = ("constant", "linear", "boosting", "recalibrated")
"""Those that a study has by itself: a constant prediction, a linear model whose strength is tuned
inside the training rows, gradient boosting, and the unregularized network recalibrated."""
References = dict[str, Any]
"""Unfitted estimators of scikit-learn by name; None for one that is built in."""


def checked_references(given: Any) -> References:
    """The reference models by name.

    Args:
        given: None for all that are built in, False or an empty list for none, or a list of their
            names and of unfitted estimators, which may have names of their own in a dictionary.

    Raises:
        InputError: if one is neither, or has another one's name.
    """
    if given is None or given is True:
        return dict.fromkeys(BUILT_IN)
    if given is False:
        return {}
    if isinstance(given, Mapping):
        pairs = list(given.items())
    else:
        some = [given] if isinstance(given, str) or not isinstance(given, Iterable) else given
        pairs = [(one if isinstance(one, str) else type(one).__name__, one) for one in some]
    found: References = {}
    for name, one in pairs:
        if name in found:
            raise InputError(
                f"There are two references named {name!r}: give them as {{name: estimator}}."
            )
        found[name] = _checked(name, one)
    return found


def _checked(name: str, one: Any) -> Any:
    if name in BUILT_IN and (one is None or one == name):
        return None
    if isinstance(one, str) or one is None:
        raise InputError(f"There is no reference {name!r}: {nearest(name, BUILT_IN)}")
    if name in BUILT_IN:
        raise InputError(
            f"The reference {name!r} is one that wane has by itself: give your estimator another "
            f"name."
        )
    is_estimator = hasattr(one, "fit") and hasattr(one, "predict") and hasattr(one, "get_params")
    if isinstance(one, Recorded) or (is_estimator and not isinstance(one, type)):
        return one
    raise InputError(
        f"A reference must be a name ({', '.join(BUILT_IN)}) or an unfitted estimator of "
        f"scikit-learn, such as KNeighborsRegressor(), got {one!r}."
    )


def references_document(references: References) -> dict[str, str | None]:
    """The references as ``study.json`` has them: estimators as they show themselves."""
    return {
        name: one.document if isinstance(one, Recorded) else None if one is None else shown(one)
        for name, one in references.items()
    }


def references_of(document: Mapping[str, str | None]) -> References:
    """What :func:`references_document` was made from; an estimator stays :class:`Recorded`."""
    return {name: None if one is None else Recorded(one) for name, one in document.items()}
