"""When no model finds a signal, and when a linear one does better."""

import dataclasses
from typing import Any

from wane.stats import PairedDifference
from wane.study.evaluation.reference_findings import (
    better_linear,
    fails_there,
    level_moved,
    no_signal,
)
from wane.study.evaluation.references import References, ReferenceSummary
from wane.study.measures.tables import MeanStd


def gain(mean: float, p_value: float) -> PairedDifference:
    return PairedDifference(mean, 0.1, mean - 0.2, mean + 0.2, p_value, 10)


NONE, SOME, SURE = gain(-0.1, 0.5), gain(0.2, 0.3), gain(0.2, 0.001)


def beside(
    over: dict[str, PairedDifference],
    *,
    network: PairedDifference = NONE,
    units: int = 50,
    **gains: Any,
) -> References:
    """A constant and others by how much they are better than it."""
    every = [ReferenceSummary("constant", "a constant", 10, {}, None, {}, {})]
    every += [
        ReferenceSummary(
            name, name, 10, {}, None, gains.get(name, {}), {"test": {"data_loss": one}}
        )
        for name, one in over.items()
    ]
    return References("test", units, every, {}, {"data_loss": network}, {"data_loss": 0.05})


def test_no_signal_is_found_where_nothing_is_better_than_a_constant() -> None:
    both = {"linear": NONE, "boosting": NONE}
    assert no_signal(beside(both), "data_loss", 0.05)
    assert not no_signal(beside({**both, "boosting": SURE}), "data_loss", 0.05)  # beyond chance
    assert not no_signal(beside({**both, "boosting": SOME}), "data_loss", 0.05)  # by much
    assert not no_signal(beside(both, network=SURE), "data_loss", 0.05)
    assert not no_signal(beside(both, network=SOME), "data_loss", 0.05)
    assert no_signal(beside(both, network=SOME), "another", 0.05)  # in what nothing is chosen by


def test_without_another_model_or_rows_to_tell_nothing_is_said() -> None:
    assert not no_signal(None, "data_loss", 0.05)
    assert not no_signal(beside({}), "data_loss", 0.05)
    assert not no_signal(beside({"recalibrated": NONE}), "data_loss", 0.05)
    assert not no_signal(beside({"linear": NONE}, units=9), "data_loss", 0.05)


def test_a_linear_model_does_better_beyond_chance_and_by_no_metric_worse() -> None:
    over = {"linear": SURE, "boosting": SURE}

    def found(**gains: PairedDifference) -> bool:
        return better_linear(beside(over, linear=gains), "data_loss", "accuracy", 0.05) is not None

    assert found(data_loss=SURE)
    assert found(data_loss=SURE, accuracy=SOME)
    assert not found(data_loss=SURE, accuracy=NONE)
    assert not found(data_loss=SOME)
    assert not found()
    few = beside(over, units=9, linear={"data_loss": SURE})
    assert better_linear(few, "data_loss", "accuracy", 0.05) is None
    only_boosting = beside(over, boosting={"data_loss": SURE})
    assert better_linear(only_boosting, "data_loss", "accuracy", 0.05) is None
    assert better_linear(None, "data_loss", "accuracy", 0.05) is None


def test_models_that_fail_on_the_rows_that_decide_are_no_advice() -> None:
    worse, bit_worse = gain(-0.2, 0.001), gain(-0.01, 0.9)
    both = {"linear": NONE, "boosting": bit_worse}
    assert fails_there(beside(both, network=worse), "data_loss")
    assert not fails_there(beside(both, network=bit_worse), "data_loss")  # by little
    assert not fails_there(beside({**both, "boosting": SOME}, network=worse), "data_loss")
    assert not fails_there(beside(both, network=worse, units=9), "data_loss")
    assert not fails_there(beside({"recalibrated": NONE}, network=worse), "data_loss")
    assert not fails_there(beside(both, network=worse), "another")
    assert not fails_there(None, "data_loss")
    surer = beside(both, network=worse)  # its probabilities are too sure, its classes right
    surer = dataclasses.replace(
        surer, network_over_constant={**surer.network_over_constant, "accuracy": SURE}
    )
    assert not fails_there(surer, "data_loss")
    gains: dict[str, Any] = {"linear": {"data_loss": SURE}}
    assert better_linear(beside(both, **gains), "data_loss", "rmse", 0.05) is None
    assert better_linear(beside({"linear": SOME}, **gains), "data_loss", "rmse", 0.05) is not None


def drifting(
    constant: float = -60.0, boosting: float = -57.0, network: float = -56.0
) -> References:
    """Models by their R² on test rows."""
    every = [
        ReferenceSummary(name, name, 10, {}, {"r2": MeanStd(value, 0.0)}, {}, {})
        for name, value in [("constant", constant), ("boosting", boosting)]
    ]
    return References("test", 50, every, {"r2": network}, {}, {})


def test_a_level_that_moved_is_one_that_no_model_follows() -> None:
    assert level_moved(drifting())
    assert not level_moved(drifting(network=0.1))
    assert not level_moved(drifting(boosting=0.1))
    assert not level_moved(drifting(constant=-0.2, boosting=-0.1, network=-0.1))  # as chance gives
    assert not level_moved(dataclasses.replace(drifting(), units=9))
    assert not level_moved(dataclasses.replace(drifting(), network={}))  # classes
    assert not level_moved(dataclasses.replace(drifting(), every=drifting().every[:1]))
    assert not level_moved(None)
