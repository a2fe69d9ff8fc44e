"""Studies on Ray clusters of several nodes on this machine, kept to loopback.

``python cluster_cases.py CASE FOLDER``, which test_trainer_clusters.py calls, starts a cluster
before JAX, whose threads no fork should meet, runs a case on it and prints ``fine``.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
from ray.cluster_utils import Cluster

PATIENCE = 240.0


@contextlib.contextmanager
def cluster(*nodes: int, **head: Any) -> Iterator[Cluster]:
    """A cluster whose head has no cores, and whose nodes have these."""
    made = Cluster(
        initialize_head=True,
        head_node_args={"num_cpus": 0, "include_dashboard": False, **head},
    )
    try:
        for cores in nodes:
            made.add_node(num_cpus=cores, **head)
        yield made
    finally:
        import ray

        ray.shutdown()
        made.shutdown()


def long(**options: Any) -> Any:
    """A study of some seconds, whose runs end one after the other."""
    import wane
    from study_cases import data, study

    return study(**{
        "repeats": 20, "epochs": 20_000, "candidates": wane.sweep(wane.L2, [0.01, 0.1]),
        "validation": data(seed=1), **options,
    })  # fmt: skip


def alike(one: Any, other: Any) -> None:
    """Check that two results have the same numbers, to the bit."""
    import pandas as pd

    pd.testing.assert_frame_equal(one.runs, other.runs, check_exact=True)
    if hasattr(one, "curves"):
        pd.testing.assert_frame_equal(one.curves, other.curves, check_exact=True)


def alike_files(one: Path, other: Path) -> None:
    for name in ("runs.parquet", "curves.parquet"):
        assert (one / name).read_bytes() == (other / name).read_bytes(), name


def finished(folder: Path) -> int:
    """How many runs a folder's journal has."""
    import sqlite3

    try:
        with contextlib.closing(sqlite3.connect(folder / "study.db", timeout=5)) as reader:
            return int(next(reader.execute("SELECT count(*) FROM run"))[0])
    except sqlite3.Error:
        return 0


def furthest(folder: Path) -> int:
    """The epochs of the run that has been kept furthest of those that have not ended."""
    import sqlite3

    with contextlib.closing(sqlite3.connect(folder / "study.db")) as reader:
        return int(next(reader.execute("SELECT max(epoch) FROM checkpoint"))[0] or 0)


def training() -> list[psutil.Process]:
    """The processes that train a batch now."""
    found = []
    for process in psutil.Process().children(recursive=True):  # of this cluster alone
        with contextlib.suppress(psutil.Error, IndexError):
            if process.cmdline()[0].startswith("ray::wane"):
                found.append(process)
    return found


@contextlib.contextmanager
def once(when: Callable[[], bool], act: Callable[[], Any]) -> Iterator[list[Any]]:
    """Do something beside the block, once something is so; gives what it came to."""
    came: list[Any] = []

    def wait() -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and not over.is_set():
            if when():
                came.append(act())
                return
            time.sleep(0.02)

    over = threading.Event()
    thread = threading.Thread(target=wait)
    thread.start()
    try:
        yield came
    finally:
        over.set()
        thread.join()


def refused(call: Callable[[], Any]) -> str:
    """The sentence with which a call is refused."""
    import wane

    try:
        call()
    except wane.WaneError as error:
        return str(error)
    raise AssertionError("nothing was refused")


def same(folder: Path) -> None:
    """Studies, comparisons and paths: files and tables are those of this process."""
    with cluster(1, 1) as made:
        import wane
        from study_cases import data, network, study

        several = study(
            repeats=6, epochs=40, extend=True, learning_curve=True, retraining=True,
            candidates=[*wane.sweep(wane.L2, [0.001, 0.1]), wane.Network(network("binary"), "two")],
            test=data(seed=2),
        )  # fmt: skip
        here = several.run(folder / "here", progress=False)
        there = several.run(folder / "there", progress=False, ray=made.address)
        alike_files(here.folder, there.folder)
        summary = there.document["engine"]["cluster"]
        assert (summary["nodes"], summary["workers"]) == (2, 2), summary
        assert summary["bytes_received"] > 0
        alike(here.extend(repeats=8, progress=False),
              there.extend(repeats=8, progress=False, ray=made.address))  # fmt: skip
        other = study(repeats=3, epochs=30, test=data(seed=2))
        methods = ["none", "l2", "dropout", "early-stopping"]
        alike(*(other.compare(methods, settings=2, progress=False, ray=ray).result
                for ray in (None, made.address)))  # fmt: skip
        alike(*(other.path(wane.L2, [1e-3, 1e-1], equal_epochs=True, progress=False, ray=ray)
                for ray in (None, made.address)))  # fmt: skip
        two = wane.Execution("threads", threads=2)
        text = refused(lambda: other.run(progress=False, ray=made.address, execution=two))
        assert text.endswith("has more than 1: give fewer threads."), text


def killed(folder: Path) -> None:
    """A worker is killed amid a batch."""
    with cluster(1, 1) as made:
        study = long()
        place = folder / "there"

        def kill() -> int:
            (process, *_) = training()
            process.kill()
            return process.pid

        with once(lambda: finished(place) > 3 and bool(training()), kill) as came:
            there = study.run(place, progress=False, ray=made.address)
        assert came
        alike(there, study.run(progress=False))


def nodes(folder: Path) -> None:
    """A node is lost and another one comes."""
    with cluster(1, 1) as made, ThreadPoolExecutor(1) as pool:
        study = long(repeats=50)
        place = folder / "there"
        running = pool.submit(study.run, place, progress=False, ray=made.address)
        while finished(place) < 4 and not running.done():
            time.sleep(0.02)
        made.remove_node(next(iter(made.worker_nodes)), allow_graceful=False)
        before = finished(place)
        made.add_node(num_cpus=1)  # Ray sets handlers of signals, in the main thread alone
        there = running.result()
        assert before < len(there.runs), before
        assert there.document["engine"]["cluster"]["nodes"] == 2
        alike(there, study.run(progress=False))


def killed_again(folder: Path) -> None:
    """Workers are killed again and again: a sentence, and the rest is trained later."""
    with cluster(1) as made:
        study = long()
        place = folder / "there"
        over = threading.Event()

        def kill() -> None:
            while not over.is_set():
                if finished(place) > 3:
                    for process in training():
                        process.kill()
                time.sleep(0.05)

        thread = threading.Thread(target=kill)
        thread.start()
        text = refused(lambda: study.run(place, progress=False, ray=made.address))
        over.set()
        thread.join()
        assert "were killed again and again while they trained the same runs" in text, text
        assert finished(place) > 3
        alike(study.run(place, progress=False, ray=made.address), study.run(progress=False))


def driver(folder: Path) -> None:
    """The driver is killed, and another one resumes; two at a time are refused."""
    with cluster(1) as made:
        place = folder / "there"
        lines = (
            "import sys; from cluster_cases import long; long().run(sys.argv[1], ray=sys.argv[2])"
        )
        arguments = [sys.executable, "-c", lines, str(place), made.address]
        process = subprocess.Popen(arguments, cwd=Path(__file__).parent, stderr=subprocess.DEVNULL)
        until = time.monotonic() + PATIENCE
        while finished(place) < 4 and time.monotonic() < until:
            time.sleep(0.02)
        study = long()
        text = refused(lambda: study.run(place, progress=False, ray=made.address))
        assert f"is in use by the process {process.pid}; nothing was written" in text, text
        process.send_signal(signal.SIGKILL)
        process.wait()
        before = finished(place)
        assert 4 <= before < 60, before
        alike(study.run(place, progress=False, ray=made.address), study.run(progress=False))


def interrupted(folder: Path) -> None:
    """Ctrl-C ends the study with a sentence, and the workers go on with the next one."""
    with cluster(1) as made:
        import wane

        study = long()
        place = folder / "there"
        stop = lambda: signal.raise_signal(signal.SIGINT)  # noqa: E731 # it is an argument
        try:
            with once(lambda: finished(place) > 3, stop):
                study.run(place, progress=False, ray=made.address)
        except wane.Interrupted as error:
            assert "runs had finished; they are kept in" in str(error)
        else:
            raise AssertionError("it was not interrupted")
        assert finished(place) < 60
        alike(study.run(place, progress=False, ray=made.address), study.run(progress=False))


def slices(folder: Path) -> None:
    """Runs that take longer than a worker may without an answer; Ctrl-C meanwhile."""
    with cluster(1) as made:
        import wane
        from wane.study.cluster import trainer

        trainer.SLICE_SECONDS = 0.3
        study = long(repeats=2, epochs=200_000)
        place = folder / "there"
        stop = lambda: signal.raise_signal(signal.SIGINT)  # noqa: E731 # it is an argument
        with contextlib.suppress(wane.Interrupted), once(lambda: finished(place) > 0, stop):
            study.run(place, progress=False, ray=made.address)
        assert furthest(place) > 1000, "a run that has not ended is kept as far as it was"
        there = study.run(place, progress=False, ray=made.address)
        assert there.document["engine"]["cluster"]["batches"] > 5
        alike(there, study.run(progress=False))


def full(folder: Path) -> None:
    """Rows that the object store has no room for; and a store that is full of something else."""
    del folder
    with cluster(1, object_store_memory=80 * 2**20) as made:
        import numpy as np
        import pandas as pd
        import ray

        from study_cases import network, study

        x = np.random.default_rng(0).normal(size=(400, 60_000)).astype("float32")
        y = (x[:, 0] > 0).astype("float32")
        own = study(model=network(inputs=60_000), x=x, y=y, epochs=1, repeats=2, batch_size=200)
        text = refused(lambda: own.run(progress=False, ray=made.address))
        assert text.startswith("The rows and models of the study take 9"), text
        some = x[:, :30_000]
        own = study(model=network(inputs=30_000), x=some, y=y, epochs=1, repeats=2, batch_size=200)
        here = own.run(progress=False)
        ray.init(address=made.address, log_to_driver=False)
        kept = [ray.put(np.zeros(40 * 2**20, np.uint8)) for _ in range(2)]
        there = own.run(progress=False, ray=made.address)
        # XLA divides products as large as these over the threads that it has, here and there.
        pd.testing.assert_frame_equal(here.runs, there.runs, rtol=1e-3)
        assert len(kept) == 2


def code(folder: Path) -> None:
    """Classes and functions of the script go along; a module that workers lack is named."""
    import keras

    class Doubled(keras.layers.Layer):  # type: ignore[misc] # Keras has no types
        def call(self, x: Any) -> Any:
            return 2 * x

    def model() -> Any:
        made = keras.Sequential(
            [
                keras.layers.Input((3,)),
                Doubled(name="doubled"),
                keras.layers.Dense(1, activation="sigmoid", name="output"),
            ]
        )
        made.compile(loss="binary_crossentropy")
        return made

    with cluster(1) as made:
        import wane
        from study_cases import network, study

        for given in (model(), model):
            own = study(model=given)
            alike(own.run(progress=False), own.run(progress=False, ray=made.address))
        (folder / "beside.py").write_text("def rate(epoch): return 0.1\n")
        sys.path.append(str(folder))
        import beside  # type: ignore[import-not-found] # it has just been written

        schedule = keras.callbacks.LearningRateScheduler(beside.rate)
        own = study(model=network(), callbacks=[schedule])
        text = refused(lambda: own.run(progress=False, ray=made.address))
        assert text.startswith("The worker on ") and "has no module 'beside'" in text, text
        assert issubclass(wane.InputError, wane.WaneError)


def other_versions(folder: Path) -> None:
    """Workers that have another Keras."""
    (folder / "sitecustomize.py").write_text(
        "import importlib.metadata as metadata\n"
        "own = metadata.version\n"
        "metadata.version = lambda name: '3.99' if name == 'keras' else own(name)\n"
    )
    from study_cases import study

    own = study()  # before the environment is another one
    os.environ["PYTHONPATH"] = os.pathsep.join([str(folder), os.environ["PYTHONPATH"]])
    with cluster(1) as made:
        text = refused(lambda: own.run(progress=False, ray=made.address))
        assert "has keras 3.99, and this process keras 3." in text, text


def without_wane(folder: Path) -> None:
    """Workers that have no wane."""
    (folder / "sitecustomize.py").write_text(
        "import sys\n"
        "class No:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'wane':\n"
        "            raise ModuleNotFoundError(\"No module named 'wane'\", name='wane')\n"
        "sys.meta_path.insert(0, No())\n"
    )
    from study_cases import study

    own = study()
    os.environ["PYTHONPATH"] = os.pathsep.join([str(folder), os.environ["PYTHONPATH"]])
    with cluster(1) as made:
        text = refused(lambda: own.run(progress=False, ray=made.address))
        assert "cannot load wane: install there the wane, JAX and Keras that are here" in text, text


def memory(folder: Path) -> None:
    """Ray ends every worker, since the machine has less memory than it is told to keep free."""
    os.environ |= {"RAY_memory_monitor_refresh_ms": "100", "RAY_memory_usage_threshold": "0.01"}
    with cluster(1) as made:
        text = refused(lambda: long().run(folder / "there", progress=False, ray=made.address))
        assert "has not enough memory for these runs" in text, text


def local(folder: Path) -> None:
    """Clusters of this process's own, one after the other, which leave nothing behind."""
    from study_cases import study

    before = {name: os.environ.get(name) for name in os.environ}
    own = study(repeats=6, epochs=40)
    here = own.run(folder / "here", progress=False)
    for name in ("one", "two"):
        alike_files(here.folder, own.run(folder / name, progress=False, ray="local").folder)
    assert {name: os.environ.get(name) for name in before} == before
    assert not training()


CASES: dict[str, Callable[[Path], None]] = {
    case.__name__: case
    for case in (
        same, killed, nodes, killed_again, driver, interrupted, slices, full, code, other_versions,
        without_wane, memory, local,
    )
}  # fmt: skip

if __name__ == "__main__":
    CASES[sys.argv[1]](Path(sys.argv[2]))
    print("fine")
