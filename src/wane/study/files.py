"""The files of a finished study: tables, figures, report, model and summary."""

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from wane.keras_model.models import in_unit
from wane.penalties import patience_of
from wane.study.predictions import write_predictions
from wane.study.rows import TargetScale
from wane.study.store import write_json
from wane.study.summary import write_curves

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from wane.study.result import Result
    from wane.study.run import Clock, Session
    from wane.study.spec import Study
    from wane.study.store import Store


def write_results(
    result: "Result",
    session: "Session",
    store: "Store",
    clock: "Clock",
    more: Mapping[str, Callable[[], "Figure"]],
) -> None:
    """Write the files for people: tables, model, figures (``more`` ones first) and report."""
    from wane.report.figures import png
    from wane.report.page import page

    folder = result.folder
    result.runs.to_parquet(folder / "runs.parquet", index=False)
    names = session.program.curve_names
    write_curves(store.curves(), result.study.names, names, folder / "curves.parquet")
    if result.verdict.decided:
        result.best_model().save(folder / "best.keras")
    figures = {name: png(figure()) for name, figure in more.items()} | _figures(result, session)
    (folder / "figures").mkdir(exist_ok=True)  # the process may have been killed in between
    for name, image in figures.items():
        (folder / "figures" / f"{name}.png").write_bytes(image)
    describe = result.study.describe_transform
    others = {"summary": "summary.json", "report": "report.html"}
    if result.verdict.decided:
        others["model"] = "best.keras"
        if describe is not None:
            write_json(folder / "preprocessing.json", describe(result.best_transform()))
            others["preprocessing"] = "preprocessing.json"
    if write_predictions(session, store, folder / "predictions.parquet"):
        others["predictions"] = "predictions.parquet"
    result.document["files"] = _paths(folder, others, figures)
    result.document["seconds"] = clock.told()
    (folder / "report.html").write_text(page(result.document, figures), encoding="utf-8")


def _paths(folder: Path, others: dict[str, str], figures: dict[str, bytes]) -> dict[str, Any]:
    names = {
        "study": "study.json",
        "database": "study.db",
        "runs": "runs.parquet",
        "curves": "curves.parquet",
        **others,
    }
    return {
        "folder": str(folder),
        **{key: str(folder / name) for key, name in names.items()},
        "figures": [str(folder / "figures" / f"{name}.png") for name in figures],
    }


def _figures(result: "Result", session: "Session") -> dict[str, bytes]:
    """PNG images of the study's figures by name."""
    from wane.report.figures import png

    figures = {
        "strengths": result.plot_strengths(),
        "learning_curves": result.plot_learning_curves(),
        "norms": result.plot_norms(),
    }
    if result.train_sizes is not None:
        figures["train_sizes"] = result.plot_train_sizes()
    boundary = _boundary(result, session)
    if boundary is not None:
        figures["boundary"] = boundary
    return {name: png(figure) for name, figure in figures.items()}


def _boundary(result: "Result", session: "Session") -> "Figure | None":
    """The decision boundary, for a yes-or-no question over two numbers."""
    from wane.report.figures import boundary_figure

    rows = session.splits.rows(0)
    shape = rows.train.x.shape
    if (
        not result.verdict.decided
        or session.bridge.task.kind != "binary"
        or len(shape) != 2
        or shape[1] != 2
    ):
        return None
    chosen = result.study.names.index(result.chosen)
    panels = [
        (result.study.names[index], _probability(result, session, index))
        for index in dict.fromkeys((0, chosen))
    ]
    return boundary_figure(
        (np.asarray(rows.train.x), np.asarray(rows.train.y).ravel()),
        (np.asarray(rows.validation.x), np.asarray(rows.validation.y).ravel()),
        panels,
        axis_names=("first input", "second input"),
        class_names=result.study.class_names or ("class 0", "class 1"),
    )


def _probability(result: "Result", session: "Session", index: int) -> Any:
    """The probability that a candidate's run of repeat 0 gives at points [points, 2]."""
    model = result.model(result.study.names[index])

    def probability(points: np.ndarray) -> np.ndarray:
        outputs = jnp.ravel(model(jnp.asarray(points, jnp.float32), training=False))
        return np.asarray(jax.nn.sigmoid(outputs) if session.bridge.task.from_logits else outputs)

    return probability


@dataclasses.dataclass(frozen=True)
class Refit:
    """The chosen candidate trained on everything that may be trained on.

    Attributes:
        make: makes a plain compiled Keras model of it.
        transform: the fitted transformer whose outputs the model takes, or None.
    """

    make: Callable[[], Any]
    transform: Any


def _watches_validation(study: "Study", chosen: int) -> bool:
    """Whether stopping or a callback needs validation rows, of which a refit has none."""
    if patience_of(study.candidates[chosen]) is not None:
        return True
    return any(str(getattr(c, "monitor", "")).startswith("val_") for c in study.callbacks)


def refitted(study: "Study", chosen: int, store: "Store", session: "Session") -> Refit:
    """The chosen candidate's refit; see :meth:`Result.best_model`."""
    values, epochs = store.weights(chosen, 0), store.epochs(chosen, 0)
    assert values is not None, "the chosen candidate has every run"
    rows = session.splits.rows(0)
    of_all_rows = session.resampling.kind in ("fraction", "splitter")
    if of_all_rows and not _watches_validation(study, chosen):
        start, all_rows = session.structures.of(chosen).starts.on_all_rows()
        (trained,) = session.workers.results([session.run(chosen, 0)], lambda _: start)
        if trained.diverged is None:  # else the run of repeat 0, which has not
            values, epochs = [*trained.weights, *trained.state], len(trained.curves)
            rows = all_rows

    def make() -> Any:
        model = session.trained_model(chosen, values, epochs)
        target = rows.target
        return model if target == TargetScale() else in_unit(model, target.scale, target.centre)

    return Refit(make, rows.transform)
