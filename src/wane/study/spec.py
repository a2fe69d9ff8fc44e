"""A study as the user states it: one model, one data set, the candidates and how to judge them."""

import copy
import hashlib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from wane._errors import InputError
from wane.keras_model.backend import require_jax
from wane.penalties import DEFAULT_ROLES, Candidate, Change, Penalty, candidate_names
from wane.study.inputs import data_set
from wane.study.kinds import RANGE, SETTINGS
from wane.study.resampling import DEFAULT_REPEATS, is_splitter
from wane.study.rows import Examples
from wane.study.sampling import Fresh, Subsample
from wane.study.scores import checked_scorers
from wane.study.stated import change_described, with_baseline

if TYPE_CHECKING:
    from wane.study.compare import Comparison
    from wane.study.path import PathResult
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
        select_by: what the best candidate is chosen by on validation rows: None for the data loss,
            the name of a metric or scorer, or ``(name, "up")`` or ``(name, "down")`` where nothing
            says which way is better.
        scorers: scikit-learn's, by name (``"roc_auc"``) or as ``make_scorer`` gives them; they
            judge every run's predictions of validation and test rows.
        train_sizes: whether to train the baseline on a quarter and a half of each repeat's
            training rows too (in at most 10 repeats), which shows what more rows would do. That
            takes at most a tenth of the time of seven candidates in 30 repeats.
        refine: whether to train strengths between those given too, around the best of them and
            around others that are nearly as good.
        halving: whether to drop candidates that fall behind after 2, 4, 8, … repeats, which comes
            to the same choice, within one standard error, with about a third of the runs.
        class_names: the classes by label, for figures.
        name: what to call the study in tables and files.

    Raises:
        InputError: if anything does not fit together, in one sentence that says what to do.
    """

    # What the study of a comparison has: its kinds by name, and what nothing may choose.
    kinds: Mapping[str, Sequence[Candidate]] = MappingProxyType({})
    unfair: Sequence[Candidate] = ()

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
        select_by: str | tuple[str, str] | None = None,
        scorers: Sequence[Any] | None = None,
        train_sizes: bool = True,
        refine: bool = False,
        halving: bool = False,
        class_names: Sequence[str] = (),
        name: str = "study",
    ) -> None:
        require_jax()
        if sample_weight is not None and class_weight is not None:
            raise InputError("Give sample_weight or class_weight, not both (as in Keras's fit).")
        self.model = model
        self.candidates = with_baseline(candidates)
        self.names = candidate_names(self.candidates)
        self.epochs = _whole(epochs, "epochs", 1)
        self.batch_size = _whole(batch_size, "batch_size", 1)
        self.seed = _whole(seed, "seed", 0, most=2**32 - 1)  # as NumPy and scikit-learn take it
        self.repeats = None if repeats is None else _whole(repeats, "repeats", 1)
        self.shuffle = shuffle
        self.initial_weights = _initial_weights(initial_weights)
        self.callbacks = _callbacks(callbacks)
        self.describe_transform = describe_transform
        self.select_by = select_by
        self.scorers = checked_scorers(scorers)
        self.class_names = tuple(class_names)
        self.name = name
        self.validation = validation
        self.train_sizes = train_sizes
        self.refine, self.halving = bool(refine), bool(halving)
        self.data = data_set(
            (x, y, sample_weight),
            validation=validation,
            test=test,
            transform=transform,
            standardize_target=standardize_target,
            class_weight=class_weight,
            repeats=self.repeats or DEFAULT_REPEATS,
            seed=self.seed,
        )

    def run(
        self,
        folder: str | Path | None = None,
        *,
        progress: bool = True,
        placement: "Placement | None" = None,
        seconds_before: Mapping[str, float] | None = None,
        recipe: Mapping[str, Any] | None = None,
    ) -> "Result":
        """Train every candidate and judge what came of it.

        Where the folder holds this very study, it is gone on with: finished runs are kept, those
        that were under way go on from where they were last kept, and every number is the same to
        the bit as without an interruption.

        Args:
            folder: where to write the study: ``study.json``, ``study.db``, ``summary.json``,
                tables, figures, report and ``best.keras``. None takes a temporary folder that goes
                with the result.
            progress: whether to show a progress bar on standard error.
            placement: how runs are laid on the machine; by default one for each available core,
                and on accelerators many side by side.
            seconds_before: stages of work before this call, by name, to be told with the study's
                own in ``seconds``.
            recipe: what the command line made the study from, for ``study.json``.

        Raises:
            InputError: if the folder holds something else, or the model does not fit the data.
            StorageError: if the folder cannot be written any more; finished runs are kept in it.
            Interrupted: on Ctrl-C; finished runs are kept in the folder.
        """
        from wane.study.run import run_study

        return run_study(
            self,
            folder,
            progress=progress,
            placement=placement,
            seconds_before=seconds_before,
            recipe=recipe,
        )

    def compare(
        self,
        kinds: Sequence[str] | Mapping[str, Any] | None = None,
        *,
        settings: int = SETTINGS,
        layers: str = "all",
        on: tuple[str, ...] = DEFAULT_ROLES,
        strengths: tuple[float, float] = RANGE,
        folder: str | Path | None = None,
        progress: bool = True,
        placement: "Placement | None" = None,
        seconds_before: Mapping[str, float] | None = None,
        recipe: Mapping[str, Any] | None = None,
    ) -> "Comparison":
        """Which kind of regularization is best, each tuned with the same budget.

        All settings of all kinds are trained in one study, in place of this study's candidates, on
        the same splits and from the same seeds. Each kind is then judged by its best setting on
        validation rows, and that on test rows, or where there are none by a bootstrap that allows
        for the choice.

        Args:
            kinds: names (``"none"``, ``"l1"``, ``"l2"``, ``"l1l2"``, ``"weight-decay"``,
                ``"dropout"``, ``"early-stopping"``, ``"max-norm"``, ``"dropout+bn+l2"``, or
                any penalty of the catalogue), by default these nine; or your own as
                ``{name: candidates}``, as :func:`wane.placements` gives them.
            settings: how many settings each named kind is tuned over.
            layers, on: the weights that named kinds penalize or constrain.
            strengths: weakest and strongest of L1, L2, L1L2 and other penalties but weight decay.
            folder, progress, placement, seconds_before, recipe: as in :meth:`run`.

        Raises:
            InputError: if a kind is unknown, the model cannot take it, or kinds differ in how many
                settings they have.
        """
        from wane.study.compare import compare

        return compare(
            self,
            kinds,
            settings=settings,
            layers=layers,
            on=on,
            strengths=strengths,
            folder=folder,
            progress=progress,
            placement=placement,
            seconds_before=seconds_before,
            recipe=recipe,
        )

    def path(
        self,
        penalty: type[Penalty],
        strengths: Iterable[float],
        *,
        layers: str = "all",
        on: str | tuple[str, ...] = DEFAULT_ROLES,
        falling: bool = False,
        equal_epochs: bool = False,
        folder: str | Path | None = None,
        progress: bool = True,
        placement: "Placement | None" = None,
        options: Mapping[str, Any] | None = None,
        recipe: Mapping[str, Any] | None = None,
    ) -> "PathResult":
        """Train the network, then go on under rising strengths, and see whether that is better.

        Each repeat trains the network without penalty, then goes on from its weights under the
        weakest strength, from there under the next, and so on, each time for ``epochs`` epochs with
        a fresh optimizer. Beside it, each strength is trained from fresh weights. This study's
        splits and seeds are used, and its candidates are not. With ``initial_weights="model"`` the
        path goes on from the weights that the model has, and cold starts begin there too.

        Args:
            penalty: the class, such as ``wane.L2``.
            strengths: all above 0.
            layers, on: the target of the penalty.
            falling: from the strongest down to none.
            equal_epochs: whether each cold start trains as many epochs as the path had in all at
                its strength, with as many fresh optimizers; else ``epochs``.
            folder, progress, placement, recipe: as in :meth:`run`.
            options: what else the penalty's class takes, such as ``{"proximal": True}``.

        Raises:
            InputError: if the strengths or the penalty cannot be used.
        """
        from wane.study.path import path

        return path(
            self,
            penalty,
            strengths,
            layers=layers,
            on=on,
            falling=falling,
            equal_epochs=equal_epochs,
            folder=folder,
            progress=progress,
            placement=placement,
            options=options or {},
            recipe=recipe,
        )

    def with_candidates(self, candidates: Sequence[Candidate | Change]) -> "Study":
        """The same study of other candidates, without the training on fewer rows.

        Raises:
            InputError: if they are no candidates, or two are the same.
        """
        twin = copy.copy(self)
        twin.candidates = with_baseline(candidates)
        twin.names = candidate_names(twin.candidates)
        twin.train_sizes = twin.refine = twin.halving = False
        return twin

    def with_more(self, candidates: Sequence[Candidate]) -> "Study":
        """The same study with further candidates, which tables show among the others."""
        twin = copy.copy(self)
        twin.candidates = (*self.candidates, *candidates)
        twin.names = candidate_names(twin.candidates)
        return twin

    def spec(self) -> dict[str, Any]:
        """The study in words and numbers, as ``study.json`` has it."""
        candidates = [
            [change_described(change) for change in candidate] for candidate in self.candidates
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
            "select_by": self.select_by,
            "scorers": list(self.scorers),
            "transform": repr(self.data.transform) if self.data.transform is not None else None,
            "standardize_target": self.data.standardize_target,
            "train_sizes": self.train_sizes,
            "refine": self.refine,
            "halving": self.halving,
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


def _initial_weights(given: Any) -> str:
    if given not in ("fresh", "model"):
        raise InputError(f"initial_weights must be 'fresh' or 'model', got {given!r}.")
    return str(given)


def _callbacks(given: Any) -> tuple[Any, ...]:
    """The callbacks as a tuple; a single one may be given alone."""
    if given is None:
        return ()
    return tuple(given) if isinstance(given, list | tuple) else (given,)


def _whole(value: Any, name: str, least: int, most: int | None = None) -> int:
    whole = not isinstance(value, bool) and isinstance(value, int | float | np.number)
    if not whole or not math.isfinite(value) or value != int(value) or value < least:
        raise InputError(f"{name} must be a whole number of at least {least}, got {value!r}.")
    if most is not None and value > most:
        raise InputError(f"{name} must be at most {most}, got {value!r}.")
    return int(value)


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
