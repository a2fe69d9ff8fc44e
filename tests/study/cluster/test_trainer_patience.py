"""How long a cluster without cores is waited for."""

from types import SimpleNamespace

import pytest

import wane
from wane.study.cluster import trainer


def test_nodes_that_come_back_are_waited_for_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Regression: after the first minutes a moment without any node ended the study."""
    now = 1000.0
    monkeypatch.setattr("wane.study.cluster.trainer.time.perf_counter", lambda: now)
    cluster = SimpleNamespace(nodes=[1], address="here:1")
    there = trainer.There.__new__(trainer.There)
    there._cluster, there._alive = cluster, float("-inf")  # type: ignore[assignment] # that is all it asks
    now = 5000.0
    there._check_alive(1000.0)
    cluster.nodes = []
    now += trainer.PATIENCE_SECONDS
    there._check_alive(1000.0)
    now += 1
    with pytest.raises(wane.InputError, match=r"at here:1 has no core to train on"):
        there._check_alive(1000.0)
