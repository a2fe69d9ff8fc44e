"""Every family of layers under every common optimizer trains as in ``fit``, by many losses."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from parity_cases import (
    COMMON_LOSSES,
    CONVOLUTIONS,
    FAMILIES,
    OPTIMIZERS,
    OTHERS,
    RECURRENT,
    ROWS,
    case,
    compare,
)

PAIRS = [  # of networks and optimizers; every optimizer meets one of them, every network two
    (network, list(OPTIMIZERS)[(place + turn) % len(OPTIMIZERS)])
    for place, network in enumerate(("convolutions", "recurrent", "others"))
    for turn in (0, 2)
]
NETWORKS = {"convolutions": CONVOLUTIONS, "recurrent": RECURRENT, "others": OTHERS}

SOME = ["binary", "sparse", "mse", "categorical", "huber"]
VARIANTS = [  # batch size (22 rows: 8 leaves a last batch of 6), regularizers, weights of rows
    (8, True, True),
    (11, False, True),
    (11, True, False),
    (11, False, False),
]


def compare_families(
    families: list[str],
    losses: list[str],
    optimizer: str,
    variant: tuple[int, bool, bool],
) -> None:
    """Compare one network of these families, trained by these losses, with ``fit``."""
    batch, regularized, weighted = variant
    # Convolutions that are trained as matrix products add up in another order.
    reordered = any(family in CONVOLUTIONS for family in families)
    tolerances = {"losses": 1e-4, "weights": 1e-3} if reordered else {}
    compare(
        case(families, losses, OPTIMIZERS[optimizer](), regularized),
        **tolerances,
        epochs=20 if reordered else 4,
        batch_size=batch,
        sample_weight=np.linspace(0.2, 2, ROWS, dtype="float32") if weighted else None,
    )


def losses_of(network: str, optimizer: str) -> list[str]:
    """A loss for each family of a network."""
    row, turn = list(NETWORKS).index(network), list(OPTIMIZERS).index(optimizer)
    losses = list(COMMON_LOSSES)
    count = len(NETWORKS[network])
    return [losses[(place + row + 2 * turn) % len(losses)] for place in range(count)]


def variant(network: str, optimizer: str) -> tuple[int, bool, bool]:
    """One of the variants; those of the pairs are all of them."""
    return VARIANTS[PAIRS.index((network, optimizer)) % len(VARIANTS)]


@pytest.mark.thorough
@pytest.mark.usefixtures("quick_compilation")
@pytest.mark.parametrize(("network", "optimizer"), PAIRS)
def test_every_family_under_two_optimizers(network: str, optimizer: str) -> None:
    """Optimizers, losses and variants go round; the slow test below has every combination."""
    losses = losses_of(network, optimizer)
    compare_families(list(NETWORKS[network]), losses, optimizer, variant(network, optimizer))


FEW = ["Dense", "Conv2D, strided, and max pooling", "LSTM", "BatchNormalization", "attention"]


@pytest.mark.thorough
def test_some_families_as_users_compile_them(users_environment: dict[str, str]) -> None:
    """In an interpreter of its own, since XLA reads its flags once."""
    compared = f"{FEW}, t.SOME, 'adam', t.VARIANTS[0]"
    script = f"import test_program_families as t; t.compare_families({compared})"
    here = str(Path(__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=here, env=users_environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_the_rotation_leaves_nothing_out() -> None:
    assert {network for network, _ in PAIRS} == set(NETWORKS)
    assert {optimizer for _, optimizer in PAIRS} == set(OPTIMIZERS)
    assert {family for network in NETWORKS.values() for family in network} == set(FAMILIES)
    assert {variant(*pair) for pair in PAIRS} == set(VARIANTS)
    assert {loss for pair in PAIRS for loss in losses_of(*pair)} == set(COMMON_LOSSES)


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_under_every_optimizer_by_every_loss(family: str, optimizer: str) -> None:
    turn = list(FAMILIES).index(family) + list(OPTIMIZERS).index(optimizer)
    chosen = VARIANTS[turn % len(VARIANTS)]
    compare_families([family] * len(COMMON_LOSSES), list(COMMON_LOSSES), optimizer, chosen)
