"""wane beside other tools on one question and one task: the table of ``docs/comparison.md``.

``python -m benchmarks.tools --update-docs`` runs each in a process of its own and writes what came
out between the marks of the page; ``--only wane optuna`` runs some. ``benchmarks/tools.txt`` says
what ``pip install -r`` brings for it. A tool whose package is not installed, that fails, or that
has not answered after ten minutes, stands there as not run.

The task is that of the published case with a smaller network: 30 half-moon rows to train on, 70 to
choose by, 10,000 on which nothing is chosen; a hidden layer of 100 units, 1,000 epochs of Adam at a
learning rate of 0.01; no penalty and L2 of six strengths. Each tool is used as its own introduction
shows it, with the data loss of validation rows as what it is to lower.
"""

import argparse
import importlib.metadata
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.guide import with_table
from wane.report.numbers import interval

PAGE = Path(__file__).parents[1] / "docs" / "comparison.md"
STRENGTHS = (0.0, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
EPOCHS = 1000
RATE = 0.01
UNITS = 100


def rows() -> tuple[Any, ...]:
    """Inputs and targets of the training, validation and test rows."""
    from sklearn.datasets import make_moons

    x, y = make_moons(n_samples=100, noise=0.2, random_state=1)
    test = make_moons(n_samples=10_000, noise=0.2, random_state=2)
    return x[:30], y[:30], x[30:], y[30:], *test


def columns() -> tuple[Any, ...]:
    """The same with targets of shape [rows, 1], as Keras's metrics take them."""
    return tuple(one[:, None] if one.ndim == 1 else one for one in rows())


def network(strength: float) -> Any:
    """The Keras network under L2; ``ce`` is its loss without the penalty."""
    import keras

    penalty = keras.regularizers.L2(strength) if strength else None
    layers = [
        keras.layers.Input((2,)),
        keras.layers.Dense(UNITS, activation="relu", kernel_regularizer=penalty),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
    model = keras.Sequential(layers)
    loss = keras.metrics.BinaryCrossentropy(name="ce")
    model.compile(keras.optimizers.Adam(RATE), "binary_crossentropy", metrics=[loss])
    return model


def fitted(strength: float) -> tuple[Any, float]:
    """The network, trained, and its data loss on validation rows."""
    x, y, x_validation, y_validation, *_ = columns()
    model = network(strength)
    model.fit(x, y, epochs=EPOCHS, verbose=0)
    found = model.evaluate(x_validation, y_validation, verbose=0, return_dict=True)
    return model, float(found["ce"])


def on_test_rows(model: Any) -> float:
    *_, x, y = columns()
    found = model.evaluate(x, y, verbose=0, return_dict=True, batch_size=1000)
    return float(found["ce"])


def named(strength: float) -> str:
    return f"L2({strength:g})" if strength else "none"


def by_wane() -> tuple[str, float, int, str]:
    import wane

    x, y, *validation_and_test = columns()
    study = wane.Study(
        network(0.0), x, y,
        candidates=wane.sweep(wane.L2, STRENGTHS[1:], layers="hidden"),
        validation=tuple(validation_and_test[:2]), test=tuple(validation_and_test[2:]),
        repeats=30, epochs=EPOCHS, references=False, learning_curve=False, extend=False,
    )  # fmt: skip
    result = study.run(progress=False)
    verdict = result.verdict
    loss = result.summary().set_index("candidate")["test_data_loss_mean"][verdict.chosen]
    said: str = verdict.conclusion
    if verdict.interval is not None:
        said += f": lower by {interval(*verdict.interval)} on new rows"
    return verdict.chosen, float(loss), len(result.runs), said


def by_keras_tuner() -> tuple[str, float, int, str]:
    import keras_tuner

    x, y, *validation = columns()[:4]

    def build(settings: Any) -> Any:
        return network(settings.Choice("l2", list(STRENGTHS)))

    goal = keras_tuner.Objective("val_ce", "min")
    tuner = keras_tuner.GridSearch(build, objective=goal, directory="tuner", seed=0)
    tuner.search(x, y, epochs=EPOCHS, validation_data=tuple(validation), verbose=0)
    best = tuner.get_best_hyperparameters()[0].get("l2")
    loss = on_test_rows(tuner.get_best_models()[0])
    return f"{named(best)}, at its best epoch", loss, len(STRENGTHS), "the best trial"


def by_optuna() -> tuple[str, float, int, str]:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    models: dict[float, Any] = {}

    def objective(trial: Any) -> float:
        strength = trial.suggest_categorical("l2", STRENGTHS)
        models[strength], loss = fitted(strength)
        return loss

    study = optuna.create_study(sampler=optuna.samplers.GridSampler({"l2": STRENGTHS}, seed=0))
    study.optimize(objective)
    best = study.best_params["l2"]
    return named(best), on_test_rows(models[best]), len(study.trials), "the best trial"


def by_ray_tune() -> tuple[str, float, int, str]:
    from ray import tune

    def trainable(settings: dict[str, float]) -> dict[str, float]:
        model, loss = fitted(settings["l2"])
        return {"loss": loss, "test": on_test_rows(model)}

    space = {"l2": tune.grid_search(list(STRENGTHS))}
    own = tune.RunConfig(storage_path=str(Path.cwd()))  # else it writes to the home folder
    found = tune.Tuner(trainable, param_space=space, run_config=own).fit()
    best = found.get_best_result("loss", "min")
    chosen = named(best.config["l2"])
    return chosen, best.metrics["test"], len(found), "the best trial"


def by_scikit_learn() -> tuple[str, float, int, str]:
    from sklearn.metrics import log_loss
    from sklearn.model_selection import GridSearchCV, PredefinedSplit
    from sklearn.neural_network import MLPClassifier

    x, y, x_validation, y_validation, x_test, y_test = rows()
    # Its alpha is half of the sum of squares over the rows of a batch.
    alphas = [2 * len(x) * one for one in STRENGTHS]
    both, labels = np.concatenate([x, x_validation]), np.concatenate([y, y_validation])
    split = PredefinedSplit([-1] * len(x) + [0] * len(x_validation))
    model = MLPClassifier(
        (UNITS,), max_iter=EPOCHS, n_iter_no_change=EPOCHS, learning_rate_init=RATE, random_state=0
    )
    search = GridSearchCV(model, {"alpha": alphas}, scoring="neg_log_loss", cv=split, refit=False)
    search.fit(both, labels)
    alpha = search.best_params_["alpha"]
    best = MLPClassifier(**{**model.get_params(), "alpha": alpha}).fit(x, y)
    loss = log_loss(y_test, best.predict_proba(x_test))
    said = "the best mean score over the splits, here one"
    return f"alpha={alpha:g}, L2({alpha / 2 / len(x):g})", float(loss), len(alphas) + 1, said


def by_lassonet() -> tuple[str, float, int, str]:
    from lassonet import LassoNetClassifier
    from sklearn.metrics import log_loss

    x, y, x_validation, y_validation, x_test, y_test = rows()
    model = LassoNetClassifier(
        hidden_dims=(UNITS,), n_iters=(EPOCHS, 100), path_multiplier=1.5, random_state=0, verbose=0
    )
    path = model.path(
        x.astype("float32"), y, X_val=x_validation.astype("float32"), y_val=y_validation,
        return_state_dicts=True,
    )  # fmt: skip

    def loss(one: Any, inputs: Any, targets: Any) -> float:
        model.load(one.state_dict)
        return float(log_loss(targets, model.predict_proba(inputs.astype("float32"))))

    best = min(path, key=lambda one: loss(one, x_validation, y_validation))
    inputs = int(best.selected.sum())
    said = "inputs that stay, along a path of strengths"
    chosen = f"lambda={best.lambda_:g}, {inputs} of 2 inputs"
    return chosen, loss(best, x_test, y_test), len(path), said


def by_laplace() -> tuple[str, float, int, str]:
    import torch
    from laplace import Laplace
    from sklearn.metrics import log_loss

    x, y, *_, x_test, y_test = rows()
    torch.manual_seed(0)
    network = torch.nn.Sequential(
        torch.nn.Linear(2, UNITS), torch.nn.ReLU(), torch.nn.Linear(UNITS, 2)
    )
    inputs, targets = torch.tensor(x, dtype=torch.float32), torch.tensor(y)
    optimizer = torch.optim.Adam(network.parameters(), RATE)
    for _ in range(EPOCHS):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(network(inputs), targets).backward()
        optimizer.step()
    pairs = torch.utils.data.TensorDataset(inputs, targets)
    model = Laplace(network, "classification", subset_of_weights="all", hessian_structure="kron")
    model.fit(torch.utils.data.DataLoader(pairs, batch_size=len(x)))
    model.optimize_prior_precision(method="marglik")
    parts = torch.tensor(x_test, dtype=torch.float32).split(500)
    predicted = np.concatenate([model(one).detach().numpy() for one in parts])
    precision = float(model.prior_precision.mean())
    said = "a posterior of the weights, from training rows alone"
    return f"prior precision {precision:.3g}", float(log_loss(y_test, predicted)), 1, said


TOOLS: dict[str, tuple[str, Callable[[], tuple[str, float, int, str]]]] = {
    "wane": ("wane", by_wane),
    "keras-tuner": ("keras-tuner", by_keras_tuner),
    "optuna": ("optuna", by_optuna),
    "ray": ("ray", by_ray_tune),
    "scikit-learn": ("scikit-learn", by_scikit_learn),
    "lassonet": ("lassonet", by_lassonet),
    "laplace": ("laplace-torch", by_laplace),
}
"""Each tool's package, and how it answers."""
TITLES = {
    "keras-tuner": "KerasTuner, `GridSearch`",
    "optuna": "Optuna, `GridSampler`",
    "ray": "Ray Tune, `grid_search`",
    "scikit-learn": "scikit-learn, `GridSearchCV` of `MLPClassifier`",
    "lassonet": "LassoNet",
    "laplace": "laplace-torch",
}


def answer(tool: str) -> dict[str, Any]:
    """What one tool says, in this process."""
    package, ask = TOOLS[tool]
    began = time.perf_counter()
    chosen, loss, trainings, said = ask()
    return {
        "version": importlib.metadata.version(package),
        "chosen": chosen,
        "loss": loss,
        "trainings": trainings,
        "said": said,
        "seconds": time.perf_counter() - began,
    }


def asked(tool: str) -> dict[str, Any] | None:
    """What one tool says in a process of its own, or None where it is missing or too slow."""
    try:
        importlib.metadata.version(TOOLS[tool][0])
    except importlib.metadata.PackageNotFoundError:
        return None
    root = str(Path(__file__).parents[1])
    own = {"KERAS_BACKEND": "jax", "PYTHONPATH": os.pathsep.join([root, *sys.path[1:]])}
    code = f"from benchmarks.tools import answer; import json; print(json.dumps(answer({tool!r})))"
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = subprocess.run(
                [sys.executable, "-c", code], cwd=folder, env={**os.environ, **own},
                stdout=subprocess.PIPE, text=True, check=True, timeout=600,
            )  # fmt: skip
        except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
            print(f"{tool} has not answered: {error}", file=sys.stderr)  # the others are kept
            return None
    return dict(json.loads(done.stdout.splitlines()[-1]))


def table(answers: dict[str, dict[str, Any] | None]) -> str:
    """The answers as a table of Markdown."""
    lines = [
        "| tool | trainings | seconds | it chooses | its data loss on 10,000 new rows | it says |",
        "|---|---|---|---|---|---|",
    ]
    for tool, found in answers.items():
        title = TITLES.get(tool, tool)
        if found is None:
            lines.append(f"| {title} | – | – | not run | – | – |")
            continue
        assert math.isfinite(found["loss"])
        cells = (
            f"{title} {found['version']}",
            found["trainings"],
            f"{found['seconds']:.0f}",
            found["chosen"],
            f"{found['loss']:.3f}",
            found["said"],
        )
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tools", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=TOOLS, default=list(TOOLS))
    parser.add_argument("--update-docs", action="store_true", help="write docs/comparison.md")
    given = parser.parse_args()
    made = table({tool: asked(tool) for tool in given.only})
    print(made)
    if given.update_docs:
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(with_table(page, "tools", made), encoding="utf-8")


if __name__ == "__main__":
    main()
