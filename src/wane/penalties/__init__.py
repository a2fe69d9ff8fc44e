"""Penalties: pure functions of weights and strengths, as frozen values, in one catalogue.

Adding a penalty takes three edits: its class in the file of its family, its name in the imports
below, and its row in :data:`CATALOGUE`, from which tests, documentation and the command line read.
"""

from wane.penalties import schedule
from wane.penalties.arrays import checked_strength
from wane.penalties.base import (
    Penalty,
    Sparse,
    Strength,
    WithProx,
    is_proximal,
)
from wane.penalties.candidates import (
    BASELINE,
    BASELINE_NAME,
    Candidate,
    Change,
    at_epoch,
    candidate_names,
    learning_rate_of,
    network_of,
    patience_of,
    penalties_of,
)
from wane.penalties.changes import Dropout, EarlyStopping, LearningRate, Network, strength_of
from wane.penalties.decay import WeightDecay
from wane.penalties.elementwise import L1, L1L2, L2
from wane.penalties.groups import GroupLasso
from wane.penalties.keras_terms import DEFAULT_ROLES, ROLES, KerasTerms
from wane.penalties.orthogonality import Orthogonality
from wane.penalties.ranges import Range
from wane.penalties.schedule import Schedule
from wane.penalties.sweep import decades, sweep

CATALOGUE: dict[str, type[Penalty]] = {
    "l1": L1,
    "l2": L2,
    "l1l2": L1L2,
    "group-lasso": GroupLasso,
    "weight-decay": WeightDecay,
    "orthogonality": Orthogonality,
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
    "EarlyStopping",
    "GroupLasso",
    "KerasTerms",
    "LearningRate",
    "Network",
    "Orthogonality",
    "Penalty",
    "Range",
    "Schedule",
    "Sparse",
    "Strength",
    "WeightDecay",
    "WithProx",
    "at_epoch",
    "candidate_names",
    "checked_strength",
    "decades",
    "is_proximal",
    "learning_rate_of",
    "network_of",
    "patience_of",
    "penalties_of",
    "schedule",
    "strength_of",
    "sweep",
]
