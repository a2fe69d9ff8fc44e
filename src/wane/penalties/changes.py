"""What else a candidate may change beside penalties: rates, when training ends, the network."""

import dataclasses
import math
from typing import Any, ClassVar

from wane._errors import InputError, whole_number


@dataclasses.dataclass(frozen=True)
class Dropout:
    """Another rate for the dropout layers that the model has.

    Args:
        rate: the share of units that is dropped, at least 0 and below 1.
        layers: ``"all"`` dropout layers, or a glob on their names.

    Raises:
        InputError: if the rate is not such a share.

    Example:
        >>> import wane
        >>> candidates = [wane.Dropout(0.5), (wane.Dropout(0.2), wane.L2(1e-4))]
        >>> print(candidates[0])
        Dropout(0.5)
    """

    rate: float
    layers: str = "all"

    kind: ClassVar[str] = "Dropout"

    def __post_init__(self) -> None:
        number = isinstance(self.rate, int | float) and not isinstance(self.rate, bool)
        if not number or not 0 <= self.rate < 1:
            raise InputError(
                f"rate must be the share of units that is dropped, at least 0 and below 1, "
                f"got {self.rate!r}."
            )
        if not isinstance(self.layers, str) or not self.layers:
            raise InputError(
                f"layers must be 'all' or a glob on the names of dropout layers, "
                f"got {self.layers!r}."
            )
        object.__setattr__(self, "rate", float(self.rate))

    def name(self, *, target: bool = False, exact: bool = False) -> str:
        """The rate, and perhaps which layers it is for, as tables have it.

        Args:
            target: whether to name the layers.
            exact: whether the rate has all its digits, or six significant ones.

        Returns:
            ``"Dropout(0.5)"``, or ``"Dropout(0.5, layers='all')"``.

        Example:
            >>> candidates[0].name(target=True)
            "Dropout(0.5, layers='all')"
        """
        parts = [repr(self.rate) if exact else f"{self.rate:g}"]
        if target:
            parts.append(f"layers={self.layers!r}")
        return f"{self.kind}({', '.join(parts)})"

    def __str__(self) -> str:
        return self.name()


@dataclasses.dataclass(frozen=True)
class LearningRate:
    """Another learning rate of the optimizer, from the first step on.

    Smaller steps, like fewer epochs, leave a network nearer to where it began, and so may do what a
    penalty is wanted for. The rate is data of the compiled program: another one costs no
    compilation. A callback such as ``ReduceLROnPlateau`` goes on from it.

    Args:
        rate: the learning rate, finite and above 0.

    Raises:
        InputError: if the rate is no such number.

    Example:
        >>> import wane
        >>> candidates = [wane.LearningRate(1e-3), (wane.LearningRate(1e-3), wane.L2(1e-4))]
        >>> print(candidates[0])
        LearningRate(0.001)
    """

    rate: float

    kind: ClassVar[str] = "LearningRate"

    def __post_init__(self) -> None:
        number = isinstance(self.rate, int | float) and not isinstance(self.rate, bool)
        if not number or not 0 < self.rate < math.inf:
            raise InputError(
                f"A learning rate must be a finite number above 0, such as "
                f"wane.LearningRate(0.001), got {self.rate!r}."
            )
        object.__setattr__(self, "rate", float(self.rate))

    def name(self, *, target: bool = False, exact: bool = False) -> str:
        """The rate, as tables have it.

        Args:
            target: without effect; other changes take it.
            exact: whether the rate has all its digits, or six significant ones.

        Returns:
            ``"LearningRate(0.001)"``.

        Example:
            >>> candidates[0].name()
            'LearningRate(0.001)'
        """
        del target
        return f"{self.kind}({repr(self.rate) if exact else f'{self.rate:g}'})"

    def __str__(self) -> str:
        return self.name()


@dataclasses.dataclass(frozen=True)
class Network:
    """Another network in place of the study's, for instance one with another number of layers.

    Args:
        model: a compiled Keras model, or a function that returns one, for the same inputs and
            targets, with the same loss and metrics.
        title: what tables call it.

    Raises:
        InputError: if the title is empty.

    Example:
        >>> import wane
        >>> import keras
        >>> def deeper():
        ...     hidden = [keras.layers.Dense(8, "relu") for _ in range(2)]
        ...     model = keras.Sequential([keras.layers.Input((2,)), *hidden, keras.layers.Dense(1)])
        ...     model.compile(loss="mse")
        ...     return model
        >>> candidate = (wane.Network(deeper, "two hidden layers"), wane.L2(1e-3))
        >>> print(candidate[0])
        two hidden layers
    """

    model: Any = dataclasses.field(repr=False)
    title: str

    def __post_init__(self) -> None:
        if not isinstance(self.title, str) or not self.title.strip():
            raise InputError(f"title must say what to call the network, got {self.title!r}.")

    @property
    def kind(self) -> str:
        """The title: two networks are two kinds of change.

        Example:
            >>> candidate[0].kind
            'two hidden layers'
        """
        return self.title

    def name(self, *, target: bool = False, exact: bool = False) -> str:
        """The title, as tables have it.

        Args:
            target, exact: without effect; other changes take them.

        Returns:
            The title.

        Example:
            >>> candidate[0].name()
            'two hidden layers'
        """
        del target, exact
        return self.title

    def __str__(self) -> str:
        return self.title


@dataclasses.dataclass(frozen=True)
class EarlyStopping:
    """Training ends when the validation data loss has not fallen for ``patience`` epochs.

    The run then has the weights of its best epoch, as with Keras's ``EarlyStopping`` and
    ``restore_best_weights=True``, but the data loss is watched, without the penalty. Since the
    epoch is selected on the validation rows, the run's validation loss is optimistic; only test
    rows evaluate it without bias. A study with fewer than ten of them reports it and does not
    choose it.

    Args:
        patience: how many epochs, at least 0.

    Raises:
        InputError: if the patience is no such number.

    Example:
        >>> import wane
        >>> candidates = [wane.EarlyStopping(20), (wane.EarlyStopping(20), wane.L2(1e-3))]
        >>> print(candidates[0])
        EarlyStopping(20)
    """

    patience: int

    kind: ClassVar[str] = "EarlyStopping"

    def __post_init__(self) -> None:
        object.__setattr__(self, "patience", whole_number(self.patience, "patience", least=0))

    def name(self, *, target: bool = False, exact: bool = False) -> str:
        """What it is, with its patience, as tables have it.

        Args:
            target, exact: without effect; other changes take them.

        Returns:
            ``"EarlyStopping(20)"``.

        Example:
            >>> candidates[0].name()
            'EarlyStopping(20)'
        """
        del target, exact
        return f"{self.kind}({self.patience})"

    def __str__(self) -> str:
        return self.name()


def strength_of(changes: tuple[Any, ...]) -> float:
    """One number for how strong a candidate is: its penalties' strengths, or else its rate.

    The rate is that of dropout, or else of learning. 0 for the baseline and for what has neither.
    """
    others = Dropout | EarlyStopping | LearningRate | Network
    penalties = [change.strength for change in changes if not isinstance(change, others)]
    rates = [change.rate for change in changes if isinstance(change, Dropout)]
    rates = rates or [change.rate for change in changes if isinstance(change, LearningRate)]
    return math.fsum(penalties) if penalties else max(rates, default=0.0)
