"""What a study searches: spaces by layer and of the user's, and what is none."""

from typing import Any

import keras
import pytest

import wane
from wane.study.spec.spaces.search import (
    EACH,
    GIVEN_SPACE,
    ONE,
    Search,
    round_of,
    search_of,
    step_of,
)


def network(*units: int, dropout: bool = False) -> Any:
    layers: list[Any] = [keras.layers.Input((3,))]
    for number, count in enumerate(units):
        layers.append(keras.layers.Dense(count, "relu", name=f"dense_{number}"))
        if dropout:
            layers.append(keras.layers.Dropout(0.1, name=f"drop_{number}"))
    model = keras.Sequential([*layers, keras.layers.Dense(1, name="out")])
    model.compile(loss="mse")
    return model


def made(model: Any, space: Any = None, **more: Any) -> Search:
    given: dict[str, Any] = {"penalty": wane.L2, "strengths": (1e-5, 0.1)}
    return search_of(model, space, **{**given, "on": ("kernel",), "trials": None, **more})


def on(layers: str, low: float = 1e-4, high: float = 0.1) -> wane.Range:
    return wane.Range(wane.L2(low, layers=layers), wane.L2(high, layers=layers))


def test_by_layer_there_is_a_range_for_each_layer_beside_one_for_all() -> None:
    search = made(network(4, 5))
    assert list(search.spaces) == [ONE, EACH]
    assert [one.layers for one in search.spaces[EACH]] == ["dense_0", "dense_1", "out"]
    assert [one.layers for one in search.spaces[ONE]] == ["all"]
    assert search.trials == 24 + 12 * 3 and search.rounds == 5
    assert search.candidate(EACH, [0.0, 1.0, 0.0]) == (
        wane.L2(0.1, layers="dense_1", on=("kernel",)),
    )


def test_a_search_is_read_back_from_its_document() -> None:
    rates = wane.Range(wane.Dropout(0.1), wane.Dropout(0.6), none=False)
    search = made(network(4, dropout=True), [on("dense_0"), rates], trials=7)
    assert list(search.spaces) == [ONE, GIVEN_SPACE]
    assert Search.of_document(search.document()) == search
    assert Search.of_document(None) is None


def test_the_last_round_asks_for_what_is_left() -> None:
    search = made(network(4), trials=30)
    assert [search.asked(number) for number in range(search.rounds)] == [12, 12, 6]


def test_the_name_of_a_step_says_round_and_method() -> None:
    assert round_of(step_of(7, EACH)) == (7, EACH)
    assert round_of("refined") is None and round_of("given") is None


@pytest.mark.parametrize(
    ("space", "said"),
    [
        ([on("dens")], r"No trainable weight matches layers='dens'"),
        ([on("dense_0"), on("hidden")], r"Two ranges act on the same weights"),
        ([], r"list of at least one wane\.Range"),
        ("by layer", r"list of at least one wane\.Range"),
        ([wane.L2(0.1)], r"list of at least one wane\.Range.*got L2"),
        ([wane.Range(wane.Dropout(0.1), wane.Dropout(0.5))], r"No dropout layer of the model"),
    ],
)
def test_spaces_that_are_none_are_refused(space: Any, said: str) -> None:
    with pytest.raises(wane.InputError, match=said):
        made(network(4), space)


def test_a_network_of_one_layer_has_no_strength_for_each() -> None:
    with pytest.raises(wane.InputError, match=r"at least two layers .* this network has 1"):
        made(network())


@pytest.mark.parametrize("trials", [0, -1, 1, True, 2.5, "many"])
def test_trials_are_at_least_as_many_as_ranges(trials: Any) -> None:
    with pytest.raises(wane.InputError, match=r"trials"):
        made(network(4, 4), trials=trials)


def test_without_optuna_a_search_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(wane.InputError, match=r"pip install 'wane\[optuna\]'"):
        made(network(4))


def test_layers_of_a_function_have_names() -> None:
    def unnamed() -> Any:
        dense = [keras.layers.Dense(4, "relu"), keras.layers.Dense(1)]
        model = keras.Sequential([keras.layers.Input((3,)), *dense])
        model.compile(loss="mse")
        return model

    with pytest.raises(wane.InputError, match="The function that makes the model calls the layer"):
        made(unnamed)
    assert list(made(lambda: network(4)).spaces) == [ONE, EACH]
