"""Presets: their conversion recomputed, their citations, and what they refuse."""

import copy
import dataclasses
import json
import pickle
import re
from typing import Any

import pytest

import wane
from wane._errors import InputError
from wane.literature import Preset, presets
from wane.literature.preset import UnknownPresetError

# What the sources print, and the Keras L2 whose gradient, 2 · l2 · w, is theirs.
COUPLED = {
    "alexnet": (5e-4, 2.5e-4),
    "vgg": (5e-4, 2.5e-4),
    "inception-v3": (4e-5, 2e-5),
    "xception": (1e-5, 5e-6),
    "resnet": (1e-4, 5e-5),
    "wide-resnet": (5e-4, 2.5e-4),
    "architecture-search": (1e-4, 5e-5),
    "efficientnet": (1e-5, 5e-6),
    "seq2seq-speech": (1e-6, 5e-7),
    "seq2seq-characters": (1e-6, 5e-7),
    "awd-lstm": (1.2e-6, 6e-7),
    "gcn": (5e-4, 2.5e-4),
}
DECOUPLED = {
    "bert": 0.01,
    "vit-jft": 0.1,
    "vit-imagenet-21k": 0.03,
    "vit-imagenet": 0.3,
    "convnext": 0.05,
    "swin": 0.05,
    "gpt-3": 0.1,
}
# Epochs before each strength, the strengths in the source, and those of Keras's L2.
SCHEDULES = {
    "neural-smithing": ((0, 1200, 3700, 4100), (0.0, 1e-5, 1e-4, 1e-3), (0.0, 5e-6, 5e-5, 5e-4))
}
NOT_VERIFIED = {"architecture-search", "neural-smithing", "seq2seq-speech"}
RANGES = {"mlp": (0.0, 0.1), "tabular-mlp": (1e-5, 0.1)}
TARGETS = {
    "wide-resnet": ("all", ("kernel", "bias")),
    "efficientnet": ("all", ("kernel", "bias")),
    "awd-lstm": ("all", ("kernel", "recurrent", "bias")),
    "gcn": ("hidden", ("kernel",)),
}
every_preset = pytest.mark.parametrize("preset", presets.values(), ids=presets)


def test_every_preset_is_tested() -> None:
    assert set(presets) == {*COUPLED, *DECOUPLED, *RANGES, *SCHEDULES}
    assert len(presets) == len(COUPLED) + len(DECOUPLED) + len(RANGES) + len(SCHEDULES)


@pytest.mark.parametrize("name", COUPLED)
def test_a_coupled_strength_is_converted_to_an_l2(name: str) -> None:
    published, l2 = COUPLED[name]
    preset = presets[name]
    layers, on = TARGETS.get(name, ("all", ("kernel", "recurrent")))
    assert (preset.values, preset.form) == ((published,), "coupled")
    assert preset.penalties == (wane.L2(l2, layers=layers, on=on),)
    weight = 3.0
    assert 2 * preset.penalties[0].strength * weight == published * weight
    assert preset.use == f"L2({l2:g})"


@pytest.mark.parametrize("name", DECOUPLED)
def test_a_decoupled_strength_is_a_weight_decay(name: str) -> None:
    preset, value = presets[name], DECOUPLED[name]
    assert (preset.values, preset.form) == ((value,), "decoupled")
    assert preset.penalties == (wane.WeightDecay(value),)
    assert preset.use == f"WeightDecay({value:g})"


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_has_each_strength_from_its_epoch_on(name: str) -> None:
    preset, (starts, published, l2) = presets[name], SCHEDULES[name]
    assert (preset.starts, preset.values, preset.is_range) == (starts, published, False)
    (penalty,) = preset.penalties
    assert penalty == wane.L2(wane.schedule.steps(dict(zip(starts, l2, strict=True))))
    schedule = penalty.strengths[0]
    assert isinstance(schedule, wane.Schedule)
    ends = (*starts[1:], starts[-1] + 1000)
    for first, end, strength in zip(starts, ends, l2, strict=True):
        assert schedule.at(first) == schedule.at(end - 1) == strength
    assert preset.published == "0, 1e-05, 0.0001, 0.001"
    assert preset.use == "L2(steps({0: 0, 1200: 5e-06, 3700: 5e-05, 4100: 0.0005}))"


def test_a_preset_that_was_not_checked_in_its_source_says_so() -> None:
    assert {name for name, preset in presets.items() if not preset.verified} == NOT_VERIFIED
    for preset in presets.values():
        said = "published case study reports it; not checked in the source" in preset.note
        assert said is not preset.verified
        assert ("published case study" in preset.source.where) is not preset.verified


def test_a_range_is_not_one_strength() -> None:
    for name, values in RANGES.items():
        assert presets[name].values == values
        with pytest.raises(InputError) as refused:
            _ = presets[name].penalties
        assert str(refused.value) == (
            f"The preset {name!r} is a range of strengths, {presets[name].published}, and not one "
            f"strength: compare several of them with wane.sweep, or choose one."
        )
    assert presets["tabular-mlp"].use == "WeightDecay(1e-05 to 0.1)"


def test_the_range_of_the_book_is_of_a_sum_of_squared_errors() -> None:
    """``Σ(y − f)² + λ · Σw²`` over N rows is N times ``mean (y − f)² + λ/N · Σw²``."""
    preset = presets["mlp"]
    found = wane.convert(preset.values[1], preset.convention, rows=50, mean_squared_error=True)
    assert found == pytest.approx(0.1 / 50)
    assert preset.use == "L2(0 to 0.1 / rows)"


@every_preset
def test_a_preset_says_where_it_is_from(preset: Preset) -> None:
    source = preset.source
    assert re.fullmatch(r"\d{4}\.\d{4,5}", source.arxiv) or not source.arxiv
    assert re.fullmatch(r"10\.\d{4,}/\S+", source.doi) or not source.doi
    assert re.fullmatch(r"[\d-]{12}[\dX]", source.isbn) or not source.isbn
    address = f"openlibrary.org/isbn/{source.isbn.replace('-', '')}" if source.isbn else ""
    address = f"doi.org/{source.doi}" if source.doi else address
    address = f"arxiv.org/abs/{source.arxiv}" if source.arxiv else address
    assert address and source.url == f"https://{address}"
    # An arXiv number begins with year and month: a paper can appear in print later, not earlier.
    if source.arxiv:
        first = 2000 + int(source.arxiv[:2])
        assert 1 <= int(source.arxiv[2:4]) <= 12
        assert first <= source.year <= first + 1
    assert 1999 <= source.year <= 2022
    assert re.fullmatch(r"[A-Z][\w ,&.]+", source.authors)
    assert len(source.title) > 10 and source.where
    assert preset.model and preset.optimizer and preset.target


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("vgg", "Simonyan & Zisserman 2015, arXiv:1409.1556"),
        ("resnet", "He et al. 2015, arXiv:1512.03385"),
        ("gpt-3", "Brown et al. 2020, arXiv:2005.14165"),
        ("alexnet", "Krizhevsky et al. 2012, doi:10.1145/3065386"),
        ("neural-smithing", "Reed & Marks 1999, ISBN 0-262-18190-8"),
    ],
)
def test_a_citation_is_short_in_tables(name: str, text: str) -> None:
    assert str(presets[name].source) == text


def test_the_first_layer_of_a_gcn_alone_is_penalized() -> None:
    import keras

    from wane.keras_model.weights import targeted

    model = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(3, name="one"), keras.layers.Dense(1, name="two")]
    )
    (penalty,) = presets["gcn"].penalties
    assert [(weight.layer, weight.role) for weight in targeted(model, penalty)] == [
        ("one", "kernel")
    ]


@every_preset
def test_a_preset_is_a_frozen_value(preset: Preset) -> None:
    assert copy.deepcopy(preset) == preset == pickle.loads(pickle.dumps(preset))
    assert hash(preset) == hash(copy.deepcopy(preset))
    with pytest.raises(dataclasses.FrozenInstanceError):
        preset.name = "mine"  # type: ignore[misc] # what must not work


def test_the_document_is_json_with_all_of_it() -> None:
    documents = json.loads(json.dumps(presets.document()))
    assert [document["name"] for document in documents] == list(presets)
    (vgg,) = (document for document in documents if document["name"] == "vgg")
    assert vgg["penalties"] == [
        {"penalty": "l2", "strength": 2.5e-4, "layers": "all", "on": ["kernel", "recurrent"]}
    ]
    assert vgg["values"] == [5e-4]
    assert vgg["source"]["arxiv"] == "1409.1556"
    assert vgg["source"]["url"] == "https://arxiv.org/abs/1409.1556"
    others = {document["name"]: document["penalties"] for document in documents}
    assert others["convnext"] == [
        {
            "penalty": "weight-decay",
            "strength": 0.05,
            "layers": "all",
            "on": ["kernel", "recurrent"],
        }
    ]
    assert all(others[name] == [] for name in RANGES)
    (rising,) = others["neural-smithing"]
    assert [segment["start"] for segment in rising["strength"]["segments"]] == [0, 1200, 3700, 4100]
    assert [document["verified"] for document in documents].count(False) == len(NOT_VERIFIED)


def test_the_check_digit_of_an_isbn_is_right() -> None:
    """Ten digits, each times its place from the right, add up to a multiple of 11."""
    digits = presets["neural-smithing"].source.isbn.replace("-", "")
    assert len(digits) == 10
    assert sum((10 - i) * int(digit) for i, digit in enumerate(digits)) % 11 == 0


def test_presets_are_a_mapping_by_name() -> None:
    assert wane.presets is presets
    assert presets["vgg"].name == "vgg"
    assert "vgg" in presets and "vgg19" not in presets
    assert presets.get("vgg19") is None
    assert repr(presets).startswith("Presets(alexnet, vgg, inception-v3, ")
    as_any: Any = presets
    with pytest.raises(TypeError):
        as_any["mine"] = presets["vgg"]


def test_an_unknown_preset_is_refused_with_the_list() -> None:
    names = ", ".join(repr(name) for name in list(presets)[:20])
    with pytest.raises(UnknownPresetError) as refused:
        _ = presets["vgg19"]
    assert str(refused.value) == (
        f"There is no preset 'vgg19': did you mean 'vgg'? Available: {names} and 2 more."
    )
    assert isinstance(refused.value, InputError) and isinstance(refused.value, KeyError)
