"""Models that come with trained weights: they are kept, and the result says so."""

from typing import Any

import keras
import numpy as np
import pytest

import wane
from study_cases import data, network, study

X, Y = data(rows=30)
NOTE = (
    "The model 'net' has trained weights (its optimizer has taken 8 steps), so every run starts "
    "from these: initial_weights='fresh' (--weights fresh) draws new ones. If it was trained on "
    "rows of this study, its numbers on validation and test rows are too good."
)
OPTIMIZER = (
    "Runs begin with the weights of the model 'net', but its optimizer, which has made 8 steps, "
    "begins anew: optimizer_state='model' (--optimizer-state model) goes on with its moments, as "
    "fit does."
)


@pytest.fixture(scope="module")
def pretrained() -> Any:
    model = network()
    model.fit(X, Y, epochs=2, batch_size=8, verbose=0)
    return model


@pytest.fixture(scope="module")
def kept(pretrained: Any) -> wane.Result:
    return study(model=pretrained, epochs=1).run(progress=False)


def test_training_goes_on_from_the_model_s_weights(pretrained: Any) -> None:
    whole: dict[str, Any] = {"validation": (X, Y), "repeats": 1, "shuffle": False, "epochs": 1}
    result = study(model=pretrained, candidates=[], **whole).run(progress=False)
    twin = keras.models.clone_model(pretrained)
    twin.set_weights(pretrained.get_weights())
    twin.compile("sgd", "binary_crossentropy")
    twin.fit(X, Y, epochs=1, batch_size=8, shuffle=False, verbose=0)
    for mine, theirs in zip(
        result.model("baseline").get_weights(), twin.get_weights(), strict=True
    ):
        np.testing.assert_allclose(mine, theirs, atol=1e-6)


def test_notes_and_verdict_say_so(kept: wane.Result) -> None:
    assert kept.notes == [NOTE, OPTIMIZER] and NOTE in " ".join(str(kept).split())
    assert kept.record.study.same_weights and kept.spec.initial_weights == "auto"
    assert (
        "This holds for networks of these weights trained on 22 rows of such data."
    ) in kept.verdict.text


def test_one_split_and_the_same_weights(pretrained: Any) -> None:
    asked = study(
        model=pretrained, epochs=1, validation=(X, Y), initial_weights="model", candidates=[]
    ).run(progress=False)
    assert NOTE not in asked.notes and asked.notes[0] == OPTIMIZER  # weights were asked for
    assert (
        "Both repeats share one split and start from the same weights and differ in row order "
        "only: this holds for networks of these weights trained on these 30 rows."
    ) in asked.verdict.text


def test_weights_of_another_unit_are_noted() -> None:
    model = network("regression")
    x, y = data("regression")
    model.fit(x, 50 * y + 200, epochs=1, verbose=0)
    options = {"model": model, "candidates": [], "epochs": 1, "repeats": 1}
    result = study("regression", **options, standardize_target=True).run(progress=False)
    assert result.notes[0].endswith(
        "are too good. If it was trained on the target as it is, it starts far off, since "
        "standardize_target (--standardize-target) centres and scales that: leave it out."
    )


@pytest.mark.thorough
def test_new_weights_where_they_are_asked_for(pretrained: Any) -> None:
    fresh, new = (
        study(model=model, candidates=[], **options).run(progress=False)
        for model, options in ((pretrained, {"initial_weights": "fresh"}), (network(), {}))
    )
    assert fresh.runs.equals(new.runs)
    assert fresh.notes == [] and not fresh.record.study.same_weights


@pytest.mark.thorough
def test_what_is_made_of_a_trained_model_is_trained_too(pretrained: Any) -> None:
    """Methods that put another network in its place, and rates that are no data."""
    fixed = study(model=pretrained, epochs=1, repeats=1).compare(
        ["none", "dropout", "max-norm"], settings=1, progress=False
    )
    assert fixed.result.notes == [NOTE, OPTIMIZER]
    assert fixed.verdict.endswith(
        "the differences hold for networks of these weights trained on these 22 rows."
    )
    journal = fixed.result._finished.journal
    for candidate in range(2):  # the third has a constraint
        values = journal.weights(candidate, 0)
        assert values is not None
        moved = np.abs(values[0] - pretrained.get_weights()[0]).max()
        assert 0 < moved < 0.1  # one epoch of SGD, from there


@pytest.mark.thorough
def test_a_network_among_the_candidates_that_is_trained(pretrained: Any) -> None:
    other = wane.Network(pretrained, "trained")
    result = study(candidates=[other], epochs=1).run(progress=False)
    assert result.notes == [NOTE, OPTIMIZER] and not result.record.study.same_weights


def test_functions_whose_models_begin_alike(pretrained: Any) -> None:
    def loaded() -> Any:
        model = network()
        model.set_weights(pretrained.get_weights())
        return model

    options: dict[str, Any] = {"candidates": [], "epochs": 1}
    assert study(model=loaded, **options).run(progress=False).record.study.same_weights
    assert not study(model=network, **options).run(progress=False).record.study.same_weights


def test_a_path_goes_on_from_them(pretrained: Any) -> None:
    path = study(model=pretrained, epochs=1).path(wane.L2, [0.01], progress=False)
    assert "Cold starts trained 1 epoch and the path" in path.verdict
    assert path.verdict.endswith(
        "All 2 repeats start from the same weights: this holds for networks of these weights "
        f"trained on 22 rows of such data. {NOTE} {OPTIMIZER}"
    )
