"""Linear models whose true loss is known: trained by SGD on one split, or by ridge on splits.

Inputs are standard normal and the noise has a variance of 1, so that the loss on new rows is
``1 + |w − truth|²``, the intercept among the weights.
"""

import dataclasses

import numpy as np

from calibration.evidence import evidence
from wane.resampling.splits import Resampling, Split
from wane.study.evaluation.evidence import Evidence

SLOPES = np.array([1.0, 0.5, -0.5, 0.0])
"""What the models of SGD are to learn, the intercept last."""
RIDGE_SLOPES = np.linspace(1, 0, 10) / 2
"""What the models of ridge regression are to learn."""


@dataclasses.dataclass(frozen=True)
class Sgd:
    """How the linear models are trained, on one split each.

    Attributes:
        train, validation: rows of a study.
        penalties: L2 strengths, 0 for the baseline first; as in Keras ``Σ w²`` times one is added
            to the mean squared error.
        epochs, batch, rate: of SGD.
        seeded: whether weights and row order are drawn for each repeat; else runs do not differ.
    """

    train: int
    validation: int
    penalties: tuple[float, ...] = (0.0,)
    epochs: int = 40
    batch: int = 8
    rate: float = 0.15
    seeded: bool = True


@dataclasses.dataclass(frozen=True)
class Trained:
    """Studies on one split each.

    Attributes:
        x, y: their rows, training rows first, [studies, rows, inputs] and [studies, rows].
        weights: after each epoch, [epochs, studies, candidates, repeats, inputs].
        how: how they were trained.
    """

    x: np.ndarray
    y: np.ndarray
    weights: np.ndarray
    how: Sgd

    @property
    def true_loss(self) -> np.ndarray:
        """On new rows after each epoch, [epochs, studies, candidates, repeats]."""
        return np.asarray(1 + np.sum((self.weights - SLOPES) ** 2, axis=-1))

    def row_losses(self, study: int, weights: np.ndarray) -> np.ndarray:
        """The loss of each of a study's rows for weights [..., inputs], [..., rows]."""
        return np.asarray((weights @ self.x[study].T - self.y[study]) ** 2)

    def evidence(self, study: int) -> Evidence:
        """A study as wane's verdict takes it."""
        losses = self.row_losses(study, self.weights[-1, study])
        curve = self.row_losses(study, self.weights[:, study, 0])[..., self.how.train :].mean(-1)
        return self.on_rows(losses, curve.T)

    def on_rows(
        self, losses: np.ndarray, curve: np.ndarray, ineligible: tuple[int, ...] = ()
    ) -> Evidence:
        """A study as wane's verdict takes it, from the losses of its rows.

        Args:
            losses: of training rows and validation rows, [candidates, repeats, rows].
            curve: the baseline's validation loss by epoch, [repeats, epochs].
            ineligible: the candidates that nothing may choose.
        """
        repeats, train = losses.shape[1], self.how.train
        rows = losses[..., train:]
        split = Split(np.arange(train), None)
        return evidence(
            self.how.penalties if len(self.how.penalties) == len(losses) else range(len(losses)),
            losses[..., :train].mean(axis=2),
            rows.mean(axis=2),
            Resampling("fixed", (split,), repeats),
            sums=rows.sum(axis=1),
            counts=np.full(rows.shape[2], repeats),
            curve=curve,
            ineligible=ineligible,
        )


def trained(random: np.random.Generator, how: Sgd, studies: int, repeats: int) -> Trained:
    """Studies of linear models, all trained at once."""
    rows = how.train + how.validation
    x = random.normal(size=(studies, rows, 4))
    x[..., 3] = 1.0
    y = x @ SLOPES + random.normal(size=(studies, rows))
    decay = 2 * np.array(how.penalties)[:, None, None] * (np.arange(4) < 3)
    runs = repeats if how.seeded else 1
    weights = np.zeros((studies, len(how.penalties), runs, 4))
    if how.seeded:
        weights += random.normal(scale=0.5, size=(studies, 1, runs, 4)) * (np.arange(4) < 3)
    kept, place = [], np.arange(studies)[:, None, None]
    for _ in range(how.epochs):
        order = np.broadcast_to(np.arange(how.train), (studies, runs, how.train))
        if how.seeded:
            order = random.permuted(order, axis=-1)
        for begin in range(0, how.train, how.batch):
            batch = order[..., begin : begin + how.batch]
            own_x, own_y = x[place, batch], y[place, batch]  # [studies, runs, batch, inputs]
            errors = np.einsum("srbi,scri->scrb", own_x, weights) - own_y[:, None]
            slope = 2 * np.einsum("scrb,srbi->scri", errors, own_x) / batch.shape[-1]
            weights = weights - how.rate * (slope + decay * weights)
        kept.append(weights)
    return Trained(x, y, np.repeat(np.array(kept), repeats // runs, axis=3), how)


@dataclasses.dataclass(frozen=True)
class OnTestRows:
    """One study of ridge regression over splits of one data set, with test rows.

    Attributes:
        evidence: as wane's verdict takes it.
        test_rows: the loss of each test row, [candidates, repeats, rows].
        here: the true gain of the second candidate of models trained on parts of these rows.
        there: that of the models of this study's repeats, whose mean over data sets is the gain
            over data sets.
    """

    evidence: Evidence
    test_rows: np.ndarray
    here: float
    there: float


def ridge_study(
    random: np.random.Generator, penalties: tuple[float, float], repeats: int, test: int
) -> OnTestRows:
    """Ridge regression on splits of 80 rows into 60 and 20, by two penalties, the baseline first.

    It has no seed: all that differs between repeats is the split.
    """
    count, train, more = 80, 60, 200
    x = random.normal(size=(count + test, len(RIDGE_SLOPES)))
    y = x @ RIDGE_SLOPES + random.normal(size=count + test)
    order = random.permuted(np.tile(np.arange(count), (repeats + more, 1)), axis=1)
    own_x, own_y = x[order[:, :train]], y[order[:, :train]]
    gram = np.einsum("rni,rnj->rij", own_x, own_x) / train
    moment = np.einsum("rni,rn->ri", own_x, own_y)[..., None] / train
    eye = np.eye(len(RIDGE_SLOPES))
    weights = np.array([np.linalg.solve(gram + one * eye, moment)[..., 0] for one in penalties])
    true = np.sum((weights - RIDGE_SLOPES) ** 2, axis=2)
    gains = true[0] - true[1]
    order, weights = order[:repeats], weights[:, :repeats]
    losses = (weights @ x.T - y) ** 2
    left = np.take_along_axis(losses, np.tile(order[:, train:], (2, 1, 1)), axis=2)
    sums, counts = np.zeros((2, count)), np.zeros(count)
    for repeat, numbers in enumerate(order[:, train:]):
        sums[:, numbers] += left[:, repeat]
        counts[numbers] += 1
    splits = tuple(Split(one[:train], one[train:]) for one in order)
    fitted = np.take_along_axis(losses, np.tile(order[:, :train], (2, 1, 1)), axis=2)
    made = evidence(
        penalties,
        fitted.mean(axis=2),
        left.mean(axis=2),
        Resampling("fraction", splits, repeats),
        sums=sums,
        counts=counts,
        test_rows=losses[..., count:],
    )
    return OnTestRows(
        made, losses[..., count:], float(gains[repeats:].mean()), float(gains[:repeats].mean())
    )
