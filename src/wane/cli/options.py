"""Options that several commands have, and those whose values are small languages of their own."""

import functools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from inspect import Parameter, signature
from pathlib import Path
from typing import Annotated, Any

import typer

from wane._errors import InputError, nearest
from wane.penalties import CATALOGUE, Sparse
from wane.penalties.arrays import checked_strength
from wane.penalties.keras_terms import checked_roles
from wane.penalties.sweep import log_spaced

_OWN = "{}, or the example's"

Source = Annotated[
    str,
    typer.Argument(
        metavar="NAME|FILE",
        help="An example (wane examples lists them), a CSV or Parquet file, a .npz file with "
        "arrays x and y, or a folder of class folders of images.",
    ),
]
SourceOrFile = Annotated[
    str,
    typer.Argument(
        metavar="NAME|FILE",
        help="An example (wane examples lists them), a CSV or Parquet file, a .npz file with "
        "arrays x and y, or a folder of class folders of images; or these options as TOML, or an "
        "earlier study.json.",
    ),
]
SaveConfig = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE.toml",
        help="Write these options to a new file too.",
    ),
]
Target = Annotated[str | None, typer.Option(metavar="COLUMN", help="The column to predict.")]
Task = Annotated[
    str | None,
    typer.Option(
        metavar="TASK", help="binary, multiclass or regression.", show_default="by the target"
    ),
]
Options = Mapping[str, tuple[Any, Any]]
"""Options by name: the hint of each, and its default."""


def option(hint: Any, default: Any, *names: str, **settings: Any) -> tuple[Any, Any]:
    """An option of :data:`Options`, with the names and settings that typer takes."""
    return Annotated[hint, typer.Option(*names, **settings)], default


TIE_OPTIONS: Options = {
    "group": option(
        str | None,
        None,
        metavar="COLUMN",
        help="Rows of one value stay together.",
    ),
    "time": option(
        str | None,
        None,
        metavar="COLUMN",
        help="Later rows validate and test.",
    ),
    "gap": option(
        int, 0, metavar="ROWS", help="Rows left out between parts of --time.", show_default=False
    ),
}
"""Which rows of a table belong together, or when they were observed."""
TABLE_OPTIONS: Options = {
    "drop": option(
        list[str] | None,
        None,
        metavar="COLUMN",
        help="Leave it out; several times for more.",
    ),
    "keep": option(
        list[str] | None,
        None,
        metavar="COLUMN",
        help="Keep what looks like an identifier.",
    ),
    "missing": option(
        list[str] | None,
        None,
        metavar="[COLUMN=]VALUE",
        help="What stands for a gap: ?, or age=0.",
    ),
    "header": option(
        bool | None,
        None,
        "--header/--no-header",
        help="The first line names columns.",
        show_default="found out",
    ),
    "sep": option(
        str | None,
        None,
        metavar="CHARACTER",
        help="Between cells: , ; | : tab or space.",
        show_default="found out",
    ),
    "decimal": option(
        str | None,
        None,
        metavar=".|,",
        help="The decimal mark, if not found out.",
    ),
    "log_target": option(
        bool,
        False,
        "--log-target",
        help="Train on the logarithm of an amount.",
    ),
}
"""How a table is read, where the user says so."""
ARRAY_OPTIONS: Options = {
    "inputs": option(
        str | None,
        None,
        metavar="KIND",
        help="numbers, images, channels-first or sequences.",
        show_default="guessed",
    ),
    "divide": option(
        float | None,
        None,
        metavar="NUMBER",
        help="Divide images or sequences by this.",
        show_default="255 if pixels",
    ),
    "image_size": option(
        str | None,
        None,
        metavar="PIXELS",
        help="Size of a folder's images, as 64 or 64,48.",
        show_default="theirs",
    ),
}
"""What the rows of arrays and folders of images are, where the user says so."""
ClassWeight = Annotated[
    str | None,
    typer.Option(
        metavar="balanced",
        help="Let all classes count the same.",
    ),
]
Proximal = Annotated[
    bool,
    typer.Option(
        "--proximal",
        help="Exact zeros: l1, l1l2 and group-lasso.",
    ),
]
Strengths = Annotated[
    str | None,
    typer.Option(
        metavar="STRENGTHS",
        help="LOW:HIGH:COUNT, or a list.",
        show_default="1e-6:1e-1:6",
    ),
]
Model = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE.keras",
        help="A compiled network of your own.",
    ),
]
Weights = Annotated[
    str | None,
    typer.Option(
        metavar="fresh|model",
        help="With --model: new weights, or its own.",
        show_default="model if trained",
    ),
]
OptimizerState = Annotated[
    str | None,
    typer.Option(
        metavar="fresh|model",
        help="With --model: new, or its own.",
        show_default="fresh",
    ),
]
StandardizeTarget = Annotated[
    bool | None,
    typer.Option(
        "--standardize-target/--no-standardize-target",
        help="Centre and scale the target.",
        show_default="not with --model",
    ),
]
Network = Annotated[
    str | None,
    typer.Option(
        metavar="KIND",
        help="dense; conv2d for images; conv1d or lstm for sequences.",
        show_default="by the rows",
    ),
]
Hidden = Annotated[
    str | None,
    typer.Option(
        metavar="UNITS",
        help="Units (or filters) of hidden layers, as 128,64.",
        show_default="500 if dense",
    ),
]
Repeats = Annotated[
    int | None,
    typer.Option(metavar="NUMBER", help="Runs of each candidate.", show_default=_OWN.format(20)),
]
Epochs = Annotated[
    int | None,
    typer.Option(metavar="NUMBER", help="Epochs of each run.", show_default=_OWN.format(200)),
]
BatchSize = Annotated[
    int | None, typer.Option(metavar="ROWS", help="Rows in a batch.", show_default=_OWN.format(32))
]
Fresh = Annotated[
    bool,
    typer.Option("--fresh", help="New rows for each repeat (examples)."),
]
LearningRate = Annotated[
    float | None,
    typer.Option(metavar="NUMBER", help="Learning rate, if not the optimizer's."),
]
Optimizer = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="One of Keras; adam if none is given."),
]
SelectBy = Annotated[
    str | None,
    typer.Option(
        metavar="METRIC",
        help="Choose by this metric or score.",
        show_default="data loss",
    ),
]
Matters = Annotated[
    float | None,
    typer.Option(
        metavar="DIFFERENCE",
        help="Smallest difference of interest.",
        show_default="0.01 of a score, else 1 %",
    ),
]
Scoring = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="Report these scikit-learn scorers too.",
    ),
]
Seed = Annotated[int, typer.Option(metavar="NUMBER", help="Random seed.")]
Out = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="A new folder, or this very study's.",
        show_default="NAME-study",
    ),
]
Layers = Annotated[
    str,
    typer.Option(metavar="LAYERS", help="hidden, output, all, or a glob on names."),
]
Roles = Annotated[
    str,
    typer.Option(metavar="ROLES", help="Of kernel, recurrent, bias, embedding."),
]
Ray = Annotated[
    str | None,
    typer.Option(
        "--ray",
        metavar="CLUSTER",
        help="Train on Ray: auto, local, HOST:PORT.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print a JSON document, not the table.")]


Command = Callable[..., None]


def with_options(parameter: str, options: Options, *, after: str) -> Callable[[Command], Command]:
    """Give a command further options; those that are given it gets together, by name.

    Args:
        parameter: of the command, which gets them.
        options: the options.
        after: the option of the command that they follow.
    """

    def decorated(command: Command) -> Command:
        own = dict(signature(command).parameters)
        del own[parameter]
        added = [
            Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=hint)
            for name, (hint, default) in options.items()
        ]

        @functools.wraps(command)
        def with_further(**given: Any) -> None:
            command(**{parameter: given_options(options, given)}, **given)

        several, at = list(own.values()), list(own).index(after) + 1
        several[at:at] = added
        return with_parameters(with_further, command, several)

    return decorated


def with_parameters(made: Command, command: Command, parameters: Iterable[Parameter]) -> Command:
    """A function that was made from a command, with these parameters for typer to read."""
    several = [one.replace(kind=Parameter.KEYWORD_ONLY) for one in parameters]
    made.__annotations__ = {one.name: one.annotation for one in several}
    whole = signature(command).replace(parameters=several)
    made.__signature__ = whole  # type: ignore[attr-defined] # a function may have one
    return made


def given_options(options: Options, values: dict[str, Any]) -> dict[str, Any]:
    """Take options out of the values of a command; those that are not their defaults."""
    taken = {name: values.pop(name) for name in options}
    return {name: value for name, value in taken.items() if value not in ([], options[name][1])}


def parse_strengths(text: str) -> tuple[float, ...]:
    """Strengths as the command line writes them.

    Args:
        text: ``LOW:HIGH:COUNT`` for strengths evenly spaced on a log scale, or a comma list.

    Raises:
        InputError: if it is neither, or a strength is 0, negative or not finite.
    """
    expected = (
        f"--strengths takes LOW:HIGH:COUNT such as 1e-6:1e-1:6, or a comma list such as "
        f"1e-4,1e-3, got {text!r}"
    )
    try:
        if ":" not in text:
            strengths = tuple(checked_strength(float(part)) for part in text.split(","))
            if 0 in strengths:
                raise InputError(
                    "0 is no penalty, and the baseline has none already; leave it out."
                )
            return strengths
        low, high, count = (float(part) for part in text.split(":"))
    except ValueError as error:
        why = f": {error}" if isinstance(error, InputError) else "."
        raise InputError(expected + why) from error
    if not (0 < low <= high < math.inf) or count != int(count) or count < 1:
        raise InputError(f"{expected}; it needs 0 < LOW <= HIGH and a whole COUNT of at least 1.")
    return log_spaced(low, high, int(count))


def check_penalties(names: Sequence[str], *, proximal: bool) -> None:
    """Check the penalties that are named, and whether proximal steps are for them.

    Raises:
        InputError: if one is unknown, or has no such steps.
    """
    unknown = [name for name in names if name.lower() not in CATALOGUE]
    if unknown:
        raise InputError(f"There is no penalty {unknown[0]!r}: {nearest(unknown[0], CATALOGUE)}")
    dense = [name for name in names if not issubclass(CATALOGUE[name.lower()], Sparse)]
    if proximal and dense:
        sparse = [name for name, penalty in CATALOGUE.items() if issubclass(penalty, Sparse)]
        raise InputError(
            f"--proximal is for penalties that give exact zeros, {', '.join(sparse)}, and not for "
            f"{dense[0]}: name one of these as --penalty."
        )


def parse_roles(text: str) -> tuple[str, ...]:
    """Roles as the command line writes them: a comma list.

    Raises:
        InputError: if a role is unknown.
    """
    return checked_roles([role.strip() for role in text.split(",")])
