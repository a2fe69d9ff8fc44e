"""One strength of an L2 penalty, as different libraries and papers write it.

All conventions are compared by the penalty that each adds to the mean data loss of the training
rows: Keras's ``L2(l2)`` adds ``l2 · Σw²``, whose gradient is ``2 · l2 · w``.
"""

import dataclasses
import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from numbers import Real
from typing import Any, Self

from wane._errors import InputError, whole_number
from wane.penalties.arrays import checked_strength


@dataclasses.dataclass(frozen=True)
class Convention:
    """A way of writing the strength of an L2 penalty.

    Attributes:
        name: as :func:`convert` and the command line take it.
        symbol: the strength in formulas.
        share: the Keras ``l2`` that does the same is ``share · strength``, divided by ``divisor``.
        divisor: what the strength is divided by: nothing, the training ``"rows"``, or the rows of a
            batch (``"batch_size"``).
        halves_squares: whether its data loss for regression is half the squared error; Keras's and
            PyTorch's mean squared error has no ½.
        scales_target: whether it first divides a target that is a number by its standard deviation,
            and its strength so, too.
        decoupled: whether it is no penalty on the loss but a shrinking of the weights in each step.
        users: who writes it so, in a few words.
        meaning: what it does with the strength, for people.
    """

    name: str
    symbol: str
    share: Fraction
    users: str
    meaning: str
    divisor: str | None = None
    halves_squares: bool = False
    scales_target: bool = False
    decoupled: bool = False


_HALF = Fraction(1, 2)

CONVENTIONS: dict[str, Convention] = {
    convention.name: convention
    for convention in (
        Convention(
            "keras-l2",
            "l2",
            Fraction(1),
            "Keras's and wane's L2",
            "keras.regularizers.L2 and wane.L2 add l2 · Σw² to the mean loss.",
        ),
        Convention(
            "pytorch-sgd",
            "weight_decay",
            _HALF,
            "torch.optim.SGD and most papers",
            "torch.optim.SGD, and what most papers call weight decay, adds weight_decay · w to the "
            "gradient of the mean loss.",
        ),
        Convention(
            "glmnet",
            "lambda",
            _HALF,
            "glmnet's lambda",
            "glmnet's ridge (alpha = 0) adds lambda/2 · Σw² to the mean loss; for a target that is "
            "a number, which it scales to unit spread first, lambda/(2 · sd(y)) · Σw².",
            halves_squares=True,
            scales_target=True,
        ),
        Convention(
            "sklearn-mlp",
            "alpha",
            _HALF,
            "alpha of scikit-learn's MLPClassifier and MLPRegressor",
            "scikit-learn's MLPClassifier and MLPRegressor add alpha/2 · Σw² to the sum of the "
            "losses of a batch, so that it is stronger in a last, smaller batch.",
            divisor="batch_size",
            halves_squares=True,
        ),
        Convention(
            "gaussian-prior",
            "precision",
            _HALF,
            "1/variance of a prior, alpha of Ridge, 1/C of LogisticRegression",
            "A normal prior of this precision (1/variance) on each weight adds precision/2 · Σw² "
            "to the negative log-likelihood, a sum over all rows; so do the alpha of scikit-learn's"
            " Ridge and the 1/C of its LogisticRegression.",
            divisor="rows",
            halves_squares=True,
        ),
        Convention(
            "keras-weight-decay",
            "decoupled_weight_decay",
            _HALF,
            "weight_decay of Keras's optimizers and of torch.optim.AdamW",
            "weight_decay of Keras's optimizers and of torch.optim.AdamW takes "
            "learning_rate · weight_decay · w off each weight in each step, apart from the "
            "gradient.",
            decoupled=True,
        ),
    )
}
"""Every convention by its name."""


_NOTES = {
    True: "With mean squared error, which Keras and PyTorch do not halve and the other side does.",
    False: "For classification. For a network trained on mean squared error, which Keras and "
    "PyTorch do not halve, add --mean-squared-error.",
}
"""What to know where only one side halves the squared error, by whether the loss is that error."""


class Converted(float):
    """A converted strength: a float with its formula and where it comes from.

    Made by :func:`convert`; takes part in calculations as any float does.

    Attributes:
        formula: ``"l2 = weight_decay / 2 = 0.0005 / 2 = 0.00025"``.
        given: the strength that was converted.
        source: the name of its convention.
        target: the name of the convention of this one.
        mean_squared_error: whether it holds for a loss that is the mean squared error.

    Example:
        >>> import wane
        >>> l2 = wane.convert(5e-4, "pytorch-sgd")
        >>> isinstance(l2, wane.Converted), l2.source, l2.target
        (True, 'pytorch-sgd', 'keras-l2')
        >>> print(l2.formula)
        l2 = weight_decay / 2 = 0.0005 / 2 = 0.00025
    """

    formula: str
    given: float
    source: str
    target: str
    mean_squared_error: bool

    def __new__(cls, value: float, **about: object) -> Self:
        made = super().__new__(cls, value)
        made.__dict__.update(about)
        return made

    def document(self) -> dict[str, Any]:
        """All of it, with what both conventions do, as ``wane convert --json`` prints it.

        Example:
            >>> l2.document()["target"]["meaning"]
            'keras.regularizers.L2 and wane.L2 add l2 · Σw² to the mean loss.'
        """
        here, there = CONVENTIONS[self.source], CONVENTIONS[self.target]
        differ = here.halves_squares != there.halves_squares
        return {
            "value": float(self),
            "formula": self.formula,
            "source": {"name": here.name, "value": self.given, "meaning": here.meaning},
            "target": {"name": there.name, "value": float(self), "meaning": there.meaning},
            "mean_squared_error": self.mean_squared_error,
            "note": _NOTES[self.mean_squared_error] if differ else "",
        }


def convert(
    value: float,
    source: str,
    target: str = "keras-l2",
    *,
    rows: int | None = None,
    batch_size: int | None = None,
    mean_squared_error: bool = False,
    target_sd: float | None = None,
    plain_sgd: bool = False,
) -> Converted:
    """The strength in the convention ``target`` that does what ``value`` does in ``source``.

    Args:
        value: the strength in ``source``'s unit, finite and not negative.
        source: a name in :data:`CONVENTIONS`.
        target: another; by default Keras's ``L2``, which is ``wane.L2``.
        rows: how many rows the network is trained on; needed for ``"gaussian-prior"``.
        batch_size: how many rows a batch has; needed for ``"sklearn-mlp"``.
        mean_squared_error: whether the loss in Keras or PyTorch is the mean squared error, which
            glmnet, scikit-learn's MLPRegressor and a normal likelihood halve: a factor of 2.
        target_sd: ``numpy.std(y)`` of the training targets, by which glmnet divides them and its
            ridge strength; needed for ``"glmnet"`` where the target is a number, 1 for classes.
        plain_sgd: confirms that the optimizer is SGD without momentum. Only there does decoupled
            weight decay, ``"keras-weight-decay"``, equal a penalty.

    Returns:
        The strength in ``target``'s unit: a float with the attribute ``formula``.

    Raises:
        InputError: if a convention is unknown, the value is no strength, or what they depend on is
            missing.

    Example:
        >>> import wane
        >>> print(wane.convert(2.5e-4, "keras-l2", "sklearn-mlp", batch_size=200).formula)
        alpha = 2 · l2 · batch_size = 2 · 0.00025 · 200 = 0.1
    """
    here, there = _known(source), _known(target)
    strength = checked_strength(value, "value")
    if not plain_sgd:
        _check_coupled(here, there)
    ratio = _ratio(here, there, mean_squared_error)
    times, over = _units(here, there, {"rows": rows, "batch_size": batch_size})
    _scale_target(here, there, target_sd, mean_squared_error, times, over)
    try:
        found = float(Fraction(strength) * ratio * _product(times) / _product(over))
    except OverflowError as error:
        large = f"The value {strength:g} of {source!r} is too large to be written as {target!r}."
        raise InputError(large) from error
    symbols = _term(here.symbol, ratio, times, over)
    numbers = _term(f"{strength:.10g}", ratio, _numbers(times), _numbers(over))
    return Converted(
        found,
        formula=_formula(there.symbol, (symbols, numbers), found),
        given=strength,
        source=source,
        target=target,
        mean_squared_error=mean_squared_error,
    )


def _formula(symbol: str, terms: Iterable[str], value: float) -> str:
    """The chain of equations that ends in a value, which the last term may be already."""
    return " = ".join([symbol, *dict.fromkeys((*terms, f"{value:.10g}"))])


def _ratio(here: Convention, there: Convention, mean_squared_error: bool) -> Fraction:
    """What a strength is multiplied by, apart from counts and the spread of the target."""
    if mean_squared_error and here.halves_squares != there.halves_squares:
        return here.share / there.share * (2 if here.halves_squares else _HALF)
    return here.share / there.share


def _known(name: str) -> Convention:
    if name not in CONVENTIONS:
        there_are = ", ".join(f"{one.name!r} ({one.users})" for one in CONVENTIONS.values())
        raise InputError(f"There is no convention {name!r}; available: {there_are}.")
    return CONVENTIONS[name]


def _check_coupled(here: Convention, there: Convention) -> None:
    if here.decoupled != there.decoupled:
        name = (here if here.decoupled else there).name
        raise InputError(
            f"{name!r} is decoupled from the gradient and equals a penalty only for SGD without "
            f"momentum: if that is your optimizer, give plain_sgd=True (--plain-sgd)."
        )


def _scale_target(
    here: Convention,
    there: Convention,
    target_sd: Any,
    mean_squared_error: bool,
    times: dict[str, float],
    over: dict[str, float],
) -> None:
    """Multiply or divide by the spread of the target where one convention alone divides by it."""
    if here.scales_target == there.scales_target:
        return
    if target_sd is None:
        if not mean_squared_error and not (here.halves_squares and there.halves_squares):
            return  # for classes, as without the mean squared error
        raise InputError(
            "'glmnet' scales a target that is a number to unit spread first, which divides its "
            "ridge strength by sd(y), too: give target_sd (--target-sd), which is numpy.std(y) of "
            "the training rows, or 1 for classes."
        )
    is_number = isinstance(target_sd, Real) and math.isfinite(target_sd)
    if not is_number or not float(target_sd) > 0:
        raise InputError(f"target_sd must be a finite number above 0, got {target_sd!r}.")
    if target_sd != 1:
        (over if here.scales_target else times)["target_sd"] = float(target_sd)


def _numbers(counts: Mapping[str, float]) -> list[str]:
    return [f"{number:.10g}" for number in counts.values()]


def _product(counts: Mapping[str, float]) -> Fraction:
    return math.prod(map(Fraction, counts.values()), start=Fraction(1))


def _units(
    here: Convention, there: Convention, given: Mapping[str, object]
) -> tuple[dict[str, float], dict[str, float]]:
    """The counts that a strength is multiplied with, for ``there``, and divided by, for ``here``.

    What both depend on cancels out.
    """
    if here.divisor == there.divisor:
        return {}, {}
    return _counts(there, given), _counts(here, given)


def _counts(convention: Convention, given: Mapping[str, object]) -> dict[str, float]:
    """The count that a convention depends on by its name; empty if it depends on none."""
    unit = convention.divisor
    if unit is None:
        return {}
    count = given[unit]
    if count is None:
        what = {"rows": "the number of training rows", "batch_size": "the rows of a batch"}[unit]
        raise InputError(
            f"{convention.name!r} depends on {what}: give {unit} (--{unit.replace('_', '-')})."
        )
    return {unit: whole_number(count, unit, least=1)}


def _term(strength: str, ratio: Fraction, times: Iterable[object], over: Iterable[object]) -> str:
    """``strength · ratio · times / over`` as people write it: ``alpha / (2 · batch_size)``."""
    above = [ratio.numerator] if ratio.numerator > 1 else []
    below = [ratio.denominator] if ratio.denominator > 1 else []
    divisors = list(map(str, [*below, *over]))
    text = " · ".join(map(str, [*above, strength, *times]))
    if not divisors:
        return text
    return f"{text} / {divisors[0]}" if len(divisors) == 1 else f"{text} / ({' · '.join(divisors)})"
