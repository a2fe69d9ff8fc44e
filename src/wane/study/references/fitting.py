"""References fitted on the training rows of the study's own splits."""

import dataclasses
import math
import warnings
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from threadpoolctl import threadpool_limits

from wane._errors import one_line
from wane.resampling.dataset import PreparedRows
from wane.resampling.rows import as_evaluated, in_own_unit, is_streamed
from wane.resampling.ties.folds import Folds, inner_folds
from wane.study.measures.finished import FinishedRuns, groups_of_validation, row_numbers
from wane.study.measures.outputs import Outputs
from wane.study.measures.scorers import targets_of
from wane.study.references.models import (
    LARGEST,
    boosting,
    constant,
    fold_count,
    label,
    linear,
    weighted,
)
from wane.study.references.outputs import of_estimator, recalibrated

MOST_SPLITS = 10
FEWEST_SPLITS = 3
NUMBERS = 5e6
"""So many numbers (rows times inputs times classes) are fitted to, over as many splits as have
them, but at least to three and at most to ten."""
FOR_SEVERAL_THREADS = 1e6
"""Inputs of fewer numbers are fitted to on one core."""


@dataclasses.dataclass(frozen=True)
class FittedReference:
    """A reference's predictions for the first repeats of a study.

    Attributes:
        name: as the study has it.
        label: what people call it.
        outputs: of each repeat.
    """

    name: str
    label: str
    outputs: tuple[Outputs, ...]


def fit_count(finished: FinishedRuns) -> int:
    """How many fits the references take at most."""
    if not finished.spec.references or not _is_simple(finished):
        return 0
    return len(finished.spec.references) * _repeats(finished, finished.splits.rows(0))


def references_beside(
    finished: FinishedRuns, progress: bool
) -> tuple[tuple[FittedReference, ...], list[str]]:
    """The models beside the networks, as :func:`fit_references` fits them, with a bar perhaps."""
    from wane.report.display.progress import progress_bar

    count = fit_count(finished)
    with progress_bar(count, count, progress, "references") as bar:
        return fit_references(finished, bar.count)


def fit_references(
    finished: FinishedRuns, tick: Callable[[int], None] = lambda _: None
) -> tuple[tuple[FittedReference, ...], list[str]]:
    """The study's references, each fitted on the training rows of the splits.

    Inputs are those of the network, after the study's transform, flattened. What is fitted takes
    the weights of the training rows where it can.

    Args:
        finished: the runs.
        tick: called with how many fits are done.

    Returns:
        The references, and a sentence on each that there is not.
    """
    bridge, spec = finished.bridge, finished.spec
    wanted = dict(spec.references)
    if not wanted or not _is_simple(finished):
        return (), []
    rows = finished.splits.rows(0)
    inputs = [*wanted]
    notes: list[str] = []
    if _takes_tokens(finished) or _size(rows.train.x) > LARGEST:
        why = "its inputs are numbers of tokens" if _takes_tokens(finished) else "they are too many"
        inputs = [name for name in wanted if name in ("constant", "recalibrated")]
        left = [label(name, bridge.task) for name in wanted if name not in inputs]
        if left:
            notes.append(f"No {' and no '.join(left)} stands beside the network, since {why}.")
    if bridge.task.kind == "regression" and _flat(np.asarray(rows.train.y)).shape[1] > 1:
        inputs = [name for name in inputs if name != "boosting"]  # it takes one number
    if bridge.task.kind == "regression":
        inputs = [name for name in inputs if name != "recalibrated"]
    found, done = [], 0
    for name in inputs:
        made: dict[int, Outputs] = {}
        try:
            for repeat in range(_repeats(finished, rows)):
                tick(done)
                done += 1
                own = _split(finished, name, repeat)
                if own not in made:
                    made[own] = _outputs(finished, name, wanted[name], repeat)
        except Exception as error:  # an estimator of the user's own may raise anything
            notes.append(
                f"The reference {name} could not be fitted ({type(error).__name__}: "
                f"{one_line(error)}), and is left out."
            )
            continue
        each = range(_repeats(finished, rows))
        outputs = tuple(made[_split(finished, name, repeat)] for repeat in each)
        found.append(FittedReference(name, label(name, bridge.task), outputs))
    return tuple(found), notes


def _split(finished: FinishedRuns, name: str, repeat: int) -> int:
    """By what a reference differs from repeat to repeat: its split, or of a network its seed."""
    return repeat if name == "recalibrated" else finished.resampling.resample(repeat)


def _is_simple(finished: FinishedRuns) -> bool:
    """Whether the network has one output, of one class or some numbers for each row."""
    bridge = finished.bridge
    task = bridge.task
    if task.kind == "other" or bridge.output_axes != (2,) or task.ignore_class is not None:
        return False
    if any(bridge.mask_axes):
        return False
    return task.kind != "binary" or _units(finished) == 1


def _units(finished: FinishedRuns) -> int:
    return int(finished.bridge.model.outputs[0].shape[-1])


def _takes_tokens(finished: FinishedRuns) -> bool:
    """Whether inputs are numbers of words, of which neither sums nor products mean anything."""
    layers = finished.bridge.model._flatten_layers(include_self=False)
    return any(type(layer).__name__ == "Embedding" for layer in layers)


def _flat(x: Any) -> np.ndarray:
    """Rows of one or several inputs, [rows, inputs]."""
    parts = [np.asarray(part) for part in jax.tree.leaves(x, is_leaf=is_streamed)]
    return np.hstack([part.reshape(len(part), -1) for part in parts])


def _size(x: Any) -> int:
    """How many numbers the rows of one or several inputs hold; none is read."""
    return sum(math.prod(part.shape) for part in jax.tree.leaves(x, is_leaf=is_streamed))


def _repeats(finished: FinishedRuns, rows: PreparedRows) -> int:
    """For how many repeats there are references: as many as have the splits that are fitted to."""
    resampling = finished.resampling
    numbers = _size(rows.train.x) * max(_units(finished), 2)
    splits = int(np.clip(NUMBERS // max(numbers, 1), FEWEST_SPLITS, MOST_SPLITS))
    few = len(resampling.splits) <= splits
    return resampling.repeats if few else min(splits, resampling.repeats)


def _outputs(finished: FinishedRuns, name: str, given: Any, repeat: int) -> Outputs:
    """What a reference predicts in a repeat."""
    task, rows, seed = finished.bridge.task, finished.splits.rows(repeat), finished.spec.seed
    y = targets_of(task, np.asarray(in_own_unit(rows.train.unit, rows.train.y)))
    if name == "recalibrated":
        return _recalibrated(finished, repeat)
    x = np.zeros((len(y), 1)) if name == "constant" else _flat(rows.train.x)
    if given is not None:
        from sklearn.base import clone

        estimator = clone(given)
    elif name == "constant":
        estimator = constant(task)
    elif name == "linear":
        estimator = linear(task, x, y, seed, _folds(finished, x, y, repeat))
    else:
        estimator = boosting(task, seed, tied=finished.resampling.dependence is not None)
    # A constant is the best of all by what is evaluated: weights of classes would have it name rare
    # ones, which nobody takes for a guess.
    alike = as_evaluated(rows.train, rows.validation, None)[0]
    weight = (alike if name == "constant" else rows.train).sample_weight
    # Threads that wait for each other in turns of microseconds take a hundred times as long where
    # something else runs on one of their cores.
    threads = 1 if x.size < FOR_SEVERAL_THREADS else None
    weights = weighted(estimator, None if weight is None else np.asarray(weight).reshape(-1))
    with warnings.catch_warnings(), threadpool_limits(threads):
        warnings.simplefilter("ignore")  # as of a fit that has not converged to the last digit
        estimator.fit(x, y, **weights)
        parts = (rows.validation, rows.test)
        found = [
            None
            if part is None
            else of_estimator(
                estimator, _flat(part.x)[:, : x.shape[1]], task, _units(finished), rows.target
            )
            for part in parts
        ]
    assert found[0] is not None
    return found[0], found[1]


def _folds(finished: FinishedRuns, x: np.ndarray, y: np.ndarray, repeat: int) -> Folds | None:
    """Folds of a repeat's training rows that heed groups, copies, time or windows, if there are."""
    resampling, rows = finished.resampling, finished.spec.data.development
    if resampling.dependence is None or (rows.groups is None and rows.places is None):
        return None
    train = resampling.splits[resampling.resample(repeat)].train
    task = finished.bridge.task
    return inner_folds(
        resampling.dependence,
        None if rows.groups is None else rows.groups[train],
        None if rows.places is None else rows.places[train],
        None if task.kind == "regression" else y,
        count=fold_count(task, x, y),
        seed=finished.spec.seed,
    )


def _recalibrated(finished: FinishedRuns, repeat: int) -> Outputs:
    """The baseline of a repeat with its logits divided by one temperature."""
    journal, task = finished.journal, finished.bridge.task
    kept = [journal.predictions(0, repeat, part) for part in ("validation", "test")]
    if not kept[0]:
        raise ValueError("predictions of the unregularized network were not kept")
    rows = finished.splits.rows(repeat).validation
    y = targets_of(task, rows.y)
    test = kept[1][0] if kept[1] else None
    groups = groups_of_validation(finished)
    own = None if groups is None else groups[row_numbers(finished.resampling, repeat, len(y))]
    weight = None if rows.sample_weight is None else np.asarray(rows.sample_weight).reshape(-1)
    return recalibrated(kept[0][0], y, test, task, finished.spec.seed, own, weight)
