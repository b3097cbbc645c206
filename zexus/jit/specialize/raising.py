"""Exceptions that a handler in the region takes without leaving native code.

Where an operation raises and the handler around it was seen to take exceptions, control goes there by an edge. The
exception itself is no object but a number, of a type that says which errors it may stand for; whoever wants the object
leaves the region, and the exit makes it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from zexus import ops, types
from zexus.codes import Unsupported
from zexus.jit import initializing
from zexus.jit.forms import errors, texts
from zexus.jit.recorder import MANY
from zexus.jit.specialize.edges import Edges
from zexus.jit.specialize.state import UNKNOWN
from zexus.jit.trace import Rep
from zexus.regvm.ir import Block, Instr, Phi, Value

# What runs code of the user's, which would look in vain for the exception that is being handled.
_LOOKING = frozenset(("PYBLOCK", "SET_ADD", "DICT_SET"))


class Raising(Edges):
    """Edges to handlers, and what handlers do."""

    def is_caught(self, block: Block) -> bool:
        """Whether exceptions in a block go to a handler that was seen to take some."""
        return block.catches is not None and self.runs.get(block.catches, UNKNOWN) > 0

    def takes(self, block: Block) -> bool:
        """Whether exceptions that are raised in a block go to its handler: such as need no other one as context."""
        return self.is_caught(block) and not any(
            self.handles(instr) for instr in block.instrs if instr.context is not None)

    def must_leave(self, instr: Instr) -> bool:
        """Whether an instruction needs the exception that is being handled to be in its place."""
        traced = instr.op == "GETATTR" and instr.imm == "__traceback__"
        return (traced or instr.op in _LOOKING) and self.handles(instr)

    def guard_handler(self, block: Block, instr: Instr, args: list[Rep]) -> None:
        """Go to the handler of a block where an instruction raises."""
        found = errors.condition(self.t, instr.op, args)
        if found is None:
            return
        holds, operands = found
        meaning = ops.OPS[instr.op].meaning
        assert meaning is not None
        error = self.error(instr, instr.op, partial(meaning, *operands), _kind(partial(meaning, *operands)))
        self.throw(block, instr, holds, self.raised(error, ()))

    def throw(self, block: Block, instr: Instr, holds: Value | None, rep: Rep) -> None:
        """The edge to the handler, taken unless `holds`."""
        handler = block.catches
        assert handler is not None and isinstance(rep.type, types.Raised)
        self.go(block, [handler])
        self.caught.setdefault(handler, set()).update(rep.type.errors)
        if self.t.dry:
            return
        way = self.edge(block, handler, instr)
        self.thrown[way] = rep
        if holds is None:
            self.t.block.instrs.append(Instr("JUMP", [], targets=[way], index=instr.index, context=instr.context))
            return
        rest = self.t.fn.block()
        test = Instr("BRANCH", [holds], targets=[rest, way], index=instr.index, context=instr.context)
        if self.runs.get(handler, 0) * self.settings.predictable <= self.runs.get(block, UNKNOWN):
            test.facts = frozenset(("likely",))
        self.t.block.instrs.append(test)
        self.t.block = rest

    def expect(self, instr: Instr, holds: Value, kind: type, make: Callable[..., Any], args: list[Rep]) -> None:
        """Where something does not hold, an instruction raises what `make` raises for these arguments."""
        block = self.taking
        if block is None or kind not in self.raised_by(instr) or not all(_is_held(rep.type) for rep in args):
            self.t.guard(holds, "ZX033")
            return
        error = self.error(instr, kind, make, kind, tuple(rep.type for rep in args))
        self.throw(block, instr, holds, self.raised(error, tuple(value for rep in args for value in rep.values)))

    def catch(self, instr: Instr, result: Value, make: Callable[..., Any]) -> None:
        """Go to the handler of the block where the call that was just made has raised what it was seen to raise.

        An exception of another class leaves, as it does without a handler.

        Args:
            instr: the instruction.
            result: what the call answers, null where it has raised.
            make: `quiet` or `loud`: whether to look at the exception may run other code.
        """
        t, block, kinds = self.t, self.taking, self.raised_by(instr)
        if block is None or not kinds or len(kinds) > MANY:
            return
        t.proven(result, "handled")
        failed = t.emit("SAME", (result, t.null()), "i1")
        raised, rest = t.fn.block(), t.fn.block()
        self.part_ways(instr, failed, raised, rest, frozenset(("unlikely",)))
        error = t.emit("ERROR", (), "ptr")
        t.emit("GUARD_CLASS", (error,), "", tuple(t.ref(kind, f"class {kind.__qualname__}") for kind in kinds), "ZX033")
        self.world_again()
        t.emit("ERROR_TAKEN", (error,))
        for kind in kinds[1:]:
            found = t.emit("IS_CLASS", (error,), "i1", t.ref(kind, f"class {kind.__qualname__}"))
            here, other = t.fn.block(), t.fn.block()
            self.part_ways(instr, found, here, other)
            self.throw_object(block, instr, kind, make, error)
            self.continue_at(other)
        self.throw_object(block, instr, kinds[0], make, error)
        self.continue_at(rest)

    def throw_object(self, block: Block, instr: Instr, kind: type, make: Callable[..., Any], error: Value) -> None:
        """The edge to the handler with an exception of a class that there is already."""
        known = self.error(instr, kind, make, kind, (types.OBJECT,))
        self.throw(block, instr, None, self.raised(known, (error,)))

    def part_ways(self, instr: Instr, test: Value, yes: Block, no: Block, facts: frozenset[str] = frozenset()) -> None:
        """End the typed block by a test, and go on where it holds."""
        if not self.t.dry:
            made = Instr("BRANCH", [test], targets=[yes, no], index=instr.index, context=instr.context)
            made.facts = facts
            self.t.block.instrs.append(made)
        self.continue_at(yes)

    def jump(self, instr: Instr, target: Block) -> Block:
        """End the typed block by a jump; the answer is that block."""
        if not self.t.dry:
            self.t.block.instrs.append(Instr("JUMP", [], targets=[target], index=instr.index, context=instr.context))
        return self.t.block

    def continue_at(self, block: Block) -> None:
        """Emit into another typed block from here on."""
        if not self.t.dry:
            self.t.block = block

    def error(self, instr: Instr, what: Any, make: Callable[..., Any], kind: type, args: tuple[types.Type, ...] = (),
              raised: bool = True) -> types.Error:
        """The error that an instruction raises or has made; one for all walks."""
        key = (instr.context, instr.index, what, args)
        if key not in self.errors:
            where = (instr.context, instr.index) if raised else None
            self.errors[key] = types.Error(len(self.errors), kind, make, args, where)
        return self.errors[key]

    def raised(self, error: types.Error, values: tuple[Value, ...]) -> Rep:
        """The exception that stands for an error."""
        return Rep(types.Raised(frozenset((error,))), (self.t.int_(error.number), *values))

    def exception(self, instr: Instr, kind: type, args: list[Rep]) -> Rep:
        """A call of a class of exceptions.

        Raises:
            Unsupported: code of the user's may run, or an argument is no number or constant.
        """
        t = self.t
        held = [rep for rep in args if _is_held(rep.type)]
        fixed = tuple((position, t.object_of(rep)) for position, rep in enumerate(args)
                      if isinstance(rep.type, types.Known))
        if len(held) + len(fixed) < len(args):
            raise Unsupported("ZX020", detail=f"{kind.__name__} of another object")
        make = partial(made_of, kind, fixed)
        if not _is_simple(kind, make, [_sample(rep.type) for rep in held]):
            raise Unsupported("ZX022", detail=f"{kind.__name__}()")
        what = (kind, tuple((position, id(obj)) for position, obj in fixed))
        error = self.error(instr, what, make, kind, tuple(rep.type for rep in held), raised=False)
        return self.raised(error, tuple(value for rep in held for value in rep.values))

    def text(self, write: Callable[..., str], args: list[Rep]) -> Rep:
        """A text with values in it, which may never be looked at.

        Raises:
            Unsupported: a value is neither a number nor a text, or cannot be written like this.
        """
        kind = types.Text(write, tuple(rep.type for rep in args))
        try:
            kind.write(*map(self.sample, args))
        except Unsupported:
            raise
        except Exception as error:
            raise Unsupported("ZX033", detail=str(error)) from None
        return Rep(kind, tuple(value for rep in args for value in rep.values))

    def sample(self, rep: Rep) -> Any:
        """Something that is written as values of this type are."""
        if isinstance(rep.type, types.Text):
            return ""
        if texts.is_one(self.t, rep):
            return texts.constant(self.t, rep) or ""
        if rep.type not in _SAMPLES:
            raise Unsupported("ZX020", detail=f"a text of {rep.type}")
        return _SAMPLES[rep.type]

    def raises(self, block: Block, instr: Instr, rep: Rep) -> bool:
        """RAISE and RERAISE: whether the exception goes to a handler of this region."""
        if not (self.is_caught(block) if instr.op == "RERAISE" else self.takes(block)):
            return False
        if isinstance(rep.type, types.Known):
            kind = self.t.object_of(rep)
            if not isinstance(kind, type) or not _is_simple(kind, kind, []):
                return False
            rep = self.raised(self.error(instr, kind, kind, kind), ())
        if not isinstance(rep.type, types.Raised):
            return False
        if instr.op == "RAISE":
            (first, *others) = rep.type.errors
            assert instr.env is not None
            if others or sum(value is instr.args[0] for value in instr.env.values()) > 1:
                return False  # several, or one that a variable holds
            error = self.error(instr, first.number, first.make, first.kind, first.args)
            rep = self.raised(error, rep.values[1:])
        self.throw(block, instr, None, rep)
        return True

    # --- what handlers do --------------------------------------------------------------------------------

    def _op_CAUGHT(self, instr: Instr, args: list[Rep]) -> Rep:
        """The exception: what the edges to this handler bring."""
        t = self.t
        handler = next(block for block in self.order if instr in block.instrs)
        members = self.caught.get(handler)
        if not members:
            raise Unsupported("ZX034")
        kind = types.Raised(frozenset(members))
        values = tuple(t.fn.value(held) for held in types.layout(kind))
        if not t.dry:
            phis = [Phi(value) for value in values]
            self.catchers[handler] = kind, phis
            t.block.phis.extend(phis)
        return Rep(kind, values)

    def _op_MATCH(self, instr: Instr, args: list[Rep]) -> Rep:
        t = self.t
        rep, wanted = args
        if not isinstance(rep.type, types.Raised):
            raise Unsupported("ZX020", detail=f"except clause for {rep.type}")
        classes = self.classes(wanted)
        taken = sorted(error.number for error in rep.type.errors if not classes.isdisjoint(error.kind.__mro__))
        if len(taken) in (0, len(rep.type.errors)):
            return Rep(types.BOOL, (t.k("i1", bool(taken)),))
        found = t.k("i1", False)
        for number in taken:
            found = t.emit("OR", (found, t.emit("EQ", (rep.values[0], t.int_(number)), "i1")), "i1")
        return Rep(types.BOOL, (found,))

    def classes(self, wanted: Rep) -> frozenset[type]:
        """What an `except` clause names.

        Raises:
            Unsupported: it is not known, or neither a class of exceptions nor a tuple of such classes.
        """
        found: set[type] = set()
        for item in self.t.items(wanted) if isinstance(wanted.type, types.Tuple) else (wanted,):
            obj = self.t.object_of(item) if isinstance(item.type, types.Known) else None
            if not isinstance(obj, type) or not issubclass(obj, BaseException):
                raise Unsupported("ZX020", detail=f"except clause with {item.type}")
            found.add(obj)
        return frozenset(found)


def quiet(error: BaseException) -> BaseException:
    """An exception whose arguments are texts and numbers."""
    return error


def loud(error: BaseException) -> BaseException:
    """An exception of whose arguments nothing is known."""
    return error


def _kind(make: Callable[[], Any]) -> type:
    try:
        make()
    except Exception as error:
        return type(error)
    raise AssertionError("no error")


def made_of(kind: type, fixed: tuple[tuple[int, Any], ...], *args: Any) -> Any:
    """An exception of a class: of the fixed arguments, at their positions, and of others."""
    arguments = list(args)
    for position, obj in fixed:
        arguments.insert(position, obj)
    return kind(*arguments)


def _is_simple(kind: type, make: Callable[..., Any], args: list[Any]) -> bool:
    """Whether instances of a class of exceptions are made without any code of the user's, and what they say shows."""
    if type(kind) is not type or not issubclass(kind, BaseException):
        return False
    written = [base for base in kind.__mro__ if base.__flags__ & _HEAP]
    if any("__new__" in vars(base) for base in written):
        return False
    if any("__init__" in vars(base) for base in written) and initializing.kept(kind) is None:
        return False
    try:
        return type(make(*args)) is kind
    except Exception:
        return False


def _is_held(kind: types.Type) -> bool:
    """Whether an argument of an exception stays what it is in machine values."""
    return all(map(_is_held, kind.items)) if isinstance(kind, types.Text) else kind in _SAMPLES


def _sample(kind: types.Type) -> Any:
    return kind.write(*map(_sample, kind.items)) if isinstance(kind, types.Text) else _SAMPLES[kind]


# The types of keys that are told by an error which says that a dict has no such key.
KEYS: frozenset[types.Type] = frozenset((types.INT, types.FLOAT, types.BOOL, types.STR, types.CHAR))
_SAMPLES: dict[types.Type, Any] = {
    types.INT: 1, types.FLOAT: 1.0, types.BOOL: True, types.NONE: None, types.STR: "text", types.CHAR: "c"}
_HEAP = 1 << 9  # Py_TPFLAGS_HEAPTYPE: a class that Python code made
