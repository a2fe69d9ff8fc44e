"""The command: ``python -m benchmarks``."""

import argparse
import dataclasses
import json
import tempfile
from pathlib import Path

from benchmarks.beside import older, shapes_compared
from benchmarks.cases import CASES, Case
from benchmarks.commands import COMMANDS, commands_compared
from benchmarks.competitors import COMPETITORS
from benchmarks.estimators import DATA, PAGE, estimators_compared, estimators_table
from benchmarks.growth import SIZES, first_result, growth, moons
from benchmarks.guide import with_table
from benchmarks.machine import description
from benchmarks.page import page, updated, with_others
from benchmarks.paired import compared, executed, note
from benchmarks.processes import ROOT, Pool
from benchmarks.results import Report, report_of
from benchmarks.shapes import SHAPES

ALONE = ("shapes", "estimators", "commands", "limit")
"""Parts whose sections of the pages are written without the others."""
PARTS = ("competitors", "executions", "growth", "start", *ALONE)


def main() -> None:
    """Measure what was asked for, and print, store or publish it."""
    parser = _parser()
    options = parser.parse_args()
    if options.update_docs:
        _check_update(parser, options)
    report = _measured(options)
    if options.keep is not None:
        report = report.over(report_of(json.loads(options.keep.read_text(encoding="utf-8"))))
    if options.json is not None:
        document = json.dumps(report.document(), indent=1)
        options.json.write_text(document + "\n", encoding="utf-8")
    if options.update_docs:
        _publish(report, options.parts)
    if options.json is None and not options.update_docs:
        print(page(report))
        print(estimators_table(report.estimators))


def _check_update(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Check that pages get whole sections, each of which says where it was measured."""
    if options.quick:
        parser.error("--quick measures nothing that a page should have: leave --update-docs out.")
    alone = set(options.parts) <= set(ALONE)
    whole = set(options.parts) == set(PARTS) and len(options.cases) == len(CASES)
    every = len(options.shapes) == len(SHAPES) and len(options.data) == len(DATA)
    every = every and len(options.commands) == len(COMMANDS)
    if "limit" in options.parts:
        every = every and {"case-study", "case-study-unvalidated"} <= set(options.cases)
    if options.keep is None and not ((alone or whole) and every):
        parser.error(
            "--update-docs takes all parts, or shapes, estimators, commands and limit alone, "
            "and each of them whole; or --keep FILE with the readings of what is not measured now."
        )


def _publish(report: Report, parts: list[str]) -> None:
    """Write the pages of what was measured."""
    pages, measured = ROOT / "docs" / "benchmarks.md", set(parts) - {"estimators"}
    if measured:
        whole = measured == set(PARTS) - {"estimators"}
        before = pages.read_text(encoding="utf-8")
        text = with_others(page(report), before) if whole else updated(before, report)
        pages.write_text(text, encoding="utf-8")
    if report.estimators:
        text = PAGE.read_text(encoding="utf-8")
        text = with_table(text, "estimators", estimators_table(report.estimators))
        PAGE.write_text(text, encoding="utf-8")


def _measured(options: argparse.Namespace) -> Report:
    cases = [CASES[key].quick() if options.quick else CASES[key] for key in options.cases]
    report = Report(machine=description(), quick=options.quick)
    with Pool() as pool:
        if "competitors" in options.parts:
            keys = ["wane", *(key for key in options.competitors if key != "wane")]
            comparisons = tuple(compared(case, keys, options.pairs, pool) for case in cases)
            report = dataclasses.replace(report, comparisons=comparisons)
        elif "limit" in options.parts:
            limit = tuple(
                compared(case, ["wane", "kernel"], options.pairs, pool)
                for case in cases
                if case.network == "case_study"
            )
            report = dataclasses.replace(report, limit=limit)
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
    if "commands" in options.parts:
        with older(options.beside) as before:
            commands = commands_compared(
                options.commands,
                options.pairs,
                before=before,
                commit=options.beside or "",
                quick=options.quick,
            )
        report = dataclasses.replace(report, commands=commands)
    if "estimators" in options.parts:
        several = estimators_compared(options.data, quick=options.quick)
        report = dataclasses.replace(report, estimators=several)
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
        ("data", list(DATA)),
        ("commands", list(COMMANDS)),
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
        "--beside",
        metavar="COMMIT",
        help="measure shapes and commands of COMMIT too",
    )
    parser.add_argument("--pairs", type=int, default=5, help="interleaved repetitions (5)")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that it works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the readings to FILE")
    parser.add_argument(
        "--keep", type=Path, metavar="FILE", help="take from FILE what is not measured now"
    )
    parser.add_argument("--update-docs", action="store_true", help="write the pages of docs/")
    return parser


if __name__ == "__main__":
    main()
