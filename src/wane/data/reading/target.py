"""From the target column to a task and the numbers that a network is trained on."""

import dataclasses
from typing import TYPE_CHECKING

from wane._errors import InputError, listed, nearest
from wane.data.reading.cells import GAPS, MANY_VALUES
from wane.data.reading.columns import Column, label
from wane.resampling.examples import Logarithms

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

TASKS = ("binary", "multiclass", "regression", "classification")
"""What may be asked for; ``classification`` is binary or multiclass by the number of classes."""

FEWEST_ROWS = 20
FEWEST_CLASS_ROWS = 5  # so that a stratified fifth tests, a quarter of the rest validates
MOST_CLASSES = 100
_SKEWED = 2.0


@dataclasses.dataclass(frozen=True, eq=False)
class Target:
    """The target of a table: its task, ``y``, ``class_names``, ``log_shift`` as in ``Problem``."""

    task: str
    y: "np.ndarray"
    class_names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    log_shift: int | None = None


def checked_task(task: str | None) -> str | None:
    """``task`` in lower case, if it is None or one of :data:`TASKS`."""
    if task is not None and task.casefold() not in TASKS:
        raise InputError(f"There is no task {task!r}: {nearest(task, TASKS)}")
    return task and task.casefold()


def read_target(column: Column, name: str, task: str | None, *, log_target: bool = False) -> Target:
    """The target from a column without missing values.

    Args:
        column: the values.
        name: of the column.
        task: one of :data:`TASKS`; None infers it.
        log_target: whether ``y`` is the logarithm of the values.

    Raises:
        InputError: if the column is constant, too short, or does not fit the task or the logarithm.
    """
    values = column.values
    if column.kind in ("date", "time"):
        raise InputError(
            f"Target column {name!r} holds {column.kind}s; a target must be numbers or classes: "
            f"turn the {column.kind}s into an amount, such as days since an event."
        )
    if len(values) < FEWEST_ROWS:
        raise InputError(
            f"The table has {_rows(len(values))} with a value in target column {name!r}, but to "
            f"train, validate and test takes at least {FEWEST_ROWS}; give more rows."
        )
    if values.nunique() == 1:
        raise InputError(
            f"Target column {name!r} holds the same value, "
            f"{shown(column.kind, values.iloc[0])!r}, in all {len(values)} rows, so there is "
            f"nothing to predict; choose another target."
        )
    if log_target:
        return _logarithms(column, name, task)
    inferred = task or _inferred_task(column)
    if inferred == "regression":
        notes = (*_note(column, name, task, 0), *_skewed(column, name))
        return Target("regression", _amounts(column, name), (), notes)
    return _classes(column, name, task)


def _inferred_task(column: Column) -> str:
    """``"classification"`` or ``"regression"``.

    Text, categories and booleans are classes, and so are any two numbers. Other numbers are classes
    if they are whole, at most 20 different ones, and each is in at least 5 rows: so that counts
    with a long tail stay amounts, and no table fails for classes that nobody asked for.
    """
    values = column.values
    if column.kind != "number" or values.nunique() == 2:
        return "classification"
    counts = values.value_counts()
    few = len(counts) <= MANY_VALUES and counts.min() >= FEWEST_CLASS_ROWS
    return "classification" if few and bool((values % 1 == 0).all()) else "regression"


def _note(column: Column, name: str, task: str | None, classes: int) -> tuple[str, ...]:
    """What a target of a few different numbers was read as, where the user named no task."""
    distinct = column.values.nunique()
    if task or column.kind != "number" or not 2 < distinct <= MANY_VALUES:
        return ()
    if classes:
        read, other = f"{classes} classes", "regression"
    else:
        read, other = "an amount", "classification"
    return (
        f"Target column {name!r} holds {distinct} different numbers and was read as {read}; "
        f"task {other!r} would change that.",
    )


def _logarithms(column: Column, name: str, task: str | None) -> Target:
    """The target on a log scale: log(y), or log(y + 1) where there are zeros."""
    import numpy as np

    values = column.values
    classes = task not in (None, "regression") or column.kind != "number"
    if classes or (task is None and values.nunique() == 2):
        raise InputError(
            f"log_target (--log-target) is for an amount, and target column {name!r} holds "
            f"classes, such as {shown(column.kind, values.iloc[0])!r}: leave it out."
        )
    if values.min() < 0:
        raise InputError(
            f"log_target (--log-target) takes amounts of at least 0, and target column {name!r} "
            f"holds {label(float(values.min()))}: leave it out, or predict another column."
        )
    shift = int(values.min() == 0)
    logarithms = dataclasses.replace(column, values=np.log(values + shift))
    written = f"log({name} + 1)" if shift else f"log({name})"
    note = (
        f"The network learns {written}, and scores such as RMSE are of that; exp of a prediction"
        f"{', minus 1,' if shift else ''} is in the unit of {name!r}."
    )
    y = Logarithms.of(_amounts(logarithms, name), shift)
    return Target("regression", y, (), (note,), shift)


def _skewed(column: Column, name: str) -> tuple[str, ...]:
    """A note on amounts of which few are far above the others, as prices and incomes are."""
    from scipy.stats import skew

    values = column.values
    if column.kind != "number" or values.min() < 0:
        return ()
    skewness = float(skew(values))
    if not skewness > _SKEWED:
        return ()
    return (
        f"Target column {name!r} is skewed (skewness {skewness:.1f}; half of its values are below "
        f"{values.median():.4g}, and the largest is {values.max():.4g}): the few large values rule "
        f"the loss; --log-target trains on their logarithm.",
    )


def _amounts(column: Column, name: str) -> "np.ndarray":
    import numpy as np

    if column.kind == "category":
        raise InputError(
            f"Target column {name!r} holds text, such as {column.values.iloc[0]!r}, but regression "
            f"needs numbers; choose another target, or task 'classification'."
        )
    exact = column.values.to_numpy(dtype="float64")
    y = exact.astype("float32")
    if np.std(y - exact) > 1e-3 * np.std(exact):
        raise InputError(
            f"Target column {name!r} varies by {np.std(exact):.3g} around {np.mean(exact):.10g}, "
            f"too little for numbers of 32 bits; subtract a constant from it."
        )
    return y


def _classes(column: Column, name: str, task: str | None) -> Target:
    labels = column.values.map(lambda value: shown(column.kind, value))
    counts = labels.value_counts()
    class_names = _sorted_labels(list(counts.index))
    classes = len(class_names)
    if classes > MOST_CLASSES or classes > len(labels) / 2:
        raise InputError(
            f"Target column {name!r} has {classes} different values in {len(labels)} rows (such "
            f"as {labels.iloc[0]!r}), too many for classes; choose another target, or task "
            f"'regression' if it is an amount."
        )
    if task == "binary" and classes != 2:
        raise InputError(
            f"Target column {name!r} has {classes} classes ({listed(class_names[:10])}"
            f"{', …' if classes > 10 else ''}), but task 'binary' means two; use task 'multiclass'."
        )
    _refuse_rare(counts, name)
    positions = labels.map({text: position for position, text in enumerate(class_names)})
    binary = classes == 2 and task != "multiclass"
    return Target(
        "binary" if binary else "multiclass",
        positions.to_numpy(dtype="float32" if binary else "int32"),
        class_names,
        (*_note(column, name, task, classes), *_doubtful(counts, name)),
    )


def _doubtful(counts: "pd.Series", name: str) -> list[str]:
    """Notes on classes that look like a missing value, or like each other."""
    gaps = [one for one in counts.index if one.casefold() in GAPS]
    if "+" in counts.index:
        gaps = [one for one in gaps if one != "-"]  # yes and no
    notes = [
        f"Target column {name!r} has the class {one!r} ({_rows(int(counts[one]))}); if that "
        f"stands for a missing value, --missing {one!r} leaves these rows out."
        for one in gaps
    ]
    alike: dict[str, list[str]] = {}
    for one in sorted(counts.index):
        folded = " ".join(one.casefold().split()).rstrip(" .,;:!") or one
        alike.setdefault(folded, []).append(one)
    notes += [
        f"Classes {listed(names)} of target column {name!r} differ in case, blanks or final "
        f"punctuation only; write them alike if they are one."
        for names in alike.values()
        if len(names) > 1
    ]
    return notes


def shown(kind: str, value: object) -> str:
    """A value of a column of this kind as the name of a class."""
    return str(bool(value)) if kind == "boolean" else label(value)


def _sorted_labels(labels: list[str]) -> tuple[str, ...]:
    """Labels in the order of their numbers if all are numbers, otherwise alphabetically."""
    try:
        return tuple(sorted(labels, key=float))
    except ValueError:
        return tuple(sorted(labels))


def _rows(count: int) -> str:
    return f"{count} row{'s' if count != 1 else ''}"


def _refuse_rare(counts: "pd.Series", name: str) -> None:
    rare = counts[counts < FEWEST_CLASS_ROWS].sort_values()
    if len(rare):
        raise InputError(
            f"Class {str(rare.index[0])!r} of target column {name!r} has "
            f"{_rows(int(rare.iloc[0]))}, but training, validation and test each need some, at "
            f"least {FEWEST_CLASS_ROWS} together; add rows of it, join it with another class, or "
            f"take its rows out."
        )
