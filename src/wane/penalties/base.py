"""What every penalty is: a frozen value that names a function, its strengths and its target."""

import dataclasses
import math
from typing import Any, ClassVar, Self, TypeGuard

from wane._errors import InputError
from wane.penalties.arrays import Array, checked_strength
from wane.penalties.keras_terms import DEFAULT_ROLES, ActsBy, Axes, KerasTerms, checked_roles
from wane.penalties.schedule import Schedule

Strength = float | Schedule
"""One number, or one for each epoch."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Penalty:
    """A term that is added to the training loss for large weights, and the weights it acts on.

    The base of all penalties, which cannot be used itself. Subclasses declare their strengths as
    fields and give :meth:`value`, a pure function of one weight and the strengths, so that
    strengths can be data of a compiled program. A strength is a number, finite and at least 0, or
    one for each epoch (see :mod:`wane.schedule`), in units of the data loss (the mean over rows)
    per unit of what the penalty sums; 0 is no penalty.

    Args:
        layers: ``"all"``, ``"hidden"``, ``"output"`` or a glob on layer names (``"conv*"``). The
            name of a layer or model that holds others means all that it holds.
        on: the roles of the weights that are penalized, from ``"kernel"``, ``"recurrent"``,
            ``"bias"`` and ``"embedding"``; a single role may be given as a string. Embeddings are
            kernels where ``layers`` matches the name of their own layer. Weights that are not
            trained are never penalized.

    Raises:
        InputError: if a strength, ``layers`` or a role cannot be used.

    Example:
        >>> import wane
        >>> penalty = wane.L2(0.001, layers="hidden", on="kernel")
        >>> isinstance(penalty, wane.Penalty), penalty.strength, penalty.on
        (True, 0.001, ('kernel',))
        >>> print(penalty)
        L2(0.001)
    """

    layers: str = "all"
    on: tuple[str, ...] = DEFAULT_ROLES

    strength_fields: ClassVar[tuple[str, ...]]
    """Names of the fields that are strengths, in the order in which :meth:`value` takes them."""
    option_fields: ClassVar[tuple[str, ...]] = ()
    """Names of the fields that change what is computed, and so are no data of a program."""
    is_regularizer: ClassVar[bool] = False
    """Whether Keras has a regularizer of its own that does the same, which files hold.

    It is so for every class that gives :meth:`keras_terms`."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.is_regularizer = cls.keras_terms is not Penalty.keras_terms

    def __post_init__(self) -> None:
        if not isinstance(self.layers, str) or not self.layers:
            raise InputError(
                f"layers must be 'all', 'hidden', 'output' or a glob on layer names, "
                f"got {self.layers!r}."
            )
        object.__setattr__(self, "on", checked_roles(self.on))
        for name in self.strength_fields:
            strength = getattr(self, name)
            if not isinstance(strength, Schedule):
                object.__setattr__(self, name, checked_strength(strength, name))

    @property
    def strengths(self) -> tuple[Strength, ...]:
        """The strengths, in the order in which :meth:`value` takes them.

        Example:
            >>> wane.L1L2(0.5, 0.25).strengths
            (0.5, 0.25)
        """
        return tuple(getattr(self, name) for name in self.strength_fields)

    def strengths_at(self, epoch: float = math.inf) -> tuple[float, ...]:
        """The strengths in an epoch, [strengths].

        Args:
            epoch: counted from 0; by default the end, when schedules have come to their last value.

        Returns:
            The strengths, in the order in which :meth:`value` takes them.

        Example:
            >>> wane.L2(wane.schedule.linear(0.0, 1.0, epochs=3)).strengths_at(1)
            (0.5,)
        """
        return tuple(s.at(epoch) if isinstance(s, Schedule) else s for s in self.strengths)

    def at(self, epoch: float = math.inf) -> Self:
        """The penalty as it is in an epoch, with strengths that stay.

        Args:
            epoch: counted from 0; by default the end, when schedules have come to their last value.

        Returns:
            The same penalty with numbers in place of schedules.

        Example:
            >>> print(wane.L2(wane.schedule.linear(0.0, 1.0, epochs=3)).at(1))
            L2(0.5)
        """
        values: dict[str, Any] = dict(
            zip(self.strength_fields, self.strengths_at(epoch), strict=True)
        )
        return dataclasses.replace(self, **values)

    @property
    def strength(self) -> float:
        """One number for how strong the penalty is: the sum of its strengths, in the end.

        Example:
            >>> wane.L1L2(0.5, 0.25).strength
            0.75
        """
        return math.fsum(self.strengths_at())

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """The strengths that change in training.

        Example:
            >>> wane.L2(wane.schedule.constant(0.5)).schedules
            (wane.schedule.constant(0.5),)
            >>> penalty.schedules
            ()
        """
        return tuple(s for s in self.strengths if isinstance(s, Schedule))

    @property
    def kind(self) -> str:
        """The penalty's name without strength or target, as in tables: ``"L2"``.

        Options other than the usual ones follow, and the forms of schedules: ``"L1 proximal"``,
        ``"GroupLasso units"``, ``"L2 steps"``.

        Example:
            >>> penalty.kind, wane.L1(0.001, proximal=True).kind
            ('L2', 'L1 proximal')
        """
        parts = [name if value is True else str(value) for name, value in self._options().items()]
        parts += dict.fromkeys(schedule.form for schedule in self.schedules)
        return " ".join([type(self).__name__, *parts])

    def _options(self) -> dict[str, Any]:
        """The options that are not the usual ones, by the names of their fields."""
        usual = {field.name: field.default for field in dataclasses.fields(self)}
        given = {name: getattr(self, name) for name in self.option_fields}
        return {name: value for name, value in given.items() if value != usual[name]}

    @property
    def form(self) -> Self:
        """The same penalty without strength and on the usual target: what a program computes.

        Example:
            >>> penalty.form
            L2(layers='all', on=('kernel', 'recurrent'), l2=0.0)
        """
        return self.of_strength(0.0, **{name: getattr(self, name) for name in self.option_fields})

    @classmethod
    def of_strength(
        cls,
        strength: Strength,
        *,
        layers: str = "all",
        on: tuple[str, ...] = DEFAULT_ROLES,
        **options: Any,
    ) -> Self:
        """The penalty of this total strength, shared equally among its strengths.

        Args:
            strength: the sum of the strengths: a number of at least 0, or a schedule.
            layers, on: the target; see :class:`Penalty`.
            options: what else the class takes.

        Returns:
            A penalty of this class.

        Raises:
            InputError: if the strength or the target cannot be used.

        Example:
            >>> print(wane.L1L2.of_strength(0.5, layers="hidden"))
            L1L2(0.25, 0.25)
        """
        count = len(cls.strength_fields)
        if not isinstance(strength, Schedule):
            share: Strength = checked_strength(strength) / count
        else:
            share = strength if count == 1 else strength.scaled(1 / count)
        return cls(**dict.fromkeys(cls.strength_fields, share), layers=layers, on=on, **options)

    def value(self, weight: Array, *strengths: Array | float) -> Array:
        """The penalty of one weight, a scalar; differentiable almost everywhere.

        Args:
            weight: an array of JAX or NumPy, of any shape.
            strengths: numbers to use in place of this penalty's own, one for each of its strengths.

        Returns:
            The value in units of the data loss, a scalar of the weight's type.

        Raises:
            TypeError: if the class is abstract.

        Example:
            >>> import numpy as np
            >>> float(penalty.value(np.array([1.0, -3.0]), 0.5))
            5.0
        """
        del weight, strengths
        raise TypeError("Penalty is abstract: use one of its subclasses, such as L2.")

    @property
    def acts_by(self) -> ActsBy:
        """How it acts on training.

        Example:
            >>> penalty.acts_by, wane.WeightDecay(0.01).acts_by
            ('loss', 'decay')
        """
        return "loss"

    @property
    def axes(self) -> Axes | None:
        """The axes that its weights must have; None where it is about single numbers.

        Example:
            >>> wane.GroupLasso(0.001).axes
            Axes(of='channels', along='inputs')
            >>> penalty.axes is None
            True
        """
        return None

    def keras_terms(self, *strengths: float) -> KerasTerms | None:
        """The same function in Keras's own regularizers.

        Args:
            strengths: as :meth:`value` takes them.

        Returns:
            What Keras's regularizers take, or None if none of them does the same.

        Example:
            >>> penalty.keras_terms(0.001)
            KerasTerms(l1=0.0, l2=0.001, rows=0.0, columns=0.0)
        """
        del strengths
        return None

    @classmethod
    def of_keras_terms(cls, terms: KerasTerms) -> Self | None:
        """The penalty of this class that does what some of Keras's regularizers do.

        Args:
            terms: what those regularizers take.

        Returns:
            The penalty, on the usual target, or None if no penalty of this class does that.

        Example:
            >>> print(wane.L2.of_keras_terms(penalty.keras_terms(0.001)))
            L2(0.001)
        """
        del terms
        return None

    @classmethod
    def summary(cls) -> str:
        """What it is, in a few words: the first line of the documentation without its formula.

        Example:
            >>> wane.L2.summary()
            'The sum of squared weights'
        """
        return str(cls.__doc__).split("\n")[0].split(":")[0].replace("``", "").removesuffix(".")

    def __str__(self) -> str:
        return self.name()

    def name(self, *, target: bool = False, exact: bool = False) -> str:
        """What it is, how strong and perhaps where, as tables have it.

        Args:
            target: whether to name layers and roles.
            exact: whether strengths have all their digits, or six significant ones.

        Returns:
            ``"L2(0.001)"``, or ``"L2(0.001, layers='all', on='kernel+recurrent')"``.

        Example:
            >>> penalty.name(), penalty.name(target=True)
            ('L2(0.001)', "L2(0.001, layers='hidden', on='kernel')")
        """
        parts = [_written(strength, exact) for strength in self.strengths]
        parts += [f"{name}={value!r}" for name, value in self._options().items()]
        if target:
            parts += [f"layers={self.layers!r}", f"on={'+'.join(self.on)!r}"]
        return f"{type(self).__name__}({', '.join(parts)})"


@dataclasses.dataclass(frozen=True, kw_only=True)
class WithProx(Penalty):
    """A penalty whose proximal operator has a known form."""

    def prox(self, weight: Array, step: Array | float, *strengths: Array | float) -> Array:
        """The array ``u`` of least ``½ · Σ (u - weight)² / step + value(u)``.

        Args:
            weight: an array of JAX or NumPy, of any shape.
            step: not negative; one number, or one for each element of the weight, as the step sizes
                of Adam are. The result is the weight itself where it is 0.
            strengths: as :meth:`value` takes them.

        Returns:
            An array of the weight's shape.

        Raises:
            TypeError: if the class is abstract.

        Example:
            >>> import numpy as np
            >>> wane.L2(0.5).prox(np.array([1.0, -3.0]), 1.0, 0.5)
            array([ 0.5, -1.5])
        """
        del weight, step, strengths
        raise TypeError("WithProx is abstract: use one of its subclasses, such as L2.")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sparse(WithProx):
    """A penalty under which weights become exactly zero, given its proximal step.

    Args:
        proximal: whether the penalty acts by a proximal step after each update of the optimizer,
            which gives exact zeros, and not by its gradient, which brings weights near zero only.

    Raises:
        InputError: if ``proximal`` is neither True nor False.
    """

    option_fields: ClassVar[tuple[str, ...]] = ("proximal",)
    proximal: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.proximal, bool):
            raise InputError(f"proximal must be True or False, got {self.proximal!r}.")

    @property
    def acts_by(self) -> ActsBy:
        return "steps" if self.proximal else "loss"

    def zero_threshold(self, gradient: Array) -> Array:
        """The least first strength with which all-zero weights are a minimum, a scalar.

        Args:
            gradient: that of the data loss where the weights are zero, of one weight's shape.

        Returns:
            The strength, in the unit of the penalty's first one.

        Raises:
            TypeError: if the class is abstract.

        Example:
            >>> import numpy as np
            >>> float(wane.L1(0.5).zero_threshold(np.array([0.25, -0.75])))
            0.75
        """
        del gradient
        raise TypeError("Sparse is abstract: use one of its subclasses, such as L1.")


def is_proximal(penalty: Penalty) -> TypeGuard[Sparse]:
    """Whether a penalty acts by proximal steps and not by its gradient."""
    return penalty.acts_by == "steps"


def _written(strength: Strength, exact: bool) -> str:
    if isinstance(strength, Schedule):
        return str(strength)
    return repr(strength) if exact else f"{strength:g}"
