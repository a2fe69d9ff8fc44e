"""Commands for strengths as papers and other libraries write them."""

from typing import Annotated

import typer

from wane.cli.application import app, report_errors, show
from wane.cli.language import with_language
from wane.cli.options import AsJson

PresetName = Annotated[
    str | None, typer.Argument(metavar="NAME", help="A preset, to show all about it.")
]


@app.command()
@with_language
def presets(name: PresetName = None, as_json: AsJson = False) -> None:
    """List strengths that the literature reports, with their sources."""
    with report_errors():
        from wane import literature
        from wane.report.display import literature as drawn

        if name is None:
            rows = literature.presets.document()
            show(rows, as_json, lambda width: drawn.preset_lines(rows, width=width))
            return
        preset = literature.presets[name].document()
        show(preset, as_json, lambda _: drawn.preset_details(preset))


Value = Annotated[float, typer.Argument(metavar="VALUE", help="The strength to convert.")]
From = Annotated[
    str,
    typer.Option(
        "--from",
        metavar="NAME",
        help="How it is written: keras-l2, pytorch-sgd, glmnet, sklearn-mlp, gaussian-prior or "
        "keras-weight-decay.",
    ),
]
To = Annotated[str, typer.Option("--to", metavar="NAME", help="How it should be written.")]
Rows = Annotated[int | None, typer.Option(help="Training rows, for gaussian-prior.")]
BatchRows = Annotated[
    int | None, typer.Option("--batch-size", help="Rows in a batch, for sklearn-mlp.")
]
MeanSquaredError = Annotated[
    bool,
    typer.Option(
        "--mean-squared-error", help="The loss in Keras or PyTorch is the mean squared error."
    ),
]
TargetSd = Annotated[
    float | None,
    typer.Option(
        "--target-sd",
        help="Standard deviation of the training targets, for glmnet; 1 for classes.",
    ),
]
PlainSgd = Annotated[
    bool,
    typer.Option("--plain-sgd", help="The optimizer is SGD without momentum."),
]


@app.command(context_settings={"ignore_unknown_options": True})  # -1 is a value, if a bad one
@with_language
def convert(
    value: Value,
    source: From,
    target: To = "keras-l2",
    rows: Rows = None,
    batch_size: BatchRows = None,
    mean_squared_error: MeanSquaredError = False,
    target_sd: TargetSd = None,
    plain_sgd: PlainSgd = False,
    as_json: AsJson = False,
) -> None:
    """Write the strength of an L2 penalty as another library does, and show the formula."""
    with report_errors():
        from wane import literature
        from wane.report.display.literature import conversion_lines

        converted = literature.convert(
            value,
            source,
            target,
            rows=rows,
            batch_size=batch_size,
            mean_squared_error=mean_squared_error,
            target_sd=target_sd,
            plain_sgd=plain_sgd,
        )
        document = converted.document()
        show(document, as_json, lambda _: conversion_lines(document))
