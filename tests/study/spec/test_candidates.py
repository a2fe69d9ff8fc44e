"""Candidates as the user gives them."""

import types
from typing import Any

import pytest

import wane
from study_cases import network, study
from wane.study.spec.methods import axes_of, methods_of, settings_of, targets


def test_presets_of_the_literature_are_candidates() -> None:
    vgg, bert = wane.presets["vgg"], wane.presets["bert"]
    made = study(candidates=[vgg, (bert, wane.L1(0.5))])
    assert made.spec.candidates == ((), vgg.penalties, (*bert.penalties, wane.L1(0.5)))
    assert study(candidates=vgg).spec.candidates == ((), vgg.penalties)


def test_presets_of_the_literature_are_candidates_of_methods() -> None:
    vgg, bert = wane.presets["vgg"], wane.presets["bert"]
    for given in ([vgg], [(vgg,)]):
        (_, method) = methods_of(study().spec, {"paper": given})
        assert method.candidates == (vgg.penalties,)
    (_, method) = methods_of(study().spec, {"paper": [(bert, wane.L1(0.5))]})
    assert method.candidates == ((*bert.penalties, wane.L1(0.5)),)


def test_what_is_no_candidate_of_a_method_is_named() -> None:
    with pytest.raises(wane.InputError, match=r"A candidate must be a penalty.*got 'l2'\.$"):
        methods_of(study().spec, {"paper": ["l2"]})


def test_what_the_numbers_of_settings_are_is_known_for_every_method() -> None:
    spec = study(epochs=400).spec
    methods = {one.name: one.candidates for one in methods_of(spec, None, settings=2)}
    methods |= targets(wane.L2, [0.1, 1.0], network())
    methods["of two"] = ((wane.L1(0.1), wane.L2(0.1)), (wane.L1(0.2), wane.L2(0.2)))
    methods["slow"] = ((wane.LearningRate(0.1), wane.L2(0.1)),)
    methods["mixed"] = ((wane.L1(0.1),), (wane.Dropout(0.2),))
    every = tuple(dict.fromkeys(one for own in methods.values() for one in own))
    names = wane.penalties.candidate_names(every)
    made: Any = types.SimpleNamespace(methods=methods, candidates=every, names=names)
    assert axes_of(made) == {
        "none": (),
        "l1": (("strength", ""),),
        "l2": (("strength", ""),),
        "l1l2": (("strength", "l1"), ("strength", "l2")),
        "weight-decay": (("strength", ""),),
        "dropout": (("rate", ""),),
        "early-stopping": (("patience", ""),),
        "max-norm": (("MaxNorm", ""),),
        "dropout+bn+l2": (("rate", ""), ("strength", "")),
        "hidden": (("strength", ""),),
        "hidden and output": (("strength", ""),),
        "biases too": (("strength", ""),),
        "early stronger": (("strength", "hidden"), ("strength", "output")),
        "late stronger": (("strength", "hidden"), ("strength", "output")),
        "of two": (("strength", "L1"), ("strength", "L2")),
        "slow": (("learning rate", ""), ("strength", "")),
        "mixed": (),
    }
    # As many as a label has lines.
    for method, labels in settings_of(made).items():
        if axes_of(made)[method]:
            assert {len(own.splitlines()) for own in labels.values()} == {
                len(axes_of(made)[method])
            }
