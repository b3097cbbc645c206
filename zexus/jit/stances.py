"""Stances: what becomes of hot loops for a while, whatever the settings of their functions say.

    default            they go native where that pays
    force_native       they go native as soon as they run, whether that pays or not; one that cannot is an error
    fail_on_side_exit  native code that is left by a side exit is an error
    python_only        everything runs on CPython
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast, get_args

from zexus.settings import JitSettings, SettingsError, Stance

_taken: list[Stance] = []
_followers: list[Callable[[], None]] = []


def of(settings: JitSettings) -> Stance:
    """The stance that holds now for a function with these settings."""
    return _taken[-1] if _taken else cast(Stance, settings.stance)


def follow(changed: Callable[[], None]) -> None:
    """Call a function whenever another stance is taken."""
    _followers.append(changed)


@contextmanager
def stance(name: Stance) -> Iterator[None]:
    """Take a stance for all threads of the process, until the block ends; loops that are running go on as they are.

    Args:
        name: one of "default", "force_native", "fail_on_side_exit", "python_only".

    Raises:
        SettingsError: there is no such stance.
    """
    if name not in get_args(Stance):
        raise SettingsError(f"a stance is one of {', '.join(get_args(Stance))}, got {name!r}")
    _taken.append(name)
    _changed()
    try:
        yield
    finally:
        # Another thread may have taken one since: what goes is the last of this name.
        del _taken[len(_taken) - 1 - _taken[::-1].index(name)]
        _changed()


def _changed() -> None:
    for changed in _followers:
        changed()
