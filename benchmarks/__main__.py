"""The command: ``python -m benchmarks``."""

import argparse
import dataclasses
import json
import tempfile
from pathlib import Path

from benchmarks.beside import older, shapes_compared
from benchmarks.cases import CASES, Case
from benchmarks.competitors import COMPETITORS
from benchmarks.growth import SIZES, first_result, growth, moons
from benchmarks.machine import description
from benchmarks.page import page
from benchmarks.paired import compared, executed, note
from benchmarks.processes import ROOT, Pool
from benchmarks.results import Report, report_of
from benchmarks.shapes import SHAPES

PARTS = ("competitors", "shapes", "executions", "growth", "start")


def main() -> None:
    """Measure what was asked for, and print, store or publish it."""
    options = _parser().parse_args()
    report = _measured(options)
    if options.keep is not None:
        report = report.over(report_of(json.loads(options.keep.read_text(encoding="utf-8"))))
    if options.json is not None:
        document = json.dumps(report.document(), indent=1)
        options.json.write_text(document + "\n", encoding="utf-8")
    if options.update_docs:
        (ROOT / "docs" / "benchmarks.md").write_text(page(report), encoding="utf-8")
    if options.json is None and not options.update_docs:
        print(page(report))


def _measured(options: argparse.Namespace) -> Report:
    cases = [CASES[key].quick() if options.quick else CASES[key] for key in options.cases]
    report = Report(machine=description(), quick=options.quick)
    with Pool() as pool:
        if "competitors" in options.parts:
            keys = ["wane", *(key for key in options.competitors if key != "wane")]
            comparisons = tuple(compared(case, keys, options.pairs, pool) for case in cases)
            report = dataclasses.replace(report, comparisons=comparisons)
    with Pool() as pool:  # the processes of the others have ended
        if "executions" in options.parts:
            found = tuple(executed(case, options.pairs, pool) for case in cases)
            report = dataclasses.replace(report, executions=found)
    return _alone(report, options, cases)


def _alone(report: Report, options: argparse.Namespace, cases: list[Case]) -> Report:
    """The parts that have the machine to themselves."""
    if "shapes" in options.parts:
        with older(options.beside) as before:
            shapes = shapes_compared(
                options.shapes, options.pairs, before=before, quick=options.quick
            )
        report = dataclasses.replace(report, shapes=shapes, before=options.beside or "")
    if "growth" in options.parts:
        sizes = ((10, 2),) if options.quick else SIZES
        grown = []
        for runs, epochs in sizes:
            note(f"growth: {runs} runs of {epochs} epochs")
            grown.append(growth(runs, epochs))
        report = dataclasses.replace(report, growth=tuple(grown))
    if "start" in options.parts:
        started = []
        for case in cases:
            note(f"start: {case.key}")
            started.append(first_result(case.key))
        times = []
        with tempfile.TemporaryDirectory() as compiled:
            for _ in range(1 if options.quick else options.pairs):
                note("start: wane study moons")
                times.append(moons(compiled))
        report = dataclasses.replace(report, first_results=tuple(started), moons=tuple(times))
    return report


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    rivals = [key for key, entry in COMPETITORS.items() if not entry.is_execution]
    for name, known in (
        ("cases", list(CASES)),
        ("shapes", list(SHAPES)),
        ("competitors", rivals),
        ("parts", list(PARTS)),
    ):
        parser.add_argument(
            f"--{name}",
            nargs="+",
            choices=known,
            default=known,
            metavar="NAME",
            help=f"any of {', '.join(known)}; all by default",
        )
    parser.add_argument(
        "--beside", metavar="COMMIT", help="measure shapes with the sources of COMMIT too"
    )
    parser.add_argument("--pairs", type=int, default=5, help="interleaved repetitions (5)")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that it works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the readings to FILE")
    parser.add_argument(
        "--keep", type=Path, metavar="FILE", help="take from FILE what is not measured now"
    )
    parser.add_argument("--update-docs", action="store_true", help="write docs/benchmarks.md")
    return parser


if __name__ == "__main__":
    main()
