"""What is measured, as frozen values that become JSON."""

import dataclasses
import statistics
from collections.abc import Sequence
from typing import Any

from benchmarks.command_results import CommandComparison, command_of
from benchmarks.spread import Spread


@dataclasses.dataclass(frozen=True)
class Quality:
    """How good the trained networks are: means over the networks, without any penalty."""

    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float

    @classmethod
    def mean(cls, parts: Sequence["Quality"]) -> "Quality":
        """The mean of several."""
        columns = zip(*(dataclasses.astuple(part) for part in parts), strict=True)
        return cls(*(statistics.fmean(column) for column in columns))


@dataclasses.dataclass(frozen=True)
class Measurement:
    """One timed piece of work: ``runs`` networks trained for ``epochs`` epochs each.

    Attributes:
        seconds: by the clock.
        processor_seconds: of the whole process, over all its threads.
    """

    runs: int
    epochs: int
    seconds: float
    processor_seconds: float
    quality: Quality

    @property
    def microseconds(self) -> float:
        """By the clock, for one epoch of one network."""
        return 1e6 * self.seconds / self.runs / self.epochs

    @property
    def processor_microseconds(self) -> float:
        """Of processor time, for one epoch of one network."""
        return 1e6 * self.processor_seconds / self.runs / self.epochs


@dataclasses.dataclass(frozen=True)
class Reading:
    """What one competitor showed in one case.

    Attributes:
        ratio: its time over wane's, pair by pair: how many times faster wane is.
        processor_ratio: the same for processor time.
        wane_quality: what wane reached after the same number of epochs.
    """

    competitor: str
    cores: int
    runs: int
    epochs: int
    compile_seconds: float
    microseconds_per_epoch: Spread
    processor_microseconds_per_epoch: Spread
    seconds_per_run: float
    ratio: Spread
    processor_ratio: Spread
    quality: Quality
    wane_quality: Quality | None = None


@dataclasses.dataclass(frozen=True)
class Comparison:
    """One case, all competitors.

    Attributes:
        case: its key.
        pairs: how many interleaved repetitions.
        load: the load average over one minute, before and after.
        absent: why a competitor has no reading, by its key.
    """

    case: str
    pairs: int
    load: tuple[float, float]
    readings: tuple[Reading, ...]
    absent: dict[str, str]


@dataclasses.dataclass(frozen=True)
class Moment:
    """How far a study was at one moment, and what it had taken by then.

    Attributes:
        runs: that had finished.
        seconds: since the first one finished.
        memory_mebibytes: of the process, resident.
        database_mebibytes: of the journal, with its write-ahead log.
    """

    runs: int
    seconds: float
    memory_mebibytes: float
    database_mebibytes: float


@dataclasses.dataclass(frozen=True)
class Growth:
    """One study of a number of runs, in a process of its own.

    Attributes:
        course: ten moments of its training, where there are enough runs.
    """

    runs: int
    epochs: int
    train_seconds: float
    total_seconds: float
    milliseconds_per_run: float
    peak_mebibytes: float
    database_mebibytes: float
    quality: Quality
    course: tuple[Moment, ...] = ()


def growth_of(document: dict[str, Any]) -> Growth:
    """A growth read back from its JSON values."""
    course = tuple(Moment(**moment) for moment in document.get("course", ()))
    made: Growth = _with_quality(Growth, {**document, "course": course})
    return made


@dataclasses.dataclass(frozen=True)
class FirstResult:
    """How long a case takes from nothing to its first trained network, in a fresh process.

    Attributes:
        import_seconds: wane, Keras and JAX.
        prepare_seconds: the study and the pure program.
        compile_seconds: tracing and XLA.
        total_seconds: to the first finished run.
    """

    case: str
    import_seconds: float
    prepare_seconds: float
    compile_seconds: float
    total_seconds: float
    quality: Quality


@dataclasses.dataclass(frozen=True)
class Moons:
    """The whole ``wane study moons`` as a user starts it.

    Attributes:
        seconds: by the clock, the interpreter's start included.
        stages: what the study itself says, by stage.
    """

    seconds: float
    stages: dict[str, float]
    runs: int
    validation_accuracy: float
    validation_loss: float


@dataclasses.dataclass(frozen=True)
class ShapeRun:
    """What one process took to train many networks of a shape.

    Attributes:
        runs: how many.
        seconds_per_run: by the clock, after everything is compiled.
        fixed_seconds: preparing and compiling, or what the first ``fit`` takes more than others.
        peak_mebibytes: of the whole process, imports included.
        validation_loss: the mean at the end, without any penalty.
    """

    runs: int
    seconds_per_run: float
    fixed_seconds: float
    peak_mebibytes: float
    validation_loss: float


@dataclasses.dataclass(frozen=True)
class ShapeReading:
    """One way to train a shape: wane, ``fit``, or the wane of before.

    Attributes:
        way: which.
        ratio: its time for a run over wane's, pair by pair: how many times as fast wane is.
        fixed_ratio: its fixed cost over that of ``fit``.
        memory_ratio: its peak memory over that of ``fit``.
        break_even: runs after which its total is lower than that of ``fit``, by the medians; None
            if never.
    """

    way: str
    milliseconds_per_run: Spread
    fixed_seconds: Spread
    peak_mebibytes: Spread
    ratio: Spread
    fixed_ratio: Spread
    memory_ratio: Spread
    break_even: float | None
    validation_loss: float

    @classmethod
    def of(
        cls, way: str, own: Sequence[ShapeRun], wane: Sequence[ShapeRun], fit: Sequence[ShapeRun]
    ) -> "ShapeReading":
        """Of the processes of one way, pair by pair beside those of wane and of ``fit``."""
        with_fit = list(zip(own, fit, strict=True))
        per_run = Spread.of([1e3 * one.seconds_per_run for one in own])
        fixed = Spread.of([one.fixed_seconds for one in own])
        gained = statistics.median(one.seconds_per_run for one in fit) - per_run.median / 1e3
        later = fixed.median - statistics.median(one.fixed_seconds for one in fit)
        return cls(
            way=way,
            milliseconds_per_run=per_run,
            fixed_seconds=fixed,
            peak_mebibytes=Spread.of([one.peak_mebibytes for one in own]),
            ratio=Spread.of(
                [a.seconds_per_run / b.seconds_per_run for a, b in zip(own, wane, strict=True)]
            ),
            fixed_ratio=Spread.of([a.fixed_seconds / b.fixed_seconds for a, b in with_fit]),
            memory_ratio=Spread.of([a.peak_mebibytes / b.peak_mebibytes for a, b in with_fit]),
            break_even=max(0.0, later / gained) if gained > 0 else None,
            validation_loss=statistics.fmean(one.validation_loss for one in own),
        )


@dataclasses.dataclass(frozen=True)
class ShapeComparison:
    """One shape, all ways.

    Attributes:
        shape: its key.
        pairs: how many interleaved repetitions.
        load: the load average over one minute, before and after.
    """

    shape: str
    pairs: int
    load: tuple[float, float]
    readings: tuple[ShapeReading, ...]

    def of(self, way: str) -> ShapeReading | None:
        """The reading of one way, if it was measured."""
        return next((one for one in self.readings if one.way == way), None)


@dataclasses.dataclass(frozen=True)
class EstimatorReading:
    """One estimator on one data set, over the folds of a cross-validation.

    Attributes:
        data, estimator: by their names.
        rows, features: of the whole data set.
        score: the mean accuracy or R² on rows that were not fitted.
        loss: the mean log loss or RMSE on these, and its standard error over folds in
            ``loss_error``.
        first_seconds: processor time of the first fit over all threads, compiling included.
        seconds: the median of the other fits' processor time.
    """

    data: str
    rows: int
    features: int
    estimator: str
    score: float
    loss: float
    loss_error: float
    first_seconds: float
    seconds: float


@dataclasses.dataclass(frozen=True)
class Report:
    """All of it, with the machine it was measured on.

    ``before`` names the older sources that were measured beside shapes; ``limit`` has
    the case study beside that in C, where other competitors were not measured.
    """

    machine: dict[str, str]
    quick: bool
    comparisons: tuple[Comparison, ...] = ()
    executions: tuple[Comparison, ...] = ()
    growth: tuple[Growth, ...] = ()
    first_results: tuple[FirstResult, ...] = ()
    moons: tuple[Moons, ...] = ()
    shapes: tuple[ShapeComparison, ...] = ()
    before: str = ""
    estimators: tuple[EstimatorReading, ...] = ()
    commands: tuple[CommandComparison, ...] = ()
    limit: tuple[Comparison, ...] = ()

    def document(self) -> dict[str, Any]:
        """As JSON values."""
        return dataclasses.asdict(self)

    def over(self, earlier: "Report") -> "Report":
        """This report, with what it lacks taken from an earlier one.

        Comparisons are replaced case by case, other parts as a whole.
        """
        return dataclasses.replace(
            self,
            machine={**earlier.machine, **self.machine},
            comparisons=_replaced(earlier.comparisons, self.comparisons),
            executions=_replaced(earlier.executions, self.executions),
            growth=self.growth or earlier.growth,
            first_results=self.first_results or earlier.first_results,
            moons=self.moons or earlier.moons,
            shapes=tuple({one.shape: one for one in (*earlier.shapes, *self.shapes)}.values()),
            before=self.before or earlier.before,
            estimators=self.estimators or earlier.estimators,
            limit=self.limit or (() if self.comparisons else earlier.limit),
            commands=tuple(
                {one.command: one for one in (*earlier.commands, *self.commands)}.values()
            ),
        )


def _replaced(earlier: Sequence[Comparison], later: Sequence[Comparison]) -> tuple[Comparison, ...]:
    return tuple({one.case: one for one in (*earlier, *later)}.values())


def report_of(document: dict[str, Any]) -> Report:
    """A report read back from its JSON values."""
    return Report(
        machine=document["machine"],
        quick=document["quick"],
        comparisons=tuple(_comparison(one) for one in document["comparisons"]),
        executions=tuple(_comparison(one) for one in document["executions"]),
        growth=tuple(growth_of(one) for one in document["growth"]),
        first_results=tuple(_with_quality(FirstResult, one) for one in document["first_results"]),
        moons=tuple(Moons(**one) for one in document["moons"]),
        shapes=tuple(_shape(one) for one in document.get("shapes", ())),
        before=document.get("before", ""),
        estimators=tuple(EstimatorReading(**one) for one in document.get("estimators", ())),
        commands=tuple(command_of(one) for one in document.get("commands", ())),
        limit=tuple(_comparison(one) for one in document.get("limit", ())),
    )


def measurement_of(document: dict[str, Any]) -> Measurement:
    """A measurement read back from its JSON values."""
    made: Measurement = _with_quality(Measurement, document)
    return made


def _with_quality(cls: Any, document: dict[str, Any]) -> Any:
    return cls(**{**document, "quality": Quality(**document["quality"])})


def _comparison(document: dict[str, Any]) -> Comparison:
    readings = tuple(_reading(one) for one in document["readings"])
    before, after = document["load"]
    return Comparison(**{**document, "readings": readings, "load": (before, after)})


def _shape(document: dict[str, Any]) -> ShapeComparison:
    readings = []
    for one in document["readings"]:
        spreads = {name: Spread(**value) for name, value in one.items() if isinstance(value, dict)}
        readings.append(ShapeReading(**{**one, **spreads}))
    before, after = document["load"]
    return ShapeComparison(document["shape"], document["pairs"], (before, after), tuple(readings))


def _reading(document: dict[str, Any]) -> Reading:
    spreads = ("microseconds_per_epoch", "processor_microseconds_per_epoch")
    values = dict(document)
    for name in (*spreads, "ratio", "processor_ratio"):
        values[name] = Spread(**values[name])
    values["quality"] = Quality(**values["quality"])
    if values["wane_quality"] is not None:
        values["wane_quality"] = Quality(**values["wane_quality"])
    return Reading(**values)
