"""Candidates as the user gives them."""

import pytest

import wane
from study_cases import study
from wane.study.spec.methods import methods_of


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
