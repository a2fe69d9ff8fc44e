"""How many runs a worker gets at a time."""

from typing import Any

from wane.study.cluster.batches import BATCH_SECONDS, LEAST_SECONDS, PARTS, Batches
from wane.training.batch import Run


def runs(count: int, structure: int = 0) -> list[Run]:
    nothing: Any = None
    return [Run(0, repeat, nothing, structure) for repeat in range(count)]


def test_first_batches_show_how_long_runs_take() -> None:
    waiting = Batches(runs(100), threads=2, paces={})
    assert [len(waiting.next(3, 10_000)) for _ in range(3)] == [2, 2, 2]
    waiting.learn({0: 2}, {0: 0.3}, seconds=0.2)  # 0.2 s for a run on one thread
    assert len(waiting.next(1, 10_000)) == -(-94 // PARTS)  # of the rest


def test_batches_take_seconds_and_the_last_ones_are_small() -> None:
    paces = {0: 0.1}
    waiting = Batches(runs(1000), threads=1, paces=paces)
    sizes = []
    while waiting:
        sizes.append(len(waiting.next(2, 10_000)))
    assert sum(sizes) == 1000
    assert max(sizes) == sizes[0] == round(BATCH_SECONDS / 0.1)
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-2] <= LEAST_SECONDS / 0.1 + 1  # no worker is left with much more than others


def test_long_runs_go_one_for_each_thread() -> None:
    waiting = Batches(runs(9), threads=4, paces={0: 600.0})
    assert [len(waiting.next(1, 10_000)) for _ in range(4)] == [4, 4, 1, 0]


def test_runs_keep_their_order_and_are_put_back_before_others() -> None:
    every = runs(5)
    waiting = Batches(every, threads=2, paces={})
    first = waiting.next(1, 10_000)
    waiting.put_back(first)
    assert [*waiting.next(1, 10_000), *waiting.next(1, 10_000), *waiting.next(1, 10_000)] == every


def test_time_is_shared_out_by_what_calls_took() -> None:
    paces: dict[int, float] = {}
    waiting = Batches([], threads=2, paces=paces)
    waiting.learn({0: 10, 1: 10}, {0: 1.0, 1: 3.0}, seconds=4.0)
    assert paces == {0: 4.0 * 0.25 * 2 / 10, 1: 4.0 * 0.75 * 2 / 10}
    waiting.learn({2: 5}, {}, seconds=1.0)
    assert paces[2] == 1.0 * 2 / 5


def test_a_structure_that_is_not_known_yet_fills_no_batch() -> None:
    waiting = Batches([*runs(3), *runs(3, structure=1)], threads=1, paces={0: 0.01})
    assert [run.structure for run in waiting.next(1, 10_000)] == [0, 0, 0]
    assert len(waiting.next(1, 10_000)) == 1


def test_a_batch_has_no_more_runs_than_answers_may_hold() -> None:
    waiting = Batches(runs(100), threads=2, paces={0: 0.001})
    assert len(waiting.next(1, 7)) == 7
    assert len(waiting.next(1, 1)) == 2  # one for each thread all the same
