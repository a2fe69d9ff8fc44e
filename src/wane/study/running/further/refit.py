"""The chosen candidate, trained once more on everything that may be trained on."""

import dataclasses
from collections.abc import Callable
from typing import Any

from wane.keras_model.copies import in_unit
from wane.penalties import patience_of
from wane.resampling.dataset import TargetScale
from wane.study.journal.journal import Journal
from wane.study.running.session import Session
from wane.study.spec.spec import StudySpec


@dataclasses.dataclass(frozen=True)
class Refit:
    """The chosen candidate trained on everything that may be trained on.

    Attributes:
        make: makes a plain compiled Keras model of it.
        transform: the fitted transformer whose outputs the model takes, or None.
    """

    make: Callable[[], Any]
    transform: Any


def watches_validation(spec: StudySpec, chosen: int) -> bool:
    """Whether stopping or a callback needs validation rows, of which a refit has none."""
    if patience_of(spec.candidates[chosen]) is not None:
        return True
    return any(str(getattr(c, "monitor", "")).startswith("val_") for c in spec.callbacks)


def refitted(session: Session, journal: Journal, chosen: int) -> Refit:
    """The refit of a candidate, by its index; see :meth:`wane.Result.best_model`."""
    values, epochs = journal.weights(chosen, 0), journal.epochs(chosen, 0)
    assert values is not None, "the chosen candidate has every run"
    rows = session.splits.rows(0)
    of_all_rows = session.resampling.kind in ("fraction", "splitter")
    if of_all_rows and not watches_validation(session.spec, chosen):
        start, all_rows = session.structures.of(chosen).beginning.initial_states.on_all_rows()
        (trained,) = session.workers.results([session.run(chosen, 0)], lambda _: start)
        if trained.diverged is None:  # else the run of repeat 0, which has not
            values, epochs = [*trained.weights, *trained.state], len(trained.curves)
            rows = all_rows

    def make() -> Any:
        model = session.trained_model(chosen, values, epochs)
        target = rows.target
        return model if target == TargetScale() else in_unit(model, target.scale, target.centre)

    return Refit(make, rows.transform)
