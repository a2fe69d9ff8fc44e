"""A strength that a publication reports, and the wane penalties that do the same."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from wane._errors import InputError, there_are
from wane.literature.conversion import CONVENTIONS, convert
from wane.penalties import CATALOGUE, DEFAULT_ROLES, L2, Penalty, Schedule, WeightDecay, schedule


@dataclasses.dataclass(frozen=True, kw_only=True)
class Citation:
    """A publication.

    Attributes:
        authors: their surnames, with "et al." for more than four.
        year: of publication.
        title: in full.
        doi: the DOI, or empty.
        arxiv: the arXiv number, or empty.
        isbn: the ISBN of a book without a DOI, or empty.
        where: the place in it, or in its authors' code, that gives the strength.
    """

    authors: str
    year: int
    title: str
    doi: str = ""
    arxiv: str = ""
    isbn: str = ""
    where: str

    @property
    def number(self) -> str:
        """``"arXiv:1409.1556"``, ``"doi:10.1145/3065386"`` or ``"ISBN 0-262-18190-8"``."""
        if self.arxiv:
            return f"arXiv:{self.arxiv}"
        return f"doi:{self.doi}" if self.doi else f"ISBN {self.isbn}"

    @property
    def url(self) -> str:
        """Where to read it."""
        if self.arxiv:
            return f"https://arxiv.org/abs/{self.arxiv}"
        if self.doi:
            return f"https://doi.org/{self.doi}"
        return f"https://openlibrary.org/isbn/{self.isbn.replace('-', '')}"

    def __str__(self) -> str:
        names = self.authors.replace(" & ", ", ").split(", ")
        authors = self.authors if len(names) < 3 else f"{names[0]} et al."
        return f"{authors} {self.year}, {self.number}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Preset:
    """A strength that a publication reports.

    :data:`wane.presets` has them by name. A preset stands for its penalties as a candidate of a
    study, and in :func:`wane.regularize`.

    Attributes:
        name: as ``wane.presets`` and the command line take it.
        model: the model, and the data where the strength depends on it.
        values: the strength as published: one number, the lowest and highest of a range, or those
            of a schedule one after the other.
        optimizer: the optimizer that it was used with.
        target: the weights that it acts on, as the source has it.
        source: the publication.
        convention: how it writes the strength, as :func:`wane.convert` names it.
        layers: the layers that wane penalizes.
        on: the roles that wane penalizes.
        starts: for a schedule, the epochs that go before each of its strengths, from 0 on.
        verified: whether the strength was read in the source itself. Where it was not, a published
            case study is all that reports it, as ``note`` says.
        note: what the source leaves open, or wane does otherwise.

    Example:
        >>> import wane
        >>> preset = wane.presets["vgg"]
        >>> isinstance(preset, wane.Preset), preset.published, preset.form, preset.use
        (True, '0.0005', 'coupled', 'L2(0.00025)')
        >>> print(preset.source)
        Simonyan & Zisserman 2015, arXiv:1409.1556
    """

    name: str
    model: str
    values: tuple[float, ...]
    optimizer: str
    target: str
    source: Citation
    convention: str = "pytorch-sgd"
    layers: str = "all"
    on: tuple[str, ...] = DEFAULT_ROLES
    starts: tuple[int, ...] = ()
    verified: bool = True
    note: str = ""

    @property
    def form(self) -> Literal["coupled", "decoupled"]:
        """``"coupled"`` for a term of the loss or of the gradient, else ``"decoupled"``.

        Example:
            >>> preset.form, wane.presets["bert"].form
            ('coupled', 'decoupled')
        """
        return "decoupled" if CONVENTIONS[self.convention].decoupled else "coupled"

    @property
    def published(self) -> str:
        """The strength as published: ``"0.0005"``, ``"0 to 0.1"``, or a schedule's strengths.

        Example:
            >>> preset.published, wane.presets["mlp"].published
            ('0.0005', '0 to 0.1')
        """
        return (", " if self.starts else " to ").join(f"{value:g}" for value in self.values)

    @property
    def is_range(self) -> bool:
        """Whether the source gives a range and not one strength.

        Example:
            >>> preset.is_range, wane.presets["mlp"].is_range
            (False, True)
        """
        return len(self.values) > 1 and not self.starts

    @property
    def penalties(self) -> tuple[Penalty, ...]:
        """The penalties that do the same in Keras, for any model.

        Raises:
            InputError: for a range; the sentence says what to do instead.

        Example:
            >>> preset.penalties
            (L2(layers='all', on=('kernel', 'recurrent'), l2=0.00025),)
        """
        if self.is_range:
            raise InputError(
                f"The preset {self.name!r} is a range of strengths, {self.published}, and not one "
                f"strength: compare several of them with wane.sweep, or choose one."
            )
        if self.form == "decoupled":
            return (WeightDecay(self.values[0], layers=self.layers, on=self.on),)
        strengths = [convert(value, self.convention) for value in self.values]
        strength: float | Schedule = strengths[0]
        if self.starts:
            strength = schedule.steps(dict(zip(self.starts, strengths, strict=True)))
        return (L2(strength, layers=self.layers, on=self.on),)

    @property
    def use(self) -> str:
        """What to write in wane: ``"L2(0.00025)"`` or ``"WeightDecay(0.05)"``.

        Example:
            >>> preset.use, wane.presets["mlp"].use
            ('L2(0.00025)', 'L2(0 to 0.1 / rows)')
        """
        if not self.is_range:
            return str(self.penalties[0])
        if self.form == "decoupled":
            return f"WeightDecay({self.published})"
        return f"L2({self.published} / rows)"

    def document(self) -> dict[str, Any]:
        """All of it as JSON has it, for tables and ``wane presets --json``.

        Example:
            >>> preset.document()["source"]["url"]
            'https://arxiv.org/abs/1409.1556'
        """
        names = {penalty: name for name, penalty in CATALOGUE.items()}
        return {
            "name": self.name,
            "model": self.model,
            "values": list(self.values),
            "starts": list(self.starts),
            "verified": self.verified,
            "published": self.published,
            "form": self.form,
            "convention": self.convention,
            "optimizer": self.optimizer,
            "target": self.target,
            "use": self.use,
            "penalties": [
                {
                    "penalty": names[type(p)],
                    "strength": _written(p.strengths[0]),
                    "layers": p.layers,
                    "on": p.on,
                }
                for p in (() if self.is_range else self.penalties)
            ],
            "note": self.note,
            "source": {
                **dataclasses.asdict(self.source),
                "text": str(self.source),
                "url": self.source.url,
            },
        }


def _written(strength: float | Schedule) -> Any:
    return strength.document() if isinstance(strength, Schedule) else strength


class UnknownPresetError(InputError, KeyError):
    """There is no preset of this name."""

    def __str__(self) -> str:
        return str(self.args[0])  # a KeyError would show it in quotes


class Presets(Mapping[str, Preset]):
    """Presets by name, in the order of their list; cannot be changed.

    Args:
        presets: the presets.

    Example:
        >>> import wane
        >>> wane.presets["convnext"].penalties
        (WeightDecay(layers='all', on=('kernel', 'recurrent'), weight_decay=0.05),)
        >>> "vgg" in wane.presets
        True
    """

    def __init__(self, presets: tuple[Preset, ...]) -> None:
        self._by_name = {preset.name: preset for preset in presets}

    def __getitem__(self, name: str) -> Preset:
        if name not in self._by_name:
            raise UnknownPresetError(
                f"There is no preset {name!r}: {there_are(str(name), self._by_name)}"
            )
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def __repr__(self) -> str:
        return f"Presets({', '.join(self._by_name)})"

    def document(self) -> list[dict[str, Any]]:
        """Every preset as JSON has it.

        Example:
            >>> wane.presets.document()[0]["source"]["text"]
            'Krizhevsky et al. 2012, doi:10.1145/3065386'
        """
        return [preset.document() for preset in self.values()]
