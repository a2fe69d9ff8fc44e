"""The table of the layers of a search, with and without the evidence of the training rows."""

from typing import Any

from wane._language import speaking
from wane.report.display.layers import layer_headers, layer_lines, layer_note, layer_rows
from wane.report.terminal import plain_text

HIDDEN = {"layers": "hidden", "kind": "L2", "best": 0.01, "low": 0.0, "high": 0.02}
OUTPUT = {"layers": "output", "kind": "L2", "best": 0.0, "low": 0.0, "high": 0.0}


def document(evidence: list[float] | None) -> dict[str, Any]:
    ranges = [{**HIDDEN, "importance": 0.456}, {**OUTPUT, "importance": 0.04}]
    found = None
    if evidence is not None:
        found = {"ranges": [{"strength": strength} for strength in evidence]}
    return {"compare": {"search": {"ranges": ranges, "evidence": found}}}


def test_a_row_has_the_strengths_of_a_layer() -> None:
    own = document(None)
    assert layer_rows(own) == [
        ("hidden", "L2", "0.0100", "none – 0.0200", "46 %"),
        ("output", "L2", "none", "none", "4 %"),
    ]
    assert len(layer_headers(own)) == 5 and "evidence" not in layer_note(own)


def test_the_evidence_has_a_column_where_it_is_known() -> None:
    own = document([0.03, 1e-6])
    assert [row[-1] for row in layer_rows(own)] == ["0.0300", "1.0e-06"]
    assert layer_headers(own)[-1] == "by the\nevidence" and "evidence" in layer_note(own)
    lines = plain_text(layer_lines(own), width=80).splitlines()
    assert any("0.0300" in line and "46 %" in line for line in lines)
    with speaking("zh"):
        assert "按证据" in layer_headers(own)[-1].replace("\n", "")
        assert layer_rows(own)[1][2] == "无惩罚"


def test_without_a_search_there_is_no_table() -> None:
    for compare in ({"search": None}, {}):
        assert layer_rows({"compare": compare}) == []
        assert layer_lines({"compare": compare}) == []


def test_an_earlier_document_has_no_evidence() -> None:
    own = document(None)
    del own["compare"]["search"]["evidence"]
    assert len(layer_rows(own)[0]) == 5
