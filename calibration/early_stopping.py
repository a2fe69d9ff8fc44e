"""Early stopping as a candidate: which rows may judge the epoch that validation rows chose."""

from typing import Literal

import numpy as np

from calibration.evidence import said, said_before
from calibration.linear import Sgd, Trained, trained
from calibration.shares import Readings, Told, compared
from wane.study.evaluation.evidence import Evidence

Rule = Literal["the same rows", "the other half", "not eligible"]
"""What judges early stopping: the rows that stopped it; one half of them where the other half
stopped it; nothing, so that it is reported and may not be chosen."""
RULES: tuple[Rule, ...] = ("the same rows", "the other half", "not eligible")
PATIENCE = (3, 10)


def early_stopping(
    validation: int, studies: int, seed: int = 0, repeats: int = 10
) -> list[Readings]:
    """How often what is said of early stopping holds, by what judges it.

    A linear model, 300 training rows and noisy SGD, of which nothing overfits: what early stopping
    gains is an epoch of less noise.

    Args:
        validation: how many validation rows there are.
        studies: how many studies.
        seed: of everything that is drawn.
        repeats: seeds on the split of each study.
    """
    made = trained(
        np.random.default_rng([seed, validation]), Sgd(300, validation), studies, repeats
    )
    told: dict[Rule, tuple[list[Told], list[Told]]] = {rule: ([], []) for rule in RULES}
    for study in range(studies):
        for rule, several in told.items():
            one, gains = _study(made, study, rule)
            for own, what in zip(several, (said(one), said_before(one)), strict=True):
                own.append(Told(what, float(gains[what.chosen])))
    return [compared(rule, f"300 + {validation}", repeats, *own) for rule, own in told.items()]


def _study(made: Trained, study: int, rule: Rule) -> tuple[Evidence, np.ndarray]:
    """One study under a rule, and the true gain of each candidate."""
    train, epochs = made.how.train, made.how.epochs
    losses = made.row_losses(study, made.weights[:, study, 0])  # [epochs, repeats, rows]
    rows = np.arange(train, losses.shape[-1])
    stops, judges = (rows[::2], rows[1::2]) if rule == "the other half" else (rows, rows)
    curve = losses[..., stops].mean(axis=-1)
    ends = [np.full(curve.shape[1], epochs - 1), *(stopped(curve, one) for one in PATIENCE)]
    repeats = np.arange(curve.shape[1])
    kept = np.concatenate([np.arange(train), judges])
    final = np.array([losses[end, repeats][:, kept] for end in ends])
    true = np.array([made.true_loss[end, study, 0, repeats].mean() for end in ends])
    ineligible = tuple(range(1, len(ends))) if rule == "not eligible" else ()
    one = made.on_rows(final, losses[..., judges].mean(axis=-1).T, ineligible)
    return one, true[0] - true


def stopped(curve: np.ndarray, patience: int) -> np.ndarray:
    """The best epoch of each run before its loss had not fallen for so many epochs, [repeats].

    Args:
        curve: the loss that is watched, [epochs, repeats].
        patience: how many epochs.
    """
    lowest, place = np.full(curve.shape[1], np.inf), np.zeros(curve.shape[1], int)
    for epoch, losses in enumerate(curve):
        better = (losses < lowest) & (epoch - place <= patience)
        lowest, place = np.where(better, losses, lowest), np.where(better, epoch, place)
    return place
