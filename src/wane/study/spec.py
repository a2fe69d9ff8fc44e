"""A study as the user states it: one model, one data set, the candidates and how to judge them."""

import hashlib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from wane._errors import InputError
from wane.keras_model.backend import require_jax
from wane.penalties import (
    BASELINE,
    L2,
    Candidate,
    Change,
    Dropout,
    Network,
    Penalty,
    candidate_names,
    decades,
    sweep,
)
from wane.study.arrays import check_same_rows, checked_arrays, parts_of
from wane.study.resampling import (
    DEFAULT_REPEATS,
    checked_fraction,
    is_splitter,
    random_splits,
    splits_of,
)
from wane.study.rows import DataSet, Examples
from wane.study.sampling import Fresh, Subsample

if TYPE_CHECKING:
    from wane.study.result import Result
    from wane.training.placement import Placement


class Study:
    """Candidates × repeats of one model on one data set, with its seed.

    Args:
        model: a compiled Keras model, or a function that returns one. A model is never changed. A
            function is called once for each repeat, so weights that it loads stay.
        x: inputs, [rows, …], as a NumPy array or a pandas DataFrame.
        y: targets, [rows] or [rows, …], as the model's loss takes them. With a :class:`wane.Fresh`
            as ``validation``, which draws all rows, x and y are left out.
        candidates: what to judge: penalties (see :func:`wane.sweep`), other rates for the model's
            dropout layers (:class:`wane.Dropout`), other networks (:class:`wane.Network`), or
            tuples of these. The baseline, the model as it is, is always judged too. By default L2
            from 1e-6 to 1e-1 on every kernel.
        validation: rows to choose by: a tuple ``(x, y)`` or ``(x, y, sample_weight)``, a fraction
            of the rows (a new random split for each repeat), a scikit-learn splitter, a
            :class:`wane.Subsample` (small training sets out of many rows) or a :class:`wane.Fresh`
            (new rows for each repeat).
        test: rows on which nothing is chosen, in the same forms (a splitter's first split), or
            None. The model is judged on them, and on no others for what it will do on new data.
        repeats: runs of each candidate, each with its own seed; 30, or a splitter's number of
            splits, by default. More repeats than splits must be a multiple of them.
        epochs, batch_size, shuffle: as in ``keras.Model.fit``.
        seed: a whole number from which every random choice of the study is drawn.
        initial_weights: ``"fresh"`` draws new weights for each repeat; ``"model"`` starts every
            run from the model's present weights.
        sample_weight: weights of the rows, [rows], as in ``fit``.
        class_weight: weight of each class by its label, as in ``fit``; not with sample_weight.
        transform: an unfitted scikit-learn transformer for x, fitted for each split on its
            training rows only.
        callbacks: Keras callbacks that work inside the program: ``EarlyStopping``,
            ``ReduceLROnPlateau``, ``LearningRateScheduler``, ``TerminateOnNaN``. Where one
            monitors ``loss`` or ``val_loss``, it watches the data loss, without the penalty.
        describe_transform: gives a JSON-able account of a fitted transform, which the study
            writes as ``preprocessing.json``.
        standardize_target: centre and scale y by each split's training rows (for regression);
            ``rmse`` and ``mae`` are reported in y's own unit, and :meth:`Result.best_model`
            predicts in it.
        train_sizes: whether to train the baseline on a quarter and a half of each repeat's
            training rows too (in at most 10 repeats), which shows what more rows would do. That
            takes at most a tenth of the time of a study of seven candidates.
        class_names: the classes by label, for figures.
        name: what to call the study in tables and files.

    Raises:
        InputError: if anything does not fit together, in one sentence that says what to do.
    """

    def __init__(
        self,
        model: Any | Callable[[], Any],
        x: Any = None,
        y: Any = None,
        *,
        candidates: Sequence[Candidate | Change] | None = None,
        validation: Any = 0.25,
        test: Any = None,
        repeats: int | None = None,
        epochs: int,
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int = 0,
        initial_weights: str = "fresh",
        sample_weight: Any = None,
        class_weight: Mapping[int, float] | None = None,
        transform: Any = None,
        describe_transform: Callable[[Any], Mapping[str, Any]] | None = None,
        callbacks: Sequence[Any] | None = None,
        standardize_target: bool = False,
        train_sizes: bool = True,
        class_names: Sequence[str] = (),
        name: str = "study",
    ) -> None:
        require_jax()
        if initial_weights not in ("fresh", "model"):
            raise InputError(
                f"initial_weights must be 'fresh' or 'model', got {initial_weights!r}."
            )
        if sample_weight is not None and class_weight is not None:
            raise InputError("Give sample_weight or class_weight, not both (as in Keras's fit).")
        self.model = model
        self.candidates = _with_baseline(candidates)
        self.names = candidate_names(self.candidates)
        self.epochs = _whole(epochs, "epochs", 1)
        self.batch_size = _whole(batch_size, "batch_size", 1)
        self.seed = _whole(seed, "seed", 0, most=2**32 - 1)  # as NumPy and scikit-learn take it
        self.repeats = None if repeats is None else _whole(repeats, "repeats", 1)
        self.shuffle = shuffle
        self.initial_weights = initial_weights
        given = () if callbacks is None else callbacks
        self.callbacks = tuple(given) if isinstance(given, list | tuple) else (given,)
        self.describe_transform = describe_transform
        self.class_names = tuple(class_names)
        self.name = name
        self.validation = validation
        self.train_sizes = train_sizes
        development = self._development((x, y, sample_weight), test, transform is not None)
        kept, held_out = _test_rows(test, development, self.seed, transform is not None)
        apart = _apart(validation, transform is not None)
        weights = None if class_weight is None else _class_weights(class_weight)
        _check_transform(transform)
        if isinstance(development.y, dict | list) and (weights or standardize_target):
            raise InputError("class_weight and standardize_target are for models with one output.")
        self.data = DataSet(kept, apart, held_out, transform, standardize_target, weights)

    def _development(self, rows: tuple[Any, Any, Any], test: Any, transformed: bool) -> Examples:
        """The rows from which training and validation rows are taken."""
        if not isinstance(self.validation, Fresh):
            return _examples(rows, "x", "y", transformed)
        self.validation.check_alone(dict(zip(("x", "y", "sample_weight"), rows, strict=True)), test)
        return self.validation.drawn(self.repeats or DEFAULT_REPEATS, self.seed)

    def run(
        self,
        folder: str | Path | None = None,
        *,
        progress: bool = True,
        placement: "Placement | None" = None,
        seconds_before: Mapping[str, float] | None = None,
    ) -> "Result":
        """Train every candidate and judge what came of it.

        Args:
            folder: where to write the study: ``study.json``, ``study.db``, ``summary.json``,
                tables, figures, report and ``best.keras``. None takes a temporary folder that goes
                with the result.
            progress: whether to show a progress bar on standard error.
            placement: how runs are laid on the machine; by default one for each available core,
                and on accelerators many side by side.
            seconds_before: stages of work before this call, by name, to be told with the study's
                own in ``seconds``.

        Raises:
            InputError: if the folder holds something, or the model does not fit the data.
            Interrupted: on Ctrl-C; finished runs are kept in the folder.
        """
        from wane.study.run import run_study

        return run_study(
            self, folder, progress=progress, placement=placement, seconds_before=seconds_before
        )

    def spec(self) -> dict[str, Any]:
        """The study in words and numbers, as ``study.json`` has it."""
        candidates = [
            [_change_described(change) for change in candidate] for candidate in self.candidates
        ]
        return {
            "name": self.name,
            "candidates": dict(zip(self.names, candidates, strict=True)),
            "repeats": self.repeats,
            "epochs": self.epochs,
            "batch_size": self.batch_size,
            "shuffle": self.shuffle,
            "seed": self.seed,
            "initial_weights": self.initial_weights,
            "validation": _described(self.validation),
            "transform": repr(self.data.transform) if self.data.transform is not None else None,
            "standardize_target": self.data.standardize_target,
            "train_sizes": self.train_sizes,
            "class_weight": self.data.class_weight,
            "rows": {
                part: 0 if examples is None else len(examples)
                for part, examples in self._parts().items()
            },
            "data_sha256": {
                part: _fingerprint(examples)
                for part, examples in self._parts().items()
                if examples is not None
            },
        }

    def _parts(self) -> dict[str, Examples | None]:
        data = self.data
        return {
            "development": data.development,
            "validation": data.validation,
            "test": data.test,
        }


def _change_described(change: Change) -> dict[str, Any]:
    """One change of a candidate, as ``study.json`` has it."""
    if isinstance(change, Dropout):
        return {"dropout": change.rate, "layers": change.layers}
    if isinstance(change, Network):
        return {"network": change.title}
    return {
        "penalty": change.kind,
        "strengths": change.strengths,
        "layers": change.layers,
        "on": change.on,
    }


def _check_transform(transform: Any) -> None:
    usable = hasattr(transform, "get_params") and not isinstance(transform, type)
    if transform is not None and not usable:
        raise InputError(
            f"transform must be an unfitted scikit-learn transformer such as StandardScaler(), "
            f"got {transform!r}."
        )


def _with_baseline(candidates: Sequence[Candidate | Change] | None) -> tuple[Candidate, ...]:
    """The candidates as tuples of changes, with the baseline first."""
    if candidates is None:
        candidates = sweep(L2, decades(1e-6, 1e-1))
    if isinstance(candidates, Penalty | Dropout | Network):
        candidates = [candidates]
    given: Any = candidates
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise InputError(
            f"candidates must be a list of penalties such as [wane.L2(1e-3)], or what wane.sweep "
            f"gives, got {given!r}."
        )
    tuples: list[Candidate] = []
    for candidate in candidates:
        changes: tuple[Any, ...] = (candidate,)
        if isinstance(candidate, tuple | list):
            changes = tuple(candidate)
        for change in changes:
            if not isinstance(change, Penalty | Dropout | Network):
                raise InputError(
                    f"A candidate must be a penalty, a wane.Dropout or a wane.Network, or a tuple "
                    f"of them such as (wane.L2(1e-3),), got {change!r}."
                )
        tuples.append(changes)
    return (BASELINE, *(candidate for candidate in tuples if candidate != BASELINE))


def _whole(value: Any, name: str, least: int, most: int | None = None) -> int:
    whole = not isinstance(value, bool) and isinstance(value, int | float | np.number)
    if not whole or not math.isfinite(value) or value != int(value) or value < least:
        raise InputError(f"{name} must be a whole number of at least {least}, got {value!r}.")
    if most is not None and value > most:
        raise InputError(f"{name} must be at most {most}, got {value!r}.")
    return int(value)


def _class_weights(given: Any) -> dict[int, float]:
    """The weight of each class by its label, checked."""
    try:
        weights = {int(label): float(weight) for label, weight in given.items()}
    except (AttributeError, TypeError, ValueError):
        weights = {}
    if not weights or not all(0 <= weight < math.inf for weight in weights.values()):
        raise InputError(
            f"class_weight must map whole labels to finite weights of at least 0, such as "
            f"{{0: 1.0, 1: 5.0}}, got {given!r}."
        )
    return weights


def _examples(given: Sequence[Any], x_name: str, y_name: str, transformed: bool) -> Examples:
    x, y, weight = given
    x = x if transformed and hasattr(x, "iloc") else checked_arrays(x, x_name)
    y = checked_arrays(y, y_name)
    if weight is not None:
        weight = checked_arrays(weight, "sample_weight")
        weight = jax.tree.map(lambda array: array.astype(np.float32), weight)
        _check_weights(weight, y)
    check_same_rows(**{x_name: x, y_name: y, "sample_weight": weight})
    return Examples(x, y, weight)


def _check_weights(weight: Any, y: Any) -> None:
    """Check that weights are one for each row (or element of y), not negative and not all zero."""
    for array in parts_of(weight):
        shapes = {part.shape for part in parts_of(y)}
        if array.ndim > 1 and array.shape[1:] != (1,) and array.shape not in shapes:
            raise InputError(
                f"sample_weight has shape {array.shape}; give one weight for each row, "
                f"({len(array)},)."
            )
        if array.min() < 0 or array.max() == 0:
            raise InputError(
                "sample_weight must hold numbers of at least 0 that are not all 0, got numbers "
                f"from {array.min():g} to {array.max():g}."
            )


def _apart(validation: Any, transformed: bool) -> Examples | None:
    """The validation rows, if they were given apart."""
    if not isinstance(validation, tuple | list):
        return None
    return _given("validation", validation, transformed)


def _given(name: str, arrays: Sequence[Any], transformed: bool) -> Examples:
    """Examples from a tuple (x, y) or (x, y, sample_weight)."""
    if len(arrays) not in (2, 3):
        raise InputError(
            f"{name} as arrays must be (x, y) or (x, y, sample_weight), got {len(arrays)} of them."
        )
    x, y = arrays[:2]
    weight = arrays[2] if len(arrays) == 3 else None
    return _examples((x, y, weight), f"{name} x", f"{name} y", transformed)


def _test_rows(
    test: Any, development: Examples, seed: int, transformed: bool
) -> tuple[Examples, Examples | None]:
    """The rows that remain for development, and the test rows."""
    if test is None:
        return development, None
    if isinstance(test, tuple | list):
        return development, _given("test", test, transformed)
    if is_splitter(test):
        split = splits_of(test, *development.splittable())[0]
    else:
        fraction = checked_fraction(test, "test")
        stratify = _looks_like_classes(development.y, fraction)
        labels = development.splittable()[1]
        (split,) = random_splits(labels, fraction, count=1, seed=seed, stratify=stratify)
    assert split.validation is not None
    return development.at(np.sort(split.train)), development.at(np.sort(split.validation))


def _looks_like_classes(y: Any, fraction: float) -> bool:
    """Whether targets are class labels: whole numbers, of which each part can hold every one."""
    if isinstance(y, dict | list) or (y.ndim > 1 and y.shape[-1] > 1):
        return False
    values, counts = np.unique(y, return_counts=True)
    smaller_part = int(min(fraction, 1 - fraction) * len(y))
    whole = np.all(values == np.round(values))
    return bool(whole and counts.min() >= 2 and len(values) <= min(100, smaller_part))


def _described(validation: Any) -> Any:
    if isinstance(validation, tuple | list):
        return "given rows"
    own = isinstance(validation, Fresh | Subsample)
    return repr(validation) if own or is_splitter(validation) else float(validation)


def _fingerprint(examples: Examples) -> str:
    """SHA-256 of the values, so that a study can tell whether data are those it was made with."""
    digest = hashlib.sha256()
    for values in (examples.x, examples.y, examples.sample_weight):
        if hasattr(values, "to_csv"):
            digest.update(values.to_csv().encode())
        else:
            for array in jax.tree.leaves(values):
                digest.update(array.tobytes())
    return digest.hexdigest()
