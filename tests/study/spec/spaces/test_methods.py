"""The spaces of named methods, and what cannot be searched."""

from typing import Any

import keras
import pytest

import wane
from training_cases import study
from wane.study.spec.spaces.methods import spaces_of


def network(dropout: bool = True) -> Any:
    between = [keras.layers.Dropout(0.1, name="drop")] if dropout else []
    hidden = keras.layers.Dense(8, "relu", name="hidden")
    out = keras.layers.Dense(1, "sigmoid", name="out")
    model = keras.Sequential([keras.layers.Input((3,)), hidden, *between, out])
    model.compile(loss="binary_crossentropy")
    return model


def spaces(names: Any = None, *, dropout: bool = True, **options: Any) -> Any:
    made = study(network(dropout), repeats=2)
    return spaces_of(made.spec, names, **{"trials": 4, **options}).spaces


def test_each_method_has_its_ranges() -> None:
    usual = spaces(layers="hidden", on=("kernel",))
    assert list(usual) == ["l1", "l2", "l1l2", "weight-decay", "dropout"]
    assert list(spaces(dropout=False)) == ["l1", "l2", "l1l2", "weight-decay"]
    (l2,) = usual["l2"]
    assert (l2.low, l2.high, l2.none) == (
        wane.L2(1e-5, layers="hidden", on=("kernel",)),
        wane.L2(0.1, layers="hidden", on=("kernel",)),
        False,
    )
    assert [type(one.low) for one in usual["l1l2"]] == [wane.L1, wane.L2]
    (decay,) = usual["weight-decay"]
    assert (decay.low.weight_decay, decay.high.weight_decay) == (0.01, 100.0)
    assert usual["dropout"] == (wane.Range(wane.Dropout(0.1), wane.Dropout(0.7)),)
    assert list(spaces("group-lasso")) == ["group-lasso"]


@pytest.mark.parametrize(
    ("names", "options", "sentence"),
    [
        (["max-norm"], {}, "The method 'max-norm' has no range that a sampler could search, as"),
        (["early-stopping", "l1"], {}, "The method 'early-stopping' has no range"),
        (["dropout"], {"dropout": False}, "The method 'dropout' is searched over the rates of"),
        (["l3"], {}, "There is no method 'l3'"),
        (["l2", "l2"], {}, "The method 'l2' is named twice"),
        (["none"], {}, "There is nothing to compare with 'none'"),
        ({"l2": [wane.L2(0.1)]}, {}, "trials are settings of named methods"),
        (["l1l2"], {"trials": 1}, "1 trials are fewer than the 2 ranges that are searched"),
        (["l2"], {"strengths": (1.0, 0.1)}, "strengths must be the weakest and the strongest"),
    ],
)
def test_what_cannot_be_searched(names: Any, options: Any, sentence: str) -> None:
    with pytest.raises(wane.InputError) as caught:
        spaces(names, **options)
    assert str(caught.value).startswith(sentence)


def test_methods_are_searched_with_as_many_settings_each(tmp_path: Any) -> None:
    made = study(network(), repeats=3, epochs=4, validation=0.4)
    found = made.compare(trials=5, progress=False, folder=tmp_path / "study")
    assert list(found.methods["method"]) == [
        "none", "l1", "l2", "l1l2", "weight-decay", "dropout",
    ]  # fmt: skip
    spec = found.result.spec
    assert {len(own) for name, own in spec.methods.items() if name != "none"} == {5}
    assert not [candidate for candidate in spec.candidates if len(candidate) > 2]
    again = made.compare(trials=5, progress=False, folder=tmp_path / "study")
    assert again.methods.equals(found.methods)
    assert len(found.result.document["engine"]["structures"]) == 1
