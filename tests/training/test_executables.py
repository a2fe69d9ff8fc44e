"""Programs that a process has compiled before are found by their code, and by nothing less."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import wane
from study_cases import study
from wane.training.executables import Executable, KeptExecutables, _kept, _key


class Batch:
    """What of a batch tells programs apart."""

    devices = ()
    rows = ()


def key(function: Callable[..., Any], *arguments: Any) -> object:
    """The key of a function that is compiled for these arguments."""
    lowered = jax.jit(function, keep_unused=True).lower(*arguments)
    return _key(Batch(), lowered)  # type: ignore[arg-type] # only its devices are read


def test_a_second_study_of_the_same_shape_compiles_nothing_and_gives_the_same_bits() -> None:
    first = study(candidates=[wane.L2(0.017)]).run(progress=False)
    count = len(_kept)
    second = study(candidates=[wane.L2(0.017)]).run(progress=False)
    assert len(_kept) == count
    assert first.runs.equals(second.runs)


def test_other_code_other_arguments_and_other_constants_have_other_keys() -> None:
    one, two = jnp.ones(3), jnp.ones(4)
    keys = [
        key(lambda a, _: a + 1, one, one),
        key(lambda _, b: b + 1, one, one),
        key(lambda a, _: a + 2, one, one),
        key(lambda a, _: a + np.arange(3.0), one, one),
        key(lambda a, _: a + np.arange(1.0, 4.0), one, one),
        key(lambda a, _: a + 1, two, two),
        key(lambda a, _: (a + 1,), one, one),
    ]
    assert len(set(keys)) == len(keys)
    assert key(lambda a, _: a + 1, one, one) == keys[0]


@pytest.mark.usefixtures("quick_compilation")
def test_other_settings_of_jax_have_other_keys() -> None:
    with_them = key(lambda a: a + 1, jnp.ones(3))
    jax.config.update("jax_disable_most_optimizations", False)
    assert key(lambda a: a + 1, jnp.ones(3)) != with_them


def test_code_that_takes_its_constants_as_arguments_has_no_key() -> None:
    """Some versions of JAX can pass them so; then equal code may train other numbers."""

    class Hoisted:
        args_info = (jax.ShapeDtypeStruct((3,), np.float32),)

        def as_text(self) -> str:
            return "func.func public @main(%arg0: tensor<3xf32>, %arg1: tensor<3xf32>) -> ()"

    assert _key(Batch(), Hoisted()) is None  # type: ignore[arg-type] # only its devices are read


def test_those_needed_longest_ago_are_let_go() -> None:
    kept = KeptExecutables(2)
    several = [Executable(None, None, number) for number in range(3)]
    for number in (0, 1):
        kept.keep(number, several[number])
    assert kept.of(0) is several[0]
    kept.keep(2, several[2])
    assert kept.of(1) is None and kept.of(0) is several[0] and kept.of(2) is several[2]
    assert len(kept) == 2
    assert kept.keep(None, several[1]) is several[1] and kept.of(None) is None
