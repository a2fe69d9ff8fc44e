"""Candidates as the user gives them."""

import wane
from study_cases import study


def test_presets_of_the_literature_are_candidates() -> None:
    vgg, bert = wane.presets["vgg"], wane.presets["bert"]
    made = study(candidates=[vgg, (bert, wane.L1(0.5))])
    assert made.spec.candidates == ((), vgg.penalties, (*bert.penalties, wane.L1(0.5)))
    assert study(candidates=vgg).spec.candidates == ((), vgg.penalties)
