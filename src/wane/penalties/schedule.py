"""Strengths that change in training, by the epoch: ``wane.L2(wane.schedule.linear(0, 1e-3, 100))``.

A schedule is a row of segments, and a segment is five numbers; so it is data of a compiled program,
as a single strength is, and another schedule compiles nothing anew.

Example:
    >>> import wane
    >>> rising = wane.schedule.linear(0.0, 0.001, epochs=100)
    >>> print(wane.L2(rising, layers="hidden"))
    L2(linear(0, 0.001, epochs=100))
"""

import dataclasses
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from wane._errors import InputError, whole_number
from wane.penalties.arrays import Array, checked_strength, namespace

if TYPE_CHECKING:
    import numpy as np


@dataclasses.dataclass(frozen=True)
class Segment:
    """A part of a schedule: from one strength to another, which then stays.

    Attributes:
        start: the epoch, counted from 0, with which it begins.
        length: the epochs from the first strength to the last one; at least 1.
        first, last: the two strengths.
        cosine: whether the way between them is half a wave of the cosine, else it is straight.
    """

    start: int
    length: int
    first: float
    last: float
    cosine: bool = False


@dataclasses.dataclass(frozen=True)
class Schedule:
    """A strength for each epoch, made by the functions of this module.

    Attributes:
        form: the name of the function that made it.
        text: how it is written in Python, for tables.
        segments: what it consists of, the first from epoch 0 on, in the order of their starts.

    Example:
        >>> import wane
        >>> rising = wane.schedule.linear(0.0, 1.0, epochs=5)
        >>> isinstance(rising, wane.Schedule), [rising.at(epoch) for epoch in range(6)]
        (True, [0.0, 0.25, 0.5, 0.75, 1.0, 1.0])
    """

    form: str
    text: str = dataclasses.field(compare=False)
    segments: tuple[Segment, ...]

    def at(self, epoch: float = math.inf) -> float:
        """The strength in an epoch.

        Args:
            epoch: counted from 0; by default the end.

        Returns:
            The strength, in the unit of those that the schedule was made from.

        Example:
            >>> rising.at(1), rising.at()
            (0.25, 1.0)
        """
        return float(strength_at(self.numbers(len(self.segments)), epoch))

    def numbers(self, segments: int) -> "np.ndarray":
        """The schedule as data, [segments, 5].

        Args:
            segments: how many there are to be; what lacks is filled with some that never begin.

        Returns:
            ``start``, ``length``, ``first``, ``last`` and ``cosine`` of each segment.

        Example:
            >>> rising.numbers(1)
            array([[0., 4., 0., 1., 0.]])
        """
        import numpy as np  # not before a study needs it, so that the command line starts fast

        rows = [dataclasses.astuple(segment) for segment in self.segments]
        never = (math.inf, 1, 0, 0, 0)
        return np.array(rows + [never] * (segments - len(rows)), np.float64)

    def scaled(self, factor: float) -> "Schedule":
        """The schedule with every strength multiplied by a number.

        Args:
            factor: the number, at least 0.

        Returns:
            Another schedule.

        Example:
            >>> rising.scaled(0.5).at()
            0.5
        """
        segments = tuple(
            dataclasses.replace(s, first=s.first * factor, last=s.last * factor)
            for s in self.segments
        )
        return dataclasses.replace(self, text=f"{_number(factor)} · {self.text}", segments=segments)

    def document(self) -> dict[str, Any]:
        """All of it as JSON has it.

        Example:
            >>> rising.document()["text"]
            'linear(0, 1, epochs=5)'
        """
        return {
            "schedule": self.form,
            "text": self.text,
            "segments": [dataclasses.asdict(segment) for segment in self.segments],
        }

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"wane.schedule.{self.text}"


def strength_at(numbers: Array, epoch: Any) -> Array:
    """The strength in an epoch, a scalar.

    Args:
        numbers: what :meth:`Schedule.numbers` gives, an array of JAX or NumPy.
        epoch: counted from 0, perhaps traced.

    Returns:
        The strength, an array without dimensions.

    Example:
        >>> import wane
        >>> numbers = wane.schedule.constant(0.5).numbers(1)
        >>> float(wane.schedule.strength_at(numbers, 3))
        0.5
    """
    xp = namespace(numbers)
    begun = xp.sum(numbers[:, 0] <= epoch)
    start, length, first, last, cosine = numbers[begun - 1]
    share = xp.clip((epoch - start) / length, 0, 1)
    share = xp.where(cosine > 0, (1 - xp.cos(xp.pi * share)) / 2, share)
    return first + (last - first) * share


def constant(strength: float) -> Schedule:
    """The same strength in every epoch.

    Args:
        strength: finite and at least 0.

    Returns:
        A schedule, to be given as a penalty's strength.

    Raises:
        InputError: if the strength is no such number.

    Example:
        >>> import wane
        >>> wane.schedule.constant(0.5)
        wane.schedule.constant(0.5)
    """
    value = checked_strength(strength)
    return Schedule("constant", f"constant({_number(value)})", (Segment(0, 1, value, value),))


def steps(strengths: Mapping[int, float]) -> Schedule:
    """Strengths that begin after so many epochs and stay until the next.

    ``steps({0: 0.0, 1200: 1e-5, 3700: 1e-4, 4100: 1e-3})`` is none for 1,200 epochs, 1e-5 for 2,500
    more, 1e-4 for 400, then 1e-3: the example of Reed & Marks, Neural Smithing (1999), p. 270.

    Args:
        strengths: by the number of epochs that go before, of which the first is 0.

    Returns:
        A schedule, to be given as a penalty's strength.

    Raises:
        InputError: unless they begin with epoch 0 and are finite and at least 0.

    Example:
        >>> import wane
        >>> late = wane.schedule.steps({0: 0.0, 1200: 1e-5})
        >>> late.at(1199), late.at(1200)
        (0.0, 1e-05)
    """
    if not isinstance(strengths, Mapping) or 0 not in strengths:
        raise InputError(
            f"steps takes strengths by the number of epochs before them, from 0 on, such as "
            f"{{0: 0.0, 1200: 1e-5}}, got {strengths!r}."
        )
    starts = sorted(whole_number(epoch, "an epoch of steps", least=0) for epoch in strengths)
    values = [checked_strength(strengths[start], f"the strength at {start}") for start in starts]
    segments = [Segment(start, 1, v, v) for start, v in zip(starts, values, strict=True)]
    text = ", ".join(f"{segment.start}: {_number(segment.first)}" for segment in segments)
    return Schedule("steps", f"steps({{{text}}})", tuple(segments))


def linear(start: float, end: float, epochs: int) -> Schedule:
    """In a straight line from one strength in the first epoch to another, which then stays.

    Args:
        start, end: the strengths, finite and at least 0.
        epochs: in which of the epochs (counted from 1) the end is reached; at least 2.

    Returns:
        A schedule, to be given as a penalty's strength.

    Raises:
        InputError: if a strength or the number of epochs cannot be used.

    Example:
        >>> import wane
        >>> rising = wane.schedule.linear(0.0, 1.0, epochs=3)
        >>> [rising.at(epoch) for epoch in range(4)]
        [0.0, 0.5, 1.0, 1.0]
    """
    return _line("linear", start, end, epochs, cosine=False)


def cosine(start: float, end: float, epochs: int) -> Schedule:
    """As :func:`linear`, but along half a wave of the cosine: slow, then fast, then slow.

    Args:
        start, end: the strengths, finite and at least 0.
        epochs: in which of the epochs (counted from 1) the end is reached; at least 2.

    Returns:
        A schedule, to be given as a penalty's strength.

    Raises:
        InputError: if a strength or the number of epochs cannot be used.

    Example:
        >>> import wane
        >>> falling = wane.schedule.cosine(1.0, 0.0, epochs=5)
        >>> [round(falling.at(epoch), 3) for epoch in range(5)]
        [1.0, 0.854, 0.5, 0.146, 0.0]
    """
    return _line("cosine", start, end, epochs, cosine=True)


def warm_up(strength: "float | Schedule", epochs: int) -> Schedule:
    """From ``strength / epochs`` in the first epoch in equal steps to the full strength.

    Args:
        strength: finite and at least 0; it stays, or if it is a schedule, it begins in the epoch in
            which the strength is full.
        epochs: in which of the epochs (counted from 1) the strength is full; at least 2.

    Returns:
        A schedule, to be given as a penalty's strength.

    Raises:
        InputError: if the strength or the number of epochs cannot be used.

    Example:
        >>> import wane
        >>> rising = wane.schedule.warm_up(1.0, epochs=4)
        >>> [rising.at(epoch) for epoch in range(5)]
        [0.25, 0.5, 0.75, 1.0, 1.0]
    """
    count = whole_number(epochs, "epochs", least=2)
    after = strength if isinstance(strength, Schedule) else constant(strength)
    full = after.segments[0].first
    target = after.text if isinstance(strength, Schedule) else _number(full)
    rise = Segment(0, count - 1, full / count, full)
    later = (dataclasses.replace(s, start=s.start + count - 1) for s in after.segments)
    return Schedule("warm_up", f"warm_up({target}, epochs={count})", (rise, *later))


def _line(form: str, start: float, end: float, epochs: int, *, cosine: bool) -> Schedule:
    first, last = checked_strength(start, "start"), checked_strength(end, "end")
    count = whole_number(epochs, "epochs", least=2)
    text = f"{form}({_number(first)}, {_number(last)}, epochs={count})"
    return Schedule(form, text, (Segment(0, count - 1, first, last, cosine),))


def _number(value: float) -> str:
    """With six digits, or as many as it takes."""
    short = f"{value:g}"
    return short if float(short) == value else repr(value)
