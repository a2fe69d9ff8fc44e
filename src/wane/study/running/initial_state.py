"""What runs begin with: the model as pure functions, and each repeat's split, weights and keys."""

import functools
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from wane._errors import InputError
from wane.keras_model.bridge.batches import depends_on_batches
from wane.keras_model.bridge.bridge import Bridge, bridge
from wane.keras_model.checks.first_step import check_first_step
from wane.keras_model.checks.scale import check_standardized, scale_remarks
from wane.keras_model.copies import copied, in_unit, is_model, made
from wane.keras_model.initial.initial_weights import called_weights, fresh_weights, own_weights
from wane.keras_model.initial.trained_weights import initial_weights_of
from wane.resampling.dataset import PreparedRows, PreparedSplits, how_many
from wane.study.spec.spec import StudySpec
from wane.training.batch import InitialState


class InitialStates:
    """Gives each repeat its start; a repeat's start depends on nothing but seed and repeat.

    Args:
        model: the structure's model or the function that returns it.
        template: the model that the program was made of.
        splits: the rows of each repeat.
        seed: the study's seed.
        initial_weights: ``"fresh"`` or ``"model"``.
    """

    def __init__(
        self, model: Any, template: Any, splits: PreparedSplits, *, seed: int, initial_weights: str
    ) -> None:
        self._model = model
        self._template = template
        self._splits = splits
        self._seed = seed
        self._initial_weights = initial_weights
        if is_model(model):
            draw = own_weights if initial_weights == "model" else fresh_weights
            self._draw = draw(template)

    def __call__(self, repeat: int) -> InitialState:
        """The start of a repeat; the latest ones are remembered."""
        return self._of_repeat(repeat)

    @functools.cached_property
    def _of_repeat(self) -> Callable[[int], InitialState]:
        first = self._made(0)
        own = [first.weights, first.state]
        return functools.lru_cache(maxsize=how_many(own))(
            lambda repeat: self._made(repeat) if repeat else first
        )

    def same_weights(self, first: InitialState) -> bool:
        """Whether all repeats start from the weights of the first one.

        So it is with a function too that loads weights, or sets the seed itself.
        """
        if is_model(self._model):
            return self._initial_weights == "model"
        pairs = zip(first.weights, self._template.trainable_variables, strict=True)
        return all(np.array_equal(mine, variable.value) for mine, variable in pairs)

    def on_all_rows(self) -> tuple[InitialState, PreparedRows]:
        """The start of a refit: as repeat 0, but trained on all rows that are not test rows."""
        rows = self._splits.all_rows()
        start = self(0)
        return InitialState(
            start.key, start.weights, start.state, rows.train, rows.validation, rows.test
        ), rows

    def _made(self, repeat: int) -> InitialState:
        rows = self._splits.rows(repeat)
        resampling = self._splits.resampling
        resample = resampling.resample(repeat)
        key = jax.random.fold_in(jax.random.fold_in(jax.random.key(self._seed), resample), repeat)
        weights, state = self._initial(jax.random.fold_in(key, 0), repeat)
        order = jax.random.fold_in(key, 1)
        shared = len(resampling.splits) == 1
        return InitialState(order, weights, state, rows.train, rows.validation, rows.test, shared)

    def _initial(self, key: jax.Array, repeat: int) -> Any:
        if is_model(self._model):
            return self._draw(key)
        seed = int(np.random.SeedSequence([self._seed, repeat]).generate_state(1)[0])
        model, variables = called_weights(self._model, seed)
        mine = [v.shape for v in (*model.trainable_variables, *model.non_trainable_variables)]
        template = self._template
        known = [
            v.shape for v in (*template.trainable_variables, *template.non_trainable_variables)
        ]
        if mine != known:
            raise InputError(
                f"The model function returned weights of other shapes at repeat {repeat} than at "
                f"first ({mine} instead of {known}); it must return the same layers every time."
            )
        return variables


class Beginning:
    """A network of a study and what its runs begin with, whatever its candidates change.

    Args:
        spec: the study.
        source: the model, or the function that returns it.
        template: the model that programs are made of.

    Attributes:
        source: as given.
        bridge: the template as pure functions.
        initial_states: gives the initial state of each repeat, after :meth:`prepare`.
        first_state: with which the first repeat begins, likewise.
        same_weights: whether all repeats start from the same weights, likewise.
        fingerprint: of the program of a first step, likewise.
        depends_on_batches: whether its losses and metrics depend on how rows are batched, likewise.
        kept_weights: a note that runs begin with trained weights, where nobody asked for that.
        scales: notes on the scales of x and y.
    """

    initial_states: InitialStates
    first_state: InitialState
    same_weights: bool
    fingerprint: str
    depends_on_batches: bool
    kept_weights: str | None
    scales: tuple[str, ...]

    def __init__(self, spec: StudySpec, source: Any, template: Any) -> None:
        self.source = source
        self._prepared = False
        sample = spec.data.checked_sample()
        self.bridge: Bridge = bridge(template, *sample, optimizer_state=spec.optimizer_state)
        if spec.standardize_target:
            check_standardized(template, self.bridge.task)
            in_unit(copied(source) if is_model(source) else made(source), 1.0, 0.0)

    def prepare(self, spec: StudySpec, splits: PreparedSplits) -> None:
        """Make ready to give the initial states of repeats, once for all.

        Raises:
            InputError: if the first run cannot begin.
        """
        if self._prepared:
            return
        model, standardized = self.bridge.model, spec.standardize_target
        begins, self.kept_weights = initial_weights_of(
            self.source, model, spec.initial_weights, standardized=standardized
        )
        self.initial_states = InitialStates(
            self.source, model, splits, seed=spec.seed, initial_weights=begins
        )
        self.first_state = first = self.initial_states(0)
        self.same_weights = self.initial_states.same_weights(first)
        rows = spec.data.development
        self.scales = tuple(scale_remarks(model, rows.x, rows.y, standardized=standardized))
        inputs = first.weights, first.state, first.train
        self.fingerprint = check_first_step(self.bridge, *inputs)
        self.depends_on_batches = depends_on_batches(self.bridge, *inputs)
        self._prepared = True
