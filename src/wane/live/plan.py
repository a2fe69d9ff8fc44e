"""What a study that is under way wants to train, as its folder says."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from wane._errors import InputError
from wane._language import gettext
from wane.penalties import Candidate, candidate_names, patience_of
from wane.penalties.changes import strength_of
from wane.report.wording import printable
from wane.study.journal.json_files import read_json
from wane.study.journal.names import SCHEMA, SHOWN, STATEMENT
from wane.study.spec.documents import candidate_of


@dataclasses.dataclass(frozen=True)
class Planned:
    """A candidate as the page shows it.

    Attributes:
        name: what it is called.
        series: the candidates that differ from it in strength alone, by a common name.
        strength: where it stands among them; 0 for what has none.
        eligible: whether it may be the best.
    """

    name: str
    series: str
    strength: float
    eligible: bool = True


@dataclasses.dataclass(frozen=True)
class Plan:
    """What a study trains.

    Attributes:
        name, epochs, repeats: as its statement has them.
        candidates: those of the beginning, then those that came later.
        at_most: whether it may end before it has trained all of its runs.
        curves: the columns of its curves; empty where the statement does not say them.
        columns: the numbers that the page can show, ``data_loss`` last: those of people's metric
            and of what candidates are chosen by.
        select_by: the one of the columns by which a candidate is the best.
        highest: whether its highest value is the best.
        path: of a path, its place of each run among the candidates; None for a study.
    """

    name: str
    epochs: int
    repeats: int
    candidates: tuple[Planned, ...]
    at_most: bool
    curves: tuple[str, ...]
    columns: tuple[str, ...]
    select_by: str
    highest: bool
    path: "PathPlaces | None" = None

    @classmethod
    def of(cls, statement: Mapping[str, Any], added: Sequence[str] = ()) -> Self:
        """The plan of a statement, and of the candidates of a journal's additions.

        Args:
            statement: what ``study.json`` says.
            added: the JSON of the candidates of each step by which the study got further ones.

        Raises:
            InputError: if it is no study of this version.
        """
        try:
            return cls._of(statement, added)
        except Exception as error:  # a statement may hold anything
            raise InputError(
                f"{STATEMENT} is no study of this version of wane ({error}): give the folder of "
                f"another one."
            ) from error

    @classmethod
    def _of(cls, statement: Mapping[str, Any], added: Sequence[str]) -> Self:
        own = [candidate_of(one) for one in statement["candidates"].values()]
        ineligible = {candidate_of(statement["candidates"][n]) for n in statement["ineligible"]}
        later = [candidate_of(one) for text in added for one in json.loads(text)]
        epochs, repeats = int(statement["epochs"]), int(statement["repeats"])
        if epochs < 1 or repeats < 1 or not own:
            raise ValueError(f"{len(own)} candidates, {epochs} epochs, {repeats} repeats")
        path = statement.get("path")
        shown = statement.get(SHOWN) or {}
        curves = tuple(map(str, shown.get("curves", ())))
        select_by = str(shown.get("select_by", "data_loss"))
        if f"validation_{select_by}" not in curves:  # a scorer, whose numbers come after training
            select_by = "data_loss"
        wanted = dict.fromkeys([str(shown.get("metric")), select_by, "data_loss"])
        columns = [one for one in wanted if one == "data_loss" or f"validation_{one}" in curves]
        places = None if path is None else PathPlaces.of(path, len(own), repeats)
        every = [*own, *later]
        if places is None:
            candidates = _planned(every, _stopped(every, ineligible, statement))
        else:
            candidates = places.planned(_planned(every, set()))
        return cls(
            name=printable(str(statement["name"])),
            epochs=epochs,
            repeats=repeats,
            candidates=candidates,
            at_most=any(statement.get(one) for one in ("until_decided", "minutes", "halving")),
            curves=curves,
            columns=tuple(columns),
            select_by=select_by,
            highest=select_by != "data_loss" and shown.get("direction") == "up",
            path=places,
        )

    @property
    def total(self) -> int:
        """How many runs there are, as far as that is known."""
        return len(self.candidates) * self.repeats if self.path is None else self.path.total

    def repeats_of(self, place: int) -> int:
        """How many runs a candidate has."""
        return self.repeats if self.path is None else self.path.repeats_of(place)


@dataclasses.dataclass(frozen=True)
class PathPlaces:
    """Where the runs of a path stand: each strength of the path, then each of the new starts.

    Attributes:
        strengths: how many strengths there are, the network without penalty first.
        descending, equal_epochs: as the path has them.
        repeats: how many runs each has.
    """

    strengths: int
    descending: bool
    equal_epochs: bool
    repeats: int

    @classmethod
    def of(cls, path: Mapping[str, Any], strengths: int, repeats: int) -> Self:
        """Those of what a statement says of its path."""
        return cls(strengths, bool(path["descending"]), bool(path["equal_epochs"]), repeats)

    @property
    def total(self) -> int:
        """How many runs all stages have, as ``study/running/path.py`` trains them."""
        count = self.strengths
        if not self.equal_epochs:
            return (2 * count - 1) * self.repeats
        return sum(1 + count - max(stage, 1) for stage in range(count)) * self.repeats

    def planned(self, strengths: Sequence[Planned]) -> tuple[Planned, ...]:
        """The candidates of the page by the path's strengths."""
        kinds = (
            (gettext("path"), gettext("path, {name}")),
            (gettext("new starts"), gettext("new start, {name}")),
        )
        return tuple(
            dataclasses.replace(one, name=name.format(name=one.name), series=series)
            for series, name in kinds
            for one in strengths
        )

    def repeats_of(self, place: int) -> int:
        """How many runs a candidate of the page has: the first strength is the path's alone."""
        first = self.strengths - 1 if self.descending else 0
        return 0 if place == self.strengths + first else self.repeats

    def place(self, number: int) -> int | None:
        """Where a run stands by its number in the journal; None where it is but on its way."""
        which, strength = divmod(number, self.strengths)
        stage, warm = divmod(which, 2)
        if warm:
            return strength
        stages = self.strengths - 1 - strength if self.descending else strength
        return self.strengths + strength if not self.equal_epochs or stage == stages else None


def read_plan(folder: Path, added: Sequence[str] = ()) -> Plan:
    """The plan of a study's folder; ``added`` as :meth:`Plan.of` takes it.

    Raises:
        InputError: if it holds no study, or one of another version.
    """
    statement = read_json(folder / STATEMENT)
    if statement.get("schema") != SCHEMA:
        raise InputError(
            f"{str(folder / STATEMENT)!r} was written by another version of wane, or is of no "
            f"study: give a folder of this version, or watch it with that one."
        )
    return Plan.of(statement, added)


def _planned(candidates: Sequence[Candidate], stopped: set[int]) -> tuple[Planned, ...]:
    names = [printable(name) for name in candidate_names(candidates)]
    return tuple(
        Planned(name, _series(candidate), strength_of(candidate), place not in stopped)
        for place, (name, candidate) in enumerate(zip(names, candidates, strict=True))
    )


def _series(candidate: Candidate) -> str:
    """What candidates are called that differ in strength alone; "" for what has no strength."""
    if not candidate or strength_of(candidate) <= 0:
        return ""
    parts = [
        f"{change.kind} ({change.layers})" if hasattr(change, "layers") else change.kind
        for change in candidate
    ]
    return printable(" + ".join(parts))


def _stopped(
    candidates: Sequence[Candidate], ineligible: set[Candidate], statement: Mapping[str, Any]
) -> set[int]:
    """The places of the candidates that nothing may choose."""
    stopping = [one for one in candidates if patience_of(one) is not None]
    if stopping:
        from wane.study.spec.selection import stopped_by_judges  # SciPy, where there are some

        rows = (statement.get("rows") or {}).get("test", 0)
        units = (statement.get(SHOWN) or {}).get("test_units", rows)  # groups of rows, perhaps
        ineligible = ineligible | set(stopped_by_judges(stopping, int(units)))
    return {place for place, one in enumerate(candidates) if one in ineligible}
