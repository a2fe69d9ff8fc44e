"""The benchmark of the search: its truths are true, and its tables say what was found."""

import dataclasses
import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT))

from benchmarks.page import SEARCHES, with_others  # noqa: E402 # benchmarks are no installed package
from benchmarks.search.curves import at, figure, reached  # noqa: E402 # as above
from benchmarks.search.curves import section as curves_section  # noqa: E402 # as above
from benchmarks.search.known import section, simulated_section  # noqa: E402 # as above
from benchmarks.search.problems import (  # noqa: E402 # as above
    ALIKE,
    FOUR,
    INPUTS,
    NOISE,
    PROBLEMS,
    STRENGTHS,
    TRAIN,
    UNLIKE,
)
from benchmarks.search.simulated import simulated  # noqa: E402 # as above
from benchmarks.search.studies import REPEATS, Found, study_of  # noqa: E402 # as above
from benchmarks.search.tools import Task  # noqa: E402 # as above
from benchmarks.search.truth import Truth, grid, truth_of  # noqa: E402 # as above

FOUND = Found("linear", "tpe", 0, (0.05, 3.0), 0.1, "layers", 100, 2.0)


def test_the_closed_form_is_that_of_least_squares_without_a_penalty() -> None:
    """Of Gaussian inputs the expected loss is known exactly: σ² (1 + p / (n - p - 1))."""
    loss = PROBLEMS["linear"].loss
    assert loss is not None
    exact = NOISE**2 * (1 + INPUTS / (TRAIN - INPUTS - 1))
    assert loss(0.0, 0.0) == pytest.approx(exact, rel=0.02)


def test_the_closed_form_is_what_ridge_regressions_reach_on_new_rows() -> None:
    known, penalty = PROBLEMS["linear"], np.repeat([0.3, 2.0], INPUTS // 2)
    new_x, new_y = known.draw(20_000, 1)
    losses = []
    for seed in range(100):
        x, y = known.draw(TRAIN, 10 + seed)
        weights = np.linalg.solve(x.T @ x / TRAIN + np.diag(penalty), x.T @ y / TRAIN)
        losses.append(np.mean((new_x @ weights - new_y) ** 2))
    error = np.std(losses) / len(losses) ** 0.5
    assert known.loss is not None
    assert np.mean(losses) == pytest.approx(known.loss(0.3, 2.0), abs=4 * error)


def test_the_best_strengths_of_linear_networks_are_those_of_their_weights() -> None:
    """They are near σ² p / (n ‖w‖²); alike weights want one strength for both layers."""
    for problem, norms in {"linear": UNLIKE, "four": FOUR, "one": ALIKE}.items():
        each = NOISE**2 * INPUTS / len(norms) / (TRAIN * np.square(norms))
        ratios = np.array(truth_of(problem, []).best) / each.clip(*STRENGTHS)
        assert np.all((ratios > 0.5) & (ratios < 2))
    alike = truth_of("one", [])
    assert alike.best[0] == pytest.approx(alike.best[1], rel=0.3)
    assert alike.losses[alike.best] == pytest.approx(alike.one[1], rel=0.01)


def test_every_problem_has_the_layers_that_it_names() -> None:
    for known in PROBLEMS.values():
        study = study_of(known, 0, quick=True)
        names = [layer.name for layer in study.spec.model.layers if layer.trainable_weights]
        assert names == list(known.layers)
        assert known.order is None or {*known.order} <= {*known.layers}


def truth(loss: float, *, problem: str = "linear") -> Truth:
    """A gain of one from none to one strength and of one half from there, and what was found."""
    best = (grid()[3], grid()[9])
    losses: dict[tuple[float, ...], float] = {(one, one): 3.0 for one in grid()}
    losses |= {(grid()[3],) * 2: 2.0, (0.1, 0.1): 2.0}
    losses |= {best: 1.5, (0.05, 3.0): loss, (3.0, 0.05): loss}
    return Truth(PROBLEMS[problem], losses, best)


def test_when_the_truth_is_found() -> None:
    assert truth(1.6).missed(FOUND) == pytest.approx(0.2)
    assert truth(1.59).is_found(FOUND) and not truth(1.61).is_found(FOUND)
    other_way = dataclasses.replace(FOUND, each=(3.0, 0.05))
    assert not truth(1.5).is_found(other_way)  # the other layer is the stronger one
    alike = truth(1.6, problem="one")
    assert alike.is_found(FOUND) and alike.missed(FOUND) == pytest.approx(0.0)


def test_what_misses_its_aim_is_bold() -> None:
    lost = [dataclasses.replace(FOUND, seed=seed, each=(3.0, 0.05)) for seed in range(8)]
    alike = [dataclasses.replace(one, problem="one", one=1.0, said="one") for one in lost]
    rows = section([*lost, *alike]).splitlines()
    assert "8 studies of each problem" in rows[0]
    first, second = rows[-2:]
    assert "**0.0 % ± 12.5 (8)**" in first and "| 100.0 % ± 12.5 (8) |" in first
    assert "**" not in second and "TPE" in second


def test_a_search_in_closed_form_trains_and_drops_as_a_study_does() -> None:
    pytest.importorskip("optuna")
    own = [simulated("one", "random", seed) for seed in range(2)]
    assert (
        own[0] != own[1]
        and dataclasses.replace(simulated("one", "random", 0), seconds=own[0].seconds) == own[0]
    )
    every = REPEATS * (1 + 2 * 48)
    assert all(0.1 * every < one.runs < 0.6 * every for one in own)
    (row,) = simulated_section(own).splitlines()[2:]
    assert "| random | 100.0 % ± 50.0 (2) |" in row


CURVES = {
    "moons": {
        "wane": [(5.0, 10, 2.0), (9.0, 100, 1.0), (20.0, 400, 1.0)],
        "optuna": [(8.0, 1, 1.5), (31.0, 20, 0.9), (33.0, 22, 0.9)],
        "random": [],
    }
}


def test_what_a_tool_held_at_a_time() -> None:
    curve = CURVES["moons"]["optuna"]
    assert [at(curve, one) for one in (5, 10, 32, 40)] == [None, 1.5, 0.9, None]
    assert reached(CURVES["moons"]["wane"], 1.5) == 9.0 and reached(curve, 0.5) is None
    there_and_back = [(1.0, 1, 1.0), (2.0, 2, 3.0), (4.0, 3, 1.0)]
    assert reached(there_and_back, 1.0) == 4.0


def test_the_table_and_the_figure_of_curves(tmp_path: Path) -> None:
    head, _, wane, optuna, random = curves_section(CURVES, 30).splitlines()
    assert "loss after 30 s" in head and "180" not in head
    assert wane.split(" | ")[2:7] == ["400", "20", "1.00", "1.00", "1.00"]
    assert "| 22 | 33 | 1.50 | 1.50 | 0.900 | **never** |" in optuna
    assert random.count("–") == 5
    figure(CURVES, tmp_path / "images" / "curves.png")
    assert (tmp_path / "images" / "curves.png").stat().st_size > 10_000


def test_tools_on_keras_train_the_network_of_the_example_under_each_strength() -> None:
    task = Task("diabetes", 0.0, 2)
    assert [one.layers for one in task.space] == ["hidden", "output"]
    model = task.network([0.0, 1.0])
    hidden, output = (model.get_layer(one.layers) for one in task.space)
    assert hidden.kernel_regularizer is None
    assert output.kernel_regularizer.l2 == pytest.approx(task.space[1].high.strength)
    loss = task.trained([0.0, 1.0], task.rows())
    assert np.isfinite(loss) and task.is_over
    best, end = task.end()
    assert best.strengths == (0.0, task.space[1].high.strength) and (end.runs, end.strengths) == (
        1,
        (),
    )


def test_the_section_stays_where_the_page_is_written_anew() -> None:
    page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    assert page.count(f"\n{SEARCHES}\n") == 1
    new = with_others("# Benchmarks\n\n## Targets\n", page)
    assert new.startswith("# Benchmarks") and new.count("<!-- table search-known -->") == 1


@pytest.mark.thorough
def test_the_command_runs() -> None:
    if not importlib.util.find_spec("optuna"):
        pytest.skip("a search needs Optuna")
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.search", "--quick", "--parts", "known", "--problems",
         "linear", "one", "--samplers", "tpe", "--studies", "1"],
        cwd=ROOT, check=True, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert "| TPE |" in done.stdout and "2 of 2 studies" in done.stderr
