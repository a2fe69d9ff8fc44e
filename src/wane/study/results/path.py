"""The result of a path of strengths."""

import dataclasses
import functools
from pathlib import Path
from typing import Any

import pandas as pd

from wane._errors import InputError
from wane._language import in_each
from wane._renamed import RenamedAttribute
from wane.keras_model.copies import Model
from wane.penalties import strength_of
from wane.report.display.notebook import path_html
from wane.report.numbers import strength_text
from wane.report.wording import paragraph, spoken
from wane.study.evaluation.path import path_stages
from wane.study.journal.json_files import write_json
from wane.study.journal.names import JOURNAL, STATEMENT, SUMMARY
from wane.study.journal.serializer import to_dict
from wane.study.results.schema import PathDocument, PathSummary
from wane.study.running.path import PathTrainer, StartKind
from wane.study.spec.spec import StudySpec
from wane.study.verdicts.beside.path import path_text


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PathResult:
    """What a path and its cold starts showed.

    Attributes:
        runs: a row for each run: ``start`` (``"warm"`` or ``"cold"``), ``stage`` (from 0, in the
            order of the path), ``candidate``, ``strength``, ``repeat``, ``epochs`` (trained in
            all), then the final numbers as in ``Result.runs``, and ``zeros``, the share of
            penalized weights that are exactly zero. The first stage has one run, which stands for
            both starts.
        record: everything as dataclasses; ``document`` is the same as JSON.

    Example:
        >>> import numpy as np, wane
        >>> import keras
        >>> model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile(loss="mse")
        >>> x = np.linspace(0, 1, 20)
        >>> study = wane.Study(model, x[:, None], 2 * x, epochs=3, repeats=2)
        >>> path = study.path(wane.L2, [0.01, 0.1], progress=False)
        >>> [stage.strength for stage in path.record.stages]
        [0.0, 0.01, 0.1]
    """

    runs: pd.DataFrame
    record: PathDocument
    _trainer: PathTrainer

    @property
    def spec(self) -> StudySpec:
        """The study, its candidates being the strengths.

        Example:
            >>> path.spec.names
            ('baseline', 'L2(0.01)', 'L2(0.1)')
        """
        return self._trainer.spec

    @property
    def verdict(self) -> str:
        """At which strengths a warm start is better, in a short paragraph.

        Example:
            >>> path.verdict.endswith("This holds for networks trained on 15 rows of such data.")
            True
        """
        text: str = spoken(vars(self.record))["text"]
        return text

    @functools.cached_property
    def document(self) -> dict[str, Any]:
        """All of it as one JSON document.

        Example:
            >>> [stage["strength"] for stage in path.document["stages"]]
            [0.0, 0.01, 0.1]
        """
        document: dict[str, Any] = to_dict(self.record)
        return document

    @property
    def _traces(self) -> int:
        return sum(s.program.traces for s in self._trainer.session.structures.all)

    study = RenamedAttribute("spec")

    def plot(self, ax: Any = None, *, panel: str | None = None, column: bool = False) -> Any:
        """Loss, metric, size and zeros of the penalized weights along the path, warm and cold.

        Args:
            ax, panel, column: as of :meth:`Result.plot_strengths`; the panels are ``"data_loss"``,
                the metric, ``"norm"`` and, where weights are zero, ``"zeros"``.

        Returns:
            The ``matplotlib.figure.Figure``, or ``ax``.

        Example:
            >>> [ax.get_ylabel() for ax in path.plot().axes]
            ['validation data loss', 'validation RMSE', 'norm of weights']
        """
        from wane.report.figures import path_drawing

        return path_drawing(self.document).shown(ax, panel, column)

    def weights(self, strength: float, repeat: int = 0, start: StartKind = "warm") -> list[Any]:
        """The trained weights of a run of the path, trainable ones first.

        Args:
            strength: one of the path's; 0 for the network without penalty.
            repeat: which repeat, from 0.
            start: ``"warm"`` for the path, ``"cold"`` for the start at this strength.

        Returns:
            Arrays in the order of the model's variables.

        Raises:
            InputError: if there is no such run.

        Example:
            >>> [weight.shape for weight in path.weights(0.1, start="cold")]
            [(1, 1), (1,)]
        """
        strengths = [strength_of(candidate) for candidate in self.spec.candidates]
        values = None
        if float(strength) in strengths and start in ("warm", "cold"):
            values = self._trainer.weights(strengths.index(float(strength)), int(repeat), start)
        if values is None:
            raise InputError(
                f"The path has no {start!r} run of strength {strength!r} and repeat {repeat!r}: "
                f"its strengths are {', '.join(strength_text(s) for s in strengths)}."
            )
        return values

    def model(self, strength: float, repeat: int = 0, start: StartKind = "warm") -> Model:
        """A run of the path as a plain compiled Keras model.

        Args:
            strength, repeat, start: as for :meth:`weights`.

        Returns:
            The model, with its trained weights, regularizers and optimizer.

        Raises:
            InputError: if there is no such run.

        Example:
            >>> path.model(0.1).predict(x[:5, None], verbose=0).shape
            (5, 1)
        """
        values = self.weights(strength, repeat, start)
        strengths = [strength_of(candidate) for candidate in self.spec.candidates]
        index = strengths.index(float(strength))
        return self._trainer.session.trained_model(index, values, self.spec.epochs)

    def __str__(self) -> str:
        """The table of strengths and what it shows, as the command line prints them."""
        from wane.report.path import path_lines
        from wane.report.terminal import plain_text

        return plain_text(path_lines(self.document), width=100)

    def _repr_html_(self) -> str:
        return path_html(self.document)

    def __repr__(self) -> str:
        return f"<Path of {len(self.record.stages)} strengths: {self.verdict}>"


def path_document(trainer: PathTrainer, runs: pd.DataFrame) -> PathDocument:
    """The document of a path that has been trained, before files are written.

    Args:
        trainer: the path.
        runs: its table.
    """
    session, resampling = trainer.session, trainer.session.resampling
    stages = path_stages(runs, resampling, trainer.row_losses(runs))

    def said() -> str:
        verdict = path_text(
            stages,
            equal_epochs=trainer.equal_epochs,
            resampling=resampling,
            same_weights=session.same_weights,
            rows=session.row_counts()["train"],
        )
        return paragraph([verdict, *session.notes])

    text, others = in_each(said)
    return PathDocument(
        study=PathSummary(
            name=trainer.spec.name,
            task=session.bridge.task.kind,
            metric=session.bridge.task.metric,
            rows=session.row_counts(),
            resampling=str(resampling),
            shares_split=resampling.shares_split,
            same_weights=session.same_weights,
            repeats=resampling.repeats,
            epochs=trainer.spec.epochs,
            seed=trainer.spec.seed,
        ),
        descending=trainer.descending,
        equal_epochs=trainer.equal_epochs,
        stages=stages,
        text=text,
        files={},
        translations={name: {"text": own} for name, own in others.items()},
    )


def write_path(result: PathResult, place: Path) -> PathDocument:
    """Write ``summary.json``, ``runs.parquet`` and ``figures/path.png``; returns the document."""
    from wane.report.figures import png

    result.runs.to_parquet(place / "runs.parquet", index=False)
    (place / "figures").mkdir(exist_ok=True)  # the process may have been killed in between
    (place / "figures" / "path.png").write_bytes(png(result.plot()))
    files = {
        "folder": str(place),
        "summary": str(place / SUMMARY),
        "study": str(place / STATEMENT),
        "database": str(place / JOURNAL),
        "runs": str(place / "runs.parquet"),
        "figures": [str(place / "figures" / "path.png")],
    }
    record = dataclasses.replace(result.record, files=files)
    write_json(place / SUMMARY, to_dict(record))
    return record
