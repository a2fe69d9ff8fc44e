"""The interactive figure of winners."""

from charts_cases import CHOSEN, rows, study_document
from wane.report.charts.wins import wins_chart
from wane.report.web.captions import caption_of


def test_shares_are_in_the_order_of_tables() -> None:
    found = rows(wins_chart(study_document()), "wins")
    assert [(row["candidate"], row["share"], row["role"]) for row in found] == [
        ("baseline", 0, "others"), ("L2(1e-05)", 12.5, "others"), (CHOSEN, 87.5, "chosen"),
    ]  # fmt: skip


def test_of_many_candidates_those_that_hardly_any_draw_chooses_are_left_out() -> None:
    document = study_document()
    (baseline, first, *_), chosen = document["candidates"], CHOSEN
    others = [f"L2({place})" for place in range(12)]
    document["candidates"] += [{**first, "name": name} for name in others]
    wins = {baseline["name"]: 0.0, chosen: 0.6, "L2(1e-05)": 0.005}
    wins |= dict.fromkeys(others, 0.004) | {others[5]: 0.35}
    document["verdict"]["expected"]["wins"] = wins
    shown = [row["candidate"] for row in rows(wins_chart(document), "wins")]
    assert sorted(shown) == sorted([baseline["name"], chosen, others[5]])
    _, caption = caption_of("wins", document)
    assert caption.endswith("12 other candidates are the best in less than 1 % of draws each.")
    few = study_document()
    assert "other candidate" not in caption_of("wins", few)[1]
