"""``wane report`` writes the report of a finished study again."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli_cases import wane, write_rows
from wane.cli import app

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.usefixtures("closed_databases"),
    pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning"),
]

TINY = ("t.csv", "--target", "y", "--hidden", 4, "--epochs", 3, "--repeats", 2, "--strengths", 0.1,
        "--no-learning-curve", "--no-references", "--no-extend")  # fmt: skip
OF_ROWS = {"boundary", "confusion", "reliability"}
"""Figures that take the rows of the study."""


def report(*arguments: object, folder: Path) -> tuple[int, str, str]:
    """``wane report`` with these arguments: exit code, standard output and standard error."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        done = CliRunner().invoke(app, ["report", *map(str, arguments)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout, " ".join(done.stderr.split())


def names_of_charts(page: Path) -> list[str]:
    """The interactive figures of a page."""
    text = page.read_text(encoding="utf-8")
    data = text.partition('<script type="application/json" id="charts">')[2]
    return list(json.loads(data.partition("</script>")[0]))


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which ``wane study`` was called; t-study lies in it."""
    folder = tmp_path_factory.mktemp("report")
    write_rows(folder / "t.csv")
    assert wane(*TINY, folder=folder, figures=True).exit_code == 0
    return folder


@pytest.fixture
def folder(begun: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(begun, tmp_path / "place"))


def test_a_report_is_written_anew_in_another_language_with_all_of_its_figures(folder: Path) -> None:
    study = folder / "t-study"
    before = {path: path.read_bytes() for path in study.rglob("*") if path.is_file()}
    page = study / "report.html"
    charts = names_of_charts(page)
    assert set(charts) >= OF_ROWS
    code, said, wrong = report("t-study", "--lang", "zh", folder=folder)
    assert (code, said.strip(), wrong) == (0, str(Path("t-study") / "report.html"), "")
    text = page.read_text(encoding="utf-8")
    assert '<html lang="zh-Hans">' in text and names_of_charts(page) == charts
    unlike = {path for path, data in before.items() if path.read_bytes() != data}
    assert unlike <= {page, study / "study.db"}, "nothing else is written"


def test_another_file_is_never_replaced(folder: Path) -> None:
    page = (folder / "t-study" / "report.html").read_bytes()
    mine = folder / "mine.html"
    code, said, _ = report("t-study", "--out", "mine.html", folder=folder)
    assert code == 0 and said.strip() == "mine.html"
    assert '<html lang="en">' in mine.read_text(encoding="utf-8")
    mine.write_text("a page of my own", encoding="utf-8")
    code, said, wrong = report("t-study", "--out", "mine.html", folder=folder)
    assert code == 2 and not said
    assert wrong == (
        "Error: 'mine.html' is there already, and nothing is replaced: give another file, or take "
        "the old one away."
    )
    assert mine.read_text(encoding="utf-8") == "a page of my own"
    assert (folder / "t-study" / "report.html").read_bytes() == page


def test_without_the_rows_a_report_says_which_figures_it_lacks(begun: Path, folder: Path) -> None:
    rows = begun / "t.csv"  # where the study was begun
    away = rows.rename(begun / "away.csv")
    try:
        code, said, wrong = report("t-study", "--out", "again.html", folder=folder)
    finally:
        away.rename(rows)
    assert code == 0 and said.strip() == "again.html"
    assert wrong.startswith(
        "Note: the report has no figures of what networks predict, which take rows: "
    )
    assert "t.csv" in wrong
    charts = names_of_charts(folder / "again.html")
    whole = names_of_charts(folder / "t-study" / "report.html")
    assert charts == [name for name in whole if name not in OF_ROWS]


@pytest.mark.parametrize("name", ["nowhere", "t.csv"])
def test_what_is_no_finished_study_has_no_report(folder: Path, name: str) -> None:
    code, said, wrong = report(name, folder=folder)
    assert code == 2 and not said and wrong.startswith("Error: ") and name in wrong
