"""What candidates have come to while they are trained, in a few lines of a terminal."""

import math
from collections.abc import Collection, Mapping, Sequence

from wane._language import gettext
from wane.report.numbers import sentence_number, strength_text
from wane.report.wording import counted, filled, metric_label, of_part, printable

BLOCKS = "▁▂▃▄▅▆▇█"
LACKING = "·"
"""What stands for a candidate without a run that has ended."""
SHARE = 0.5
"""The best candidate has at least this share of the runs of the one that has most."""


class Standing:
    """Means over the runs that have ended, by candidate.

    Args:
        column: of validation rows, by which a candidate is the best.
        highest: whether its highest value is the best.
        candidates: name, kind and strength of each; the baseline, the first, has strength 0.
        ineligible: the places of those that nothing may choose.
    """

    def __init__(
        self,
        column: str,
        highest: bool,
        candidates: Sequence[tuple[str, str, float]],
        ineligible: Sequence[int] = (),
    ) -> None:
        self._column, self._highest = column, highest
        self._candidates = candidates
        self._ineligible = set(ineligible)
        self._sums = [0.0] * len(candidates)
        self._counts = [0] * len(candidates)

    def take(self, candidate: int, numbers: Mapping[str, float]) -> None:
        """Count a run that has ended by its final numbers; one that diverged has none."""
        value = numbers.get(f"validation_{self._column}", math.nan)
        if math.isfinite(value) and candidate < len(self._sums):
            self._sums[candidate] += value
            self._counts[candidate] += 1

    def means(self) -> list[float | None]:
        """The mean of each candidate; None without a run."""
        each = zip(self._sums, self._counts, strict=True)
        return [total / count if count else None for total, count in each]

    def best(self) -> int | None:
        """The place of the best candidate of those that have enough runs, if there is one."""
        return best_of(self.means(), self._counts, self._ineligible, highest=self._highest)

    def lines(self, *, most: int, blocks: bool = True) -> list[str]:
        """The best so far, then a curve over the strengths of each kind of candidate.

        Args:
            most: the most lines that there is room for.
            blocks: whether the terminal has the blocks of which curves are made.
        """
        best = self.best()
        if best is None or most < 1:
            return []
        mean = self.means()[best]
        assert mean is not None, "the best has runs"
        name, label = printable(self._candidates[best][0]), metric_label(self._column)
        first = gettext("best so far {candidate}: {metric} {value}, {runs}").format(
            candidate=name,
            metric=of_part("validation", label),
            value=sentence_number(mean),
            runs=counted(self._counts[best], "run"),
        )
        return [first, *self._curves(label)[: most - 1]] if blocks else [first]

    def _curves(self, label: str) -> list[str]:
        """A line for each kind of which there are several strengths, on one scale."""
        means = self.means()
        kinds: dict[str, list[int]] = {}
        for place, (_, kind, strength) in enumerate(self._candidates):
            if strength > 0:
                kinds.setdefault(kind, []).append(place)
        shown = {kind: own for kind, own in kinds.items() if len(own) > 1}
        known = [m for own in shown.values() for m in (means[0], *(means[p] for p in own))]
        values = [mean for mean in known if mean is not None]
        lines = []
        for kind, own in shown.items():
            own.sort(key=lambda place: self._candidates[place][2])
            ends = [strength_text(self._candidates[place][2]) for place in (own[0], own[-1])]
            curve = "".join(_block(means[place], values) for place in own)
            template = gettext("{metric} without {none}, by {kind} from {low} {curve} to {high}")
            line = filled(
                template,
                metric=label,
                none=_block(means[0], values),
                kind=printable(kind),
                low=ends[0],
                curve=curve,
                high=ends[1],
            )
            lines.append(line)
        return lines


def best_of(
    means: Sequence[float | None],
    counts: Sequence[int],
    ineligible: Collection[int],
    *,
    highest: bool,
) -> int | None:
    """The place of the best candidate of those that have enough runs, if there is one.

    Args:
        means: over the runs of each candidate; None without a run.
        counts: how many runs that is.
        ineligible: the places of those that nothing may choose.
        highest: whether the highest mean is the best.
    """
    enough = SHARE * max(counts, default=0)
    found = {
        place: -mean if highest else mean
        for place, mean in enumerate(means)
        if mean is not None and counts[place] >= enough and place not in ineligible
    }
    return min(found, key=lambda place: found[place]) if found else None


def _block(mean: float | None, values: Sequence[float]) -> str:
    """The block of a mean, from the lowest of the values to the highest."""
    if mean is None:
        return LACKING
    low, high = min(values), max(values)
    share = (mean - low) / (high - low) if high > low else 0.0
    return BLOCKS[round(share * (len(BLOCKS) - 1))]
