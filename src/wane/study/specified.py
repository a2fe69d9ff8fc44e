"""A study whose specification is made: what is done with it."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from wane._language import gettext, language, pgettext
from wane._renamed import RenamedAttribute, renamed_arguments
from wane.penalties import DEFAULT_ROLES, L2, Candidate, Change, Penalty, Range
from wane.report.display.notebook import settings_html
from wane.report.wording import row_counts
from wane.study.compare import compare_methods
from wane.study.path import train_path
from wane.study.results.comparison import Comparison
from wane.study.results.path import PathResult
from wane.study.results.result import Result
from wane.study.run import run_study
from wane.study.running.session import Session
from wane.study.spec.methods import RANGE, SETTINGS, checked_range, methods_of
from wane.study.spec.spaces.methods import spaces_of
from wane.study.spec.spaces.search import search_of
from wane.study.spec.spec import StudySpec
from wane.study.tuning.tune import tune_spaces
from wane.study.worker.elsewhere import Elsewhere
from wane.study.worker.request import Rows
from wane.training.execution import Execution


class SpecifiedStudy:
    """A study by its specification: trained, compared, or walked as a path.

    Attributes:
        spec: the checked specification, which ``study.json`` holds.
    """

    spec: StudySpec
    _ready: Session | None
    _elsewhere: Elsewhere | None
    """The study as a process on JAX trains it, where this one is of another backend."""
    candidates = RenamedAttribute("spec.candidates")
    names = RenamedAttribute("spec.names")

    @classmethod
    def of(cls, spec: StudySpec, rows: Rows | None = None) -> Self:
        """The study of a specification that has its model and its rows.

        Args:
            spec: as :attr:`spec` of another study.
            rows: x, y and sample_weight as they were given, for a process on JAX where this one is
                of another backend.

        Returns:
            A study of that very specification.

        Raises:
            InputError: if anything does not fit together.

        Example:
            >>> wane.Study.of(study.spec).spec is study.spec
            True
        """
        study = cls.__new__(cls)
        study._hold(spec, None if rows is None else Elsewhere.of(spec, rows))
        return study

    def _hold(
        self, spec: StudySpec, elsewhere: Elsewhere | None, like: Session | None = None
    ) -> None:
        """Take a specification, of which all is checked; the first training takes that over.

        Args:
            spec: the specification.
            elsewhere: it as a process on JAX has checked it; None where this one does.
            like: what has been checked of this study with other candidates.
        """
        language()  # a wrong WANE_LANG is refused before anything is trained
        self.spec, self._elsewhere = spec, elsewhere
        self._ready = Session(spec, like) if elsewhere is None else None

    def _checked(self) -> Session | None:
        """What was made to check the study, for one training; None for a later one."""
        ready, self._ready = self._ready, None
        return ready

    def __getstate__(self) -> dict[str, Any]:  # a session has threads, and is of one study
        return {**self.__dict__, "_ready": None}

    @renamed_arguments({"placement": "execution"})
    def run(
        self,
        folder: str | Path | None = None,
        *,
        progress: bool = True,
        execution: Execution | None = None,
        ray: str | None = None,
    ) -> Result:
        """Train every candidate and evaluate what came of it.

        Where the folder holds this very study, it is resumed: finished runs are kept, those that
        were under way continue from their last checkpoint, and every number is the same to the bit
        as without an interruption. Where it holds the study with fewer repeats, the others are
        trained, and evaluating them is another look at it, at a level of its own.

        Args:
            folder: where to write the study: ``study.json``, ``study.db``, ``summary.json``,
                tables, figures, report and ``best.keras``. None takes a temporary folder that goes
                with the result.
            progress: whether to show a progress bar on standard error.
            execution: how runs are laid on the machine; by default one for each available core,
                and on accelerators many side by side.
            ray: a Ray cluster whose workers train in place of this process: ``"auto"`` (the one
                that runs on this machine, or that ``RAY_ADDRESS`` names), ``"local"`` (one of this
                machine alone, for this study; where this process is connected to Ray already, that
                cluster), or the address of a head node, ``"HOST:PORT"``.
                Every number is the same to the bit on the same kind of device. ``execution`` says
                then how each worker trains; its ``threads`` are a worker's cores.

        Returns:
            Tables, curves, verdict and models.

        Raises:
            InputError: if the folder holds something else or more repeats, ``minutes`` are shorter
                than one repeat, whose length it says, what a function or transform of yours gives
                in a later repeat does not fit, or there is no such cluster.
            WaneError: if the cluster fails; finished runs are kept in the folder.
            StorageError: if the folder cannot be written any more; finished runs are kept in it.
            Interrupted: on Ctrl-C; finished runs are kept in the folder.

        Example:
            >>> study.run(progress=False).runs["repeat"].unique().tolist()
            [0, 1]
        """
        if self._elsewhere is not None:
            return self._elsewhere.asked_to(progress, execution, ray).run(folder)
        ready = self._checked()
        own: dict[str, Any] = {"progress": progress, "execution": execution, "ray": ray}
        return run_study(self.spec, folder, ready=ready, **own)

    @renamed_arguments({"kinds": "methods", "placement": "execution"})
    def compare(
        self,
        methods: Sequence[str] | Mapping[str, Any] | None = None,
        *,
        settings: int = SETTINGS,
        trials: int | None = None,
        layers: str = "all",
        on: tuple[str, ...] = DEFAULT_ROLES,
        strengths: tuple[float, float] = RANGE,
        folder: str | Path | None = None,
        progress: bool = True,
        execution: Execution | None = None,
        ray: str | None = None,
    ) -> Comparison:
        """Which method of regularization is best, each tuned with the same budget.

        All settings of all methods are trained in one study, in place of this study's candidates,
        on the same splits and from the same seeds. Each method is then evaluated by its best
        setting on validation rows, and that on test rows, or where there are fewer than ten of
        them, or of their groups, by a bootstrap that allows for the choice.

        Args:
            methods: names (``"none"``, ``"l1"``, ``"l2"``, ``"l1l2"``, ``"weight-decay"``,
                ``"dropout"``, ``"early-stopping"``, ``"max-norm"``, ``"dropout+bn+l2"``, or
                any penalty of the catalogue), by default these nine; or your own as
                ``{name: candidates}``, as :func:`wane.targets` gives them.
            settings: how many settings each named method is tuned over.
            trials: in place of evenly spaced settings, so many from a sampler that knows the runs
                before, as in :meth:`tune`: of ``"l1"``, ``"l2"``, ``"l1l2"``, ``"weight-decay"``,
                the other penalties of the catalogue, and the ``"dropout"`` that the model has.
            layers, on: the weights that named methods penalize or constrain.
            strengths: weakest and strongest of L1, L2, L1L2 and other penalties but weight decay.
            folder, progress, execution, ray: as in :meth:`run`.

        Returns:
            The methods, their differences and the study of all their settings.

        Raises:
            InputError: if a method is unknown, the model cannot take it, methods differ in how
                many settings they have, or one has none that can be searched.

        Example:
            >>> list(study.compare(["l1", "l2"], settings=2, progress=False).methods["method"])
            ['none', 'l1', 'l2']
        """
        how: dict[str, Any] = {"layers": layers, "on": on, "strengths": strengths}
        if self._elsewhere is not None:
            own = self._elsewhere.asked_to(progress, execution, ray)
            return own.compare(methods, folder, settings=settings, trials=trials, **how)
        shown: dict[str, Any] = {"progress": progress, "execution": execution, "ray": ray}
        if trials is not None:
            search = spaces_of(self.spec, methods, trials=trials, **how)
            return tune_spaces(self.spec, search, folder, ready=self._checked(), **shown)
        groups = methods_of(self.spec, methods, settings=settings, **how)
        return compare_methods(self.spec, groups, folder, ready=self._checked(), **shown)

    def tune(
        self,
        space: Sequence[Range] | None = None,
        *,
        penalty: type[Penalty] = L2,
        strengths: tuple[float, float] = RANGE,
        on: tuple[str, ...] = DEFAULT_ROLES,
        trials: int | None = None,
        evidence: bool = True,
        folder: str | Path | None = None,
        progress: bool = True,
        execution: Execution | None = None,
        ray: str | None = None,
    ) -> Comparison:
        """A strength for each layer, found by a search, beside one strength for all of them.

        In place of this study's candidates two spaces are searched, with as many candidates each:
        one strength of ``penalty`` for all layers, and ``space``. Candidates come in rounds from a
        sampler that knows the runs before; those that fall behind are dropped after 2, 4, 8, …
        repeats. The best of each are compared as by :meth:`compare`.

        Args:
            space: a :class:`wane.Range` for each strength or dropout rate that is searched, no two
                of which act on the same weights; None for a strength for each layer.
            penalty: the class, such as ``wane.L2``.
            strengths, on: its weakest and strongest, beside none, and the roles that it acts on.
            trials: candidates of each space; 24, and 12 for each range, by default.
            evidence: whether small networks under L2 have :attr:`Comparison.evidence` too.
            folder, progress, execution, ray: as in :meth:`run`.

        Returns:
            Both methods, their differences and the study of all candidates.

        Raises:
            InputError: if a range acts on nothing, two act on the same weights, there is only one
                layer or are fewer trials than ranges, or Optuna is not installed.

        Example:
            >>> import keras, numpy as np, wane
            >>> layers = [keras.layers.Input((40,)), keras.layers.Dense(4), keras.layers.Dense(1)]
            >>> model = keras.Sequential(layers)
            >>> model.compile(loss="mse")
            >>> study = wane.Study(model, np.eye(40), np.arange(40), epochs=2, repeats=2, test=0.3)
            >>> found = study.tune(trials=4, progress=False)
            >>> list(found.methods["method"])
            ['none', 'one strength', 'by layer']
        """
        how: dict[str, Any] = {"on": on, "trials": trials, "evidence": evidence}
        how |= {"penalty": penalty, "strengths": checked_range(strengths)}
        if self._elsewhere is not None:
            return self._elsewhere.asked_to(progress, execution, ray).tune(space, folder, **how)
        return tune_spaces(
            self.spec,
            search_of(self.spec.model, space, **how),
            folder,
            progress=progress,
            execution=execution,
            ready=self._checked(),
            ray=ray,
        )

    @renamed_arguments({"falling": "descending", "placement": "execution"})
    def path(
        self,
        penalty: type[Penalty],
        strengths: Iterable[float],
        *,
        layers: str = "all",
        on: str | tuple[str, ...] = DEFAULT_ROLES,
        descending: bool = False,
        equal_epochs: bool = False,
        folder: str | Path | None = None,
        progress: bool = True,
        execution: Execution | None = None,
        ray: str | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> PathResult:
        """Train the network, then continue under rising strengths, and see whether that is better.

        Each repeat trains the network without penalty, then continues from its weights under the
        weakest strength, from there under the next, and so on, each time for ``epochs`` epochs with
        a fresh optimizer. Beside it, each strength is trained from fresh weights. This study's
        splits and seeds are used, and its candidates are not. Where runs start from the model's own
        weights (``initial_weights``), so does the path, and cold starts begin there too.

        Args:
            penalty: the class, such as ``wane.L2``.
            strengths: all above 0.
            layers, on: the target of the penalty.
            descending: from the strongest down to none.
            equal_epochs: whether each cold start trains as many epochs as the path had in all at
                its strength, with as many fresh optimizers; else ``epochs``.
            folder, progress, execution, ray: as in :meth:`run`; no two workers share one chain.
            options: what else the penalty's class takes, such as ``{"proximal": True}``.

        Returns:
            Runs, stages and verdict of the path.

        Raises:
            InputError: if the strengths or the penalty cannot be used.

        Example:
            >>> len(study.path(wane.L2, [0.01, 0.1], progress=False).record.stages)
            3
        """
        how: dict[str, Any] = {
            "layers": layers,
            "on": on,
            "descending": descending,
            "equal_epochs": equal_epochs,
            "options": options or {},
        }
        if self._elsewhere is not None:
            own = self._elsewhere.asked_to(progress, execution, ray)
            return own.path(penalty, strengths, folder, **how)
        how |= {"folder": folder, "progress": progress, "execution": execution, "ray": ray}
        return train_path(self.spec, penalty, strengths, ready=self._checked(), **how)

    def with_candidates(self, candidates: Sequence[Candidate | Change]) -> Self:
        """The same study of other candidates, without the training on fewer rows.

        Args:
            candidates: as for :class:`Study`.

        Returns:
            Another study; this one stays as it is.

        Raises:
            InputError: if they are no candidates or do not fit the model, or two are the same.

        Example:
            >>> study.with_candidates([wane.L1(0.01)]).spec.names
            ('baseline', 'L1(0.01)')
        """
        other = type(self).__new__(type(self))
        spec, there = self.spec.with_candidates(candidates), self._elsewhere
        other._hold(spec, None if there is None else there.of_candidates(spec), self._ready)
        return other

    def _repr_html_(self) -> str:
        spec = self.spec
        settings = {
            gettext("candidates"): pgettext("between the words of a list", ", ").join(spec.names),
            gettext("rows"): row_counts(spec.rows),
            gettext("epochs"): gettext("{epochs} in batches of {size}").format(
                epochs=f"{spec.epochs:,}", size=f"{spec.batch_size:,}"
            ),
            gettext("repeats"): gettext("one for each split")
            if spec.repeats is None
            else f"{spec.repeats:,}",
            gettext("seed"): spec.seed,
        }
        title = gettext("Study {name!r}, not trained yet: call run()").format(name=spec.name)
        return settings_html(title, settings)

    def __repr__(self) -> str:
        return f"<Study {self.spec.name!r} of {len(self.spec.candidates)} candidates>"
