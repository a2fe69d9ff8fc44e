"""What came out, as tables of ``docs/calibration.md``."""

from collections.abc import Callable, Sequence
from typing import get_args

from calibration import looks
from calibration.engine import STRENGTHS, moons_pool, null_pool
from calibration.learners import LEARNERS
from calibration.problems import Design
from calibration.retraining import DESIGNS as SPLITS
from calibration.retraining import Held, coverage
from calibration.simulations import (
    DESIGNS,
    LADDER,
    PAIRS,
    SIZES,
    Honesty,
    Share,
    difference_coverage,
    false_help,
    honesty,
    honesty_of_a_test_set,
)

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


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _share(share: Share) -> str:
    return f"{100 * share.share:.1f} % ± {100 * share.error:.1f} ({share.studies})"


def _differences(factor: float) -> str:
    kinds: list[tuple[Design, dict[str, int]]] = [*SIZES.items()]
    kinds += [("splits", {"train": 30, "validation": 10})]
    return _coverages(factor, kinds, crossed=False)


def _crossed(factor: float) -> str:
    kinds: list[tuple[Design, dict[str, int]]]
    kinds = [("splits", SIZES["splits"]), ("splits", {"train": 30, "validation": 10})]
    return _coverages(factor, [*kinds, ("subsample", SIZES["subsample"])], crossed=True)


def _coverages(
    factor: float, kinds: Sequence[tuple[Design, dict[str, int]]], *, crossed: bool
) -> str:
    repeats = (5, 10, 30)
    rows, held = [], []
    for design, sizes in kinds:
        for pair in PAIRS:
            shares = [
                difference_coverage(
                    design, count, int(factor * 500), pair=pair, sizes=sizes, crossed=crossed
                )
                for count in repeats
            ]
            label = f"{sizes['train']} + {sizes['validation']}"
            rows.append([NAMES[design], label, pair, *map(_share, shares)])
            held.append([share.share for share in shares])
    means = [f"{100 * sum(column) / len(column):.1f} %" for column in zip(*held, strict=True)]
    rows.append(["mean of these", "", "", *means])
    header = ["what repeats differ in", "rows", "baseline", *(f"{n} repeats" for n in repeats)]
    return _table(header, rows)


def _nulls(factor: float) -> str:
    rows = [
        [
            NAMES[design],
            *(_share(false_help(design, repeats, int(factor * 500))) for repeats in (5, 10, 30)),
        ]
        for design in DESIGNS
    ]
    return _table(["what repeats differ in", "5 repeats", "10 repeats", "30 repeats"], rows)


def _honest(factor: float) -> str:
    studies = int(factor * 300)
    rows = []
    for design in DESIGNS:
        for label, penalties in (("five strengths", LADDER), ("19 that do nothing", TWINS)):
            found = honesty(design, penalties, 10, studies)
            rows.append([NAMES[design], label, "bootstrap", *_cells(found)])
        tested = honesty_of_a_test_set(design, 10, studies)
        rows.append([NAMES[design], "five strengths", "50 test rows", *_cells(tested)])
    return _table(
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


def _cells(found: Honesty) -> list[str]:
    return [
        f"{found.bias:+.4f} ({found.bias / found.error:+.2f} standard errors)",
        f"{found.naive_bias:+.4f} ({found.naive_bias / found.error:+.2f})",
        f"{found.error:.3f}",
        _share(found.coverage),
    ]


def _networks(factor: float) -> str:
    pool = null_pool(int(factor * 400))
    rows = []
    for repeats in (5, 10):
        verdicts = pool.verdicts(repeats)
        helped = Share(sum(one.helps for one in verdicts), len(verdicts))
        rows.append([str(repeats), _share(helped)])
    return _table(["repeats", "verdict “helps”"], rows)


def _moons(factor: float) -> str:
    pool = moons_pool(int(factor * 240))
    gain, error = pool.gain
    rows = []
    for repeats in (5, 10, 20, 40):
        verdicts = pool.verdicts(repeats)
        count = len(verdicts)
        helped = Share(sum(one.helps for one in verdicts), count)
        chosen = Share(sum(one.chosen == "L2(0.01)" for one in verdicts), count)
        rows.append([str(repeats), *map(_share, (helped, chosen, pool.gain_coverage(repeats)))])
    strengths = ", ".join(f"{strength:g}" for strength in STRENGTHS)
    header = [
        "repeats",
        "verdict “helps”",
        "0.01 is chosen",
        "interval of its gain in accuracy holds the true one",
    ]
    return (
        f"{_table(header, rows)}\n\n"
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
        cells = [_share(one.helped) + length.format(one.repeats) for one in found.values()]
        return [
            shape,
            f"{gain:g} sd" if gain else str(count),
            *cells,
            *[""] * (len(designs) - len(own)),
        ]

    nothing = [row(shape, n, list(_LOOKED), 0) for shape in get_args(looks.Shape) for n in (1, 6)]
    ways: tuple[looks.Shape, ...] = ("normal", "overlapping splits")
    gains = [row(shape, 6, few, gain) for shape in ways for gain in (0.3, 0.5, 1.0)]
    first = _table(["differences", "candidates", *_LOOKED.values()], nothing)
    header = ["differences", "gain of one of six", *(_LOOKED[design] for design in few)]
    return f"{first}\n\n{_table(header, gains)}"


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
    return f"{_table(header, rows)}\n\n{_summary(found)}"


def _held(one: Held) -> list[str]:
    told = f"{100 * one.corrected_told.share:.0f} → {100 * one.retrained_told.share:.0f} %"
    return [
        f"{one.truth:+.4f}",
        _share(one.corrected),
        _share(one.retrained),
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


PARTS: dict[str, Callable[[float], str]] = {
    "differences": _differences,
    "crossed": _crossed,
    "retraining": _retraining,
    "nulls": _nulls,
    "honest": _honest,
    "networks": _networks,
    "moons": _moons,
    "looks": _looks,
}
"""Each part by its name on the command line and in the page's marks."""
