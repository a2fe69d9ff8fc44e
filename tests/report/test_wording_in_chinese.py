"""Tables, notebooks and the page in Chinese: no English but names, and the numbers of English."""

import html
import re
from collections.abc import Callable
from typing import Any

import pytest

from report_cases import EXPECTED, comparison, document
from test_comparison import compared as compared_document
from wane._language import speaking
from wane.report.columns import summary_columns
from wane.report.comparison import comparison_lines
from wane.report.data import account_lines
from wane.report.display.notebook import comparison_html, result_html
from wane.report.display.recorded import recorded
from wane.report.display.standing import Standing
from wane.report.terminal import plain_text, summary_lines, summary_tables
from wane.report.web.page import page
from wane.report.wording import counted, filled, paragraph, spoken

NAMES = set(
    re.findall(
        r"\S+",
        """
        moons Two Moons best keras html json db parquet predictions csv wane predict Holm baseline
        hidden dense Adam Keras JAX CSV Apache License binary crossentropy study summary runs
        curves model preprocessing report none dropout Dropout ridge boosting new regularizers
        amount red town keep EarlyStopping early stopping AUC ROC Python accuracy Accuracy data loss
        """,
    )
)
"""Names of files, candidates, layers, metrics and programs."""
ANSWER = "网络过拟合；采用 L2(0.001)。"
SAID = {"zh": {"answer": ANSWER, "text": f"{ANSWER}其余是依据。", "details": ""}}
ACCOUNT: dict[str, Any] = {
    "rows": 1200,
    "shape": [3],
    "target": "amount",
    "columns": [
        {"name": "town", "kind": "category", "gaps": 3, "inputs": 4, "left_out": "",
         "enters": "one input for each label, and one for gaps"},
        {"name": "red", "kind": "number", "gaps": 0, "inputs": 0, "enters": "",
         "left_out": "it numbers the rows; --keep 'red' makes it an input"},
    ],
    "classes": [{"name": "red", "rows": 900, "share": 0.75}],
    "majority_accuracy": 0.75,
    "notes": [],
}  # fmt: skip


def studied() -> dict[str, Any]:
    """A study in which everything happens that a table has words for."""
    doc = document(test=True, diverged=2)
    doc["study"] |= {"select_by": "data_loss", "resampling": "one fixed split, 30 random seeds"}
    doc["verdict"] |= {
        "expected": {**EXPECTED, "wins": {"L2(0.001)": 0.7, "baseline": 0.3}},
        "translations": SAID,
    }
    doc |= {"one_standard_error": "L2(0.1)", "account": ACCOUNT}
    doc["comparisons"] = [comparison("data_loss", "L2(0.001)", -0.3, 0.1, 0.02)]
    value = {"mean": 0.4, "std": 0.1}
    both = {"data_loss": value, "accuracy": value}
    doc["references"] = [
        {"label": "logistic regression", "repeats": 30, "test": both, "validation": both}
    ]
    return doc


def compared() -> dict[str, Any]:
    doc = compared_document()
    doc["study"]["resampling"] = "one fixed split, 30 random seeds"
    doc["compare"]["translations"] = {"zh": "按验证数据损失选中 l2 (L2(0.001))。"}
    doc["verdict"]["translations"] = SAID
    return doc


def text_of(markup: str) -> str:
    """What of a page is read, but for code."""
    without = re.sub(r"(?s)<(style|script|code|pre)\b.*?</\1>", " ", markup)
    labels = " ".join(
        re.findall(r'(?:aria-label|alt|data-(?:text|filter|shown|save))="([^"]*)"', without)
    )
    labels = re.sub(r"\{\w+\}", " ", labels)  # fields, which the page's script fills
    return html.unescape(re.sub(r"<[^>]+>", " ", without) + " " + labels)


def standing() -> str:
    found = Standing(
        "accuracy", True, [("baseline", "", 0.0), ("L2(0.1)", "L2", 0.1), ("L2(1)", "L2", 1.0)]
    )  # a case
    for place in range(3):
        found.take(place, {"validation_accuracy": 0.5 + 0.1 * place})
    return "\n".join(found.lines(most=5))


CASES: dict[str, Callable[[], str]] = {
    "terminal": lambda: plain_text(summary_lines(studied(), width=200), width=200),
    "comparison": lambda: plain_text(comparison_lines(compared()), width=200),
    "account": lambda: plain_text(account_lines(ACCOUNT), width=200),
    "notebook": lambda: text_of(result_html(studied())),
    "notebook, compared": lambda: text_of(comparison_html(compared())),
    "page": lambda: text_of(page(studied(), {"figures/strengths.png": b"", "norms.png": b""})),
    "page, compared": lambda: text_of(page(compared(), {"methods.png": b""})),
    "standing": standing,
}


@pytest.mark.parametrize("case", CASES)
def test_no_english_remains_but_names(case: str) -> None:
    with speaking("zh"):
        found = re.findall(r"[A-Za-z]{2,}", CASES[case]())
    assert sorted({word for word in found if word not in NAMES}) == []


@pytest.mark.parametrize("case", CASES)
def test_numbers_are_those_of_english(case: str) -> None:
    with speaking("en"):
        english = CASES[case]()
    with speaking("zh"):
        chinese = CASES[case]()
    numbers = r"\d[\d.,]*\d|\d"
    assert sorted(re.findall(numbers, chinese)) == sorted(re.findall(numbers, english))


@pytest.mark.parametrize("width", [60, 100])
def test_columns_stand_below_each_other(width: int) -> None:
    from rich.cells import cell_len

    with speaking("zh"):
        for one in summary_tables(studied(), width=width):
            lines = plain_text([one], width=width).splitlines()
            ruled = next(line for line in lines if line.startswith("─"))
            rows = [line for line in lines if "baseline" in line or "L2(1e-05)" in line]
            assert rows and {cell_len(row) for row in rows} == {cell_len(ruled)}


@pytest.mark.parametrize(
    ("template", "field", "expected"),
    [
        ("验证{metric}", "RMSE", "验证 RMSE"),
        ("验证{metric}", "准确率", "验证准确率"),
        ("{metric}与损失", "R²", "R² 与损失"),
        ("validation {metric}", "RMSE", "validation RMSE"),
        ("名{metric}", "数据A", "名数据A"),
    ],
)
def test_fields_stand_apart_where_their_letters_differ(
    template: str, field: str, expected: str
) -> None:
    assert filled(template, metric=field) == expected


def test_phrases_of_documents_are_said_in_the_language_of_now() -> None:
    split = "30 random splits of 20 training and 10 validation rows out of 90 rows, one seed each"
    with speaking("zh"):
        assert re.findall(r"[A-Za-z]+", recorded(split)) == []
        assert sorted(re.findall(r"\d+", recorded(split))) == ["10", "20", "30", "90"]
        assert recorded("my own model") == "my own model"
        assert recorded("reading other") == "读取 other"
        assert recorded("it is empty; --keep time makes it an input").startswith(
            "该列为空；--keep time"
        )
        assert counted(1200, "row") == "1,200 个样本"
    with speaking("en"):
        assert recorded(split) == split
        assert counted(1, "row") == "1 row"


def test_a_model_of_a_user_keeps_its_name_though_it_is_one_of_wanes_words() -> None:
    doc = studied()
    doc["references"][0]["label"] = "other"
    with speaking("zh"):
        assert summary_columns(doc)[0].cells[-1] == "other"
        assert summary_columns(studied())[0].cells[-1] == "逻辑回归"


def test_sentences_of_a_document_are_taken_in_the_language_of_now() -> None:
    part = {"answer": "Use it.", "text": "Use it. Why.", "translations": SAID}
    with speaking("zh"):
        assert spoken(part)["answer"] == SAID["zh"]["answer"]
        assert spoken({"text": "English alone."})["text"] == "English alone."
        assert paragraph(["好。", "", "是。"]) == "好。是。"
    with speaking("en"):
        assert spoken(part)["answer"] == "Use it."
        assert paragraph(["One.", "", "Two."]) == "One. Two."
