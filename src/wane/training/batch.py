"""Runs that are trained in one call: their inputs stacked, their results taken apart."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from wane.keras_model.bridge.bridge import Arrays
from wane.resampling.rows import Rows
from wane.training.checkpoint import Checkpoint, bytes_of
from wane.training.program import Predictions, Program, RunState
from wane.training.terms import Settings


@dataclasses.dataclass(frozen=True)
class Run:
    """One training to be done.

    Attributes:
        candidate: the index of the candidate.
        repeat: the index of the repeat.
        settings: the candidate as numbers.
        structure: the index of the structure, and so of the program, that trains it.
        learning_rate: with which the optimizer begins; None for the model's own. It is a part of
            the first state, so that the program is the same.
    """

    candidate: int
    repeat: int
    settings: Settings
    structure: int = 0
    learning_rate: float | None = None

    @property
    def order(self) -> tuple[int, int]:
        """Where it stands in the order of training."""
        return self.repeat, self.candidate


@dataclasses.dataclass(frozen=True)
class InitialState:
    """What all candidates of one repeat share: key, initial weights and rows.

    Attributes:
        key: the repeat's random key.
        weights, state: initial values of the trainable and of the other variables.
        train, validation: the rows of the repeat's split.
        test: rows on which every finished run is evaluated too, or None.
        same_rows: whether all repeats have these very rows, so that one copy serves a whole call.
    """

    key: jax.Array
    weights: Arrays
    state: Arrays
    train: Rows
    validation: Rows
    test: Rows | None = None
    same_rows: bool = False

    @property
    def rows(self) -> tuple[Rows, Rows, Rows | None]:
        """Training, validation and test rows."""
        return self.train, self.validation, self.test


@dataclasses.dataclass(frozen=True)
class Trained:
    """One finished run.

    Attributes:
        run: what was trained.
        curves: [epochs, columns] float32, the columns being the program's ``curve_names``.
        numbers: the final numbers by column name; all NaN if it diverged.
        weights, state: final values of the trainable and of the other variables.
        diverged: the epoch (from 1) at which the training loss stopped being finite, or None.
        norms: the weights' norms after the epochs for which they were taken, [epochs, norms].
        predictions: final outputs for validation and test rows; None where they were not kept.
    """

    run: Run
    curves: np.ndarray
    numbers: dict[str, float]
    weights: list[np.ndarray]
    state: list[np.ndarray]
    diverged: int | None
    norms: np.ndarray
    predictions: Predictions


@dataclasses.dataclass(frozen=True)
class RunBatch:
    """Runs of one call, and the inputs of the program for them.

    A batch of width 1 is the program itself; a wider one is the program under ``vmap``, its last
    run repeated up to the width. Rows that all runs share are passed once.

    Attributes:
        runs: the runs, all of one structure and at most ``width`` of them.
        initial_states: what each begins with.
        width: how many runs a call takes.
        devices: the devices over which the runs of a call are divided; empty for one device.
        checkpoints: from which the runs resume, all at one epoch; empty if they begin.
    """

    runs: tuple[Run, ...]
    initial_states: tuple[InitialState, ...]
    width: int
    devices: tuple[jax.Device, ...] = ()
    checkpoints: tuple[Checkpoint, ...] = ()

    @property
    def shares_rows(self) -> bool:
        """Whether one copy of the rows serves all runs.

        That must be so for all calls of a study or for none, lest some be traced anew.
        """
        return self.initial_states[0].same_rows

    @property
    def rows(self) -> tuple[Rows, Rows, Rows | None]:
        """Training, validation and test rows of the call."""
        if self.width == 1 or self.shares_rows:
            return self.initial_states[0].rows
        train, validation, test = self._stacked([one.rows for one in self.initial_states])
        return train, validation, test

    @property
    def structure(self) -> int:
        """The index of the structure of the runs."""
        return self.runs[0].structure

    @property
    def settings(self) -> Any:
        """The settings of the call's runs."""
        return self._stacked([jax.tree.map(np.float32, run.settings) for run in self.runs])

    @property
    def keys(self) -> jax.Array:
        """The random keys of the call's runs."""
        return self._stacked([one.key for one in self.initial_states])  # type: ignore[no-any-return] # an array

    def first_state(self, program: Program) -> RunState:
        """The state with which the call's runs begin, or resume.

        No other state holds its arrays, so that a call may train in their place.
        """
        states = [
            program.start(one.weights, one.state, run.learning_rate)
            for one, run in zip(self.initial_states, self.runs, strict=True)
        ]
        if self.checkpoints:
            pairs = zip(self.checkpoints, states, strict=True)
            states = [checkpoint.restored(state) for checkpoint, state in pairs]
        state = self._stacked(states)
        # A copy by an operation would compile a program for each shape.
        return jax.device_put(state, may_alias=False) if self.width == 1 else state  # type: ignore[no-any-return] # a pytree like its parts

    def histories(self) -> "list[History]":
        """What the runs have shown before this call: nothing, unless they resume."""
        histories = [History() for _ in self.runs]
        for history, checkpoint in zip(histories, self.checkpoints, strict=bool(self.checkpoints)):
            history.add(checkpoint.epoch, checkpoint.stopped, checkpoint.curves)
        return histories

    def kept(self, state: RunState, histories: "Sequence[History]") -> list[Checkpoint]:
        """The runs as they are between two calls."""
        return [
            history.kept(run, bytes_of(own))
            for run, own, history in zip(self.runs, self.apart(state), histories, strict=True)
        ]

    def shapes(self) -> Any:
        """What a compiled program depends on: shapes and types of the rows, and the width."""
        leaves, structure = jax.tree.flatten(self.rows)
        return (
            self.width,
            self.shares_rows,
            structure,
            *((leaf.shape, str(leaf.dtype)) for leaf in leaves),
        )

    def programs(self, program: Program) -> tuple[Any, Any]:
        """The functions (train, conclude) for calls like this one, to be compiled."""
        if self.width == 1:
            return program.train, program.conclude
        rows = None if self.shares_rows else 0
        return (
            jax.vmap(program.train, in_axes=(0, 0, 0, rows, rows, None)),
            jax.vmap(program.conclude, in_axes=(0, 0, rows, rows, rows)),
        )

    def apart(self, outputs: Any) -> list[Any]:
        """What a call returned, as NumPy arrays, one pytree for each run."""
        outputs = jax.tree.map(np.asarray, outputs)
        if self.width == 1:
            return [outputs]
        return [jax.tree.map(lambda array, i=i: array[i], outputs) for i in range(len(self.runs))]

    def _stacked(self, parts: Sequence[Any]) -> Any:
        if self.width == 1:
            return parts[0]
        padded = [*parts, *[parts[-1]] * (self.width - len(parts))]
        whole = jax.tree.map(lambda *leaves: jnp.stack(leaves), *padded)
        if not self.devices:
            return whole
        mesh = jax.sharding.Mesh(np.asarray(self.devices), ("runs",))
        divided = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("runs"))
        return jax.device_put(whole, divided)


class History:
    """What one run of a batch has shown so far."""

    def __init__(self) -> None:
        self.epoch = 0
        self.diverged: int | None = None
        self._stopped = False
        self._curves: list[np.ndarray] = []

    def add(self, epoch: int, stopped: bool, rows: np.ndarray) -> int:
        """Take the curves of a call, [epochs, columns]; returns how many epochs were trained."""
        trained = epoch - self.epoch
        if trained and self.diverged is None:
            self._curves.append(rows[:trained])
            broken = np.flatnonzero(~np.isfinite(rows[:trained, 0]))
            if broken.size:
                self.diverged = int(self.epoch + broken[0] + 1)
        self.epoch, self._stopped = epoch, stopped
        return trained

    def kept(self, run: Run, state: bytes) -> Checkpoint:
        """The run so far, with the bytes of its state."""
        curves = np.concatenate(self._curves)
        return Checkpoint(run.candidate, run.repeat, self.epoch, self._stopped, curves, state)

    def ended(self, epochs: int) -> bool:
        """Whether nothing is left to train."""
        return self.epoch >= epochs or self._stopped or self.diverged is not None

    def trained(self, run: Run, values: Any, program: Program, names: tuple[str, ...]) -> Trained:
        """The finished run; what comes after a divergence is left out.

        Where a call ends must not show, so a diverged run has no final numbers.

        Args:
            run: what was trained.
            values: what the program concluded.
            program: the program.
            names: the names of the final numbers, in the order of tables.
        """
        weights, state, numbers, predictions = values
        losses = [value for name, value in numbers.items() if name.endswith("data_loss")]
        if self.diverged is None and not np.all(np.isfinite(losses)):
            self.diverged = self.epoch  # the last step broke it, after the last training loss
        curves, norms = np.split(np.concatenate(self._curves), [len(program.curve_names)], axis=1)
        return Trained(
            run=run,
            curves=curves[: self.diverged],
            numbers={
                name: float(numbers[name]) if self.diverged is None else np.nan for name in names
            },
            weights=weights,
            state=state,
            diverged=self.diverged,
            norms=norms[: self.diverged : program.norms_every],
            predictions=predictions if self.diverged is None else (None, None),
        )
