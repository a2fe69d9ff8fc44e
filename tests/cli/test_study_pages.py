"""The pages of whole studies of each kind, in Chromium: they say what ``summary.json`` says."""

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import study_cases
import wane
from browsing import (
    A4,
    WIDTHS,
    Visits,
    cells,
    check_scripts,
    cut_off,
    drawn,
    in_notebook,
    saved,
    squeezed,
    too_wide,
    unfold,
    violations,
)
from cli_cases import write_sklearn_table
from wane.cli import app
from wane.report.wording import metric_label

pytestmark = pytest.mark.thorough
FAST = ("--repeats", "3", "--epochs", "20", "--hidden", "8", "--strengths", "0.001,0.1")
METHODS = (*FAST[:6], "--settings", "2")
NUMBER = r"[-+]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?"


def patients(folder: Path) -> str:
    """A user's table: words, gaps, several rows of each patient, names with markup."""
    random = np.random.default_rng(0)
    patient = np.repeat(np.arange(24), 5)
    pressure = random.normal(120, 15, 120).round(1)
    frame = pd.DataFrame(
        {
            "blood pressure <mmHg> & pulse": np.where(random.random(120) < 0.1, np.nan, pressure),
            "town": random.choice(["<b>Rome</b>", "S\u00e3o Paulo", '"Ur"'], 120),
            "day": pd.date_range("2024-01-01", periods=120).strftime("%Y-%m-%d"),
            "patient": [f"p{i}" for i in patient],
            "ill": np.where(pressure + random.normal(0, 9, 120) > 120, "<i>yes</i>", "no"),
        }
    )
    frame.to_csv(folder / "patients & co.csv", index=False)
    return "patients & co.csv"


def sklearn(name: str, folder: Path) -> str:
    return write_sklearn_table(name, folder).name


def command(kind: str, folder: Path) -> list[str]:
    """What is typed for a study of this kind, in a folder that holds its table."""
    commands = {
        "binary": lambda: ["study", "moons", *FAST],
        "multiclass": lambda: ["study", sklearn("wine", folder), "--target", "target", *FAST],
        "regression": lambda: ["study", sklearn("diabetes", folder), "--target", "target", *FAST],
        "table": lambda: ["study", patients(folder), "--target", "ill", "--drop", "patient", *FAST],
        "groups": lambda: [*command("table", folder)[:4], "--group", "patient", *FAST],
        "comparison": lambda: ["compare", "moons", *METHODS],
        "targets": lambda: ["compare", "moons", "--where", *FAST],
    }
    return commands[kind]()


@dataclasses.dataclass(frozen=True)
class Study:
    """The folder of a study that has ended, and its document."""

    kind: str
    folder: Path
    document: dict[str, Any]

    @property
    def page(self) -> Path:
        return self.folder / "report.html"


KINDS = ("binary", "multiclass", "regression", "table", "groups", "comparison", "targets")


@pytest.fixture(scope="module", params=KINDS)
def study(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp(request.param)
    typed = [*command(request.param, folder), "--out", str(folder / "study")]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        done = CliRunner(env={"COLUMNS": "120"}).invoke(app, typed)
    assert done.exit_code == 0, done.stderr
    text = (folder / "study" / "summary.json").read_text(encoding="utf-8")
    return Study(request.param, folder / "study", json.loads(text))


def same(shown: str, value: float | None) -> bool:
    """Whether a number that is shown is this one, to the digits that are shown."""
    if value is None or not np.isfinite(value):
        return shown == "–"
    found = re.fullmatch(NUMBER, shown)
    if found is None:
        return False
    mantissa, _, exponent = shown.replace(",", "").partition("e")
    unit = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    return bool(abs(float(shown.replace(",", "")) - value) <= 0.5001 * unit)


def test_the_answer_comes_first_and_tables_come_last(study: Study, open_page: Visits) -> None:
    shown = drawn(open_page(study.page))
    places = shown.evaluate(
        """() => [...document.querySelectorAll(
          "h1, .verdict, .highlights, figure, details table, h2")].map((one) =>
            one.matches("h2") ? one.textContent : one.matches("table") ? "table"
              : one.matches("figure") ? "figure" : one.className || "h1")"""
    )
    assert places[:2] == ["h1", "verdict"]
    assert places.index("highlights") < places.index("figure")
    last_figure = len(places) - 1 - places[::-1].index("figure")
    assert last_figure < places.index("table") < places.index("How it was done")
    assert places[-1] == "Words"
    verdict = study.document["verdict"]
    bold = shown.locator(".verdict strong").text_content()
    if study.document["compare"]:
        assert bold and study.document["compare"]["text"].startswith(bold)
    else:
        assert bold == verdict["answer"]
    for part in (verdict["answer"], verdict["text"].removeprefix(verdict["answer"]).strip()):
        assert part in str(shown.locator("header").text_content())
    assert shown.locator("h1").text_content() == study.document["study"]["name"]


def test_the_three_numbers_are_those_of_the_summary(study: Study, open_page: Visits) -> None:
    shown = drawn(open_page(study.page))
    verdict, metric = study.document["verdict"], study.document["study"]["metric"]
    expected = verdict["expected"]["metrics"][metric]
    texts = shown.locator(".highlights > div").all()
    assert len(texts) == 3
    gap, choice, new = ([d.text_content() or "" for d in one.locator("dd").all()] for one in texts)
    assert same(gap[0], verdict["diagnosis"]["gap"]["mean"])
    assert choice[0] == study.document["chosen"]
    assert same(new[0], expected["value"])
    if expected["low"] is not None:
        ends = re.findall(NUMBER, new[1].removeprefix("95 % interval"))
        assert same(ends[0], expected["low"]) and same(ends[1], expected["high"])
    assert (len(choice) > 1) == (verdict["improvement"] is not None)
    if verdict["improvement"] is not None:
        (first, *_) = re.findall(NUMBER, choice[1])
        assert same(first, abs(verdict["improvement"]))


def test_the_tables_are_those_of_the_summary(study: Study, open_page: Visits) -> None:
    shown = drawn(open_page(study.page))
    header, *rows = cells(shown, "candidates.csv")
    documents = [*study.document["candidates"], *study.document["references"]]
    assert [row[0] for row in rows] == [one.get("label") or one["name"] for one in documents]
    compared = 0
    for row, one in zip(rows, documents, strict=True):
        for part in ("train", "validation", "test"):
            for name, found in (one.get(part) or {}).items():
                column = f"{part} {metric_label(name)}"
                if column in header:
                    mean, _, std = row[header.index(column)].partition(" ± ")
                    assert same(mean, found["mean"]), (row[0], column)
                    assert not std or same(std, found["std"]), (row[0], column)
                    compared += 1
    assert compared >= 3 * len(study.document["candidates"])
    marked = shown.locator('table[data-file="candidates.csv"] tr.chosen th')
    assert marked.get_attribute("data-text") == study.document["chosen"]
    if study.document["compare"]:
        methods = study.document["compare"]["methods"]
        header, *rows = cells(shown, "methods.csv")
        assert [row[0] for row in rows] == [one["method"] for one in methods]
        for row, one in zip(rows, methods, strict=True):
            value = row[1]  # after the name, what decides
            assert same(value, one["value"]), row


def test_tables_are_sorted_and_saved(study: Study, open_page: Visits) -> None:
    shown = drawn(open_page(study.page))
    unfold(shown)
    table = shown.locator('table[data-file="candidates.csv"]')
    table.get_by_role("button", name="train data loss").click()
    count = len(study.document["candidates"])
    place = cells(shown, "candidates.csv")[0].index("train data loss")
    losses = [row[place].partition(" ")[0] for row in cells(shown, "candidates.csv")[1 : count + 1]]
    assert losses == sorted(losses, key=float)
    files = shown.locator("table[data-file]").evaluate_all("all => all.map((t) => t.dataset.file)")
    for file in files:
        lines = saved(shown, file)
        assert [[text.removeprefix("'") for text in line] for line in lines] == cells(shown, file)


def test_no_width_needs_scrolling_sideways(study: Study, open_page: Visits) -> None:
    shown = drawn(open_page(study.page))
    for unfolded in (False, True):
        if unfolded:
            unfold(shown)
        for width in WIDTHS:
            shown.set_viewport_size({"width": width, "height": 900})
            assert too_wide(shown) == [] and squeezed(shown) == []


def test_axe_finds_nothing_in_light_and_in_dark(study: Study, open_page: Visits) -> None:
    shown = drawn(open_page(study.page, width=360))
    unfold(shown)
    assert violations(shown) == []
    shown.emulate_media(color_scheme="dark")
    assert violations(shown) == []


def test_nothing_is_cut_off_on_paper(study: Study, open_page: Visits) -> None:
    shown = drawn(open_page(study.page, width=A4))
    shown.emulate_media(media="print")
    assert too_wide(shown) == cut_off(shown) == squeezed(shown) == []
    assert all(table.is_visible() for table in shown.locator("table").all())


def test_users_names_are_text(study: Study, open_page: Visits) -> None:
    shown = drawn(open_page(study.page))
    check_scripts(study.page.read_text(encoding="utf-8"), shown.locator("script").count())
    assert shown.locator("td b, td i, th b, th i").count() == 0
    if study.kind in ("table", "groups"):
        columns = [row[0] for row in cells(shown, "columns.csv")]
        assert {"blood pressure <mmHg> & pulse", "town", "day"} <= set(columns)
        assert {row[0] for row in cells(shown, "classes.csv")[1:]} == {"<i>yes</i>", "no"}


def test_notebooks_show_results_comparisons_and_paths(open_page: Visits) -> None:
    small = study_cases.study(validation=study_cases.data(rows=30, seed=3), repeats=3)
    found: dict[str, Any] = {
        "result": small.run(progress=False),
        "comparison": small.compare(methods=["l2"], settings=2, progress=False),
        "path": small.path(wane.L2, (0.001, 0.1), progress=False),
    }
    for name, one in found.items():
        shown = open_page(in_notebook(one._repr_html_()), width=768)
        assert violations(shown) == [], name
        assert shown.locator("table tbody tr").count() >= 2, name
