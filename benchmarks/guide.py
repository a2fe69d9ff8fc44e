"""The tables of docs/guide.md: methods, targets and paths on the built-in examples.

``python -m benchmarks.guide --update-docs`` trains them all and writes them between the marks of
the page, each with the repeats that it is published with; ``--only compare-moons`` does one of
them, and ``--quick`` trains as little as can be.
"""

import argparse
import functools
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import wane
from wane.cli.made import problems, studies
from wane.report.numbers import interval, number

PAGE = Path(__file__).parents[1] / "docs" / "guide.md"
COMPARED = (
    "moons", "circles", "breast-cancer", "wine", "diabetes", "digits", "digits-rows", "sequence",
)  # fmt: skip
DECAYED = ("moons", "circles", "diabetes")
TARGETED = ("moons", "breast-cancer", "diabetes", "wine")
SEARCHED = ("moons", "diabetes")
TRAINED_AS_PATHS = ("moons", "digits", "diabetes")
STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1)
"""Those of every path."""


def study(example: str, repeats: int, epochs: int | None) -> wane.Study:
    """The study of an example with its own network."""
    spec = studies.problem_spec(
        problems.load_problem(example),
        candidates=(),
        repeats=repeats,
        epochs=epochs,
        learning_curve=False,
    )
    return wane.Study.of(spec)


def compared(example: str, repeats: int, epochs: int | None) -> str:
    """Every method on an example."""
    tuned = problems.load_problem(example).strengths
    found = study(example, repeats, epochs).compare(
        layers="hidden", settings=2 if epochs else 5, strengths=(min(tuned), max(tuned)),
        progress=False,
    )  # fmt: skip
    return comparison_table(found.document, example, repeats)


def beside_decay(repeats: int, epochs: int | None) -> str:
    """L2 beside decoupled weight decay, both with Adam."""
    lines = [
        f"{repeats} repeats:",
        "",
        "| example | test data loss, none | L2 | weight decay | L2 minus weight decay, 95 % | |",
        "|---|---|---|---|---|---|",
    ]
    for example in DECAYED:
        tuned = problems.load_problem(example).strengths
        found = study(example, repeats, epochs).compare(
            ["l2", "weight-decay"], layers="hidden", settings=2 if epochs else 5,
            strengths=(min(tuned), max(tuned)), progress=False,
        )  # fmt: skip
        none, l2, decay = found.document["methods"]
        (pair,) = found.document["pairs"]
        cells = (
            f"`{example}`",
            number(none["value"]),
            f"{number(l2['value'])}, {l2['setting']}",
            f"{number(decay['value'])}, {decay['setting']}",
            interval(pair["low"], pair["high"]),
            {"better": "L2 is better", "worse": "L2 is worse"}.get(
                pair["conclusion"], pair["conclusion"]
            ),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def targeted(example: str, repeats: int, epochs: int | None) -> str:
    """Every target of L2 on an example."""
    made = study(example, repeats, epochs)
    strengths = problems.load_problem(example).strengths[: 1 if epochs else None]
    found = made.compare(wane.targets(wane.L2, strengths, made.spec.model), progress=False)
    return comparison_table(found.document, example, repeats)


def comparison_table(document: Mapping[str, Any], example: str, repeats: int) -> str:
    """A comparison as a table of Markdown, with its verdict below."""
    metric = document["metric"]
    part = document["evaluated_on"]
    lines = [
        f"`{example}`, {repeats} repeats:",
        "",
        f"| method | best setting | {part} {metric} | {part} data loss | loss minus none, 95 % | |",
        "|---|---|---|---|---|---|",
    ]
    for row in document["methods"]:
        cells = (
            row["method"],
            "" if row["method"] == "none" else row["setting"],
            number(row["metric_value"]),
            number(row["value"]),
            interval(row["low"], row["high"]),
            row["conclusion"],
        )
        lines.append(f"| {' | '.join(str(cell) for cell in cells)} |")
    return "\n".join([*lines, "", f"> {document['text']}"])


def searched(example: str, repeats: int, epochs: int | None) -> str:
    """A strength for each layer of an example's network, beside one for all."""
    tuned = problems.load_problem(example).strengths
    found = study(example, repeats, epochs).tune(
        strengths=(min(tuned), max(tuned)), trials=4 if epochs else None, progress=False
    )
    lines = [
        comparison_table(found.document, example, repeats).split("\n\n>", maxsplit=1)[0],
        "",
        "| layer | best strength | as good | of the differences | |",
        "|---|---|---|---|---|",
    ]
    for one in found.document["search"]["ranges"]:
        cells = (
            one["layers"],
            f"{one['best']:g}",
            f"{one['low']:g} to {one['high']:g}",
            f"{one['importance']:.0%}".replace("%", " %"),
            "" if one["matters"] else "hardly matters",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", f"> {found.document['text']}"])


def path_of(example: str, repeats: int, epochs: int | None) -> str:
    """The path of L2 on an example, cold starts training as long as the path."""
    made = study(example, repeats, epochs)
    strengths = STRENGTHS[:1] if epochs else (1e-5, *STRENGTHS)
    found = made.path(
        wane.L2, strengths, layers="hidden", equal_epochs=True, progress=False
    ).document
    lines = [
        f"`{example}`, {repeats} repeats:",
        "",
        "| strength | epochs | validation data loss, warm | cold | warm minus cold, 95 % | "
        "norm, warm | cold | |",
        "|---|---|---|---|---|---|---|---|",
    ]
    norm = next(c for c in found["stages"][0]["warm"]["numbers"] if c.startswith("norm_"))
    for stage in found["stages"]:
        difference = stage["warm_minus_cold"]
        warm, cold = stage["warm"]["numbers"], stage["cold"]["numbers"]
        cells = (
            f"{stage['strength']:g}" if stage["strength"] else "none",
            f"{stage['warm']['epochs']:,}",
            number(warm["validation_data_loss"]["mean"]),
            number(cold["validation_data_loss"]["mean"]),
            interval(difference["low"], difference["high"]),
            number(warm[norm]["mean"]),
            number(cold[norm]["mean"]),
            difference["conclusion"],
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", f"> {found['text']}"])


TABLES: dict[str, Callable[[int, int | None], str]] = {
    **{f"compare-{name}": functools.partial(compared, name) for name in COMPARED},
    "weight-decay": beside_decay,
    **{f"where-{name}": functools.partial(targeted, name) for name in TARGETED},
    **{f"by-layer-{name}": functools.partial(searched, name) for name in SEARCHED},
    **{f"path-{name}": functools.partial(path_of, name) for name in TRAINED_AS_PATHS},
}
"""Every table by its mark in the page, as a function of repeats and epochs."""
REPEATS = dict.fromkeys(TABLES, 20) | {
    "compare-moons": 30,
    "compare-digits": 10,
    "compare-digits-rows": 10,
    "compare-sequence": 10,
    "path-digits": 10,
}
"""The repeats that each table is published with: fewer where training takes long."""


def with_table(page: str, name: str, table: str) -> str:
    """The page with a table between its marks.

    Raises:
        KeyError: if the page has no such marks.
    """
    begin, end = f"<!-- table {name} -->", "<!-- end of table -->"
    found = re.search(f"{re.escape(begin)}.*?{re.escape(end)}", page, re.DOTALL)
    if found is None:
        raise KeyError(name)
    return page.replace(found.group(), f"{begin}\n{table}\n{end}")


def main(arguments: Sequence[str]) -> None:
    """Make the tables that are asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.guide", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=sorted(TABLES), default=list(TABLES))
    parser.add_argument("--repeats", type=int, help="in place of each table's own number")
    parser.add_argument("--quick", action="store_true", help="2 repeats of 8 epochs")
    parser.add_argument("--update-docs", action="store_true")
    given = parser.parse_args(arguments)
    for name in given.only:
        repeats, epochs = (2, 8) if given.quick else (given.repeats or REPEATS[name], None)
        table = TABLES[name](repeats, epochs)
        print(f"{table}\n", flush=True)
        if given.update_docs:
            page = with_table(PAGE.read_text(encoding="utf-8"), name, table)
            PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
