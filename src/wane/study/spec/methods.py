"""The methods of regularization that a comparison evaluates, each with as many settings."""

import dataclasses
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from wane._errors import InputError, nearest
from wane.keras_model.copies import ModelSource, made
from wane.keras_model.dropout import dropout_layers
from wane.keras_model.editing.variants import with_dropout, with_max_norm
from wane.keras_model.weights import trainable_weights
from wane.penalties import (
    BASELINE,
    CATALOGUE,
    DEFAULT_ROLES,
    L2,
    Candidate,
    Dropout,
    EarlyStopping,
    Network,
    Penalty,
    patience_of,
    sweep,
)
from wane.penalties.sweep import log_spaced
from wane.study.spec.candidates import candidate_of, quantities_of, setting_label
from wane.study.spec.spec import StudySpec

NONE = "none"
"""The method without any regularization: the baseline, which every comparison has."""

SETTINGS = 5
"""Settings of each method."""

RANGES: dict[str, tuple[float, float]] = {"weight-decay": (1e-2, 100.0), "max-norm": (0.03, 3.0)}
"""Weakest and strongest setting where it is not :data:`RANGE`. A decay is multiplied by the
learning rate, and a norm is that of the weights of one unit."""
RANGE = (1e-5, 1e-1)
_WRITTEN = re.compile(r"([^()\n]+)\(([^()\n]+)\)")
RATES = (0.1, 0.7)
"""Lowest and highest dropout rate."""


@dataclasses.dataclass(frozen=True)
class Method:
    """A named group of candidates, of which the best one by validation stands for all."""

    name: str
    candidates: tuple[Candidate, ...]


@dataclasses.dataclass(frozen=True)
class Tuning:
    """How each method is tuned.

    Attributes:
        spec: the study whose model and epochs are meant.
        settings: how many settings each method has.
        layers, on: the target of penalties; constraints take the layers.
        strengths: weakest and strongest of the penalties without a range of their own.
    """

    spec: StudySpec
    settings: int
    layers: str
    on: tuple[str, ...]
    strengths: tuple[float, float] = RANGE

    def penalty(self, name: str) -> list[Candidate]:
        """Strengths of a penalty of the catalogue, evenly spaced on a log scale."""
        return list(sweep(CATALOGUE[name], self.range(name), layers=self.layers, on=self.on))

    def range(self, name: str) -> tuple[float, ...]:
        """The strengths of a method."""
        spaced = log_spaced(*RANGES.get(name, self.strengths), self.settings)
        return tuple(float(f"{strength:.3g}") for strength in spaced)

    def rates(self) -> list[float]:
        """Dropout rates, evenly spaced."""
        return [float(f"{rate:.3g}") for rate in np.linspace(*RATES, self.settings)]

    def dropout(self) -> list[Candidate]:
        """Rates of the model's own dropout layers, or of new ones after each hidden layer."""
        if dropout_layers(made(self.spec.model)):
            return [(Dropout(rate),) for rate in self.rates()]
        network = Network(with_dropout(self.spec.model), "with dropout layers")
        return [(network, Dropout(rate)) for rate in self.rates()]

    def early_stopping(self) -> list[Candidate]:
        """Patiences from a 400th to a quarter of the epochs."""
        epochs = self.spec.epochs
        spaced = np.geomspace(max(1.0, epochs / 400), max(1.0, epochs / 4), self.settings)
        patiences = sorted({round(patience) for patience in spaced})
        if len(patiences) < self.settings:
            raise InputError(
                f"{epochs} epochs are too few for {self.settings} different patiences of early "
                f"stopping: train longer, take fewer settings, or leave out early-stopping."
            )
        return [(EarlyStopping(patience),) for patience in reversed(patiences)]

    def max_norm(self) -> list[Candidate]:
        """Keras's max-norm constraint, from the loosest to the tightest bound."""
        return [
            (Network(with_max_norm(self.spec.model, bound, self.layers), f"MaxNorm({bound:g})"),)
            for bound in reversed(self.range("max-norm"))
        ]

    def dropout_normalization_l2(self) -> list[Candidate]:
        """Dropout, BatchNormalization and L2 in one network: each L2 strength with another rate.

        Rates and strengths are paired so that both are spread evenly and neither rises with the
        other, as in a Latin square.
        """
        title = "with BatchNormalization"
        network = Network(with_dropout(self.spec.model, normalization=True), title)
        rates, strengths = self.rates(), self.range("l2")
        return [
            (network, Dropout(rates[other]), L2(strength, layers=self.layers, on=self.on))
            for other, strength in zip(_spread(self.settings), strengths, strict=True)
        ]


def _spread(count: int) -> list[int]:
    """The numbers below ``count`` in a cyclic order of the least trend and the longest steps."""
    orders = [
        [(start + step * place) % count for place in range(count)]
        for step in range(1, count + 1)
        for start in range(count)
        if math.gcd(step, count) == 1
    ]
    centred = np.arange(count) - (count - 1) / 2

    def trend(order: list[int]) -> tuple[float, float]:
        return abs(float(np.dot(order, centred))), -float(np.abs(np.diff(order)).sum())

    return min(orders, key=trend)


_OTHERS: dict[str, Callable[[Tuning], list[Candidate]]] = {
    "dropout": Tuning.dropout,
    "early-stopping": Tuning.early_stopping,
    "max-norm": Tuning.max_norm,
    "dropout+bn+l2": Tuning.dropout_normalization_l2,
}

DEFAULT_METHODS = (NONE, "l1", "l2", "l1l2", "weight-decay", *_OTHERS)
"""What is compared unless other methods are named."""


def known_methods() -> tuple[str, ...]:
    """Every method that can be named: the default ones and the other penalties of the catalogue."""
    return tuple(dict.fromkeys((*DEFAULT_METHODS, *CATALOGUE)))


def methods_of(
    spec: StudySpec,
    given: Sequence[str] | Mapping[str, Any] | None,
    *,
    settings: int = SETTINGS,
    layers: str = "all",
    on: tuple[str, ...] = DEFAULT_ROLES,
    strengths: tuple[float, float] = RANGE,
) -> tuple[Method, ...]:
    """The methods to compare, the one without regularization first.

    Args:
        spec: the study whose model and epochs are meant.
        given: names of methods, or candidates by the name of their method, or None for the default.
        settings: how many settings each named method has.
        layers, on: the target of named methods.
        strengths: weakest and strongest of their penalties without a range of their own.

    Raises:
        InputError: if a method is unknown or named twice, the model cannot take it, or methods
            differ in their number of settings.
    """
    if isinstance(given, Mapping):
        methods = [Method(str(name), method_candidates(name, own)) for name, own in given.items()]
    else:
        tuning = Tuning(spec, _settings(settings), layers, on, checked_range(strengths))
        methods = [_named(name, tuning) for name in _names(given)]
    methods = [method for method in methods if method.name != NONE]
    if not methods:
        raise InputError(
            f"There is nothing to compare with {NONE!r}: name other methods, such as 'l2'."
        )
    counts = {method.name: len(method.candidates) for method in methods}
    if len(set(counts.values())) > 1:
        settings_of = ", ".join(f"{name} {count}" for name, count in counts.items())
        raise InputError(
            f"The methods have different numbers of settings ({settings_of}): give each as many, "
            f"lest one win by being tuned harder."
        )
    return (Method(NONE, (BASELINE,)), *methods)


def targets(
    penalty: type[Penalty], strengths: Iterable[float], model: ModelSource, factor: float = 10.0
) -> dict[str, tuple[Candidate, ...]]:
    """Where a penalty can act, for :meth:`wane.Study.compare`: a method for each target.

    ``hidden``: the kernels of hidden layers; ``hidden and output``: those of all layers; ``biases
    too``: kernels and biases of all layers. In networks of at least two layers with a kernel
    also ``early stronger`` and ``late stronger``: kernels of all layers, with strengths that fall
    or rise by ``factor`` in all from the first to the last, evenly on a log scale, and whose
    geometric mean is the strength.

    Args:
        penalty: the class, such as ``wane.L2``.
        strengths: those of every target.
        model: the compiled model, or the function that returns it.
        factor: how much stronger the one end of the network is than the other.

    Returns:
        The candidates of each method by its name.

    Raises:
        InputError: if the factor is not above 1, or the penalty or strengths are none.

    Example:
        >>> import wane
        >>> import keras
        >>> layers = [keras.layers.Input((2,)), keras.layers.Dense(3), keras.layers.Dense(1)]
        >>> model = keras.Sequential(layers)
        >>> model.compile(loss="mse")
        >>> list(wane.targets(wane.L2, [0.01], model))
        ['hidden', 'hidden and output', 'biases too', 'early stronger', 'late stronger']
    """
    if not (isinstance(factor, int | float) and factor > 1 and math.isfinite(factor)):
        raise InputError(f"factor must be a finite number above 1, got {factor!r}.")
    values = tuple(strengths)
    found = {
        "hidden": sweep(penalty, values, layers="hidden"),
        "hidden and output": sweep(penalty, values),
        "biases too": sweep(penalty, values, on=("kernel", "recurrent", "bias")),
    }
    weights = trainable_weights(made(model))
    layers = list(dict.fromkeys(w.layer for w in weights if w.role in DEFAULT_ROLES))
    if len(layers) > 1:
        exponents = np.linspace(0.5, -0.5, len(layers))
        for name, sign in (("early stronger", 1), ("late stronger", -1)):
            found[name] = tuple(
                tuple(
                    penalty.of_strength(float(f"{s * factor ** (sign * e):.3g}"), layers=layer)
                    for layer, e in zip(layers, exponents, strict=True)
                )
                for s in values
            )
    return found


def _names(given: Any) -> tuple[str, ...]:
    if given is None:
        return DEFAULT_METHODS
    names = (given,) if isinstance(given, str) else tuple(given)
    known = known_methods()
    for name in names:
        if name not in known:
            raise InputError(f"There is no method {name!r}: {nearest(str(name), known)}")
        if names.count(name) > 1:
            raise InputError(f"The method {name!r} is named twice; name each once.")
    return names


def _settings(given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        raise InputError(f"settings must be a whole number of at least 1, got {given!r}.")
    return given


def checked_range(given: Any) -> tuple[float, float]:
    """Weakest and strongest strength, both above 0 and finite.

    Raises:
        InputError: if they are no such pair.
    """
    pair = list(given) if isinstance(given, tuple | list) else []
    numbers = [one for one in pair if isinstance(one, int | float) and math.isfinite(one)]
    if len(pair) != 2 or len(numbers) != 2 or not 0 < numbers[0] < numbers[1]:
        raise InputError(
            f"strengths must be the weakest and the strongest that methods are tuned over, such as "
            f"(1e-5, 1e-1), got {given!r}."
        )
    return float(numbers[0]), float(numbers[1])


def _named(name: str, tuning: Tuning) -> Method:
    if name == NONE:
        return Method(NONE, (BASELINE,))
    made_by = _OTHERS.get(name)
    candidates = tuning.penalty(name) if made_by is None else made_by(tuning)
    return Method(name, tuple(candidates))


def method_candidates(name: str, given: Any) -> tuple[Candidate, ...]:
    """The candidates that a user gives a method of a comparison, as tuples of changes.

    Raises:
        InputError: if they are no list, or none, or the baseline is among them.
    """
    if not isinstance(given, Iterable) or isinstance(given, str):
        raise InputError(
            f"The method {name!r} must have a list of candidates, such as what wane.sweep gives, "
            f"got {given!r}."
        )
    found = tuple(candidate_of(one) for one in given)
    if not found or (name != NONE and BASELINE in found):
        raise InputError(
            f"The method {name!r} must have at least one candidate, and not the baseline, which is "
            f"the method {NONE!r} of every comparison."
        )
    return found


def stops_early(candidate: Candidate) -> bool:
    """Whether validation rows choose the epoch at which a candidate's runs end."""
    return patience_of(candidate) is not None


def settings_of(spec: StudySpec) -> dict[str, dict[str, str]]:
    """For each method of a comparison its candidates, each with the label of its setting."""
    names = dict(zip(spec.candidates, spec.names, strict=True))
    return {
        method: dict(
            zip(
                [names[candidate] for candidate in candidates],
                _shortened([setting_label(candidate) for candidate in candidates]),
                strict=True,
            )
        )
        for method, candidates in spec.methods.items()
        if candidates != (BASELINE,)
    }


def axes_of(spec: StudySpec) -> dict[str, tuple[tuple[str, str], ...]]:
    """For each method of a comparison what the numbers of its settings are, from the first on.

    None are known of a method whose settings differ in what they are.
    """
    axes = {}
    for method, candidates in spec.methods.items():
        each = {quantities_of(candidate) for candidate in candidates}
        axes[method] = each.pop() if len(each) == 1 else ()
        names = [str(one) for candidate in candidates for one in candidate]
        shortened = [_WRITTEN.fullmatch(name) for name in names]
        words = {part[1] for part in shortened if part is not None}
        if not axes[method] and len(words) == 1 and all(shortened):
            axes[method] = ((words.pop(), ""),)
    return axes


def of_one_method(spec: StudySpec, chosen: str) -> list[str]:
    """The candidates of a comparison that are of one method with the chosen one, and the baseline.

    Of a chosen baseline those of the first method; of a study without methods all of them. A search
    over several ranges has no one strength to draw them by: there those of a method that has one.
    """
    every = {name: list(settings) for name, settings in settings_of(spec).items()}
    if spec.search is not None:
        alone = {name for name, space in spec.search.spaces.items() if len(space) == 1}
        every = {name: names for name, names in every.items() if name in alone} or {"": []}
    if not every:
        return list(spec.names)
    own = next((names for names in every.values() if chosen in names), next(iter(every.values())))
    return [spec.names[0], *own]


def _shortened(labels: list[str]) -> list[str]:
    """Labels such as ``MaxNorm(3)`` without what they all have around their brackets."""
    parts = [_WRITTEN.fullmatch(label) for label in labels]
    found = [part for part in parts if part is not None]
    alike = len({part[1] for part in found}) == 1 and len(found) == len(labels)
    return [part[2] for part in found] if alike else labels
