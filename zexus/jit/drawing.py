"""Drawing from generators: how native code is given one that has stopped, and how others find it behind that."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import GeneratorType
from typing import Any

from zexus.jit import callees
from zexus.jit.borders import PRIVATE
from zexus.jit.version import SIDE_EXIT, Answer
from zexus.regvm import suspended
from zexus.regvm.suspended import Generator


class Drawing:
    """Native code over a generator.

    Args:
        code: native code. It takes the generator as a tuple: what it runs, itself, its variables, and the iterators of
            its loops, the generators among these as such tuples.
        known: called, and native code not entered, where others than the loop have one of the generators; None if the
            code leaves before anybody might look at them.
        ended: called where the generator has no more values; what it answers is answered.
    """

    def __init__(self, code: Callable[..., Answer], known: Callable[[], None] | None,
                 ended: Callable[[], Answer]) -> None:
        self._code = code
        self._known = known
        self._ended = ended

    def hook(self, it: Any, *arguments: Any) -> Answer:
        """The hook of a loop."""
        if type(it) is GeneratorType and suspended.has_ended(it):
            return self._ended()
        if self._known is not None and sys.getrefcount(it) > PRIVATE:
            self._known()
            return (SIDE_EXIT,)
        return self.again(it, *arguments)

    def start(self, it: Any, *arguments: Any) -> Answer:
        """The same where somebody has looked already whether others have `it`, and holds it too."""
        if type(it) is GeneratorType and suspended.has_ended(it):
            return self._ended()
        return self.again(it, *arguments)

    def again(self, it: Any, *arguments: Any) -> Answer:
        """Enter where only the loop has `it`, or where that does not count."""
        drawn: list[Generator] = []
        shown, known = _shown(it, drawn)
        if known and self._known is not None:
            self._known()
            return (SIDE_EXIT,)
        for source in drawn:
            suspended.start(source)
        try:
            return self._code(shown, *arguments)
        finally:
            for source in drawn:
                if not suspended.has_ended(source):
                    suspended.rest(source)


def _shown(it: Any, drawn: list[Generator]) -> tuple[Any, bool]:
    """What native code takes for a generator, and whether others have those that it draws from."""
    made = callees.generator(it)
    if made is None or it in drawn:
        return it, False
    drawn.append(it)
    held, known = suspended.parts(it, made.code), False
    for number in range(len(made.code.results), len(held)):
        if type(held[number]) is GeneratorType:
            known = known or suspended.is_known(held, number)
            held[number], inside = _shown(held[number], drawn)
            known = known or inside
    return (made.code, it, *held), known


def is_known(it: Any) -> bool:
    """Whether others have a generator that a generator draws from."""
    return _shown(it, [])[1]
