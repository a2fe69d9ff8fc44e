"""A problem, the default network and the command line's choices made into a study."""

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from wane._errors import InputError, nearest
from wane.data.networks import NETWORKS, default_network, parse_hidden
from wane.data.preprocessing import describe
from wane.data.problem import Problem
from wane.keras_model.bridge.callbacks import early_stopping as stopping
from wane.keras_model.checks.scale import scale_remarks
from wane.keras_model.initial.trained_weights import initial_weights_of
from wane.penalties import CATALOGUE, Candidate
from wane.resampling import Fresh
from wane.study import StudySpec, targets
from wane.study.spec.looks import most_repeats

if TYPE_CHECKING:
    import pandas as pd


def problem_spec(
    problem: Problem,
    *,
    candidates: Sequence[Candidate],
    model: str | Path | None = None,
    weights: str | None = None,
    optimizer_state: str | None = None,
    network: str | None = None,
    hidden: str | None = None,
    optimizer: str | None = None,
    learning_rate: float | None = None,
    repeats: int | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    early_stopping: int | None = None,
    standardize_target: bool | None = None,
    class_weight: str | None = None,
    seed: int = 0,
    **others: Any,
) -> StudySpec:
    """The study of a problem with a network of a usual kind; None takes the problem's own choice.

    Or, with the path of a ``.keras`` file as ``model``, of the network in it, from new weights or
    those in the file as ``weights`` says (``"fresh"`` or ``"model"``), and so with its optimizer
    as ``optimizer_state`` says. What else :class:`wane.Study` takes is in ``others``.

    Raises:
        InputError: if the network, the candidates or the numbers do not make sense.
    """
    units = None if hidden is None else parse_hidden(hidden)
    made: dict[str, Any] = {"network": network, "hidden": units}
    made |= {"optimizer": optimizer, "learning_rate": learning_rate}
    own = model is not None
    trained = _network(problem, **made) if model is None else _own_network(Path(model), **made)
    drawn = isinstance(problem.validation, Fresh)
    spec = StudySpec.of(
        trained,
        (None if drawn else problem.x, None if drawn else problem.y, None),
        candidates=candidates,
        validation=problem.validation,
        test=problem.test,
        # How long to train then says how many there are at most.
        repeats=problem.repeats if repeats is None and most_repeats(others) is None else repeats,
        epochs=problem.epochs if epochs is None else epochs,
        batch_size=problem.batch_size if batch_size is None else batch_size,
        seed=seed,
        transform=problem.transform,
        standardize_target=_standardized(problem, standardize_target, own=own),
        callbacks=_callbacks(early_stopping),
        class_weight=_class_weight(problem, class_weight),
        class_names=problem.class_names,
        name=problem.name,
        shuffle=True,
        initial_weights=_fresh_or_model("--weights", weights, "auto", own=own),
        optimizer_state=_fresh_or_model("--optimizer-state", optimizer_state, "fresh", own=own),
        **{"learning_curve": True, **problem.ties, **others},
    )
    describes = functools.partial(describe, problem=problem)
    return dataclasses.replace(spec, describe_transform=describes, account=problem.account)


def _class_weight(problem: Problem, given: str | None) -> str | None:
    """The option --class-weight, which is for classes."""
    if given is not None and problem.task == "regression":
        raise InputError(
            "--class-weight is for classes, and this target is an amount: leave it out."
        )
    return given


def _fresh_or_model(option: str, given: str | None, default: str, *, own: bool) -> str:
    """What runs begin with, by an option for networks of the user's own; all else is new."""
    if given is None:
        return default if own else "fresh"
    if not own:
        raise InputError(f"{option} is for a network of your own: give --model too, or leave it.")
    if given not in ("fresh", "model"):
        raise InputError(f"{option} takes fresh or model, got {given!r}.")
    return given


def _standardized(problem: Problem, wanted: bool | None, *, own: bool) -> bool:
    """Whether the target is centred and scaled, by the option --standardize-target.

    Not by itself for a network of the user's own, which is compiled for the target as it is: a last
    activation may not reach the standardized one, nor a loss allow it.
    """
    if wanted and problem.task in ("binary", "multiclass"):
        raise InputError(
            f"--standardize-target is for a number to predict, and not for this {problem.task} "
            f"task: leave it out."
        )
    return problem.standardize_target and not own if wanted is None else wanted


def notes_of(
    spec: StudySpec, problem: Problem, *, standardize_target: bool | None = None
) -> list[str]:
    """What to say of a network of the user's own before it is trained, in sentences.

    Args:
        spec: the study.
        problem: its data.
        standardize_target: the option, of which nothing is said where it was given.
    """
    notes = list(spec.data.notes)
    if standardize_target is None and problem.standardize_target and not spec.standardize_target:
        notes.append(
            "The target stays in its own unit, as your network has it; --standardize-target "
            "centres and scales it."
        )
    if spec.initial_weights == "auto":
        model, standardized = spec.model, spec.standardize_target
        note = initial_weights_of(model, model, "auto", standardized=standardized)[1]
        notes += [] if note is None else [note]
    rows = spec.data.development
    notes += scale_remarks(spec.model, rows.x, rows.y, standardized=spec.standardize_target)
    return notes


def _callbacks(early_stopping: int | None) -> list[Any] | None:
    """The callback that ``--early-stopping`` asks for."""
    if early_stopping is None:
        return None
    if early_stopping < 0:
        raise InputError(f"--early-stopping takes epochs, at least 0, got {early_stopping}.")
    return [stopping(early_stopping)]


def _network(
    problem: Problem,
    network: str | None,
    hidden: tuple[int, ...] | None,
    optimizer: str | None,
    learning_rate: float | None,
) -> Any:
    """The network of a problem; None takes the problem's own choice."""
    kind = problem.network if network is None else network
    if hidden is None and kind in NETWORKS:
        hidden = problem.hidden if kind == problem.network else NETWORKS[kind].hidden
    return default_network(
        input_shape(problem),
        task=problem.task,
        classes=max(len(problem.class_names), 2),
        hidden=hidden or (),
        network=kind,
        optimizer=optimizer or "adam",
        learning_rate=learning_rate,
    )


def _own_network(path: Path, **others: Any) -> Any:
    """The network in a file, which is used as it is compiled."""
    from wane.keras_model.editing.loading import load_model

    given = [f"--{name.replace('_', '-')}" for name, value in others.items() if value is not None]
    if given:
        raise InputError(
            f"The model in {path} is used as it is compiled; leave out {' and '.join(given)}."
        )
    model = load_model(path)
    if not model.compiled:
        raise InputError(
            f"The model in {path} is not compiled, so that it has no loss and no optimizer: call "
            f"model.compile(...) before model.save(...)."
        )
    return model


def input_shape(problem: Problem) -> tuple[int, ...]:
    """The shape of a row as the network gets it."""
    if problem.transform is None:
        return tuple(np.shape(problem.x)[1:])
    from sklearn.base import clone

    frame: pd.DataFrame = problem.x  # type: ignore[assignment] # a transform comes with a frame
    return tuple(clone(problem.transform).fit_transform(frame).shape[1:])


Methods = Sequence[str] | Mapping[str, Any] | None


def methods_to_compare(
    spec: StudySpec,
    names: Sequence[str] | None,
    *,
    settings: int | None,
    trials: int | None,
    where: bool,
    penalty: str | None,
    strengths: Sequence[float],
    factor: float | None,
) -> Methods:
    """The methods for :meth:`wane.Study.compare`: by name, or the targets of one penalty.

    Args:
        spec: what is studied.
        names, settings, trials: the methods, and how many settings each has, evenly spaced or from
            a sampler.
        where: whether targets are compared, and not methods.
        penalty, factor: that penalty, and how much stronger one end of the network is than the
            other; None where not given.
        strengths: those of the penalty.

    Raises:
        InputError: if an option of the one is given for the other, or the penalty is unknown.
    """
    if settings is not None and trials is not None:
        raise InputError(
            "--settings are evenly spaced, and --trials come from a sampler: give one of them."
        )
    of_methods = {"--method": names, "--settings": settings, "--trials": trials}
    of_targets = {"--penalty": penalty, "--factor": factor}
    out_of_place = [
        option
        for option, value in (of_methods if where else of_targets).items()
        if value is not None
    ]
    if out_of_place:
        raise InputError(
            f"{out_of_place[0]} is for comparing methods, and --where compares targets: leave out "
            f"one of them."
            if where
            else f"{out_of_place[0]} is for comparing targets: give --where too, or leave it out."
        )
    if not where:
        return names or None
    name = (penalty or "l2").lower()
    if name not in CATALOGUE:
        raise InputError(f"There is no penalty {penalty!r}: {nearest(name, CATALOGUE)}")
    return targets(CATALOGUE[name], strengths, spec.model, 10.0 if factor is None else factor)
