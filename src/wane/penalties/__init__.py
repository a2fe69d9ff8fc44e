"""Penalties: pure functions of weights and strengths, as frozen values, in one catalogue.

Adding a penalty takes three edits: its class in the file of its family, its name in the imports
below, and its row in :data:`CATALOGUE`, from which tests, documentation and the command line read.
"""

from wane.penalties._base import DEFAULT_ROLES, ROLES, Penalty, Sparse, WithProx, is_proximal
from wane.penalties.candidates import (
    BASELINE,
    BASELINE_NAME,
    Candidate,
    Change,
    candidate_names,
    decades,
    network_of,
    parse_roles,
    parse_strengths,
    penalties_of,
    sweep,
)
from wane.penalties.decay import WeightDecay
from wane.penalties.elementwise import L1, L1L2, L2
from wane.penalties.groups import GroupLasso
from wane.penalties.structure import Dropout, Network, strength_of

CATALOGUE: dict[str, type[Penalty]] = {
    "l1": L1,
    "l2": L2,
    "l1l2": L1L2,
    "group-lasso": GroupLasso,
    "weight-decay": WeightDecay,
}
"""Every penalty by the name that the command line and files use."""

__all__ = [
    "BASELINE",
    "BASELINE_NAME",
    "CATALOGUE",
    "DEFAULT_ROLES",
    "L1",
    "L1L2",
    "L2",
    "ROLES",
    "Candidate",
    "Change",
    "Dropout",
    "GroupLasso",
    "Network",
    "Penalty",
    "Sparse",
    "WeightDecay",
    "WithProx",
    "candidate_names",
    "decades",
    "is_proximal",
    "network_of",
    "parse_roles",
    "parse_strengths",
    "penalties_of",
    "strength_of",
    "sweep",
]
