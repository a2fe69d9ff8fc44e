"""The study's runs under the keys of scikit-learn's searches."""

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier

import wane
from study_cases import study
from wane.estimators.tables import chosen_of, cv_results, penalty_of


@pytest.fixture(scope="module")
def result() -> wane.Result:
    candidates = [wane.L2(0.01), (wane.L2(0.1), wane.L1(0.2)), wane.L2(1e30)]
    return study(candidates=candidates, repeats=3).run(progress=False)


def test_keys_are_those_of_a_grid_search(result: wane.Result) -> None:
    x, y = np.arange(20.0)[:, None], np.arange(20) % 2
    search = GridSearchCV(KNeighborsClassifier(), {"n_neighbors": [1, 3]}, cv=3).fit(x, y)
    of_time = {key for key in search.cv_results_ if key.endswith("_time")}
    own = {"param_n_neighbors"}
    found = set(cv_results(result))
    assert found >= set(search.cv_results_) - of_time - own
    assert {key for key in found if key.startswith("param_")} == {"param_penalty", "param_strength"}


def test_scores_are_the_losses_of_the_runs(result: wane.Result) -> None:
    table = cv_results(result)
    for place, name in enumerate(result.spec.names):
        runs = result.runs[result.runs["candidate"] == name].sort_values("repeat")
        losses = runs["validation_data_loss"].to_numpy()
        scores = [table[f"split{split}_test_score"][place] for split in range(3)]
        np.testing.assert_array_equal(scores, -losses)
        np.testing.assert_allclose(table["mean_test_score"][place], -losses.mean())
        np.testing.assert_allclose(table["std_test_score"][place], losses.std())
        accuracy = runs["validation_accuracy"].mean()
        np.testing.assert_allclose(table["mean_test_accuracy"][place], accuracy)


def test_the_chosen_one_has_rank_one_and_a_diverged_one_the_last(result: wane.Result) -> None:
    table = cv_results(result)
    chosen = result.spec.names.index(result.chosen)
    assert table["rank_test_score"][chosen] == 1
    assert np.isnan(table["mean_test_score"][3]) and table["rank_test_score"][3] == 4


def test_params_hold_each_candidate(result: wane.Result) -> None:
    params = cv_results(result)["params"]
    assert params[0] == {"penalty": None, "strength": 0.0}
    assert params[1] == {"penalty": wane.L2(0.01), "strength": 0.01}
    assert params[2]["penalty"] == (wane.L2(0.1), wane.L1(0.2))
    assert params[2]["strength"] == pytest.approx(0.3)


def test_a_metric_that_chooses_is_the_score() -> None:
    chosen_by = study(select_by="accuracy").run(progress=False)
    table = cv_results(chosen_by)
    best = chosen_by.runs.groupby("candidate")["validation_accuracy"].mean()
    assert table["mean_test_score"][0] == pytest.approx(best["baseline"])
    assert "mean_test_data_loss" in table and "mean_test_accuracy" not in table


def test_a_candidate_is_written_as_people_write_it() -> None:
    assert penalty_of(()) is None
    assert penalty_of((wane.L2(0.1),)) == wane.L2(0.1)
    assert penalty_of((wane.L2(0.1), wane.Dropout(0.1))) == (wane.L2(0.1), wane.Dropout(0.1))


def test_the_chosen_candidate(result: wane.Result) -> None:
    candidate = chosen_of(result)
    assert candidate in result.spec.candidates
    assert result.chosen == ("baseline" if candidate == () else " + ".join(map(str, candidate)))
