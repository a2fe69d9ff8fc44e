"""What whole commands took, as frozen values that become JSON."""

import dataclasses
import statistics
from collections.abc import Sequence
from typing import Any

from benchmarks.spread import Spread


@dataclasses.dataclass(frozen=True)
class CommandRun:
    """One start of a command.

    Attributes:
        seconds: by the clock, the interpreter's start included.
        processor_seconds: over all its threads.
        stages: what the command itself says, by stage.
    """

    seconds: float
    processor_seconds: float
    stages: dict[str, float]
    runs: int
    chosen: str
    validation_loss: float


@dataclasses.dataclass(frozen=True)
class CommandReading:
    """One way to do a command: now, or with the build before.

    Attributes:
        way: which.
        cold: seconds of the start that compiles.
        warm: seconds of the starts after it.
        processor: seconds of processor time of the later starts.
        cold_ratio, ratio, processor_ratio: what ``now`` takes over its own, pair by pair.
        stages: medians of the warm starts.
    """

    way: str
    cold: float
    warm: Spread
    processor: Spread
    cold_ratio: float
    ratio: Spread
    processor_ratio: Spread
    stages: dict[str, float]
    runs: int
    chosen: str
    validation_loss: float

    @classmethod
    def of(cls, way: str, own: Sequence[CommandRun], now: Sequence[CommandRun]) -> "CommandReading":
        """Of the starts of one way, pair by pair beside those of now; the first compiles."""
        names = dict.fromkeys(name for one in own for name in one.stages)
        later = own[1:]
        return cls(
            way=way,
            cold=own[0].seconds,
            warm=Spread.of([one.seconds for one in later]),
            processor=Spread.of([one.processor_seconds for one in later]),
            cold_ratio=now[0].seconds / own[0].seconds,
            ratio=Spread.of([a.seconds / b.seconds for a, b in zip(now[1:], later, strict=True)]),
            processor_ratio=Spread.of(
                [
                    a.processor_seconds / b.processor_seconds
                    for a, b in zip(now[1:], later, strict=True)
                ]
            ),
            stages={
                name: statistics.median(one.stages.get(name, 0.0) for one in later)
                for name in names
            },
            runs=own[-1].runs,
            chosen=own[-1].chosen,
            validation_loss=own[-1].validation_loss,
        )

    @property
    def share_beside(self) -> float:
        """What learning-curve runs, figures and files are of the stages' time."""
        whole = sum(seconds for name, seconds in self.stages.items() if name != "total")
        return (self.stages.get("sizes", 0.0) + self.stages.get("write", 0.0)) / whole


@dataclasses.dataclass(frozen=True)
class CommandComparison:
    """One command, all ways.

    Attributes:
        command: its key.
        pairs: how many starts after the first.
        load: the load average over one minute, before and after.
        before: the commit of the build before; empty where that was not measured.
    """

    command: str
    pairs: int
    load: tuple[float, float]
    readings: tuple[CommandReading, ...]
    before: str = ""

    def of(self, way: str) -> CommandReading | None:
        """The reading of one way, if it was measured."""
        return next((one for one in self.readings if one.way == way), None)


def command_of(document: dict[str, Any]) -> CommandComparison:
    """A comparison read back from its JSON values."""
    readings = []
    for one in document["readings"]:
        spreads = ("warm", "processor", "ratio", "processor_ratio")
        readings.append(CommandReading(**one | {name: Spread(**one[name]) for name in spreads}))
    before, after = document["load"]
    return CommandComparison(
        document["command"], document["pairs"], (before, after), tuple(readings)
    )
