"""A penalty says itself what it is for Keras."""

import dataclasses
from typing import Self
from unittest import mock

import keras
import numpy as np
import pytest

import wane
from model_cases import sequential
from wane.keras_model.regularizers import expressible, regularizer_of, terms_in, terms_of
from wane.penalties import CATALOGUE, KerasTerms, Penalty
from wane.penalties.arrays import Array, namespace


@dataclasses.dataclass(frozen=True)
class Ridge(Penalty):
    """Half the sum of squared weights: ``ridge · ½ · Σw²``."""

    strength_fields = ("ridge",)
    ridge: float

    def value(self, weight: Array, *strengths: Array | float) -> Array:
        xp = namespace(weight)
        return strengths[0] / 2 * xp.sum(xp.square(weight))

    def keras_terms(self, *strengths: float) -> KerasTerms:
        return KerasTerms(l2=strengths[0] / 2)

    @classmethod
    def of_keras_terms(cls, terms: KerasTerms) -> Self | None:
        return cls(2 * terms.l2) if terms.only("l2") else None


def test_a_new_penalty_needs_no_edit_beside_its_class_and_its_row() -> None:
    model = sequential()
    wane.regularize(model, Ridge(0.2, layers="hidden"))
    kernel = model.get_layer("hidden").kernel
    assert model.get_layer("hidden").kernel_regularizer.get_config() == {"l2": 0.1}
    assert Ridge.is_regularizer and expressible((Ridge(0.2),)) == (Ridge(0.2),)
    value = Ridge(0.2).value(np.asarray(kernel), 0.2)
    assert float(model.losses[0]) == pytest.approx(float(value), rel=1e-6)
    others = {name: kind for name, kind in CATALOGUE.items() if name != "l2"}
    # Which puts the rows back in their order, in which messages name them.
    with mock.patch.dict(CATALOGUE, {**others, "ridge": Ridge}, clear=True):
        assert "Ridge(0.2)" in wane.inspect(model)["penalty"].tolist()


@pytest.mark.parametrize("name", [n for n, kind in CATALOGUE.items() if kind.is_regularizer])
def test_terms_and_penalties_are_each_other_s_inverse(name: str) -> None:
    penalty = CATALOGUE[name].of_strength(0.25)
    terms = terms_of(penalty)
    assert CATALOGUE[name].of_keras_terms(terms) == penalty
    assert terms_in(regularizer_of(terms)) == terms
    found = [kind for kind in CATALOGUE.values() if kind.of_keras_terms(terms) is not None]
    assert found == [CATALOGUE[name]]


def test_no_strength_is_one_kind_of_penalty() -> None:
    found = [kind for kind in CATALOGUE.values() if kind.of_keras_terms(KerasTerms()) is not None]
    assert found == [wane.L2]
    assert terms_in(keras.regularizers.L1L2(0.0, 0.0)) == KerasTerms()
