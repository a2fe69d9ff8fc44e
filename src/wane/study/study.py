"""The study as users call it: one model, one data set, the candidates."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

from numpy.typing import ArrayLike

from wane._errors import InputError, joined
from wane._renamed import renamed_arguments
from wane.keras_model.copies import ModelSource
from wane.penalties import Candidate, Change
from wane.resampling.arguments import Test, Validation
from wane.resampling.checking import ArrayTree
from wane.study.given import one_validation, read_rows
from wane.study.journal.identity import differences
from wane.study.spec.completion import completed_arguments, with_methods
from wane.study.spec.spec import StudySpec
from wane.study.specified import SpecifiedStudy
from wane.study.worker.elsewhere import Elsewhere


class AnotherStudyError(InputError):
    """What was given for a specification makes another study than the one it states."""


class Study(SpecifiedStudy):
    """Candidates × repeats of one model on one data set, with its seed.

    Where Keras runs on another backend than JAX, a process on JAX trains: model, rows and settings
    are written to a private folder as data, as they are now, the table is the same, and models come
    back as models of this backend. The process checks the study here, for some seconds, and waits
    for its first training, until another study is made; where JAX has a GPU or TPU, whose memory it
    would hold, it does not wait. What data cannot hold, as a layer of the user's own, is refused by
    its name.

    Args:
        model: a compiled Keras model, or a function that returns one. A model is never changed, and
            the study takes a copy of it: training or compiling it later changes nothing here. A
            function is called once for each repeat, so weights that it loads stay.
        x: inputs, [rows, …], as a NumPy array or a pandas DataFrame; or a data set that gives them
            with their targets in batches, a ``keras.utils.PyDataset``, ``tf.data.Dataset`` or torch
            ``DataLoader`` of known length, which is read into arrays, once. Validation and test
            rows may come so too.
        y: targets, [rows] or [rows, …], as the model's loss takes them. With a :class:`wane.Fresh`
            as ``validation``, which draws all rows, x and y are left out.
        candidates: what to evaluate: penalties (see :func:`wane.sweep`), other rates for the
            model's dropout layers (:class:`wane.Dropout`), other networks (:class:`wane.Network`),
            or tuples of these. The baseline, the model as it is, is always evaluated too. By
            default L2 from 1e-6 to 1e-1 on every kernel.
        validation: rows to choose by, a quarter by default: a tuple ``(x, y)`` or
            ``(x, y, sample_weight)``, a fraction of the rows (a new random split for each repeat),
            a scikit-learn splitter, a :class:`wane.Subsample` (small training sets out of many
            rows) or a :class:`wane.Fresh` (new rows for each repeat).
        validation_data, validation_split: other names of ``validation``, as ``fit`` has them. A
            fraction is drawn at random for each repeat, where ``fit`` takes the last rows.
        test: rows on which nothing is chosen, in the same forms (a splitter's first split), or
            None. Expected performance on new data comes from them alone.
        groups: a label for each row, [rows], such as the patient that it is of. No group is on both
            sides of any split, and intervals draw groups in place of rows. Equal rows that are no
            coincidence count as a group always. Not with a ``Subsample`` or ``Fresh``.
        time: when each row was observed, [rows]: dates, or numbers that rise. Later rows test,
            those before them validate, and training rows are earlier than both; repeats share that
            one split. Validation and test are fractions then.
        gap: with ``time``, how many rows are left out between these parts.
        repeats: runs of each candidate, each with its own seed; 30, or a splitter's number of
            splits, by default. More repeats than splits must be a multiple of them.
        epochs, batch_size, shuffle: as in ``keras.Model.fit``.
        seed: a whole number from which every random choice of the study is drawn.
        initial_weights: ``"fresh"`` draws new weights for each repeat; ``"model"`` starts every
            run from the model's present weights, so that repeats differ in split and row order
            alone; ``"auto"`` does the latter where the weights are no longer an initializer's
            (trained, loaded or set), with a note, and else the former.
        optimizer_state: ``"fresh"`` begins every run with a new optimizer of the model's settings;
            ``"model"`` goes on with the state of the model's own, its moments and steps, as a
            further ``fit`` does. It needs the model's weights, and a model that has been trained.
        sample_weight: weights of the rows, [rows], as in ``fit``.
        class_weight: weight of each class by its label, as in ``fit``, or ``"balanced"`` for
            scikit-learn's: rows / (classes × rows of the class), of the rows that are no test rows;
            not with sample_weight.
        transform: an unfitted scikit-learn transformer for x, fitted for each split on its
            training rows only.
        callbacks: Keras callbacks that work inside the program: ``EarlyStopping``,
            ``ReduceLROnPlateau``, ``LearningRateScheduler``, ``TerminateOnNaN``. Where one
            monitors ``loss`` or ``val_loss``, it watches the data loss, without the penalty.
        standardize_target: centre and scale y by each split's training rows (for regression).
            The data loss is that of the scaled y; every metric is computed in y's own unit, in
            curves too, and :meth:`Result.best_model` predicts in it.
        select_by: what the best candidate is chosen by on validation rows: None for the data loss,
            the name of a metric or scorer, or ``(name, "up")`` or ``(name, "down")`` where nothing
            says which way is better. Where Keras's thresholds for a metric such as AUC lie too far
            apart, its exact value chooses, with a note.
        matters: the smallest difference of interest, in the unit of what candidates are chosen by
            (0.01 of accuracy is one point): a smaller one is "no practical difference", or "helps,
            but by less than matters". By default 0.01 of a score of which 1 is the best (accuracy,
            AUC, R²), and 1 % of the baseline's value of anything else.
        scoring: scikit-learn's scorers, by name (``"roc_auc"``) or as ``make_scorer`` gives them,
            for every run's predictions of validation and test rows. By default, where a class has
            less than a fifth of the rows: balanced accuracy, and of two classes ROC AUC, average
            precision and the Brier score too; ``()`` gives none.
        references: models of other kinds beside the networks, evaluated on the same rows and never
            chosen: None for ``"constant"``, a constant prediction, ``"linear"``, a linear model
            whose strength is tuned inside the training rows, ``"boosting"``, gradient boosting, and
            ``"recalibrated"``, the unregularized network with its probabilities recalibrated by a
            temperature; False for none; or a list of such names and of unfitted estimators of
            scikit-learn, or a dictionary of estimators by name. They take the network's inputs,
            flattened. For losses that are for neither classes nor numbers there are none.
        learning_curve: whether to train the baseline on a quarter and a half of each repeat's
            training rows too (in at most 10 repeats), which shows what more rows would do. That
            takes at most a tenth of the time of seven candidates in 30 repeats.
        retraining: whether to train the chosen candidate and the baseline again under random
            weights of the rows, where splits of one data set overlap: the interval of the
            improvement then comes from these runs, and speaks of other data sets of this kind.
            None does so where it costs little (see :mod:`wane.study.running.further.retraining`).
        extend: whether to go on by itself: to train stronger or weaker ones where the best strength
            lies at an end of those given and the loss still falls there, until it turns or the
            penalty holds the network at a constant, six at most at each end; and early stopping,
            where the baseline's validation loss was lowest long before the end. Not with
            ``minutes``.
        refine: whether to train strengths between those given too, around the best of them and
            around others that are nearly as good.
        halving: whether to drop candidates that fall behind after 2, 4, 8, … repeats, which comes
            to the same choice, within one standard error, with about a third of the runs.
        until_decided: whether to evaluate the study at 10, 20, 40, … repeats up to ``repeats`` (80
            by default), each time at a level of its own, and to end it where a candidate helps, or
            where more repeats would hardly tell more.
        minutes: how long to train: whole repeats over all candidates, as many as fit (and at most
            ``repeats``, 200 by default), then one evaluation. Time of earlier starts counts.
        class_names: the classes by label, for figures.
        name: what to call the study in tables and files.

    Raises:
        InputError: if anything does not fit together, in one sentence that says what to do. All of
            it is checked here, up to the first step of the first run, and the first :meth:`run`,
            :meth:`compare` or :meth:`path` goes on from there.
        StorageError: if a process on JAX is to have the study, and there is no room for its files.

    Attributes:
        spec: the checked specification, which ``study.json`` holds.

    Example:
        >>> import keras, numpy as np, wane
        >>> model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile(loss="mse")
        >>> x = np.linspace(0, 1, 20)
        >>> study = wane.Study(
        ...     model, x[:, None], 2 * x, candidates=[wane.L2(0.01)],
        ...     epochs=3, repeats=2, learning_curve=False,
        ... )
        >>> study.spec.names
        ('baseline', 'L2(0.01)')
        >>> study.run(progress=False).chosen in study.spec.names
        True
    """

    @renamed_arguments({"scorers": "scoring", "train_sizes": "learning_curve"})
    def __init__(
        self,
        model: ModelSource,
        x: ArrayTree | None = None,
        y: ArrayTree | None = None,
        *,
        candidates: Sequence[Candidate | Change] | None = None,
        validation: Validation | None = None,
        validation_data: Validation | None = None,
        validation_split: float | None = None,
        test: Test | None = None,
        groups: ArrayLike | None = None,
        time: ArrayLike | None = None,
        gap: int = 0,
        repeats: int | None = None,
        epochs: int,
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int = 0,
        initial_weights: str = "auto",
        optimizer_state: str = "fresh",
        sample_weight: ArrayTree | None = None,
        class_weight: Mapping[int, float] | str | None = None,
        transform: Any = None,
        callbacks: Sequence[Any] | None = None,
        standardize_target: bool = False,
        select_by: str | tuple[str, str] | None = None,
        matters: float | None = None,
        scoring: Sequence[Any] | None = None,
        references: Sequence[Any] | Mapping[str, Any] | bool | None = None,
        learning_curve: bool = True,
        retraining: bool | None = None,
        extend: bool = True,
        refine: bool = False,
        halving: bool = False,
        until_decided: bool = False,
        minutes: float | None = None,
        class_names: Sequence[str] = (),
        name: str = "study",
    ) -> None:
        given = dict(locals())  # the arguments alone, as long as it stands first
        for name in ("self", "model", "x", "y", "sample_weight"):
            del given[name]
        given["validation"] = one_validation(
            validation, given.pop("validation_data"), given.pop("validation_split")
        )
        rows, given = read_rows((x, y, sample_weight), given)
        spec = StudySpec.of(model, rows, **given)
        self._hold(spec, Elsewhere.of(spec, rows))

    @classmethod
    def from_spec(
        cls,
        spec: StudySpec,
        model: ModelSource,
        x: ArrayTree | None = None,
        y: ArrayTree | None = None,
        *,
        sample_weight: ArrayTree | None = None,
        validation: Validation | None = None,
        test: Test | None = None,
        groups: ArrayLike | None = None,
        time: ArrayLike | None = None,
        transform: Any = None,
        callbacks: Sequence[Any] | None = None,
        scoring: Sequence[Any] | None = None,
        references: Sequence[Any] | Mapping[str, Any] | None = None,
        networks: Mapping[str, ModelSource] | None = None,
    ) -> Self:
        """The study that a specification from ``study.json`` states, with model and rows again.

        Args:
            spec: what :meth:`StudySpec.from_dict` gives.
            model, x, y, sample_weight: as for :class:`Study`.
            validation, test, groups, time, transform, callbacks, scoring, references: what JSON
                cannot hold of them, where the study had it: arrays, splitters, functions, Keras's
                and scikit-learn's objects. What JSON holds may be given too, and must be the same.
            networks: the model of each :class:`wane.Network` among the candidates by its title.

        Returns:
            The same study: it resumes the folder, and gives the same numbers.

        Raises:
            InputError: if something is missing.
            AnotherStudyError: an InputError, if something differs from what the specification says.

        Example:
            >>> wane.Study.from_spec(study.spec, model, x[:, None], 2 * x).spec.names
            ('baseline', 'L2(0.01)')
        """
        given = {
            "validation": validation,
            "test": test,
            "groups": groups,
            "time": time,
            "transform": transform,
            "callbacks": callbacks,
            "scoring": scoring,
            "references": references,
            "networks": networks,
        }
        rows, settings = read_rows((x, y, sample_weight), completed_arguments(spec, given))
        found = StudySpec.of(model, rows, **settings)
        found = with_methods(found, spec)
        different = differences(spec.to_dict(), found.to_dict())
        if different:
            raise AnotherStudyError(
                f"This is another study than the one that was written, which differs in its "
                f"{joined(different)}: give what it was made with."
            )
        return cls.of(found, rows)
