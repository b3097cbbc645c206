"""Progress without a terminal: a line of plain text now and then, and the items as they are."""

from __future__ import annotations

import pytest

from zexus.config import progress


def test_lines_come_now_and_then(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    seen = []
    for item in progress.shown("abcdef", "round", 6):
        seen.append(item)
        now[0] += 4
    assert seen == list("abcdef")
    assert capsys.readouterr() == ("", "zexus: round 4 of 6\n")


def test_quick_work_tells_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(progress.shown(range(3), "round", 3)) == [0, 1, 2]
    assert list(progress.ticking(range(3), "self-test", 1.0)) == [0, 1, 2]
    assert capsys.readouterr() == ("", "")
