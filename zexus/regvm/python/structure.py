"""From a control-flow graph to a tree of structured statements: loops, tests, protected parts, scopes to jump out of.

Ramsey, Beyond Relooper: Recursive Translation of Unstructured Control Flow to Structured Control Flow (2022): the tree
follows the dominator tree, blocks with several predecessors stand behind a scope that the jumps to them leave. Parts of
the graph that a statement has to enclose, which are loops and what a handler covers, are scopes of the same kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import field
from typing import TypeAlias

from zexus import ops
from zexus.records import dataclass
from zexus.regvm import cfg
from zexus.regvm.ir import Block, Function, Instr

_SMALL_EXIT = 12  # instructions of a way out of a loop that may stand inside of it


class Irregular(Exception):
    """The graph has no tree: a cycle with several entries, or one that a handler covers in several pieces."""


@dataclass(eq=False)
class Straight:
    """The instructions of a block; its terminator only where it ends the function."""

    block: Block


@dataclass(eq=False)
class Test:
    """One of two ways, by the BRANCH at the end of a block."""

    block: Block
    then: Tree
    orelse: Tree


@dataclass(eq=False)
class Choice:
    """One of many ways, by the SWITCH at the end of a block."""

    block: Block
    arms: list[Tree]


@dataclass(eq=False)
class Loop:
    """Repeats `body`; a Goto to the header inside begins the next iteration, one to anything outside leaves it.

    Attributes:
        condition: whether the BRANCH at the end of the header is the loop's own condition, which is no part of `body`.
        inverted: whether the loop goes on where that is false.
        orelse: what follows when the loop ends by its own condition.
    """

    header: Block
    body: Tree
    condition: bool = False
    inverted: bool = False
    orelse: Tree = field(default_factory=list)


@dataclass(eq=False)
class Scope:
    """`body`, in which a Goto to `label` goes on behind it."""

    label: Block
    body: Tree


@dataclass(eq=False)
class Try:
    """`body`, whose exceptions go to the handler.

    Attributes:
        caught: what handles them, where that stands here; a Goto to the handler otherwise.
    """

    handler: Block
    body: Tree
    caught: Tree


@dataclass(eq=False)
class Goto:
    """Control goes on at a block."""

    target: Block


Node: TypeAlias = "Straight | Test | Choice | Loop | Scope | Try | Goto"
Tree: TypeAlias = "list[Node]"


def simplify(fn: Function) -> Function:
    """A copy of `fn` (the instructions shared, but for terminators) without empty blocks and needless block borders.

    The blocks keep their numbers; unreachable ones are gone.
    """
    made = Function(fn.name, fn.form, fn.params, consts=fn.consts, next_value=fn.next_value, next_block=fn.next_block)
    copies = {block: Block(block.number) for block in cfg.reverse_postorder(fn)}
    for block, copy in copies.items():
        last = block.terminator
        copy.instrs = block.instrs[:-1]
        copy.instrs.append(Instr(last.op, last.args, last.dest, last.imm, [copies[t] for t in last.targets], last.index,
                                 last.context))
        copy.catches = None if block.catches is None else copies[block.catches]
        made.blocks.append(copy)
    while _thread(made) or _join(made):
        pass
    return made


def _thread(fn: Function) -> bool:
    """Jump past blocks that only jump."""
    changed = False
    for block in fn.blocks:
        for position, target in enumerate(block.terminator.targets):
            seen = {target}
            while len(target.instrs) == 1 and target.terminator.op == "JUMP" and target.successors[0] not in seen:
                target = target.successors[0]
                seen.add(target)
            if target is not block.terminator.targets[position]:
                block.terminator.targets[position] = target
                changed = True
    if changed:
        cfg.drop_unreachable(fn)
    return changed


def _join(fn: Function) -> bool:
    """Put blocks together where one is the only way to the other."""
    edges = count_edges(fn.blocks)
    for block in fn.blocks:
        while block.terminator.op == "JUMP":
            (target,) = block.successors
            together = block.catches if not is_quiet(block) else target.catches
            fits = block.catches is target.catches or is_quiet(block) or is_quiet(target)
            if target is block or target is fn.entry or edges[target] != 1 or not fits:
                break
            block.instrs = block.instrs[:-1] + target.instrs
            block.catches = together
            fn.blocks.remove(target)
            cfg.drop_unreachable(fn)
            return True
    return False


def count_edges(blocks: Iterable[Block]) -> dict[Block, int]:
    """How many ways lead to each block; a handler has more than one, as nothing but an exception goes to it."""
    found: dict[Block, int] = {}
    for block in blocks:
        for target in block.successors:
            found[target] = found.get(target, 0) + 1
        if block.catches is not None:
            found[block.catches] = found.get(block.catches, 0) + 2
    return found


def is_quiet(block: Block) -> bool:
    """Whether none of the instructions can raise."""
    return all(instr.op in ops.QUIET or (instr.op == "BRANCH" and _compares(block)) for instr in block.instrs)


def _compares(block: Block) -> bool:
    test = block.terminator.args[0]
    made = next((i for i in reversed(block.instrs) if i.dest is test), None)
    return made is not None and made.op in ("IS", "IS_NOT")


class _Builder:
    def __init__(self, fn: Function) -> None:
        self.fn = fn
        graph = cfg.Graph(fn)
        order, idom = graph.order, graph.idom
        self.rank = {block: position for position, block in enumerate(order)}
        self.children: dict[Block, list[Block]] = {block: [] for block in order}
        for block in order[1:]:
            self.children[idom[block]].append(block)
        self.loops = {loop.header: loop for loop in graph.loops}
        for block in order:
            for target in cfg.following(block):
                if self.rank[target] <= self.rank[block] and not cfg.dominates(idom, target, block):
                    raise Irregular(f"{fn.name}: the cycle through bb{target.number} has several entries")
        self.forward = count_edges(order)
        for header, loop in self.loops.items():
            for latch in loop.latches:
                self.forward[header] -= sum(t is header for t in latch.successors) + 2 * (latch.catches is header)
        self.handlers = {block.catches for block in order if block.catches is not None}
        self.quiet = {block for block in order if block.catches is None and is_quiet(block)}

    def build(self) -> Tree:
        return self.place(self.fn.entry, set(self.rank), None)

    def place(self, block: Block, inside: set[Block], handler: Block | None, begun: Block | None = None) -> Tree:
        """The blocks of `inside` that `block` dominates.

        Args:
            block: where control enters.
            inside: what the enclosing statement takes.
            handler: where exceptions go here.
            begun: the header of the loop whose body this is.
        """
        protects = block.catches is not None and block.catches is not handler
        loop = self.loops.get(block) if begun is not block else None
        region = self.covered(block, inside) if protects else set()
        if loop is not None and not loop.blocks <= inside:
            raise Irregular(f"{self.fn.name}: the cycle at bb{block.number} is covered in pieces")
        if loop is not None and not loop.blocks <= region:
            taken = {*loop.blocks, *self.small_exits(loop, inside)}
            return self.enclose([Loop(block, self.place(block, taken, handler, block))], taken, inside, handler)
        if protects:
            assert block.catches is not None
            body = self.place(block, region, block.catches, begun)
            return self.enclose([Try(block.catches, body, [Goto(block.catches)])], region, inside, handler)
        last = block.terminator
        tree: Tree = [Straight(block)]
        if last.op == "JUMP":
            tree += self.way(block, last.targets[0], inside, handler)
        elif last.op == "BRANCH":
            tree.append(Test(block, *(self.way(block, target, inside, handler) for target in last.targets)))
        elif last.op == "SWITCH":
            tree.append(Choice(block, [self.way(block, target, inside, handler) for target in last.targets]))
        return self.enclose(tree, {block}, inside, handler, [c for c in self.children[block] if self.is_label(c)])

    def enclose(self, tree: Tree, taken: set[Block], inside: set[Block], handler: Block | None,
                labels: Sequence[Block] | None = None) -> Tree:
        """`tree`, and behind it the blocks that it jumps to, each behind a scope."""
        if labels is None:
            labels = [c for block in taken for c in self.children[block] if c not in taken]
        for label in sorted((b for b in labels if b in inside), key=self.rank.__getitem__):
            tree = [Scope(label, tree), *self.place(label, inside, handler)]
        return tree

    def is_label(self, block: Block) -> bool:
        return self.forward[block] > 1 or block in self.handlers

    def way(self, block: Block, target: Block, inside: set[Block], handler: Block | None) -> Tree:
        """What comes next: the target itself where only this way leads to it, a Goto otherwise."""
        if target in self.children[block] and target in inside and not self.is_label(target):
            return self.place(target, inside, handler)
        return [Goto(target)]

    def covered(self, entry: Block, inside: set[Block]) -> set[Block]:
        """What a statement that protects `entry` encloses: what its handler covers, as far as `entry` dominates it."""
        handler = entry.catches
        assert handler is not None
        found: set[Block] = set()
        work = [entry]
        while work:
            block = work.pop()
            found.add(block)
            work.extend(child for child in self.children[block] if child in inside and child is not handler
                        and (child in self.quiet or self.is_protected(child, handler)))
        while True:
            stray = self.stray(entry, found)
            if stray is None:
                return found
            found -= self.dominated(stray)

    def stray(self, entry: Block, found: set[Block]) -> Block | None:
        """A block that must not or need not be enclosed with the others."""
        in_loops: set[Block] = set()
        for header, loop in self.loops.items():
            if header in found and header is not entry and not loop.blocks <= found:
                return header
            if header in found and loop.blocks <= found:
                in_loops |= loop.blocks
        for block in found:
            is_leaf = not any(child in found for child in self.children[block])
            if block in self.quiet and is_leaf and block not in in_loops and block is not entry:
                return block
        return None

    def dominated(self, block: Block) -> set[Block]:
        found = {block}
        for child in self.children[block]:
            found |= self.dominated(child)
        return found

    def is_protected(self, block: Block, handler: Block) -> bool:
        """Whether exceptions of the block go to the handler, or to one that stands inside of what it covers."""
        seen: set[Block] = set()
        way = block.catches
        while way is not None and way not in seen:
            if way is handler:
                return True
            seen.add(way)
            inner = way
            while inner in self.quiet and inner.terminator.op == "JUMP" and inner not in seen - {way}:
                seen.add(inner)
                inner = inner.successors[0]
            way = inner.catches
        return False

    def small_exits(self, loop: cfg.Loop, inside: set[Block]) -> set[Block]:
        """Short ways out of a loop: they may stand where the loop is left."""
        found: set[Block] = set()
        for block in loop.blocks:
            for target in self.children[block]:
                if target in loop.blocks or target not in inside or self.is_label(target) or block is loop.header:
                    continue
                part = self.dominated(target)
                if part <= inside and not part & set(self.loops) and sum(len(b.instrs) for b in part) <= _SMALL_EXIT:
                    found |= part
        return found


def structure(fn: Function) -> Tree:
    """The tree of a function.

    Args:
        fn: of any form; every block reachable.

    Returns:
        Statements; every way through them ends the function, or with a Goto to an enclosing scope's label or to the
        header of an enclosing loop.

    Raises:
        Irregular: there is no such tree.
    """
    return nest_handlers(_Builder(fn).build())


def nest_handlers(tree: Tree) -> Tree:
    """Let handlers stand in their Try where nothing else leads to them."""
    made: Tree = []
    for position, node in enumerate(tree):
        node = _mapped(node, nest_handlers)
        if isinstance(node, Scope) and node.body and isinstance(node.body[-1], Try):
            protected = node.body[-1]
            is_alone = count_gotos(node.body, node.label) == 1 and is_goto(protected.caught)
            if protected.handler is node.label and is_alone:
                rest = nest_handlers(tree[position + 1:])
                protected.caught = rest
                return [*made, *node.body]
        made.append(node)
    return made


def recognize(tree: Tree, is_condition: Callable[[Block], bool]) -> Tree:
    """Give loops that begin with a test a condition, and let what follows that alone be their `orelse`.

    Args:
        tree: which is used up.
        is_condition: whether a block does nothing but compute the test at its end.
    """
    made: Tree = []
    for position, node in enumerate(tree):
        node = _mapped(node, lambda part: recognize(part, is_condition))
        if isinstance(node, Loop):
            _find_condition(node, is_condition)
        if isinstance(node, Scope) and node.body and isinstance(node.body[-1], Loop):
            loop = node.body[-1]
            by_condition = is_goto(loop.orelse) and count_gotos(node.body, node.label) \
                == count_gotos(loop.orelse, node.label) == 1
            if by_condition and _leaves(loop.body, {loop.header}):
                loop.orelse = recognize(tree[position + 1:], is_condition)
                return [*made, *node.body]
        made.append(node)
    return made


def _find_condition(loop: Loop, is_condition: Callable[[Block], bool]) -> None:
    match loop.body:
        case [Straight(first), Test(block, then, orelse), *rest] if first is block is loop.header and not rest:
            for way, other, inverted in ((orelse, then, False), (then, orelse, True)):
                match way:
                    case [Goto(target)] if target is not block and is_condition(block):
                        loop.condition, loop.inverted, loop.orelse, loop.body = True, inverted, way, other
                        return


def _leaves(tree: Tree, known: set[Block]) -> bool:
    """Whether a Goto to none of the known blocks, nor to one that the tree itself names, stands in it."""
    for node in tree:
        if isinstance(node, Goto) and node.target not in known:
            return True
        names = {node.label} if isinstance(node, Scope) else {node.header} if isinstance(node, Loop) else set()
        if any(_leaves(part, known | names) for part in parts(node)):
            return True
    return False


def is_goto(tree: Tree) -> bool:
    """Whether a tree does nothing but jump."""
    return len(tree) == 1 and isinstance(tree[0], Goto)


def _mapped(node: Node, change: Callable[[Tree], Tree]) -> Node:
    for name in ("body", "then", "orelse", "caught"):
        if hasattr(node, name):
            setattr(node, name, change(getattr(node, name)))
    if isinstance(node, Choice):
        node.arms = [change(arm) for arm in node.arms]
    return node


def parts(node: Node) -> list[Tree]:
    """The trees inside a node."""
    if isinstance(node, Choice):
        return node.arms
    return [getattr(node, name) for name in ("body", "then", "orelse", "caught") if hasattr(node, name)]


def count_gotos(tree: Tree, target: Block) -> int:
    """How many Gotos to a block stand in a tree."""
    return sum(node.target is target if isinstance(node, Goto) else
               sum(count_gotos(part, target) for part in parts(node)) for node in tree)


def falls_short(tree: Tree, label: Block, tail: bool = True) -> bool:
    """Whether some Goto to the label stands where control would not reach the end of the tree by itself.

    Args:
        tree: the body of the label's scope.
        tail: whether the end of the tree is the end of the scope.
    """
    for position, node in enumerate(tree):
        last = tail and position == len(tree) - 1
        if isinstance(node, Goto):
            if node.target is label and not last:
                return True
        elif isinstance(node, Loop):
            if not last and count_gotos(node.body, label):
                return True
            if falls_short(node.orelse, label, last):
                return True
        elif any(falls_short(part, label, last) for part in parts(node)):
            return True
    return False


def show(tree: Tree, indent: str = "") -> str:
    """The tree as text, for people and golden files."""
    lines: list[str] = []
    deeper = indent + "    "
    for node in tree:
        match node:
            case Straight(block):
                lines.append(f"{indent}{block}\n")
            case Goto(target):
                lines.append(f"{indent}goto {target}\n")
            case Test(block, then, orelse):
                lines.append(f"{indent}if {block}:\n{show(then, deeper)}{indent}else:\n{show(orelse, deeper)}")
            case Choice(block, arms):
                lines.append(f"{indent}switch {block}:\n")
                lines.extend(f"{indent}case {number}:\n{show(arm, deeper)}" for number, arm in enumerate(arms))
            case Loop(header, body, condition, inverted, orelse):
                head = f" while {'not ' * inverted}{header}" if condition else ""
                lines.append(f"{indent}loop {header}{head}:\n{show(body, deeper)}")
                if orelse:
                    lines.append(f"{indent}else:\n{show(orelse, deeper)}")
            case Scope(label, body):
                lines.append(f"{indent}scope {label}:\n{show(body, deeper)}")
            case Try(handler, body, caught):
                lines.append(f"{indent}try:\n{show(body, deeper)}{indent}handler {handler}:\n{show(caught, deeper)}")
    return "".join(lines)
