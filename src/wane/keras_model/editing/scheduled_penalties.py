"""Penalties whose strengths change during plain ``fit``, on any backend and without recompiling."""

import dataclasses
import textwrap
import warnings
from typing import Any

import keras
import numpy as np

from wane._errors import InputError
from wane.keras_model.editing.advice import decayed_beside_l2
from wane.keras_model.editing.live_regularizers import Holder, Scheduled, settle
from wane.keras_model.editing.regularize import Prescription, trace_anew
from wane.keras_model.editing.scheduled_decay import ScheduledDecay
from wane.keras_model.regularizers import (
    regularizer_of,
    set_regularizer,
    terms_by_weight,
    terms_of,
    without_direction,
    write_attention,
)
from wane.keras_model.weights import targeted, trainable_weights
from wane.penalties import KerasTerms, Penalty


class ScheduledPenalties(keras.callbacks.Callback):  # type: ignore[misc] # Keras has no types
    """A Keras callback that puts penalties on a model during ``fit``, with strengths by the epoch.

    It works on any backend of Keras. The strengths live in a variable, so that the training step is
    compiled once for all of them. As with :func:`wane.regularize`, a weight on which the penalties
    act has them and no other. Afterwards, and in whatever is saved meanwhile, the model has them as
    Keras's own regularizers with the strengths of the last epoch. Weight decay it has as that of
    its optimizer, which must decay no other weights; it warns where strengths differ between
    weights, for which an optimizer has no place.

    Args:
        penalties: such as ``wane.L2(wane.schedule.linear(0, 1e-3, epochs=100))``, or a preset of
            the literature, such as ``wane.presets["neural-smithing"]``.

    Raises:
        InputError: if Keras has no regularizer for one of them; when training begins, if one
            matches no weight, or the optimizer decays other weights by itself.

    Example:
        >>> import keras, numpy as np, wane
        >>> model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
        >>> model.compile(optimizer="sgd", loss="mse")
        >>> rising = wane.ScheduledPenalties(wane.L2(wane.schedule.linear(0, 1e-3, epochs=3)))
        >>> x, y = np.ones((8, 2)), np.ones(8)
        >>> history = model.fit(x, y, epochs=3, verbose=0, callbacks=[rising])
        >>> wane.inspect(model)["penalty"][0]
        'L2(0.001)'
    """

    def __init__(self, *penalties: Penalty | Prescription) -> None:
        super().__init__()
        several = [p.penalties if isinstance(p, Prescription) else (p,) for p in penalties]
        acting = tuple(penalty for some in several for penalty in some)
        for penalty in acting:
            _check(penalty)
        if not acting:
            raise InputError(
                "ScheduledPenalties takes at least one penalty, such as "
                "wane.L2(wane.schedule.linear(0, 1e-3, epochs=100))."
            )
        self.penalties = acting
        self._acting: list[tuple[Penalty, list[int]]] = []
        self._latest: dict[int, KerasTerms] | None = None
        self._strengths: Any = None
        self._live: dict[int, Scheduled] = {}
        self._decay: ScheduledDecay | None = None

    def on_train_begin(self, logs: Any = None) -> None:
        """Put the penalties on the model."""
        del logs
        model = self.model
        decays = [p for p in self.penalties if p.acts_by == "decay"]
        penalties = [p for p in self.penalties if p.acts_by != "decay"]
        acting = [(p, [w.index for w in targeted(model, p)]) for p in penalties]
        used = terms_by_weight(model, [_unit(penalty) for penalty in penalties])
        weights = trainable_weights(model)
        for index, terms in used.items():
            regularizer_of(terms)  # raises where there is no such sum
            fault = without_direction(weights[index], terms)
            if fault:
                raise InputError(
                    f"{fault}: give these weights other values first, or penalize other layers."
                )
        settle(model)  # what an interrupted training has left
        twice = decayed_beside_l2(model, [weights[i] for i, terms in used.items() if terms.l2])
        if twice and not decays:  # who gives both at once means both
            warnings.warn(twice, stacklevel=2)
        self._decay = ScheduledDecay(model, decays) if decays else None
        self._acting, self._latest = acting, None
        self._strengths = keras.Variable(np.zeros((len(used), len(KerasTerms()))), trainable=False)
        self._live = {
            index: Scheduled(self._strengths, place, [term > 0 for term in terms])
            for place, (index, terms) in enumerate(used.items())
        }
        model._seed_generators.append(Holder(self._strengths))
        self._take(0)
        trace_anew(model)
        model.make_train_function(force=True)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Set the strengths of the epoch."""
        del logs
        self._take(epoch)

    def on_train_end(self, logs: Any = None) -> None:
        """Leave Keras's own regularizers with the strengths of the last epoch."""
        del logs
        settle(self.model)
        if self._decay is not None:
            self._decay.leave()
        weights = trainable_weights(self.model)
        for index, terms in (self._latest or {}).items():
            set_regularizer(weights[index], regularizer_of(terms))
        trace_anew(self.model)

    def _take(self, epoch: int) -> None:
        """Set the strengths of an epoch, and what files that are saved in it hold."""
        if self._decay is not None:
            self._decay.take(epoch)
        sums: dict[int, KerasTerms] = dict.fromkeys(self._live, KerasTerms())
        for penalty, indices in self._acting:
            terms = terms_of(penalty, epoch)
            sums.update({index: sums[index].plus(terms) for index in indices})
        if sums == self._latest:
            return
        self._latest = sums
        self._strengths.assign(
            np.array(list(sums.values()), np.float32).reshape(-1, len(KerasTerms()))
        )
        weights = trainable_weights(self.model)
        for index, terms in sums.items():
            set_regularizer(weights[index], regularizer_of(terms))
        write_attention(weights)
        for index, live in self._live.items():
            weights[index].variable.regularizer = live


def _unit(penalty: Penalty) -> Penalty:
    """The penalty with every strength 1."""
    return dataclasses.replace(penalty, **dict.fromkeys(penalty.strength_fields, 1.0))  # type: ignore[arg-type] # these are strengths


def _check(penalty: Any) -> None:
    """Check that Keras has a regularizer for a penalty.

    Raises:
        InputError: if it has none.
    """
    if not isinstance(penalty, Penalty):
        raise InputError(
            f"ScheduledPenalties takes penalties such as "
            f"wane.L2(wane.schedule.linear(0, 1e-3, epochs=100)), each with its own layers=, got "
            f"{textwrap.shorten(repr(penalty), 100)}."
        )
    if penalty.acts_by != "decay":
        terms_of(penalty)
