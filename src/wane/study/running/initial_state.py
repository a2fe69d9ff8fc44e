"""What the runs of one repeat share: split, rows, initial weights and random keys."""

from typing import Any

import jax
import numpy as np

from wane._errors import InputError
from wane.keras_model.copies import is_model
from wane.keras_model.initial.initial_weights import called_weights, fresh_weights, own_weights
from wane.resampling.dataset import PreparedRows, PreparedSplits
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
        self._latest: tuple[int, InitialState] | None = None
        if is_model(model):
            draw = own_weights if initial_weights == "model" else fresh_weights
            self._draw = draw(template)

    def __call__(self, repeat: int) -> InitialState:
        """The start of a repeat; the latest one is remembered."""
        if self._latest is None or self._latest[0] != repeat:
            self._latest = (repeat, self._made(repeat))
        return self._latest[1]

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
