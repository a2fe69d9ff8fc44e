"""The process of ``--watch``: when it begins, and when it ends."""

import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from wane._errors import StorageError
from wane.live import process
from wane.live.feed import Feeds
from wane.live.study import WatchedStudy


@pytest.mark.skipif(sys.platform == "win32", reason="no process waits there for its parent")
def test_a_process_that_has_ended_trains_no_more_though_its_parent_has_not_noted_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "GRACE", -1.0)
    with subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as trainer:
        needed = process._Needed(tmp_path, trainer.pid)
        assert needed._trains()
        trainer.kill()
        while psutil.Process(trainer.pid).status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)
        assert not needed._trains()
        assert needed.ended(Feeds(WatchedStudy(tmp_path)))


def test_a_page_in_another_tab_is_waited_for(tmp_path: Path) -> None:
    needed, feeds = process._Needed(tmp_path, 999999999), Feeds(WatchedStudy(tmp_path))
    needed._last -= process.GRACE + 1
    feeds.asked = time.monotonic()
    assert not needed.ended(feeds)
    needed._last = feeds.asked = time.monotonic() - process.GRACE - 1
    assert needed.ended(feeds)


def test_training_waits_only_so_long_for_a_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hangs_for_ever.py").write_text("import time; time.sleep(600)", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(process, "MODULE", "hangs_for_ever")
    monkeypatch.setattr(process, "BEGIN_SECONDS", 0.2)
    with pytest.raises(StorageError) as error:
        process.begin_serving(tmp_path)
    assert str(error.value) == (
        "The live page did not begin within 0.2 seconds, and the study is trained without it; "
        "wane watch shows the folder meanwhile"
    )
    assert process._started.pop().wait(timeout=20) != 0
