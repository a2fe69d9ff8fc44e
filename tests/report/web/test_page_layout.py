"""The page in Chromium, at three widths, in light and dark and on paper, with hostile names too."""

import functools
from collections.abc import Callable
from typing import Any

import pytest

from browsing import (
    A4,
    WIDTHS,
    Visits,
    cells,
    cut_off,
    in_notebook,
    squeezed,
    too_wide,
    unfold,
    violations,
)
from report_cases import EXPECTED, MOONS, comparison, curves, document, summary
from wane.report.display.notebook import fragment
from wane.report.figures import learning_curves_drawing, png, strengths_drawing
from wane.report.web.page import page

EVIL = (
    "<script>window.harmed = 1</script>",
    '"><img src=x onerror="window.harmed = 2">',
    "'; window.harmed = 3; //",
    "{{ 7 * 7 }}</table></details>",
    "\u202egnp.exe\u2066\u200f",
    "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",  # written from right to left
    "\u8fc7\u62df\u5408" * 20,
    "x" * 300,
    "many words " * 27,
)


@functools.cache
def figures() -> dict[str, bytes]:
    """Two of a study's figures."""
    losses = {"baseline": [[0.7, 0.5, 0.6]], "L2(0.001)": [[0.7, 0.5, 0.4]]}
    return {
        "strengths": png(
            strengths_drawing(summary(), metric="accuracy", chosen="L2(0.001)").figure()
        ),
        "learning_curves": png(
            learning_curves_drawing(
                curves(losses), metric="accuracy", baseline="baseline", chosen="L2(0.001)"
            ).figure()
        ),
    }


def full() -> dict[str, Any]:
    """A document that has all that a page may show."""
    doc = document(test=True, layers=[f"dense_{n}" for n in range(6)])
    doc["verdict"] |= {
        "expected": EXPECTED,
        "diagnosis": {
            "kind": "overfits", "on": "validation", "train_data_loss": 0.0,
            "gap": {"mean": 0.498, "low": 0.41, "high": 0.58},
        },
        "conclusion": "helps", "improvement": 0.336, "improvement_on": "validation",
        "interval": (0.27, 0.4), "details": "It is the best in 80 % of draws. " * 5,
    }  # fmt: skip
    doc["comparisons"] = [
        comparison(metric, name, -0.011, 0.02, 0.3)
        for metric in ("data_loss", "accuracy")
        for name, *_ in MOONS[1:]
    ]
    doc["references"] = [
        {"label": "a constant", "repeats": 10, "test": None, "gains": {},
         "validation": {"accuracy": {"mean": 0.5, "std": 0.1}}},
    ]  # fmt: skip
    doc["account"] = account(["age", "weight", "smokes"], ["no", "yes"], "ill")
    doc["notes"] = ["3 rows have no target and were left out."]
    return doc


def account(columns: list[str], classes: list[str], target: str) -> dict[str, Any]:
    return {
        "rows": 100, "shape": [len(columns)], "target": target,
        "columns": [
            {"name": name, "kind": "number", "gaps": 3, "inputs": 1, "enters": "as it is, scaled",
             "left_out": ""}
            for name in columns
        ],
        "classes": [
            {"name": name, "rows": 50, "share": 1 / len(classes)} for name in classes
        ],
        "majority_accuracy": 0.5, "notes": [f"The column {columns[0]} has 3 gaps."],
    }  # fmt: skip


def hostile() -> dict[str, Any]:
    """One in which all that users name is meant to do harm, or is long."""
    doc = full()
    template = doc["candidates"][1]
    doc["candidates"] = [doc["candidates"][0], *({**template, "name": name} for name in EVIL)]
    for candidate in doc["candidates"]:
        candidate["weight_norms"] = {name: {"mean": 4.0, "std": 0.1} for name in EVIL}
    doc["comparisons"] = [comparison("data_loss", name, -0.011, 0.02, 0.3) for name in EVIL]
    doc["study"] |= {"name": "".join(EVIL), "optimizer": EVIL[1], "loss": EVIL[7]}
    doc["references"][0]["label"] = EVIL[0]
    doc["account"] = account(list(EVIL), list(EVIL), EVIL[0])
    doc["notes"] = list(EVIL)
    doc["chosen"] = EVIL[7]
    doc["verdict"] |= {"answer": f"Use {EVIL[7]} {EVIL[0]}.", "text": " ".join(EVIL)}
    doc["files"]["model"] = f"a/{EVIL[1]}{EVIL[7]}"
    return doc


STATEMENT = {"recipe": {"command": "study"}, "versions": {"wane": "9.9.9"}}
PAGES: dict[str, Callable[[], str]] = {
    "full": lambda: page(full(), figures(), STATEMENT),
    "hostile": lambda: page(hostile(), {EVIL[0]: figures()["strengths"]}),
}


@pytest.mark.parametrize("kind", PAGES)
def test_nothing_needs_scrolling_sideways(open_page: Visits, kind: str) -> None:
    shown = open_page(PAGES[kind]())
    for width in WIDTHS:
        shown.set_viewport_size({"width": width, "height": 900})
        assert too_wide(shown) == [] and squeezed(shown) == []
    unfold(shown)
    for width in WIDTHS:
        shown.set_viewport_size({"width": width, "height": 900})
        assert too_wide(shown) == [] and squeezed(shown) == []


@pytest.mark.parametrize("kind", PAGES)
def test_axe_finds_nothing_in_light_and_in_dark(open_page: Visits, kind: str) -> None:
    shown = open_page(PAGES[kind](), width=360)
    unfold(shown)
    assert violations(shown) == []
    shown.emulate_media(color_scheme="dark")
    assert violations(shown) == []


@pytest.mark.parametrize("kind", PAGES)
def test_on_paper_all_is_open_and_nothing_is_cut_off(open_page: Visits, kind: str) -> None:
    shown = open_page(PAGES[kind](), width=A4, dark=True)
    shown.emulate_media(media="print")
    assert too_wide(shown) == cut_off(shown) == squeezed(shown) == []
    tables = shown.locator("table")
    assert tables.count() > 5
    assert all(table.is_visible() for table in tables.all())
    assert not shown.locator(".tools").first.is_visible(), "nothing on paper can be pressed"
    ground, ink = (
        shown.evaluate(f"getComputedStyle(document.body).{name}")
        for name in ("backgroundColor", "color")
    )
    assert (ground, ink) == ("rgb(255, 255, 255)", "rgb(0, 0, 0)")
    assert shown.pdf(format="A4").startswith(b"%PDF")


def test_hostile_names_are_text(open_page: Visits) -> None:
    shown = open_page(PAGES["hostile"]())
    unfold(shown)
    seen = ["".join(c if c.isprintable() else "\ufffd" for c in name).strip() for name in EVIL]
    for file in ("candidates.csv", "columns.csv", "classes.csv", "differences-1.csv"):
        first = [row[0] for row in cells(shown, file)[1:]]
        assert [name for name in seen if name not in first] == [], file
    assert shown.evaluate("window.harmed") is None
    assert shown.locator("script").count() == 1, "the page's own"
    assert shown.locator("img").count() == 1, "the figure"
    assert shown.title().startswith(seen[0])


def test_hostile_names_are_text_in_notebooks(open_page: Visits) -> None:
    html = fragment(
        title=EVIL[0], answer=EVIL[1], text=EVIL[2], headers=EVIL, rows=[EVIL], notes=EVIL
    )
    shown = open_page(in_notebook(html))
    assert violations(shown) == []
    assert shown.evaluate("window.harmed") is None
    assert shown.locator("script, img").count() == 0
    assert [name.strip() for name in shown.locator("td").all_inner_texts()] == [
        "".join(c if c.isprintable() else "\ufffd" for c in name).strip() for name in EVIL
    ]
