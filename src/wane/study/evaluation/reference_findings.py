"""What the references show: no signal, none that holds there, a linear model that does better."""

from wane.stats import PairedDifference
from wane.study.evaluation.references import References, ReferenceSummary
from wane.study.spec.selection import LEAST_TEST_ROWS


def no_signal(found: References | None, criterion: str, level: float) -> bool:
    """Whether no model is better than a constant, neither the chosen network nor a reference.

    Neither beyond chance, in what candidates are chosen by or in the metric for people, nor, in
    what they are chosen by, by a share that would matter in the mean, lest few rows be taken for
    inputs without signal (accuracy on few rows is such a share off by chance alone). The
    network is asked on the rows that decide, the references on all; and there must be a reference
    that can learn, lest a network that does not be taken for it.

    Args:
        found: the references.
        criterion: the name of what candidates are chosen by.
        level: of the tests.
    """
    if found is None or not found.network_over_constant or found.units < LEAST_TEST_ROWS:
        return False
    asked = [gains for one in learning(found) for gains in one.over_constant.values() if gains]
    if not asked:
        return False
    return not any(
        _is_better(gain, level) or (name == criterion and gain.mean > found.matters.get(name, 0.0))
        for gains in (found.network_over_constant, *asked)
        for name, gain in gains.items()
    )


def fails_there(found: References | None, criterion: str) -> bool:
    """Whether a constant is better than all models on the rows that decide, whatever others say.

    In the mean than every model, in the metric for people too, and by a share that would matter
    than the chosen network: as where later rows differ from those before them.

    Args:
        found: the references.
        criterion: the name of what candidates are chosen by.
    """
    if found is None or found.units < LEAST_TEST_ROWS:
        return False
    network = found.network_over_constant
    others = [one.over_constant.get(found.on, {}) for one in learning(found)]
    if criterion not in network or not others or not all(others):
        return False
    by_much = network[criterion].mean < -found.matters.get(criterion, 0.0)
    return by_much and all(gain.mean <= 0 for own in (network, *others) for gain in own.values())


def level_moved(found: References | None) -> bool:
    """Whether the target's level moved more than it varies, and no model follows.

    R² is then below -1 of a constant, and below zero of all models: the mean of the rows that
    decide, which nobody knows before, is nearer than what any of them says.

    Args:
        found: the references, of rows in the order of time.
    """
    if found is None or found.units < LEAST_TEST_ROWS:
        return False
    constant, learnt = found.get("constant"), [means(one, found) for one in learning(found)]
    if constant is None or not learnt:
        return False
    every = [found.network, means(constant, found), *learnt]
    if any("r2" not in own for own in every):
        return False
    return means(constant, found)["r2"] < -1 and all(own["r2"] < 0 for own in every)


def better_linear(
    found: References | None, criterion: str, metric: str, level: float
) -> ReferenceSummary | None:
    """The linear model, where it is better than the chosen network beyond chance.

    In what candidates are chosen by, on as many rows or groups of them as decide anything, and not
    the worse one in the metric for people, nor worse than a constant, which would then be the
    better advice.

    Args:
        found: the references.
        criterion, metric: their names.
        level: of the tests.
    """
    if found is None or found.units < LEAST_TEST_ROWS:
        return None
    one = found.get("linear")
    if one is None or not _is_better(one.gains.get(criterion), level):
        return None
    over = one.over_constant.get(found.on, {}).get(criterion)
    if over is not None and over.mean < 0:
        return None
    by_metric = one.gains.get(metric)
    return None if by_metric is not None and by_metric.mean < 0 else one


def learning(found: References) -> list[ReferenceSummary]:
    """The models of other kinds that learn from inputs."""
    return [one for one in found.every if one.name not in ("constant", "recalibrated")]


def _is_better(gain: PairedDifference | None, level: float) -> bool:
    return gain is not None and gain.mean > 0 and bool(gain.p_value < level)


def means(one: ReferenceSummary, references: References) -> dict[str, float]:
    """A reference's means on the rows that decide, by metric."""
    part = one.test if references.on == "test" else one.validation
    return {name: value.mean for name, value in (part or {}).items()}
