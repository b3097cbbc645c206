"""What is known of one loop: its lowered code, what recorded runs have shown, the types that it is entered with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import CO_GENERATOR
from types import CellType, FunctionType
from typing import Any

from zexus import layout, types
from zexus.codes import Span, Unsupported
from zexus.frontend.sites import UNBOUND, LoopSite
from zexus.jit import borders, callees, fixed, specialize, worth
from zexus.jit.forms import named
from zexus.jit.recorder import Bound, Key, Profile, Recorder, of_value
from zexus.jit.version import Origin
from zexus.regvm import cursor as cursors
from zexus.regvm.intervals import COUNT_ROOM
from zexus.regvm.ir import Context
from zexus.regvm.machine import Executable, Frame
from zexus.settings import JitSettings

# The step of a loop over ranges of which not all have the same.
VARIOUS = 0

Statement = tuple[int, int]


def require_layout() -> None:
    """Refuse to go native where the layout of objects, NumPy's included if it is there by now, is not the known one.

    Raises:
        Unsupported: ZX004.
    """
    problem = layout.problem()
    if problem:
        raise Unsupported("ZX004", detail=problem)


class Findings:
    """What is known of one loop.

    Args:
        site: the loop.
        settings: the user's settings.
        lower: makes its code, given the statements that Python is to run.

    Attributes:
        profile: what was seen in recorded runs.
        recorded: how many iterations (of a function: calls) these were, and `watched` how many instructions.
        entered: the types of the parameters in all entries so far.
        saved: the instructions of an iteration that CPython runs and native code does not.
    """

    def __init__(
        self, site: LoopSite, settings: JitSettings, lower: Callable[[frozenset[Statement]], Executable]
    ) -> None:
        self.profile = Profile()
        self.recorded = 0
        self.watched = 0
        self.entered: dict[str, types.Type] = {}
        self.saved = 0.0
        self._site = site
        self._settings = settings
        self._lower = lower
        self._executable: Executable | None = None
        self._outlined: frozenset[Statement] = frozenset()
        self._reasons: dict[int, Unsupported] = {}  # why the statement in a line has no native form
        self._cursor: types.Type | None = None
        self._step: int | None = None
        self.mixed: dict[str, str] = {}  # the locals of types that no native form has in common: which
        self._far: set[str] = set()  # the locals that were integers too far from zero to count from

    @property
    def executable(self) -> Executable:
        """The lowered loop.

        Raises:
            Unsupported: it cannot be a region.
        """
        if self._executable is None:
            self._executable = self._lower(self._outlined)
        return self._executable

    def forget(self) -> None:
        """Begin to record anew."""
        self.profile, self.recorded, self.watched = Profile(), 0, 0

    def recorder(self, share: int = 1) -> Recorder:
        """Notes what it sees in the profile, for as long as there is time.

        Args:
            share: which part of the whole time it may take, 1 for all that is left of it.
        """
        settings = self._settings
        whole = self.executable.code if self._site.kind == "function" else None
        budget = max(settings.record_budget - self.watched if share == 1 else settings.record_budget // share, 0)
        # The calls in a function's loops are what there is to see of it.
        rounds = settings.record_iterations if whole is None else settings.record_budget
        return Recorder(self.profile, callees.executable, budget, settings.inline_depth, whole, rounds)

    def note(self, watcher: Recorder, before: int) -> None:
        """A recorder, which had so much time before, has watched."""
        self.watched += before - watcher.budget

    # --- types ------------------------------------------------------------------------------------------

    def meet(self, it: Any, arguments: Sequence[Any]) -> None:
        """Note the types of an entry: of what is iterated over, and of the arguments."""
        self._cursor = of_iterator(it)
        for name, value in zip(self._site.params, arguments, strict=False):
            self._joined(name, value)

    def fits(self, it: Any, arguments: Sequence[Any], lost: bool = False) -> bool:
        """Whether the types of an entry have a native form in common with those of earlier ones.

        Args:
            it, arguments: the entry.
            lost: the earlier ones turned out to have none: only those that have none either fit.
        """
        if self._cursor is not None and not _related(self._cursor, of_iterator(it), lost):
            return False
        return all(
            _related(self.entered[name], _of_local(value), lost)
            for name, value in zip(self._site.params, arguments, strict=False) if name in self.entered
        )

    def origin(self, frame: Frame) -> Origin:
        """What a version is made for that is entered with what stands at the header now.

        Raises:
            Unsupported: ZX017, nothing native iterates over such an object.
        """
        cells = _known(frame)
        return Origin(frame.machine, cells, self._entry(frame, cells))

    def _entry(self, frame: Frame, cells: Sequence[CellType]) -> specialize.Entry:
        code = frame.machine.code
        arguments: list[types.Type | None] = [None]
        steps: dict[int, int] = {}
        if self._site.kind == "for":
            cursor = borders.cursor_of(frame)
            arguments[0] = of_value(cursor)
            if isinstance(cursor, cursors.RangeCursor):
                self._step = cursor.step if self._step in (None, cursor.step) else VARIOUS
                if self._step != VARIOUS:
                    steps[0] = cursor.step
            if arguments[0] == types.OBJECT:
                raise Unsupported("ZX017", self._site.iterated, type(cursor).__name__)
        for position in range(1, code.params):
            arguments.append(self._joined(code.locals[position], frame.registers[position]))
        far = frozenset(position for position in range(1, code.params) if code.locals[position] in self._far)
        return specialize.Entry(arguments, tuple(cells), steps, far=far)

    def _joined(self, name: str, value: Any) -> types.Type:
        """The type of a local at the header: what it is now, together with what it was in earlier entries."""
        now = _of_local(value)
        if now == types.INT and abs(value) > COUNT_ROOM:
            self._far.add(name)
        self.widen(name, now)
        return self.entered[name]

    def widen(self, name: str, kind: types.Type) -> bool:
        """Let a local be of this type, too; whether that is anything new.

        Where no native form has both types, it is the latest one, of what a function is given any object.
        """
        before = self.entered.get(name)
        try:
            both = kind if before is None else types.join(before, kind)
        except Unsupported:
            both = types.OBJECT if self._site.kind == "function" else kind
            self.mixed[name] = f"{before} in one call, {kind} in another"
        self.entered[name] = both
        return both != before

    # --- code -------------------------------------------------------------------------------------------

    def specialized(self, origin: Origin) -> specialize.Unit:
        """Typed code for an origin.

        Raises:
            specialize.Refused: a statement has no native form.
            Unsupported: the loop has none.
        """
        require_layout()
        cells = origin.cells

        def run_block(context: Context, number: int) -> Any:
            if context.parent is not None:
                return callees.inlined_block(context, number)
            return callees.block(context.code.code, number, cells)

        return specialize.specialize(origin.executable.program, self.profile, origin.entry, callees.executable,
                                     run_block, settings=self._settings)

    def outline(self, refused: specialize.Refused, frame: Frame) -> Frame | None:
        """Lower again with a refused statement left to Python; the frame is carried over. None: it cannot be."""
        statement = refused.context.code.statements[refused.index]
        own = self._site.kind == "for" and statement == (self._site.node.lineno, self._site.node.col_offset)
        if statement in self._outlined or own:
            return None
        self._outlined |= {statement}
        self._reasons[statement[0]] = self._told(refused)
        return self._lowered_anew(frame)

    def embed(self, refused: specialize.Refused, frame: Frame, known: dict[Statement, FunctionType]) -> Frame | None:
        """Lower again with the generator written out that a refused call of a method makes; None: it makes none.

        Args:
            refused: the refusal.
            frame: at the header; what is answered takes its place.
            known: the generator functions that calls of methods are known to call, by line and column.
        """
        seen = self.profile.callees.get((refused.context.path, refused.index), [])
        method = seen[0] if len(seen) == 1 else None
        position = refused.context.code.positions[refused.index]
        if refused.context.parent is not None or not isinstance(method, Bound) or position is None:
            return None
        place = position.line, position.column
        if place in known or not method.function.__code__.co_flags & CO_GENERATOR:
            return None
        known[place] = method.function
        return self._lowered_anew(frame)

    def _lowered_anew(self, frame: Frame) -> Frame | None:
        try:
            self._executable = self._lower(self._outlined)
        except Unsupported:
            return None
        self.forget()
        return borders.moved(frame, self._executable)

    # --- whether it pays ----------------------------------------------------------------------------------

    def lost(self, refused: specialize.Refused, frame: Frame, iterations: int) -> Unsupported | None:
        """Why the loop cannot pay with a refused statement outlined, so that nobody needs to try; or None.

        Args:
            refused: the refusal.
            frame: at the header.
            iterations: how many the loop has run by now, wherever.
        """
        statement = refused.context.code.statements[refused.index]
        costs = worth.Costs.of(self._settings)
        frequencies = self._frequencies(frame, iterations)
        if not worth.is_lost(frame.machine, frequencies, self.profile.callees, statement, costs):
            return None
        return self._too_dear(statement[0], self._told(refused))

    def too_dear(self, unit: specialize.Unit, frame: Frame, iterations: int) -> Unsupported | None:
        """Why native code costs more than it saves, as far as was seen; or None. Arguments as for `lost`."""
        executables = {context.path: made for context, (made, _) in unit.inlined.items()}
        costs = worth.Costs.of(self._settings)
        balance = worth.balance({(): frame.machine, **executables}, self._frequencies(frame, iterations),
                                worth.prices(unit.fn, costs), costs)
        self.saved = balance.saved
        if balance.pays:
            return None
        why = self._reasons.get(balance.line) if balance.own else None
        return self._too_dear(balance.line, why, balance.span)

    def _frequencies(self, frame: Frame, iterations: int) -> dict[Key, float]:
        return self.profile.frequencies(frame.machine.program.header, iterations)

    def _told(self, refused: specialize.Refused) -> Unsupported:
        """The refusal of a statement without what it holds of the program; its place is in the region."""
        position = refused.context.code.positions[refused.index]
        told = Unsupported(refused.refusal.code, detail=refused.refusal.detail)
        return told.blame(position.span if position is not None else None)

    def _too_dear(self, line: int, why: Unsupported | None, span: Span | None = None) -> Unsupported:
        detail = f"the statement in line {line} costs more than native code saves"
        found = Unsupported("ZX018", self._site.node, f"{detail} ({why.detail})" if why and why.detail else detail)
        return found.blame(why.span if why is not None else span)


def _of_local(value: Any) -> types.Type:
    if value is UNBOUND:
        return types.UNBOUND_T
    return types.Fixed(obj=value) if fixed.is_durable(value) else named.of(value) or types.of(value)


def is_drawn(it: Any) -> bool:
    """Whether native code would draw from an iterator as it is."""
    kind = of_iterator(it)
    return isinstance(kind, types.Cursor) and kind.kind == "object"


def of_iterator(it: Any) -> types.Type | None:
    """The type of the cursor over what a loop goes over, None where it is a `while` loop."""
    return None if it is None else of_value(cursors.of_iterator(it))


def _related(known: types.Type, now: types.Type | None, lost: bool) -> bool:
    """Whether values of both types have a native form, or there is none to lose."""
    if now is None:
        return True
    try:
        return types.join(known, now) != types.OBJECT or (now if lost else known) == types.OBJECT
    except Unsupported:
        return False


def _known(frame: Frame) -> Sequence[CellType]:
    """The cells of a region that its code will know, with empty ones for those that are only given to it.

    What these hold dies with the activation. Outlined statements know all.
    """
    program = frame.machine.program
    if any(block.free for block in program.code.blocks):
        return frame.cells
    stored = {instr.imm for instr in program.flat if instr.op == "STORE_CELL"}
    return tuple(CellType() if number in stored else cell for number, cell in enumerate(frame.cells))
