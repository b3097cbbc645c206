"""What a handler asks of the exception that it has taken: its text, its arguments, its class."""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable
from functools import partial
from types import NoneType, WrapperDescriptorType
from typing import Any

from zexus import shapes, types
from zexus.codes import Unsupported
from zexus.jit import initializing
from zexus.jit.forms import texts
from zexus.jit.specialize.attributes import Attributes
from zexus.jit.specialize.raising import Raising, loud, made_of, quiet
from zexus.jit.trace import Rep, divided, is_format
from zexus.regvm.ir import Block, Instr, Phi, Value

_OF_ALL = vars(BaseException)["__str__"]
_OF_KEYS = vars(KeyError)["__str__"]
_ARGUMENTS = vars(BaseException)["args"].__get__
# What is read of exceptions, and the class that has it.
_ATTRIBUTES: dict[str, type] = {"args": BaseException, "__class__": object}
_CONSTANTS = (str, int, float, bool, NoneType)
# How messages show what they are about, and what tells these ways apart.
_SHOWN = ("%r", "%.200r")
_SAMPLES: dict[types.Type, tuple[Any, ...]] = {
    types.STR: ("xyz", "it's", "ä\n" * 150), types.CHAR: ("x", "'", "ä"), types.INT: (5, -7, 2**62)}


class Caught(Raising, Attributes):
    """Exceptions that a handler looks at."""

    def exception(self, instr: Instr, kind: type, args: list[Rep]) -> Rep:
        """A call of a class of exceptions; what sets up its objects is part of the world.

        Raises:
            Unsupported: as for `Raising`.
        """
        made = super().exception(instr, kind, args)
        known = initializing.kept(kind)
        if known is None:
            return made
        fixed = (self.t.object_of(rep) for rep in args if isinstance(rep.type, types.Known))
        if not all(type(one) in initializing.PLAIN for one in fixed) or shapes.problem():
            raise Unsupported("ZX022", detail=f"{kind.__name__}()")
        self.keeps_order(kind)
        self.unchanged(kind, BaseException, "__setattr__")
        for base, function in known.functions:
            self.of_class("class", base, "__init__", function)
        return made

    def asked_of_error(self, instr: Instr, function: Any, args: list[Rep]) -> Rep | None:
        """`str(error)`, `type(error)` and what an f-string writes of an error; None for anything else."""
        if len(args) != 1 or not isinstance(args[0].type, types.Raised):
            return None
        if function is builtins.type:
            return self.class_of_error(args[0].type)
        if is_format(function) and function.__self__ == "{}":
            for error in args[0].type.ordered():
                self.unchanged(error.kind, object, "__format__")
            return self.text_of_error(instr, args[0])
        return self.text_of_error(instr, args[0]) if function is builtins.str else None

    def attribute_of_error(self, instr: Instr, rep: Rep, kind: types.Raised) -> Rep:
        """`error.name`.

        Raises:
            Unsupported: another attribute than the arguments and the class.
        """
        name = instr.imm
        kept = self.kept_argument(name, rep, kind)
        if kept is not None:
            return kept
        if name not in _ATTRIBUTES:
            raise Unsupported("ZX020", detail=f"attribute {name!r} of {kind}")
        for error in kind.ordered():
            self.unchanged(error.kind, _ATTRIBUTES[name], name)
        return self.arguments_of_error(instr, rep) if name == "args" else self.class_of_error(kind)

    def kept_argument(self, name: str, rep: Rep, kind: types.Raised) -> Rep | None:
        """The argument that an attribute is which the `__init__` of the program's own has set; None for any other."""
        t, values, found = self.t, rep.values[1:], list[tuple[types.Error, Rep]]()
        for error in kind.ordered():
            size = sum(len(types.layout(arg)) for arg in error.args)
            own, values = divided(error.args, values[:size]), values[size:]
            known = initializing.kept(error.kind) if _is_made(error) else None
            items = self.arguments_given(error, own) if known is not None and name in known.names else []
            place = known.names[name] if items and known is not None else 0
            if place < len(items):
                found.append((error, items[place]))
        if not found or any(item.type != found[0][1].type for _, item in found):
            return None
        for error, _ in found:
            self.unchanged(error.kind, BaseException, "__getattribute__")
            self.lacks(error.kind, name)
        # It is one of these, or leaves.
        error, item = found[0]
        there = t.emit("EQ", (rep.values[0], t.int_(error.number)), "i1")
        for error, other in found[1:]:
            this = t.emit("EQ", (rep.values[0], t.int_(error.number)), "i1")
            item = Rep(item.type, tuple(t.emit("SELECT", (this, new, old), new.type)
                                        for new, old in zip(other.values, item.values, strict=True)))
            there = t.emit("OR", (there, this), "i1")
        if len(found) < len(kind.errors):
            t.guard(there, "ZX031")
        return item

    def class_of_error(self, kind: types.Raised) -> Rep:
        """The class of an exception.

        Raises:
            Unsupported: it may be one of several.
        """
        kinds = {error.kind for error in kind.errors}
        if len(kinds) > 1:
            raise Unsupported("ZX020", detail=f"the class of {kind}")
        (only,) = kinds
        return self.t.known(only, f"class {only.__qualname__}")

    def text_of_error(self, instr: Instr, rep: Rep) -> Rep:
        """`str(error)`."""
        return Rep(types.STR, (self.of_each(instr, rep, self.error_text),))

    def arguments_of_error(self, instr: Instr, rep: Rep) -> Rep:
        """`error.args`."""
        t = self.t
        if isinstance(rep.type, types.Raised) and len(rep.type.errors) == 1:
            (error,) = rep.type.errors
            items = self.error_arguments(error, divided(error.args, rep.values[1:]))
            if items is not None:
                return t.tuple_of(items)
        return Rep(types.AnyTuple(), (self.of_each(instr, rep, self.boxed_arguments),))

    def of_each(self, instr: Instr, rep: Rep, form: Callable[[types.Error, list[Rep]], Value]) -> Value:
        """An object that is made of an exception, by the one that it is."""
        t = self.t
        assert isinstance(rep.type, types.Raised)
        errors, values = rep.type.ordered(), rep.values[1:]
        made = Phi(t.fn.value("ptr"))
        rest = t.fn.block()
        for error in errors:
            size = sum(len(types.layout(arg)) for arg in error.args)
            own, values = divided(error.args, values[:size]), values[size:]
            if len(errors) == 1:
                return form(error, own)
            other: Block | None = None
            if error is not errors[-1]:
                here, other = t.fn.block(), t.fn.block()
                self.part_ways(instr, t.emit("EQ", (rep.values[0], t.int_(error.number)), "i1"), here, other)
            found = form(error, own)
            made.incoming[self.jump(instr, rest)] = found
            self.continue_at(other or rest)
        if not t.dry:
            rest.phis.append(made)
        return made.dest

    def error_text(self, error: types.Error, args: list[Rep]) -> Value:
        """The object of `str(error)`.

        Raises:
            Unsupported: code of the user's may run.
        """
        t, kind = self.t, error.kind
        told = shapes.lookup(kind, "__str__")
        if error.make is quiet and type(told) is WrapperDescriptorType and not shapes.is_changeable(kind):
            return t.built(str, [args[0].value])
        items = self.error_arguments(error, args)
        if items is None or told not in (_OF_ALL, _OF_KEYS):
            raise Unsupported("ZX020", detail=f"the text of {kind.__name__}")
        self.unchanged(kind, KeyError if told is _OF_KEYS else BaseException, "__str__")
        if not items:
            return texts.pointer(t, t.constant(""))
        if len(items) > 1:
            return t.built(str, [t.boxed(t.tuple_of(items))])
        (item,) = items
        if told is _OF_KEYS:
            return t.built(repr, [t.boxed(item)])
        if texts.is_one(t, item):
            return texts.pointer(t, item)
        return t.built(str, [t.boxed(item)])

    def error_arguments(self, error: types.Error, args: list[Rep]) -> list[Rep] | None:
        """What `error.args` holds, as far as it is known item by item.

        Raises:
            Unsupported: an argument is no number, text or None.
        """
        t = self.t
        if error.make in (quiet, loud):
            return None
        if initializing.kept(error.kind) is not None:
            raise Unsupported("ZX020", detail=f"the arguments of {error.kind.__name__}, which sets them itself")
        if error.make is not error.kind and not _is_made(error):
            return [self.message(error, args)] if args else [t.constant(item) for item in _raised(error.make).args]
        return self.arguments_given(error, args)

    def arguments_given(self, error: types.Error, args: list[Rep]) -> list[Rep]:
        """The arguments with which the class of an exception was called.

        Raises:
            Unsupported: an argument is no number, text or None.
        """
        t = self.t
        fixed: tuple[tuple[int, Any], ...] = error.make.args[1] if _is_made(error) else ()  # type: ignore[attr-defined]
        items = [texts.settled(t, rep) for rep in args]
        for position, obj in fixed:
            if type(obj) not in _CONSTANTS:
                raise Unsupported("ZX020", detail=f"an argument of {error.kind.__name__}")
            items.insert(position, t.constant(obj))
        return items

    def boxed_arguments(self, error: types.Error, args: list[Rep]) -> Value:
        """The object of `error.args`.

        Raises:
            Unsupported: an argument is no number, text or None.
        """
        t = self.t
        items = self.error_arguments(error, args)
        if items is not None:
            return t.boxed(t.tuple_of(items))
        if shapes.is_changeable(error.kind):
            raise Unsupported("ZX020", detail=f"the arguments of {error.kind.__name__}")
        return t.built(_ARGUMENTS, [args[0].value])

    def message(self, error: types.Error, args: list[Rep]) -> Rep:
        """The text that an exception of a builtin function has for its only argument: it shows what was given.

        Raises:
            Unsupported: it says something else.
        """
        t = self.t
        template = _template(error.make, args[0].type) if len(args) == 1 else None
        if template is None:
            raise Unsupported("ZX020", detail=f"the text of {error.kind.__name__}")
        if not any(shown in template for shown in _SHOWN):
            return Rep(types.STR, (texts.pointer(t, t.constant(template % ())),))
        return Rep(types.STR, (t.built(operator.mod, [texts.pointer(t, t.constant(template)), t.boxed(args[0])]),))

    def unchanged(self, kind: type, base: type, name: str) -> None:
        """A class of exceptions finds a method where another one does, and goes on to."""
        if shapes.is_changeable(kind):
            self.found_as(kind, base, name)
        elif shapes.lookup(kind, name) is not shapes.lookup(base, name):
            raise Unsupported("ZX020", detail=f"{name} of {kind.__name__}")


def _is_made(error: types.Error) -> bool:
    """Whether an exception is made by a call of its class in the program."""
    return isinstance(error.make, partial) and error.make.func is made_of


def _raised(make: Callable[..., Any], *args: Any) -> BaseException:
    try:
        raise make(*args)
    except Exception as error:
        return error


def _template(make: Callable[..., Any], kind: types.Type) -> str | None:
    """The text of what a function raises, with a place for what it was given; None where it says something else."""
    samples = _SAMPLES.get(kind, ())
    told = [_raised(make, sample).args for sample in samples]
    if not samples or any(len(args) != 1 or type(args[0]) is not str for args in told):
        return None
    text: str = told[0][0].replace("%", "%%")
    for shown in _SHOWN:
        template = text.replace(repr(samples[0]), shown)
        if template != text and all(template % one == args[0] for one, args in zip(samples, told, strict=True)):
            return template
    return text if all(text % () == args[0] for args in told) else None
