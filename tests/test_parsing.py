"""Parsing in many threads at once, and what the program's own parsing does to it."""

from __future__ import annotations

import ast
import threading

import pytest

from zexus import parsing


def test_a_module_an_expression_and_a_literal() -> None:
    assert ast.dump(parsing.parse("x = 1")) == ast.dump(ast.parse("x = 1"))
    assert ast.dump(parsing.parse_expression(" x + 1")) == ast.dump(ast.parse("x + 1", mode="eval"))
    assert parsing.literal("(1, 'a', None)") == (1, "a", None)


def test_what_is_no_literal_raises_as_python_does() -> None:
    with pytest.raises(ValueError):
        parsing.literal("x")
    with pytest.raises(SyntaxError):
        parsing.literal("1 +")
    with pytest.raises(SyntaxError):
        parsing.parse("for")


def test_a_count_that_another_thread_of_the_program_took_away(monkeypatch: pytest.MonkeyPatch) -> None:
    real = ast.parse
    failures = [SystemError("AST constructor recursion depth mismatch (before=81, after=67)")]

    def parse(*args: object, **options: object) -> ast.AST:
        if failures:
            raise failures.pop()
        return real(*args, **options)  # type: ignore[call-overload,no-any-return]

    monkeypatch.setattr(ast, "parse", parse)
    assert parsing.literal("17") == 17
    assert not failures


def test_threads_parse_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    real, inside, most = ast.parse, [0], [0]

    def parse(*args: object, **options: object) -> ast.AST:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        tree = real(*args, **options)  # type: ignore[call-overload]
        threading.Event().wait(0.001)
        inside[0] -= 1
        return tree  # type: ignore[no-any-return]

    monkeypatch.setattr(ast, "parse", parse)
    work = (lambda: parsing.parse("x = 1"), lambda: parsing.literal("1"), lambda: parsing.parse_expression("x"))
    threads = [threading.Thread(target=work[k % 3]) for k in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]
