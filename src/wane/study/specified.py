"""A study whose specification is made: what is done with it."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from wane._renamed import RenamedAttribute, renamed_arguments
from wane.penalties import DEFAULT_ROLES, Candidate, Change, Penalty
from wane.study.compare import compare_methods
from wane.study.path import train_path
from wane.study.results.comparison import Comparison
from wane.study.results.path import PathResult
from wane.study.results.result import Result
from wane.study.run import run_study
from wane.study.spec.methods import RANGE, SETTINGS, methods_of
from wane.study.spec.spec import StudySpec
from wane.training.execution import Execution


class SpecifiedStudy:
    """A study by its specification: trained, compared, or walked as a path.

    Attributes:
        spec: the checked specification, which ``study.json`` holds.
    """

    spec: StudySpec
    candidates = RenamedAttribute("spec.candidates")
    names = RenamedAttribute("spec.names")

    @classmethod
    def of(cls, spec: StudySpec) -> Self:
        """The study of a specification that has its model and its rows.

        Args:
            spec: as :attr:`spec` of another study.

        Returns:
            A study of that very specification.
        """
        study = cls.__new__(cls)
        study.spec = spec
        return study

    @renamed_arguments({"placement": "execution"})
    def run(
        self,
        folder: str | Path | None = None,
        *,
        progress: bool = True,
        execution: Execution | None = None,
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

        Returns:
            Tables, curves, verdict and models.

        Raises:
            InputError: if the folder holds something else or more repeats, the model does not fit
                the data, or ``minutes`` are shorter than one repeat, whose length it says.
            StorageError: if the folder cannot be written any more; finished runs are kept in it.
            Interrupted: on Ctrl-C; finished runs are kept in the folder.
        """
        return run_study(self.spec, folder, progress=progress, execution=execution)

    @renamed_arguments({"kinds": "methods", "placement": "execution"})
    def compare(
        self,
        methods: Sequence[str] | Mapping[str, Any] | None = None,
        *,
        settings: int = SETTINGS,
        layers: str = "all",
        on: tuple[str, ...] = DEFAULT_ROLES,
        strengths: tuple[float, float] = RANGE,
        folder: str | Path | None = None,
        progress: bool = True,
        execution: Execution | None = None,
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
            layers, on: the weights that named methods penalize or constrain.
            strengths: weakest and strongest of L1, L2, L1L2 and other penalties but weight decay.
            folder, progress, execution: as in :meth:`run`.

        Returns:
            The methods, their differences and the study of all their settings.

        Raises:
            InputError: if a method is unknown, the model cannot take it, or methods differ in how
                many settings they have.
        """
        groups = methods_of(
            self.spec, methods, settings=settings, layers=layers, on=on, strengths=strengths
        )
        return compare_methods(self.spec, groups, folder, progress=progress, execution=execution)

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
            folder, progress, execution: as in :meth:`run`.
            options: what else the penalty's class takes, such as ``{"proximal": True}``.

        Returns:
            Runs, stages and verdict of the path.

        Raises:
            InputError: if the strengths or the penalty cannot be used.
        """
        return train_path(
            self.spec,
            penalty,
            strengths,
            layers=layers,
            on=on,
            descending=descending,
            equal_epochs=equal_epochs,
            folder=folder,
            progress=progress,
            execution=execution,
            options=options or {},
        )

    def with_candidates(self, candidates: Sequence[Candidate | Change]) -> Self:
        """The same study of other candidates, without the training on fewer rows.

        Args:
            candidates: as for :class:`Study`.

        Returns:
            Another study; this one stays as it is.

        Raises:
            InputError: if they are no candidates, or two are the same.
        """
        return self.of(self.spec.with_candidates(candidates))

    def __repr__(self) -> str:
        return f"<Study {self.spec.name!r} of {len(self.spec.candidates)} candidates>"
