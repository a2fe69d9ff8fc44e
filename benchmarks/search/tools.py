"""One tool that searches a strength for each layer of an example, in a process of its own.

``python -m benchmarks.search.tools TOOL EXAMPLE SECONDS`` prints JSON: what it held to be the best,
from when on. Seconds are those of processor time of the whole process, imports and compiling
included, which other work on the machine changes little. All tools
search one space, none and the example's strengths for each layer; those on Keras train each setting
once, on the rows of the first repeat, with ``fit`` on JAX, and compare the data loss of its
validation rows after the last epoch.
"""

import dataclasses
import itertools
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

LEVELS = 6
"""Places of each range that the grid has, of which the first is none."""


@dataclasses.dataclass(frozen=True)
class Moment:
    """What a tool holds to be the best from now on.

    Attributes:
        seconds: of processor time since its process began.
        runs: networks trained by now.
        strengths: of each layer, 0 for none; empty for the end of its search.
    """

    seconds: float
    runs: int
    strengths: tuple[float, ...]


class Task:
    """An example as tools on Keras take it.

    Args:
        example: its name.
        seconds: of processor time, after which no training begins any more.
        epochs: of each training; None takes the example's own.
    """

    def __init__(self, example: str, seconds: float, epochs: int | None) -> None:
        self.example, self.seconds, self.epochs = example, seconds, epochs
        self.study, self.space = task_of(example, epochs)
        self.moments: list[Moment] = []
        self._runs, self._lowest = 0, np.inf

    def rows(self) -> tuple[Any, ...]:
        """Inputs and targets of the first repeat, of training and of validation rows."""
        from wane.study.running.session import Session

        rows = Session(self.study.spec).splits.rows(0)
        parts = (rows.train, rows.validation)
        arrays = [np.asarray(one) for part in parts for one in (part.x, part.y)]
        return tuple(one[:, None] if one.ndim == 1 else one for one in arrays)

    @property
    def is_over(self) -> bool:
        """Whether the time has passed."""
        return time.process_time() >= self.seconds

    def take(self, places: Sequence[float], loss: float) -> None:
        """What a training came to."""
        self._runs += 1
        if loss < self._lowest:
            self._lowest = loss
            strengths = tuple(self._strength(*one) for one in zip(self.space, places, strict=True))
            self.moments.append(Moment(time.process_time(), self._runs, strengths))

    def end(self) -> list[Moment]:
        """All moments, the end of the search last."""
        return [*self.moments, Moment(time.process_time(), self._runs, ())]

    def network(self, places: Sequence[float]) -> Any:
        """The example's network under these strengths, compiled."""
        import keras

        model = self.study.spec.model
        strengths = {
            one.layers: self._strength(one, place)
            for one, place in zip(self.space, places, strict=True)
        }
        config = model.get_config()
        for layer in config["layers"]:
            strength = strengths.get(layer["config"]["name"], 0.0)
            if strength:
                penalty = keras.regularizers.serialize(keras.regularizers.L2(strength))
                layer["config"]["kernel_regularizer"] = penalty
        made = type(model).from_config(config)
        function = keras.losses.get(model.loss)

        def data_loss(y: Any, outputs: Any) -> Any:
            return function(y, outputs)

        optimizer = type(model.optimizer).from_config(model.optimizer.get_config())
        made.compile(optimizer=optimizer, loss=model.loss, metrics=[data_loss])
        return made

    def trained(self, places: Sequence[float], rows: tuple[Any, ...]) -> float:
        """The data loss of validation rows after training under these strengths."""
        spec = self.study.spec
        model = self.network(places)
        model.fit(*rows[:2], epochs=spec.epochs, batch_size=spec.batch_size, verbose=0)
        loss = model.evaluate(*rows[2:], verbose=0, return_dict=True)["data_loss"]
        self.take(places, float(loss))
        return float(loss)

    @staticmethod
    def _strength(one: Any, place: float) -> float:
        found = one.at(place)
        return 0.0 if found is None else float(found.strength)


def task_of(example: str, epochs: int | None) -> tuple[Any, tuple[Any, ...]]:
    """The study of an example, without candidates, and a range for each of its layers."""
    import wane
    from benchmarks.guide import study
    from wane.cli.made import problems
    from wane.penalties import DEFAULT_ROLES
    from wane.study.spec.spaces.search import EACH, search_of

    made = study(example, problems.load_problem(example).repeats if epochs is None else 4, epochs)
    how: dict[str, Any] = {"penalty": wane.L2, "on": DEFAULT_ROLES, "trials": None}
    search = search_of(made.spec.model, None, strengths=strengths_of(example), **how)
    return made, search.spaces[EACH]


def strengths_of(example: str) -> tuple[float, float]:
    """The weakest and the strongest of an example."""
    from wane.cli.made import problems

    tuned = problems.load_problem(example).strengths
    return min(tuned), max(tuned)


def by_wane(task: Task) -> list[Moment]:
    """What a search holds is its best candidate among those with the most repeats so far."""
    from wane.study.journal.journal import Journal

    whole, came = Journal.add, []

    def add(self: Journal, trained: Any) -> None:
        whole(self, trained)
        loss = trained.numbers["validation_data_loss"]
        came.append((time.process_time(), trained.run.candidate, loss))

    Journal.add = add  # type: ignore[method-assign] # put back below
    try:
        found = task.study.tune(
            strengths=strengths_of(task.example),
            trials=None if task.epochs is None else 4,
            progress=False,
        )
    finally:
        Journal.add = whole  # type: ignore[method-assign] # as above
    candidates = found.result.spec.candidates
    losses: dict[int, list[float]] = {}
    moments: list[Moment] = []
    for runs, (seconds, candidate, loss) in enumerate(came, start=1):
        losses.setdefault(candidate, []).append(loss)
        most = max(map(len, losses.values()))
        whole_ones = [one for one, own in losses.items() if len(own) == most]
        best = min(whole_ones, key=lambda one: float(np.mean(losses[one])))
        places = [one.place_of(candidates[best]) for one in task.space]
        strengths = tuple(task._strength(*one) for one in zip(task.space, places, strict=True))
        if not moments or moments[-1].strengths != strengths:
            moments.append(Moment(seconds, runs, strengths))
    return [*moments, Moment(time.process_time(), len(came), ())]


def at_random(task: Task) -> list[Moment]:
    rows, random = task.rows(), np.random.default_rng(0)
    while not task.is_over:
        task.trained([*random.random(len(task.space))], rows)
    return task.end()


def on_a_grid(task: Task) -> list[Moment]:
    """Every combination of so many places, in an order that chance gives."""
    rows = task.rows()
    settings = np.array([*itertools.product(np.linspace(0, 1, LEVELS), repeat=len(task.space))])
    for places in np.random.default_rng(0).permutation(settings):
        if task.is_over:
            break
        task.trained([*places], rows)
    return task.end()


def by_keras_tuner(task: Task) -> list[Moment]:
    """Its Bayesian optimization, with the last epoch's data loss as what a trial comes to."""
    import keras_tuner

    rows = task.rows()
    layers = [one.layers for one in task.space]

    class Tuner(keras_tuner.BayesianOptimization):  # type: ignore[misc] # it has no types
        def run_trial(self, trial: Any, *_: Any, **__: Any) -> float:
            loss = task.trained([trial.hyperparameters.get(layer) for layer in layers], rows)
            if task.is_over:
                self.oracle.max_trials = len(self.oracle.trials)
            return loss

    def build(settings: Any) -> Any:
        return task.network([settings.Float(layer, 0.0, 1.0) for layer in layers])

    with tempfile.TemporaryDirectory() as folder:
        goal = keras_tuner.Objective("data_loss", "min")
        tuner = Tuner(build, objective=goal, max_trials=10**6, directory=folder, seed=0)
        tuner.search(verbose=0)
    return task.end()


def by_optuna(task: Task) -> list[Moment]:
    """Its default sampler."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    rows = task.rows()

    def objective(trial: Any) -> float:
        loss = task.trained([trial.suggest_float(one.layers, 0, 1) for one in task.space], rows)
        if task.is_over:
            trial.study.stop()
        return loss

    optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0)).optimize(objective)
    return task.end()


TOOLS: dict[str, Callable[[Task], list[Moment]]] = {
    "wane": by_wane,
    "random": at_random,
    "grid": on_a_grid,
    "keras-tuner": by_keras_tuner,
    "optuna": by_optuna,
}


def main() -> None:
    """Search, and print what came out. What libraries print goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    tool, example, seconds, *epochs = sys.argv[1:]
    task = Task(example, float(seconds), int(epochs[0]) if epochs else None)
    moments = TOOLS[tool](task)
    with answers:
        json.dump([dataclasses.asdict(one) for one in moments], answers)


if __name__ == "__main__":
    main()
