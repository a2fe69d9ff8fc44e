"""What came out, as tables of ``docs/calibration.md``."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import get_args

from calibration import early_stopping, looks, new_rows, stacked, ties
from calibration.engine import STRENGTHS, moons_pool, null_pool
from calibration.learners import LEARNERS
from calibration.problems import Design, Sizes
from calibration.retraining import DESIGNS as SPLITS
from calibration.retraining import Held, coverage
from calibration.shares import Share
from calibration.simulations import (
    DESIGNS,
    LADDER,
    PAIRS,
    SIZES,
    Honesty,
    difference_coverage,
    false_help,
    honesty,
    honesty_of_a_test_set,
)
from calibration.tables import COVERAGE, FALSE_HELP, READINGS, cells, share, table

NAMES = {
    "seeds": "seeds on one split",
    "splits": "splits of one data set",
    "subsample": "small splits out of 400 rows",
    "fresh": "new rows each time",
}
TWINS = (LADDER[2],) * 20
"""Twenty candidates of the same true loss."""


def section(name: str, factor: float) -> str:
    """The table of a part, with a multiple of its usual number of studies."""
    return PARTS[name](factor)


def _differences(factor: float) -> str:
    kinds: list[tuple[Design, Sizes]] = [*SIZES.items()]
    kinds += [("splits", {"train": 30, "validation": 10})]
    return _coverages(factor, kinds, crossed=False)


def _crossed(factor: float) -> str:
    kinds: list[tuple[Design, Sizes]]
    kinds = [("splits", SIZES["splits"]), ("splits", {"train": 30, "validation": 10})]
    return _coverages(factor, [*kinds, ("subsample", SIZES["subsample"])], crossed=True)


def _coverages(factor: float, kinds: Sequence[tuple[Design, Sizes]], *, crossed: bool) -> str:
    repeats, studies = (5, 10, 30), int(factor * 500)
    rows, held = [], []
    for design, sizes in kinds:
        label = f"{sizes['train']} + {sizes['validation']}"
        for pair, penalties in PAIRS.items():
            gain, shares = difference_coverage(
                design, repeats, studies, pair=pair, sizes=sizes, crossed=crossed
            )
            against = f"{penalties[1]:g} against {penalties[0]:g}"
            own = [share(one, least=COVERAGE, most=0.98) for one in shares]
            rows.append([NAMES[design], label, against, f"{gain:+.3f}", *own])
            held.append([one.share for one in shares])
    means = [f"{100 * sum(column) / len(column):.1f} %" for column in zip(*held, strict=True)]
    rows.append(["mean of these", "", "", "", *means])
    header = ["what repeats differ in", "rows", "penalties", "true gain"]
    return table([*header, *(f"{n} repeats" for n in repeats)], rows)


def _nulls(factor: float) -> str:
    rows = [
        [
            NAMES[design],
            *(
                share(false_help(design, repeats, int(factor * 500)), most=FALSE_HELP)
                for repeats in (5, 10, 30)
            ),
        ]
        for design in DESIGNS
    ]
    return table(["what repeats differ in", "5 repeats", "10 repeats", "30 repeats"], rows)


def _honest(factor: float) -> str:
    studies = int(factor * 300)
    rows = []
    for design in DESIGNS:
        for label, penalties in (("five strengths", LADDER), ("19 that do nothing", TWINS)):
            found = honesty(design, penalties, 10, studies)
            rows.append([NAMES[design], label, "bootstrap", *_honesty(found)])
        tested = honesty_of_a_test_set(design, 10, studies)
        rows.append([NAMES[design], "five strengths", "50 test rows", *_honesty(tested)])
    return table(
        [
            "what repeats differ in",
            "candidates",
            "honest estimate",
            "its bias",
            "bias of the naive one",
            "standard error",
            "95 % interval holds the truth",
        ],
        rows,
    )


def _honesty(found: Honesty) -> list[str]:
    return [
        f"{found.bias:+.4f} ({found.bias / found.error:+.2f} standard errors)",
        f"{found.naive_bias:+.4f} ({found.naive_bias / found.error:+.2f})",
        f"{found.error:.3f}",
        share(found.coverage, least=COVERAGE, most=0.98),
    ]


def _new_rows(factor: float) -> str:
    rows = [[found.problem, *cells(found)] for found in new_rows.every(factor)]
    return table(["problem", *READINGS], rows)


def _new_rows_networks(factor: float) -> str:
    rows = []
    for problem in stacked.PROBLEMS:
        found = stacked.readings(problem, int(factor * 80))
        rows.append([found.problem, *cells(found)])
    return table(["problem", *READINGS], rows)


def _early_stopping(factor: float) -> str:
    rows = []
    for validation in (8, 30, 100):
        for found in early_stopping.early_stopping(validation, int(factor * 200)):
            read = [(found.problem, found.now)]
            if found.problem == "the same rows":
                read.append(("the same rows, read by wane 0.1", found.before))
            for by, one in read:
                told = [
                    share(one.coverage, least=COVERAGE),
                    share(one.false_help, most=FALSE_HELP),
                    share(one.power),
                ]
                rows.append([str(validation), by, f"{found.gain:+.3f}", *told])
    header = ["validation rows", "judged by", "true gain, mean", "interval holds it"]
    return table([*header, "false “helps”", "“helps” where it gains"], rows)


def _grid_edge(factor: float) -> str:
    rows = []
    for grid in new_rows.GRIDS:
        for design in ("seeds", "splits"):
            found = new_rows.grid_edge(grid, design, int(factor * 200))
            rows.append([grid, NAMES[design], *map(share, (found.chosen, found.now, found.before))])
    header = ["where the best strength lies", "what repeats differ in", "strongest is chosen"]
    return table([*header, "stronger ones are advised", "wane 0.1 advised them"], rows)


def _overfitting(factor: float) -> str:
    studies, rows = int(factor * 200), []
    for validation in (8, 20, 70):
        how = dataclasses.replace(new_rows.WORSE, validation=validation)
        found = new_rows.overfits_wrongly(how, studies)
        rows.append([f"500 + {validation}", share(found, most=FALSE_HELP)])
    return table(["rows", "said to overfit"], rows)


def _networks(factor: float) -> str:
    pool = null_pool(int(factor * 400))
    rows = []
    for repeats in (5, 10):
        verdicts = pool.verdicts(repeats)
        helped = Share(sum(one.helps for one in verdicts), len(verdicts))
        rows.append([str(repeats), share(helped)])
    return table(["repeats", "verdict “helps”"], rows)


def _moons(factor: float) -> str:
    pool = moons_pool(int(factor * 240))
    gain, error = pool.gain
    rows = []
    for repeats in (5, 10, 20, 40):
        verdicts = pool.verdicts(repeats)
        count = len(verdicts)
        helped = Share(sum(one.helps for one in verdicts), count)
        chosen = Share(sum(one.chosen == "L2(0.01)" for one in verdicts), count)
        rows.append([str(repeats), *map(share, (helped, chosen, pool.gain_coverage(repeats)))])
    strengths = ", ".join(f"{strength:g}" for strength in STRENGTHS)
    header = [
        "repeats",
        "verdict “helps”",
        "0.01 is chosen",
        "interval of its gain in accuracy holds the true one",
    ]
    return (
        f"{table(header, rows)}\n\n"
        f"Strengths {strengths}. The true gain of 0.01 over {pool.test_accuracy.shape[1]} training "
        f"sets is {100 * gain:.2f} ± {100 * error:.2f} points of accuracy."
    )


_LOOKED: dict[looks.Design, str] = {
    "once": "one look, at 30 repeats",
    "peeking": "5 % at every repeat, 5 to 80",
    "again": "5 % at 20, 40 and 80",
    "grown": "a folder grown to 20, 40 and 80",
    "until decided": "`--until-decided`",
    "e-process": "e-process at every repeat, 3 to 80",
}


def _looks(factor: float) -> str:
    studies = int(factor * 20_000)
    few: tuple[looks.Design, ...] = ("once", "grown", "until decided", "e-process")

    def row(
        shape: looks.Shape, count: int, designs: Sequence[looks.Design], gain: float
    ) -> list[str]:
        # The e-process is for independent repeats.
        own = tuple(d for d in designs if d != "e-process" or shape != "overlapping splits")
        found = looks.ends(shape, count, studies, designs=own, effect=gain)
        length = "" if not gain else ", {:.0f} repeats"
        cells = [share(one.helped) + length.format(one.repeats) for one in found.values()]
        return [
            shape,
            f"{gain:g} sd" if gain else str(count),
            *cells,
            *[""] * (len(designs) - len(own)),
        ]

    nothing = [row(shape, n, list(_LOOKED), 0) for shape in get_args(looks.Shape) for n in (1, 6)]
    ways: tuple[looks.Shape, ...] = ("normal", "overlapping splits")
    gains = [row(shape, 6, few, gain) for shape in ways for gain in (0.3, 0.5, 1.0)]
    first = table(["differences", "candidates", *_LOOKED.values()], nothing)
    header = ["differences", "gain of one of six", *(_LOOKED[design] for design in few)]
    return f"{first}\n\n{table(header, gains)}"


def _retraining(factor: float) -> str:
    rows, found = [], []
    for learner in LEARNERS.values():
        for design in SPLITS:
            for pair in learner.pairs:
                slow = learner.slow
                if slow and design.rows > design.train + design.validation:
                    continue
                studies, data_sets = (40, 600) if slow else (100, 2000)
                one = coverage(
                    learner, pair, design, int(factor * studies), 1, int(factor * data_sets)
                )
                out_of = (
                    f" of {design.rows}" if design.rows > design.train + design.validation else ""
                )
                sizes = f"{design.train} + {design.validation}{out_of}"
                rows.append([learner.name, sizes, str(design.repeats), pair, *_held(one)])
                found.append(one)
    header = [
        "problem",
        "rows",
        "repeats",
        "baseline",
        "true difference",
        "Nadeau–Bengio",
        "retraining",
        "its width",
        "sign told",
    ]
    return f"{table(header, rows)}\n\n{_summary(found)}"


def _held(one: Held) -> list[str]:
    told = f"{100 * one.corrected_told.share:.0f} → {100 * one.retrained_told.share:.0f} %"
    return [
        f"{one.truth:+.4f}",
        share(one.corrected),
        share(one.retrained),
        f"{one.width:.2f}",
        told,
    ]


def _summary(found: Sequence[Held]) -> str:
    """Both intervals over all problems, in a sentence each."""
    lines = []
    for name, held, told in (
        ("Nadeau–Bengio", [h.corrected for h in found], [h.corrected_told for h in found]),
        ("Retraining", [h.retrained for h in found], [h.retrained_told for h in found]),
    ):
        shares = [100 * one.share for one in held]
        low = [one for one in held if one.share < 0.92]
        sure = [one for one in low if one.share + 2 * one.error < 0.92]
        power = [100 * t.share for t, h in zip(told, found, strict=True) if abs(h.truth) > 0.02]
        lines.append(
            f"{name}: lowest {min(shares):.1f} %, mean {sum(shares) / len(shares):.1f} %, below "
            f"92 % in {len(low)} of {len(held)} (by more than two standard errors in "
            f"{len(sure)}), above 98 % in {sum(share > 98 for share in shares)}; tells the sign of "
            f"differences beyond 0.02 in {sum(power) / len(power):.0f} %."
        )
    widths = sorted(one.width for one in found)
    return " ".join(lines) + f" Median of the widths: {widths[len(widths) // 2]:.2f}."


SUBJECTS = (
    ties.Subjects(16, 10, 10),
    ties.Subjects(20, 5, 5),
    ties.Subjects(40, 5, 5),
    ties.Subjects(40, 1, 15),
)
SERIES = (
    *(ties.Series(400, correlation) for correlation in (0.0, 0.5, 0.8, 0.95)),
    ties.Series(1000, 0.8),
    ties.Series(400, 0.8, trend=3.0),
)


def _groups(factor: float) -> str:
    rows = []
    for problem in SUBJECTS:
        each = (
            f"{problem.low}" if problem.low == problem.high else f"{problem.low} to {problem.high}"
        )
        for test, by in ((False, "validation rows, bootstrap"), (True, "a quarter as test rows")):
            now, before = (
                ties.of_subjects(problem, int(factor * 400), heeded=heeded, test=test)
                for heeded in (True, False)
            )
            own = share(now.held, least=COVERAGE), f"{now.value:.2f}", f"{now.truth:.2f}"
            other = share(before.held, least=COVERAGE), f"{before.value:.2f}", f"{before.truth:.2f}"
            rows.append([str(problem.groups), each, by, *own, *other])
    header = ["groups", "rows of each", "said by", "interval holds it", "said", "true"]
    others = ["without groups: interval holds it", "said", "true"]
    return table([*header, *others], rows)


def _time(factor: float) -> str:
    rows = []
    for problem in SERIES:
        found = ties.of_series(problem, int(factor * 100))
        shares = [share(o, least=COVERAGE) for o in (found.now, found.as_rows, found.shuffled)]
        values = [f"{value:.2f}" for value in (found.truth, found.value, found.claimed)]
        trend = "goes on" if problem.trend else "none"
        rows.append([str(problem.rows), f"{problem.correlation:g}", trend, *shares, *values])
    header = ["rows", "correlation of errors", "trend", "interval over blocks holds it"]
    header += ["over rows", "shuffled rows", "true R²", "of the last rows", "of shuffled rows"]
    return table(header, rows)


PARTS: dict[str, Callable[[float], str]] = {
    "differences": _differences,
    "crossed": _crossed,
    "retraining": _retraining,
    "nulls": _nulls,
    "honest": _honest,
    "new-rows": _new_rows,
    "new-rows-networks": _new_rows_networks,
    "early-stopping": _early_stopping,
    "grid-edge": _grid_edge,
    "overfitting": _overfitting,
    "networks": _networks,
    "moons": _moons,
    "looks": _looks,
    "groups": _groups,
    "time": _time,
}
"""Each part by its name on the command line and in the page's marks."""
