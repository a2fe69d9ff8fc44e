"""What a user says of how a table is read, checked."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Self

from wane._errors import InputError, listed, nearest

SPACES = r"\s+"
"""Any number of blanks between cells."""
_NAMED = {"tab": "\t", r"\t": "\t", "space": SPACES, " ": SPACES}
_FITTING = ",;|:\t"


@dataclasses.dataclass(frozen=True, kw_only=True)
class TableOptions:
    """How a table is read, where the user says so.

    Args:
        drop, keep: columns that are left out, and that stay whatever they look like.
        missing: words and numbers that stand for a gap in every column.
        missing_in: further ones by the one column in which they do.
        header: whether a text's first line holds the names; None finds that out.
        separator: between the cells of a text; None finds it.
        decimal: the decimal mark of numbers, ``"."`` or ``","``; None lets the columns decide.
    """

    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    missing_in: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    header: bool | None = None
    separator: str | None = None
    decimal: str | None = None

    @classmethod
    def of(
        cls,
        *,
        drop: Iterable[str] = (),
        keep: Iterable[str] = (),
        missing: Iterable[object] = (),
        header: bool | None = None,
        sep: str | None = None,
        decimal: str | None = None,
    ) -> Self:
        """The options from the arguments of :func:`wane.data.read_table`.

        Raises:
            InputError: if one of them makes no sense.
        """
        if decimal not in (None, ".", ","):
            raise InputError(f"decimal (--decimal) takes . or , got {decimal!r}.")
        every, single = _missing(_names(missing))
        options = cls(
            drop=_names(drop),
            keep=_names(keep),
            missing=every,
            missing_in=single,
            header=header,
            separator=_separator(sep),
            decimal=decimal,
        )
        if "" in (*every, *(word for words in single.values() for word in words)):
            raise InputError("missing (--missing) takes a word; an empty cell is a gap anyway.")
        both = sorted(set(options.drop) & set(options.keep))
        if both:
            raise InputError(
                f"Column {both[0]!r} is both to be dropped and to be kept: leave out --drop or "
                f"--keep."
            )
        if options.separator == "," and decimal == ",":
            raise InputError(
                "A comma cannot separate cells and be the decimal mark of unquoted numbers at "
                "once: give another --sep, or leave out --sep."
            )
        return options

    def check_columns(self, names: Sequence[str], target: str, where: str) -> None:
        """Check that the columns that are dropped and kept are in the table, and no target.

        Raises:
            InputError: naming the first that is not.
        """
        for option, columns in (("drop", self.drop), ("keep", self.keep)):
            for name in columns:
                if name == target:
                    raise InputError(
                        f"Column {name!r} is the target, which is predicted and no input: leave "
                        f"out --{option} {name}."
                    )
                if name not in names:
                    raise InputError(
                        f"{where} has no column {name!r} to {option}: {nearest(name, names)}"
                    )
        for name, words in self.missing_in.items():
            if name not in names:
                raise InputError(
                    f"{where} has no column {name!r} in which {words[0]!r} is missing (--missing): "
                    f"{nearest(name, names)}"
                )

    def gaps_of(self, name: str) -> tuple[str, ...]:
        """The words and numbers that stand for a gap in a column."""
        return (*self.missing, *self.missing_in.get(name, ()))

    def only_for_texts(self) -> str | None:
        """The option that a file without lines has no use for; None if none was given."""
        given = {"--sep": self.separator, "--header and --no-header": self.header}
        return next((option for option, value in given.items() if value is not None), None)


def _names(given: Iterable[object]) -> tuple[str, ...]:
    if isinstance(given, str):
        raise InputError(f"A list of names is expected, got the text {given!r}: give [{given!r}].")
    return tuple(dict.fromkeys(str(one).strip() for one in given))


def _missing(words: Iterable[str]) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """Words for gaps in every column, and those written COLUMN=VALUE by their columns."""
    every: list[str] = []
    single: dict[str, tuple[str, ...]] = {}
    for word in words:
        name, sign, value = (part.strip() for part in word.rpartition("="))
        if sign and any(map(str.isalnum, name)):  # <=0.1 is a word
            single[name] = (*single.get(name, ()), value)
        else:
            every.append(word)
    return tuple(every), single


def _separator(given: str | None) -> str | None:
    """What separates cells, as pandas takes it."""
    if given is None:
        return None
    found = _NAMED.get(given.casefold(), given)
    if found != SPACES and (len(found) != 1 or found not in _FITTING):
        raise InputError(
            f"sep (--sep) takes one of {listed(_FITTING[:-1])}, tab or space, got {given!r}."
        )
    return found
