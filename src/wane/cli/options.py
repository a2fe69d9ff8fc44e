"""Options that several commands have, and those whose values are small languages of their own."""

import functools
import math
from collections.abc import Callable, Mapping
from inspect import Parameter, signature
from pathlib import Path
from typing import Annotated, Any

import typer

from wane._errors import InputError
from wane.penalties.arrays import checked_strength
from wane.penalties.base import checked_roles
from wane.penalties.sweep import log_spaced

_OWN = "{} for a file, or the example's"

Source = Annotated[
    str,
    typer.Argument(
        metavar="NAME|FILE",
        help="A built-in example (wane examples lists them), a CSV or Parquet file, or a .npz file "
        "with arrays x and y.",
    ),
]
Target = Annotated[
    str | None, typer.Option(metavar="COLUMN", help="The column of the file to predict.")
]
Task = Annotated[
    str | None,
    typer.Option(help="binary, multiclass or regression.", show_default="inferred from the target"),
]
Inputs = Annotated[
    str | None,
    typer.Option(
        metavar="KIND",
        help="What the rows of arrays are: numbers, images, channels-first or sequences.",
        show_default="guessed from their type and shape",
    ),
]
Divide = Annotated[
    float | None,
    typer.Option(
        metavar="NUMBER",
        help="Divide arrays of images or sequences by this.",
        show_default="255 where they are pixels",
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
        help="Rows of one value of this column, such as a patient, stay on one side of every "
        "split.",
    ),
    "time": option(
        str | None,
        None,
        metavar="COLUMN",
        help="When each row was observed: later rows test, those before them validate, earlier "
        "ones train.",
    ),
    "gap": option(int, 0, metavar="ROWS", help="With --time: rows left out between these parts."),
}
"""Which rows of a table belong together, or when they were observed."""
TABLE_OPTIONS: Options = {
    "drop": option(
        list[str] | None,
        None,
        metavar="COLUMN",
        help="Leave this column out; several times for more.",
    ),
    "keep": option(
        list[str] | None,
        None,
        metavar="COLUMN",
        help="Keep this column though it numbers rows or looks like an identifier.",
    ),
    "missing": option(
        list[str] | None,
        None,
        metavar="[COLUMN=]VALUE",
        help="A word or number that stands for a gap in every column, as ? or -200 may, or in one "
        "column, as age=0.",
    ),
    "header": option(
        bool | None,
        None,
        "--header/--no-header",
        help="Whether the first line has the names of columns (else column_1, …).",
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
        help="The decimal mark.",
        show_default="each column decides",
    ),
    "log_target": option(
        bool,
        False,
        "--log-target",
        help="Train on the logarithm of the target, for amounts with a long tail.",
    ),
}
"""How a table is read, where the user says so."""
ClassWeight = Annotated[
    str | None,
    typer.Option(
        metavar="balanced",
        help="Weigh rows in training so that each class counts the same in all.",
        show_default="rows count alike",
    ),
]
Proximal = Annotated[
    bool,
    typer.Option(
        "--proximal",
        help="Exact zeros by proximal steps, for l1, l1l2 and group-lasso.",
    ),
]
Strengths = Annotated[
    str | None,
    typer.Option(
        metavar="LOW:HIGH:COUNT|LIST",
        help="Strengths to try, on a log scale.",
        show_default="1e-6:1e-1:6, or the example's",
    ),
]
Model = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE.keras",
        help="A compiled network of your own, in place of one that is made; arrays go into it as "
        "they are.",
    ),
]
Weights = Annotated[
    str | None,
    typer.Option(
        metavar="fresh|model",
        help="With --model: draw its weights anew for each repeat, or start from those in the "
        "file.",
        show_default="model where they are trained",
    ),
]
OptimizerState = Annotated[
    str | None,
    typer.Option(
        metavar="fresh|model",
        help="With --model: begin every run with a new optimizer, or go on with the moments and "
        "steps of the one in the file.",
        show_default="fresh",
    ),
]
StandardizeTarget = Annotated[
    bool | None,
    typer.Option(
        "--standardize-target/--no-standardize-target",
        help="Centre and scale a number to predict; scores are in its own unit all the same.",
        show_default="yes, but not with --model",
    ),
]
Network = Annotated[
    str | None,
    typer.Option(
        help="Kind of network: dense; conv2d for images; conv1d or lstm for sequences.",
        show_default="by the shape of the rows, or the example's",
    ),
]
Hidden = Annotated[
    str | None,
    typer.Option(
        metavar="UNITS",
        help="Units (or filters) of each hidden layer, as in 128,64.",
        show_default="500 of a dense network, or the example's",
    ),
]
Repeats = Annotated[
    int | None,
    typer.Option(help="Runs of each candidate.", show_default=_OWN.format(20)),
]
Epochs = Annotated[
    int | None, typer.Option(help="Epochs of each run.", show_default=_OWN.format(200))
]
BatchSize = Annotated[
    int | None, typer.Option(help="Rows in a batch.", show_default=_OWN.format(32))
]
Fresh = Annotated[
    bool,
    typer.Option("--fresh", help="Draw new rows for each repeat; for examples that are generated."),
]
LearningRate = Annotated[
    float | None, typer.Option(help="Learning rate.", show_default="the optimizer's own")
]
Optimizer = Annotated[
    str | None, typer.Option(help="Any optimizer of Keras, by name.", show_default="adam")
]
SelectBy = Annotated[
    str | None,
    typer.Option(
        metavar="METRIC",
        help="Choose the best candidate by this metric or score.",
        show_default="data loss",
    ),
]
Matters = Annotated[
    float | None,
    typer.Option(
        metavar="DIFFERENCE",
        help="Smallest difference of interest, in the unit of what candidates are chosen by.",
        show_default="0.01 of a score, else 1 % of the baseline's value",
    ),
]
Scoring = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="A scorer of scikit-learn, such as roc_auc, f1 or r2; may be given several times.",
    ),
]
Seed = Annotated[int, typer.Option(help="Random seed.")]
Out = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="A new folder for the study, or the folder of this very study, to resume it or to "
        "give it more repeats.",
        show_default="NAME-study",
    ),
]
Layers = Annotated[
    str, typer.Option(help="Layers to penalize: hidden, output, all, or a glob on names.")
]
Roles = Annotated[
    str,
    typer.Option(metavar="ROLES", help="Weights to penalize: kernel, recurrent, bias, embedding."),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print one JSON document instead of the table.")
]


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

        several = [one.replace(kind=Parameter.KEYWORD_ONLY) for one in own.values()]
        at = list(own).index(after) + 1
        several[at:at] = added
        with_further.__annotations__ = {one.name: one.annotation for one in several}
        made = signature(command).replace(parameters=several)
        with_further.__signature__ = made  # type: ignore[attr-defined] # a function may have one
        return with_further

    return decorated


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


def parse_roles(text: str) -> tuple[str, ...]:
    """Roles as the command line writes them: a comma list.

    Raises:
        InputError: if a role is unknown.
    """
    return checked_roles([role.strip() for role in text.split(",")])
