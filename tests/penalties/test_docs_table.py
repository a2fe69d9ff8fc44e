"""The table of penalties in the documentation is that of the catalogue."""

from pathlib import Path

from wane.penalties import CATALOGUE, Sparse

PAGE = Path(__file__).parents[2] / "docs" / "penalties.md"


def row(name: str) -> str:
    """The line of the table for a penalty."""
    penalty = CATALOGUE[name]
    said = str(penalty.__doc__).split("\n")[0].replace("``", "`").replace("|", r"\|")
    zeros = "with `proximal=True`" if issubclass(penalty, Sparse) else "no"
    call = f"wane.{penalty.__name__}({', '.join(penalty.strength_fields)})"
    return f"| `{name}` | `{call}` | {said} | {zeros} |"


def test_the_page_has_a_line_for_each_penalty_and_no_other() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    first = lines.index("| `--penalty` | in Python | what it is | exact zeros |") + 2
    assert lines[first : lines.index("", first)] == [row(name) for name in CATALOGUE]
