"""The table of typed rows: its words are explained, its names stand once."""

from __future__ import annotations

import pytest

from zexus import native


def test_the_table_of_typed_rows_uses_words_that_it_explains() -> None:
    for name, facts in native.rows().items():
        assert facts.traits <= set(native.TRAITS), name
        assert {facts.reads} | facts.writes <= native.MEMORY | {""}, name
        assert facts.exits in ("", "may", "always"), name
        assert facts.result in ("", "=", "i64", "f64", "i1", "ptr"), name
        assert set(facts.operands) <= set("ifbpnk.*at"), name
        assert not (facts.reads and facts.effect != "read"), name


def test_a_typed_row_that_stands_twice_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "_TABLE", native._TABLE.strip() + native._TABLE)
    with pytest.raises(ValueError, match="row K stands twice"):
        native.rows()
