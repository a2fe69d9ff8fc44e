"""When a study is evaluated, at which level, and how it may go on after that."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, Literal, Protocol

from wane._errors import InputError
from wane.stats.sequential import FIRST_LOOK, LEVEL, look_level

MOST_UNTIL_DECIDED = 80
"""The most repeats of a study that is trained until it is decided, where nothing says how many."""
MOST_IN_A_TIME = 200
"""The same of one that is trained for so many minutes."""
PLAN = ("repeats", "until_decided", "minutes")
"""What of a specification says how long to train, which a folder's study may change."""


class Planned(Protocol):
    """What says how long to train, as a specification does."""

    @property
    def until_decided(self) -> bool: ...
    @property
    def minutes(self) -> float | None: ...


@dataclasses.dataclass(frozen=True)
class Ended:
    """Why training has ended before the planned repeats.

    Attributes:
        why: ``"helps"``: a candidate was better at this look; ``"splits"``, ``"rows"``: more
            repeats could hardly tell more, over splits of the same rows or on those of one split;
            ``"most"``: there were no more, and nothing had helped; ``"time"``: it was over.
        repeats: at how many it ended.
        most: the most repeats, where the time was over.
        minutes: the time that was given.
        chosen: what helped.
    """

    why: Literal["helps", "splits", "rows", "most", "time"]
    repeats: int
    most: int = 0
    minutes: float = 0.0
    chosen: str = ""


@dataclasses.dataclass(frozen=True)
class Look:
    """One evaluation of a study.

    Attributes:
        number: which of the study's looks it is, from 1.
        level: at which it tests.
        spent: what the levels of all looks up to this one add up to.
        stopped: why training has ended here; None where the repeats were planned.
        grows: whether the study can be given more repeats later.
        added: the names of the candidates that it was given since the look before.
    """

    number: int = 1
    level: float = LEVEL
    spent: float = LEVEL
    stopped: Ended | None = None
    grows: bool = True
    added: tuple[str, ...] = ()

    @property
    def confidence(self) -> float:
        """That of intervals, ``1 − level``."""
        return 1 - self.level

    @property
    def percent(self) -> str:
        """The confidence in percent, as in "95 %"."""
        return f"{100 - float(f'{100 * self.level:.2g}'):g} %"


ONE_LOOK = Look()
"""The only look at a study that was planned with one."""


def level_of(number: int, *, planned: bool) -> float:
    """The level of a look: 5 % of the first one, unless further ones were planned with it.

    A study that grows has spent 5 % on its first look; its later ones test at the levels that they
    would have had, so that all of them together err in at most 7 % of studies instead of 5 %.

    Args:
        number: of the look, from 1.
        planned: whether looks were planned from the start.
    """
    return LEVEL if number == 1 and not planned else look_level(number)


def percent(level: float) -> str:
    """A level in percent, as in "0.76 %"."""
    return f"{100 * level:.2g} %"


def check_plan(settings: Mapping[str, Any], repeats: int | None) -> None:
    """Check that a study can be trained until it is decided, or for so many minutes, if it is to.

    Args:
        settings: the checked settings of the study.
        repeats: as given, None where nothing says how many.

    Raises:
        InputError: naming what does not fit together.
    """
    minutes, until = settings.get("minutes"), settings.get("until_decided")
    if minutes is not None:
        number = not isinstance(minutes, bool) and isinstance(minutes, int | float)
        if not (number and 0 < minutes < math.inf):
            raise InputError(f"minutes must be a finite number above 0, got {minutes!r}.")
    if until and minutes is not None:
        raise InputError(
            "until_decided looks at the results as they come in, and minutes allows for one look "
            "at the end: give one of the two."
        )
    name = "until_decided" if until else "minutes"
    if not until and minutes is None:
        return
    for option in ("refine", "halving"):
        if settings.get(option):
            raise InputError(
                f"{option} chooses what to train by the number of repeats, which {name} leaves "
                f"open: leave out one of the two."
            )
    if until and repeats is not None and repeats < FIRST_LOOK:
        raise InputError(
            f"until_decided looks at 10, 20, 40, … repeats, and repeats={repeats} are fewer: give "
            f"at least {FIRST_LOOK}, or leave it out."
        )


def most_repeats(settings: Mapping[str, Any]) -> int | None:
    """The most repeats where nothing says how many; None where that is not for a plan to say."""
    if settings.get("until_decided"):
        return MOST_UNTIL_DECIDED
    return MOST_IN_A_TIME if settings.get("minutes") is not None else None


def check_one_look(spec: Planned, what: str) -> None:
    """Check that a specification plans its repeats and one look at them.

    Args:
        spec: the specification.
        what: what takes no other, for the message.

    Raises:
        InputError: if it does not.
    """
    for name, given in (("until_decided", spec.until_decided), ("minutes", spec.minutes)):
        if given:
            raise InputError(
                f"{what} is evaluated once, after repeats that are planned: leave out {name}, and "
                f"give repeats."
            )
