"""The interactive figure of winners."""

from charts_cases import CHOSEN, rows, study_document
from wane.report.charts.wins import wins_chart


def test_shares_are_in_the_order_of_tables() -> None:
    found = rows(wins_chart(study_document()), "wins")
    assert [(row["candidate"], row["share"], row["role"]) for row in found] == [
        ("baseline", 0, "others"), ("L2(1e-05)", 12.5, "others"), (CHOSEN, 87.5, "chosen"),
    ]  # fmt: skip
