"""What a terminal shows of candidates while they are trained."""

import math

from wane.report.display.standing import Standing

CANDIDATES = [
    ("baseline", "", 0.0),
    ("L2(0.1)", "L2", 0.1),
    ("L2(0.001)", "L2", 0.001),
    ("L2(0.01)", "L2", 0.01),
    ("Dropout(0.5)", "Dropout", 0.5),
    ("EarlyStopping(20)", "EarlyStopping", 0.0),
]


def taken(standing: Standing, *values: tuple[int, float]) -> Standing:
    for candidate, value in values:
        standing.take(candidate, {"validation_data_loss": value, "validation_accuracy": value})
    return standing


def test_nothing_is_shown_before_a_run_has_ended() -> None:
    standing = Standing("data_loss", False, CANDIDATES)
    assert standing.lines(most=10) == []
    assert taken(standing, (0, math.nan)).lines(most=10) == []
    assert Standing("data_loss", False, []).lines(most=10) == []


def test_the_best_and_the_curve_by_strength() -> None:
    standing = taken(Standing("data_loss", False, CANDIDATES), (0, 0.5), (0, 0.7), (2, 0.25))
    assert standing.lines(most=10) == [
        "best so far L2(0.001): validation data loss 0.250, 1 run",
        "data loss without █, by L2 from 0.001 ▁·· to 0.1",
    ]
    taken(standing, (2, 0.25), (3, 0.425), (1, 0.6))
    first, curve = standing.lines(most=10)
    assert first.endswith("0.250, 2 runs")
    assert curve == "data loss without █, by L2 from 0.001 ▁▅█ to 0.1"
    assert standing.lines(most=1) == [first] and standing.lines(most=0) == []
    assert standing.lines(most=10, blocks=False) == [first]


def test_the_best_has_enough_runs_and_may_be_chosen() -> None:
    standing = Standing("accuracy", True, CANDIDATES, ineligible=[5])
    taken(standing, *[(0, 0.7)] * 3, *[(5, 0.99)] * 3, (4, 0.9))
    assert standing.best() == 0
    assert taken(standing, (4, 0.9)).best() == 4
    assert standing.lines(most=1) == ["best so far Dropout(0.5): validation accuracy 0.900, 2 runs"]


def test_a_name_cannot_steer_the_terminal() -> None:
    standing = Standing("data_loss", False, [("a\x1b[2J", "", 0.0)])
    assert "\x1b" not in taken(standing, (0, 1.0)).lines(most=5)[0]
