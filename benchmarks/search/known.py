"""Many studies of problems whose truth is known, with each sampler, as a table."""

import concurrent.futures
import dataclasses
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from calibration.shares import Share
from calibration.tables import share, table

from benchmarks.paired import cores
from benchmarks.search.problems import PROBLEMS
from benchmarks.search.simulated import simulated
from benchmarks.search.studies import LAYERS, ONE, REPEATS, UNDECIDED, Found, found
from benchmarks.search.truth import TRAININGS, Truth, truth_of
from wane.report.numbers import number

AIM, AIM_ONE = 0.9, 0.95
"""The least shares of studies that shall find the truth, and that one strength is as good."""
TITLES = {"tpe": "TPE", "gp": "Gaussian process", "cma-es": "CMA-ES", "random": "random"}


def measured(
    problems: Sequence[str],
    samplers: Sequence[str],
    studies: int,
    kept: Path | None = None,
    *,
    quick: bool = False,
) -> list[Found]:
    """Search each problem with each sampler so many times, a process for each core.

    Args:
        problems, samplers: which.
        studies: of each; those of one number have the same rows whatever the sampler is.
        kept: a file of studies that were done before, a line of JSON each, which grows.
        quick: tiny sizes, to see that it works.
    """
    done = [] if kept is None or not kept.exists() else list(_read(kept))
    had = {(one.problem, one.sampler, one.seed): one for one in done}
    asked = [
        (problem, sampler, seed)
        for seed in range(studies)
        for problem in problems
        for sampler in samplers
    ]
    missing = [one for one in asked if one not in had]
    began = time.perf_counter()
    for number_, one in enumerate(_searched(missing, quick=quick), start=1):
        had[one.problem, one.sampler, one.seed] = one
        if kept is not None:
            with kept.open("a", encoding="utf-8") as file:
                file.write(json.dumps(dataclasses.asdict(one)) + "\n")
        seconds = (time.perf_counter() - began) / number_ * (len(missing) - number_)
        print(
            f"\r{number_} of {len(missing)} studies, about {seconds / 60:.0f} minutes left ",
            end="",
            file=sys.stderr,
            flush=True,
        )
    print(file=sys.stderr)
    return [had[one] for one in asked]


def _read(kept: Path) -> Iterator[Found]:
    for line in kept.read_text(encoding="utf-8").splitlines():
        document = json.loads(line)
        yield Found(**{**document, "each": tuple(document["each"])})


def _searched(asked: Sequence[tuple[str, str, int]], *, quick: bool) -> Iterator[Found]:
    """What the studies found, as they end, in processes that keep what they compiled."""
    with tempfile.TemporaryDirectory() as compiled:
        own = {
            "KERAS_BACKEND": "jax",
            "OMP_NUM_THREADS": "1",  # of PyTorch, beside which other studies train
            "JAX_COMPILATION_CACHE_DIR": compiled,
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        }
        os.environ.update(own)
        context = multiprocessing.get_context("spawn")
        with concurrent.futures.ProcessPoolExecutor(cores(), mp_context=context) as pool:
            futures = [pool.submit(found, *one, quick=quick) for one in asked]
            for future in concurrent.futures.as_completed(futures):
                yield future.result()


def section(studies: Sequence[Found], *, quick: bool = False) -> str:
    """What the studies found beside the truth, in Markdown."""
    problems = list(dict.fromkeys(one.problem for one in studies))
    truths = {problem: truth_of(problem, studies, quick=quick) for problem in problems}
    number_ = 1 + max(one.seed for one in studies)
    parts = [
        f"{number_} studies of each problem with each sampler, of {REPEATS} repeats; true losses "
        f"of networks are means over {TRAININGS} training sets.",
        _truths(truths),
        _shares(studies, truths),
    ]
    return "\n\n".join(parts)


def _truths(truths: dict[str, Truth]) -> str:
    head = ["problem", "true loss, none", "best single strength", "best by layer"]
    rows = []
    for truth in truths.values():
        (strength, one), pair = truth.one, truth.best
        layers = ", ".join(
            f"{layer} {number(own) if own else 'none'}"
            for layer, own in zip(truth.known.layers, pair, strict=True)
        )
        rows.append(
            [
                truth.known.title,
                number(truth.none),
                f"{number(one)} at {number(strength)}",
                f"{number(truth.losses[pair])} at {layers}",
            ]
        )
    return table(head, rows)


def simulations(problems: Sequence[str], samplers: Sequence[str], studies: int) -> list[Found]:
    """As :func:`measured`, in closed form, in this process."""
    found, began = [], time.perf_counter()
    asked = [
        (one, sampler, seed) for one in problems for sampler in samplers for seed in range(studies)
    ]
    for number_, one in enumerate(asked, start=1):
        found.append(simulated(*one))
        left = (time.perf_counter() - began) / number_ * (len(asked) - number_)
        shown = f"\r{number_} of {len(asked)} searches, about {left / 60:.0f} minutes left "
        print(shown, end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return found


def simulated_section(searches: Sequence[Found]) -> str:
    """What simulated searches found beside the truth, in Markdown."""
    rows = []
    for problem in dict.fromkeys(one.problem for one in searches):
        truth = truth_of(problem, searches)
        for sampler in dict.fromkeys(one.sampler for one in searches):
            own = [one for one in searches if (one.problem, one.sampler) == (problem, sampler)]
            missed = [truth.missed(one) for one in own]
            rows.append(
                [
                    truth.known.title,
                    TITLES[sampler],
                    share(Share(sum(map(truth.is_found, own)), len(own)), least=AIM),
                    f"{100 * statistics.mean(missed):.0f} %",
                    f"{100 * _median(missed):.0f} %",
                    f"{_median([one.runs for one in own]):,.0f}",
                ]
            )
    head = [
        "problem",
        "sampler",
        "finds the truth",
        "misses of the gain, mean",
        "median",
        "networks",
    ]
    return table(head, rows)


def _shares(studies: Sequence[Found], truths: dict[str, Truth]) -> str:
    head = [
        "problem", "sampler", "finds the truth", "misses of the gain, median",
        "says: a strength for each layer", "one strength is as good", "cannot tell",
        "networks", "seconds",
    ]  # fmt: skip
    rows = []
    for problem, truth in truths.items():
        for sampler in dict.fromkeys(one.sampler for one in studies):
            own = [one for one in studies if (one.problem, one.sampler) == (problem, sampler)]
            if not own:
                continue
            said = {
                word: Share(sum(one.said == word for one in own), len(own))
                for word in (LAYERS, ONE, UNDECIDED)
            }
            alike = truth.known.order is None
            held = Share(sum(map(truth.is_found, own)), len(own))
            rows.append(
                [
                    truth.known.title,
                    TITLES[sampler],
                    share(held, least=AIM),
                    f"{100 * _median([truth.missed(one) for one in own]):.0f} %",
                    share(said[LAYERS]),
                    share(said[ONE], least=AIM_ONE if alike else 0.0),
                    share(said[UNDECIDED]),
                    f"{_median([one.runs for one in own]):,.0f}",
                    f"{_median([one.seconds for one in own]):.1f}",
                ]
            )
    return table(head, rows)


def _median(values: Sequence[float]) -> float:
    return float(statistics.median(values))


CLOSED = [name for name, known in PROBLEMS.items() if known.loss is not None]
"""The problems that can be simulated."""

__all__ = ["PROBLEMS", "TITLES", "measured", "section"]
