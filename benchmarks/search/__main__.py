"""The command: ``python -m benchmarks.search``.

``--parts known`` searches problems whose best strengths by layer are known, with each sampler;
``--parts simulated`` those of them that have a closed form, without training; ``--parts curves``
shows what a search reaches by runs and by seconds beside other tools, on examples.
``--update-docs`` writes ``docs/benchmarks.md``, and ``--quick`` is for seeing that it works.
"""

import argparse
from pathlib import Path

from benchmarks.guide import with_table
from benchmarks.processes import ROOT
from benchmarks.search import curves, known

PAGE = ROOT / "docs" / "benchmarks.md"
FIGURE = ROOT / "docs" / "images" / "search-curves.png"
PARTS = ("known", "simulated", "curves")


def main() -> None:
    """Measure what was asked for, and print or publish it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--problems", nargs="+", choices=known.PROBLEMS, default=[*known.PROBLEMS])
    parser.add_argument("--samplers", nargs="+", choices=known.TITLES, default=[*known.TITLES])
    parser.add_argument("--studies", type=int, default=50, help="of each problem and sampler")
    parser.add_argument("--keep", type=Path, help="a file of finished studies, to go on with")
    parser.add_argument("--examples", nargs="+", choices=curves.COMPARED, default=curves.EXAMPLES)
    parser.add_argument("--tools", nargs="+", choices=curves.TOOLS, default=[*curves.TOOLS])
    parser.add_argument(
        "--seconds", type=float, default=180, help="of processor time, of each tool on Keras"
    )
    parser.add_argument("--quick", action="store_true", help="tiny sizes")
    parser.add_argument("--update-docs", action="store_true", help="write docs/benchmarks.md")
    given = parser.parse_args()
    if given.quick and given.update_docs:
        parser.error("--quick measures nothing that a page should have: leave --update-docs out.")
    if "known" in given.parts:
        studies = known.measured(
            given.problems, given.samplers, given.studies, given.keep, quick=given.quick
        )
        _publish("search-known", known.section(studies, quick=given.quick), given.update_docs)
    if "simulated" in given.parts:
        problems = [one for one in given.problems if one in known.CLOSED]
        searches = known.simulations(problems, given.samplers, 2 if given.quick else given.studies)
        _publish("search-simulated", known.simulated_section(searches), given.update_docs)
    if "curves" in given.parts:
        tools = curves.usable(given.tools)
        found = curves.measured(given.examples, tools, given.seconds, quick=given.quick)
        _publish("search-curves", curves.section(found, given.seconds), given.update_docs)
        if given.update_docs:
            curves.figure(found, FIGURE)


def _publish(name: str, text: str, update: bool) -> None:
    """Print a section, and write it to the page where that was asked for."""
    print(text)
    if update:
        page = with_table(PAGE.read_text(encoding="utf-8"), name, text)
        PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
