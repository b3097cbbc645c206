"""What becomes object code: LLVM assembly, or typed functions, in text form, of which it is emitted elsewhere."""

from __future__ import annotations

from zexus.records import dataclass
from zexus.settings import JitSettings


@dataclass(frozen=True)
class Written:
    """A module that is there as assembly."""

    text: str

    def assembly(self) -> str:
        return self.text


@dataclass(frozen=True)
class Unemitted:
    """A module that is there as typed functions.

    Attributes:
        body, entry: the functions in text form; the second one is empty where there is none.
        symbol, force, settings: as for `emit.function.emit`.
    """

    body: str
    entry: str
    symbol: str
    force: bool
    settings: JitSettings

    def assembly(self) -> str:
        from zexus.jit.emit import function
        from zexus.regvm import text

        entry = text.parse(self.entry) if self.entry else None
        return function.emit(text.parse(self.body), self.symbol, self.force, entry, self.settings)


Source = Written | Unemitted
