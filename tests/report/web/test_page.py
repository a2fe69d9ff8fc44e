"""The page: whole, self-contained, escaped."""

import base64
import hashlib
import itertools
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from report_cases import EXPECTED, MOONS, Row, comparison, document, summary
from wane.report.figures import png, strengths_drawing
from wane.report.web.page import page

VOID = {"meta", "img", "br", "wbr"}
EVIL = '<script>alert("x")</script>'
NAMES = [name for name, *_ in MOONS]


class Page(HTMLParser):
    """The elements of a page with their attributes, its text, and whether all tags are closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((self.open[-1], data.strip()))

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def text(self, *tags: str) -> str:
        return " ".join(text for tag, text in self.texts if not tags or tag in tags)


def test_the_page_shows_the_study() -> None:
    html = page(document(), {})
    assert html.startswith('<!DOCTYPE html>\n<html lang="en">')
    parsed = Page(html)
    assert parsed.text("h1", "title") == "Two moons – wane Two moons"
    paragraphs = [text for tag, text in parsed.texts if tag in ("p", "strong")]
    assert paragraphs[:3] == [
        "binary; 30 train, 70 validation rows; 4 candidates, 30 runs each",
        "The network overfits; use L2(0.001).",
        "The rest is evidence.",
    ]
    assert '<p class="evidence">The rest is evidence.</p>' in html
    cells = parsed.text("td")
    for value in ("0.943 ±\u00a00.007", "0.031 ±\u00a00.007", "Adam(0.001)", "4,000", "18 s"):
        assert value in cells
    assert 'keras.models.load_model("best.keras")' in parsed.text("code")
    assert "It was trained with L2(0.001)" in parsed.text("p")
    for word in ("penalty", "strength", "data loss", "mean ± standard deviation"):
        assert ("dt", word) in parsed.texts


def test_the_page_alone_says_how_stable_the_choice_is() -> None:
    doc = document()
    doc["verdict"]["details"] = "It is the best in 80 % of draws."
    whole = '<span class="whole">80 %</span>'  # no line ends in it
    assert f"The rest is evidence. It is the best in {whole} of draws.</p>" in page(doc, {})
    doc["verdict"] |= {"text": doc["verdict"]["answer"], "details": ""}
    assert 'class="evidence"' not in page(doc, {})


def test_the_summary_has_a_row_for_each_candidate_and_marks_the_chosen() -> None:
    html = page(document(), {})
    rows = re.findall(
        r'<tr( class="chosen")?>\s*<th [^>]*data-text="([^"]*)"><span class="name">(?=L2|base)',
        html,
    )
    assert [(bool(chosen), name.strip()) for chosen, name in rows] == [
        (False, "baseline"),
        (False, "L2(1e-05)"),
        (True, "L2(0.001)"),
        (False, "L2(0.1)"),
    ]


def test_a_chosen_baseline_was_trained_without_penalty() -> None:
    assert "trained without penalty" in Page(page(document(chosen="baseline"), {})).text("p")


def test_diverged_runs_are_mentioned_where_there_are_some() -> None:
    assert "L2(0.001): 3 of 30 runs diverged." in page(document(diverged=3), {})
    assert "diverged" not in page(document(), {})


def test_figures_are_inside_with_captions_and_alternative_texts() -> None:
    data = png(strengths_drawing(summary(), metric="accuracy", chosen="L2(0.001)").figure())
    parsed = Page(page(document(), {"strengths.png": data, "my_own": b"\x89PNG"}))
    first, second = parsed.of("img")
    assert str(first["src"]) == "data:image/png;base64," + base64.b64encode(data).decode()
    assert str(first["alt"]).startswith("Accuracy and data loss against the strength")
    assert "L2(0.001)" in parsed.text("figcaption")
    assert str(second["alt"]).startswith("My own")
    assert "My own" in parsed.text("h3")


def test_nothing_is_loaded_from_outside() -> None:
    html = page(document(), {"strengths": b"x"})
    parsed = Page(html)
    assert not any(parsed.of(tag) for tag in ("link", "iframe", "a", "object"))
    assert parsed.of("script") == [{}], "its own"
    assert "url(" not in html and "@import" not in html and "http:" not in html
    assert "https:" not in html and "//" not in re.sub(r"base64,[\w+/=]+", "", html)
    assert all(str(image["src"]).startswith("data:") for image in parsed.of("img"))


def test_the_page_runs_its_own_script_alone() -> None:
    html = page(document(), {})
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = str(next(meta for meta in Page(html).of("meta") if "http-equiv" in meta)["content"])
    assert policy.startswith("default-src 'none'; ")
    assert policy.endswith(f"; script-src 'sha256-{digest}'")


def test_what_decides_comes_first_in_the_table_and_the_number_of_runs_last() -> None:
    parsed = Page(page(document(test=True), {}))
    headers = [str(header["data-text"]) for header in parsed.of("th") if "data-text" in header]
    assert headers[:5] == [
        "candidate",
        "validation data loss",
        "validation accuracy",
        "test accuracy",
        "train data loss",
    ]
    assert [name for name in headers if name not in ("baseline", *NAMES)][-1] == "runs"


def test_tables_are_folded_but_the_one_that_decides() -> None:
    doc = document()
    doc["comparisons"] = [comparison("data_loss", "L2(0.1)", -0.011, 0.02, 0.3)]
    doc["verdict"]["expected"] = EXPECTED
    parsed = Page(page(doc, {"strengths": b"x"}))
    titles = parsed.text("h2").split("Figures ")[1]
    assert titles.startswith("Candidates What to expect of L2(0.001) on new rows Differences")
    assert [("open" in part) for part in parsed.of("details")] == [True] + [False] * 5
    files = [table.get("data-file") for table in parsed.of("table")]
    assert files[:3] == ["candidates.csv", "expected.csv", "differences-1.csv"]


@pytest.mark.parametrize("command", ["study", "compare", None])
def test_the_page_says_how_to_make_the_study_again_and_how_to_cite_it(command: str | None) -> None:
    recipe = command and {"command": command, "source": "t.csv"}
    versions = {"wane": "9.9.9", "keras": EVIL}
    parsed = Page(page(document(), {}, {"recipe": recipe, "versions": versions}))
    assert ("wane study study.json" in parsed.text("code")) == (command == "study")
    assert 'wane.load_study(".")' in parsed.text("code")
    assert "To cite: wane, version 9.9.9, software under" in parsed.text("p")
    assert ("td", EVIL) in parsed.texts
    assert "To cite" not in Page(page(document(), {})).text("p")


def test_table_headers_have_a_scope_and_images_a_text() -> None:
    parsed = Page(page(document(), {"strengths": b"x", "boundary": b"y"}))
    assert all(header.get("scope") in ("col", "row") for header in parsed.of("th"))
    assert all(image.get("alt") for image in parsed.of("img"))
    headings = [int(tag[1]) for tag, _ in parsed.elements if re.fullmatch(r"h[1-6]", tag)]
    assert headings[0] == 1 and headings.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(headings))


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_texts_have_the_contrast_that_wcag_asks_for(scheme: int) -> None:
    styles = re.findall(r":root \{(.*?)\}", page(document(), {}), re.DOTALL)[scheme]
    colors = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", styles))

    def luminance(color: str) -> float:
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for text in ("ink", "soft", "accent"):
        for ground in ("paper", "shade"):
            low, high = sorted((luminance(colors[text]), luminance(colors[ground])))
            assert (high + 0.05) / (low + 0.05) >= 4.5, (text, ground)


def test_what_users_name_is_text() -> None:
    rows: list[Row] = [*MOONS[:1], (EVIL, EVIL, 0.1, 0.9, 0.8, 0.1, 0.2)]
    doc = document(rows, chosen=EVIL, name=EVIL, metric=EVIL, layers=[EVIL], diverged=1)
    for key in ("loss", "optimizer", "resampling", "task"):
        doc["study"][key] = EVIL
    doc["files"]["model"] = f'a/"{EVIL}'
    doc["seconds"][EVIL] = 1.0
    parsed = Page(page(doc, {EVIL: b"x", "strengths": b"y"}))
    assert parsed.of("script") == [{}], "the page's own"
    assert parsed.text("h1") == EVIL
    assert set(parsed.of("img")[0]) == {"src", "alt"}


def test_the_page_has_every_column_and_class_as_text() -> None:
    doc = document()
    assert not Page(page(doc, {})).text().count("The data have")
    columns = [
        {"name": f"{EVIL}{n}", "kind": "number", "gaps": n, "inputs": 1, "enters": EVIL,
         "left_out": ""}
        for n in range(60)
    ]  # fmt: skip
    classes = [{"name": EVIL, "rows": 9, "share": 0.9}, {"name": "no", "rows": 1, "share": 0.1}]
    doc["account"] = {
        "rows": 10, "shape": [60], "target": EVIL, "columns": columns, "classes": classes,
        "majority_accuracy": 0.9, "notes": [EVIL],
    }  # fmt: skip
    parsed = Page(page(doc, {}))
    assert parsed.of("script") == [{}], "the page's own"
    assert sum(text.startswith(EVIL) for tag, text in parsed.texts if tag == "th") == 61
    assert "is right in 90 % of them." in parsed.text("p")


PLAIN = Page(page(document([("plain", "L2", 0.1, 0.9, 0.8, 0.1, 0.2)]), {"strengths": b"x"}))
"""A page of one candidate, whose names are plain."""


@given(st.text(max_size=12), st.text(min_size=1, max_size=12))
def test_no_name_breaks_the_page(name: str, candidate: str) -> None:
    rows: list[Row] = [(candidate, "L2", 0.1, 0.9, 0.8, 0.1, 0.2)]
    parsed = Page(page(document(rows, chosen=candidate, name=name), {"strengths": b"x"}))
    assert len(parsed.of("img")) == len(PLAIN.of("img")) == 1
    assert len(parsed.of("th")) == len(PLAIN.of("th"))


def test_one_run_and_missing_values_are_dashes() -> None:
    doc = document(std=None)
    doc["candidates"][0]["validation"]["data_loss"] = {"mean": None, "std": None}
    doc["study"]["batch_size"] = None
    cells = Page(page(doc, {})).text("td").split()
    assert cells.count("–") == 2 and "0.943" in cells


@pytest.mark.parametrize(
    ("shares_split", "correction", "scope"),
    [
        (
            True,
            None,
            "all repeats share one split: rows and repeats are crossed samples in intervals and p, "
            "where a number is a mean over rows or groups of them; else they hold between seeds on "
            "these rows",
        ),
        (
            False,
            "Nadeau–Bengio",
            "intervals and p have the Nadeau–Bengio correction for splits that share rows",
        ),
        (
            False,
            None,
            "each repeat has rows of its own, so intervals and p need no correction",
        ),
    ],
)
def test_the_scope_of_intervals_is_that_of_the_splits(
    shares_split: bool, correction: str | None, scope: str
) -> None:
    doc = document()
    doc["study"] |= {"shares_split": shares_split, "correction": correction}
    doc["comparisons"] = [comparison("data_loss", "L2(0.1)", -0.011, 0.02, 0.3)]
    assert f"p is adjusted for the number of candidates; {scope}." in page(doc, {})
    doc["study"]["same_weights"] = True
    whole = f"{scope}; all repeats start from the same weights, for which alone they hold."
    assert f"p is adjusted for the number of candidates; {whole}" in page(doc, {})
