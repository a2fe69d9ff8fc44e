"""Every family of layers under every common optimizer trains as in ``fit``, by many losses."""

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

NETWORKS = {"convolutions": CONVOLUTIONS, "recurrent": RECURRENT, "others": OTHERS}

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


@pytest.mark.usefixtures("quick_compilation")
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("network", NETWORKS)
def test_every_family_under_every_optimizer(network: str, optimizer: str) -> None:
    """Losses and variants go round, so that each meets several families and optimizers."""
    row, turn = list(NETWORKS).index(network), list(OPTIMIZERS).index(optimizer)
    families, losses = list(NETWORKS[network]), list(COMMON_LOSSES)
    turned = [losses[(place + row + 2 * turn) % len(losses)] for place in range(len(families))]
    compare_families(families, turned, optimizer, VARIANTS[(row + turn) % len(VARIANTS)])


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_under_every_optimizer_by_every_loss(family: str, optimizer: str) -> None:
    turn = list(FAMILIES).index(family) + list(OPTIMIZERS).index(optimizer)
    variant = VARIANTS[turn % len(VARIANTS)]
    compare_families([family] * len(COMMON_LOSSES), list(COMMON_LOSSES), optimizer, variant)
