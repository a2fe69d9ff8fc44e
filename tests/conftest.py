"""Shared set-up of all tests: wane is imported first, so that Keras runs on JAX."""

import gc
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import types
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from browsing import Visits

BEGAN = time.monotonic()
MINUTES = float(os.environ.get("WANE_MINUTES") or "inf")
"""After so long the tests that are left are skipped, as .ci/run has it on a slow machine."""
ORDER = os.environ.get("WANE_ORDER")
"""A seed of the order of files, so that each commit leaves others; None keeps theirs."""

# How long an example takes says how busy the machine is.
hypothesis.settings.register_profile("wane", deadline=None)
hypothesis.settings.load_profile("wane")

# Tests compile many programs more than once: the same small study with other candidates, in this
# process, in the other one of pytest-xdist and in new interpreters. JAX finds a program again only
# where its whole code, the compiler's options and the device are the same, so nothing is hidden. It
# is told before JAX is imported, in the first process; the others inherit it. Only this session's
# programs are found: a folder of an earlier one would make some machines faster, never the first.
OWN_CACHE = "JAX_COMPILATION_CACHE_DIR" not in os.environ
if OWN_CACHE:
    os.environ["JAX_COMPILATION_CACHE_DIR"] = tempfile.mkdtemp(prefix="wane-compiled-")
    os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"

# Most of the time goes into XLA's code generation for fusions, which pays for networks of a useful
# size and takes twice the time for those of the tests. Slow tests, and those that start the command
# line or an interpreter as users do, compile as it is by default. XLA ends a process that sets a
# flag it does not know, and drops flags, so the first of these that it knows is found by trying.
QUICK_XLA = (
    "--xla_cpu_use_fusion_emitters=false --xla_cpu_parallel_codegen_split_count=1",
    "--xla_cpu_parallel_codegen_split_count=1",  # JAX 0.12 has the new code generation only
    "",
)


def is_known(flags: str) -> bool:
    """Whether XLA takes the flags, which it reads for the first options of a compilation."""
    reads = "from jaxlib import xla_client; xla_client.CompileOptions()"
    env = os.environ | {"XLA_FLAGS": flags}
    done = subprocess.run([sys.executable, "-c", reads], env=env, capture_output=True, check=False)
    return done.returncode == 0


if "XLA_FLAGS" not in os.environ and "slow" not in sys.argv:
    os.environ["XLA_FLAGS"] = next((flags for flags in QUICK_XLA if is_known(flags)), "")

import jax  # noqa: E402 # after JAX's variables are set
import pytest  # noqa: E402 # after JAX's variables are set

import wane  # noqa: E402 # after JAX's variables are set

assert wane.__version__


def pytest_unconfigure() -> None:
    """Take the compiled programs away, in the process that made their folder."""
    if OWN_CACHE:
        shutil.rmtree(os.environ.pop("JAX_COMPILATION_CACHE_DIR"), ignore_errors=True)


@pytest.hookimpl(tryfirst=True)  # before fixtures are made
def pytest_runtest_setup() -> None:
    """Skip what there is no time for."""
    if time.monotonic() - BEGAN > 60 * MINUTES:
        pytest.skip(f"the {MINUTES:g} minutes of WANE_MINUTES have passed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Hold each test to one marker, since ``-m thorough`` would run what is slow as well."""
    if ORDER is not None:
        files = list(dict.fromkeys(item.path for item in items))
        random.Random(ORDER).shuffle(files)
        items.sort(key=lambda item: files.index(item.path))
    both = [
        item.nodeid
        for item in items
        if item.get_closest_marker("slow") and item.get_closest_marker("thorough")
    ]
    if both:
        raise pytest.UsageError(f"Either slow or thorough, not both: {', '.join(both)}")


@pytest.fixture(autouse=True)
def same_weights() -> None:
    """Whatever a test draws without a seed of its own is the same in each session."""
    import keras

    keras.utils.set_random_seed(1)


@pytest.fixture(scope="session", autouse=True)
def own_cache_of_scripts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What draws charts is put together once in a session, and not in the developer's cache.

    Of that cache nothing else moves: Matplotlib keeps its list of fonts beside it, which takes
    long to make, and Playwright its browsers.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "wane-cache"
    own = types.SimpleNamespace(user_cache_path=lambda _: folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("wane.report.web.bundle.platformdirs", own)
        yield


@pytest.fixture
def users_environment() -> dict[str, str]:
    """The environment of a user, who has not told XLA to compile quickly."""
    return {k: v for k, v in os.environ.items() if k != "XLA_FLAGS" or v not in QUICK_XLA}


@pytest.fixture
def quick_compilation() -> Iterator[None]:
    """XLA without most of its optimizations, which compiles in about two thirds of the time.

    For tests that compare two programs compiled so; test_program_layers.py and the slow tests
    compare them with all optimizations.
    """
    setting = "jax_disable_most_optimizations"
    before = jax.config.values[setting]
    jax.config.update(setting, True)
    yield
    jax.config.update(setting, before)


@pytest.fixture
def closed_databases(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Databases that Optuna and MLflow leave open are closed when the test ends.

    Python warns of each from 3.13 on, when it is collected: in whichever test that is.
    """
    monkeypatch.setenv("MLFLOW_SQLALCHEMYSTORE_POOLCLASS", "NullPool")
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def mlflow_as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """MLflow's store and experiment, which it keeps for the whole process, are put back."""
    mlflow = pytest.importorskip("mlflow")
    before = mlflow.get_tracking_uri()
    monkeypatch.setattr("mlflow.tracking.fluent._active_experiment_id", None)
    yield
    mlflow.set_tracking_uri(before)
    os.environ.pop("MLFLOW_EXPERIMENT_ID", None)


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """Chromium; not for the whole session, since asyncio cannot begin another loop meanwhile."""
    from browsing import chromium

    with chromium() as browser:
        yield browser


@pytest.fixture
def open_page(browser: "Browser", tmp_path: Path) -> "Iterator[Visits]":
    """Opens pages, which must complain of nothing and ask for nothing that is not theirs."""
    from browsing import Visits

    visits = Visits(browser, tmp_path)
    yield visits
    visits.close()
    assert visits.complaints == []
