"""Measures side by side: all competitors of a case in turn, again and again."""

import dataclasses
import os
import sys
from collections.abc import Mapping, Sequence

from benchmarks.cases import Case
from benchmarks.competitors import COMPETITORS
from benchmarks.processes import FailedError, Pool
from benchmarks.results import Comparison, Measurement, Quality, Reading
from benchmarks.spread import Spread

Place = tuple[str, int]
"""A competitor's key and the cores that it has."""


def note(message: str) -> None:
    """Progress, on standard error."""
    print(message, file=sys.stderr, flush=True)


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def compared(case: Case, keys: Sequence[str], pairs: int, pool: Pool) -> Comparison:
    """wane and its competitors, each on all cores; the first key is the reference."""
    present, absent = _sorted_out(case, keys)
    cases = {
        (key, cores()): dataclasses.replace(case, epochs=case.epochs_of(key)) for key in present
    }
    comparison = _measured(case.key, cases, pairs, pool, absent)
    return _with_wane_quality(comparison, case, pool)


def executed(case: Case, pairs: int, pool: Pool) -> Comparison:
    """wane's executions on one core and on all, 64 networks for each core."""
    keys = [key for key, entry in COMPETITORS.items() if entry.is_execution]
    cases = {
        (key, count): dataclasses.replace(case, epochs=case.execution_epochs, runs=64 * count)
        for count in sorted({1, cores()}, reverse=True)
        for key in keys
    }
    if case.runs == 2:  # quick
        cases = {place: dataclasses.replace(one, runs=2) for place, one in cases.items()}
    return _measured(case.key, cases, pairs, pool, {})


def _sorted_out(case: Case, keys: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Who can train this case here, and why the others cannot."""
    reasons = {key: COMPETITORS[key].missing(case) for key in keys}
    absent = {key: reason for key, reason in reasons.items() if reason is not None}
    return [key for key in keys if key not in absent], absent


def _measured(
    case_key: str,
    cases: Mapping[Place, Case],
    pairs: int,
    pool: Pool,
    absent: dict[str, str],
) -> Comparison:
    before = os.getloadavg()[0]
    compile_seconds: dict[Place, float] = {}
    for place, case in cases.items():
        note(f"{case_key}: preparing {place[0]} on {place[1]}")
        try:
            compile_seconds[place] = pool(*place).prepare(case)
        except FailedError as error:
            note(f"{case_key}: {place[0]} failed: {error}")
            absent = {**absent, place[0]: str(error)}
    places = list(compile_seconds)
    taken: dict[Place, list[Measurement]] = {place: [] for place in places}
    for pair in range(pairs):
        # Each pair begins with another one, so that no order is favoured.
        for place in [*places[pair % len(places) :], *places[: pair % len(places)]]:
            measurement = pool(*place).measure(pair)
            taken[place].append(measurement)
            note(
                f"{case_key}: pair {pair + 1} of {pairs}, {place[0]} on {place[1]}: "
                f"{measurement.microseconds:.2f} µs for one epoch"
            )
    reference = taken[places[0]]
    readings = [
        _reading(place, cases[place], compile_seconds[place], taken[place], reference)
        for place in places
    ]
    return Comparison(case_key, pairs, (before, os.getloadavg()[0]), tuple(readings), absent)


def _reading(
    place: Place,
    case: Case,
    compile_seconds: float,
    own: Sequence[Measurement],
    reference: Sequence[Measurement],
) -> Reading:
    pairs = list(zip(own, reference, strict=True))
    per_epoch = Spread.of([one.microseconds for one in own])
    return Reading(
        competitor=place[0],
        cores=place[1],
        runs=own[0].runs,
        epochs=case.epochs,
        compile_seconds=compile_seconds,
        microseconds_per_epoch=per_epoch,
        processor_microseconds_per_epoch=Spread.of([one.processor_microseconds for one in own]),
        seconds_per_run=per_epoch.median * case.epochs / 1e6,
        ratio=Spread.of([one.microseconds / wane.microseconds for one, wane in pairs]),
        processor_ratio=Spread.of(
            [one.processor_microseconds / wane.processor_microseconds for one, wane in pairs]
        ),
        quality=Quality.mean([one.quality for one in own]),
    )


def _with_wane_quality(comparison: Comparison, case: Case, pool: Pool) -> Comparison:
    """Beside each reading of fewer epochs what wane reaches in as many."""
    reached: dict[int, Quality] = {}
    readings = []
    for reading in comparison.readings:
        if reading.epochs == case.epochs:
            readings.append(
                dataclasses.replace(reading, wane_quality=comparison.readings[0].quality)
            )
            continue
        if reading.epochs not in reached:
            remote = pool("wane", cores())
            remote.prepare(dataclasses.replace(case, epochs=reading.epochs))
            reached[reading.epochs] = remote.measure(0).quality
        readings.append(dataclasses.replace(reading, wane_quality=reached[reading.epochs]))
    return dataclasses.replace(comparison, readings=tuple(readings))
