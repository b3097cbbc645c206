"""Laws of the IR on random functions: the text form is read back, passes keep the meaning and the laws."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.regvm.functions import Outcome, arguments, evaluate, functions
from zexus.regvm import pipeline
from zexus.regvm.ir import Function
from zexus.regvm.passes.bounds import bounds
from zexus.regvm.passes.dce import dce
from zexus.regvm.passes.licm import licm
from zexus.regvm.text import parse, print_function
from zexus.regvm.verify import verify

MANY = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
FEW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@given(functions())
@FEW
def test_the_text_form_is_read_back(fn: Function) -> None:
    text = print_function(fn)
    assert print_function(parse(text)) == text


@given(functions())
@FEW
def test_random_functions_obey_the_laws(fn: Function) -> None:
    verify(fn)


@pytest.mark.parametrize("run", (*pipeline.PASSES, dce, licm, bounds), ids=lambda run: run.__name__)
@given(fn=functions(), given_=arguments())
@MANY
def test_a_pass_keeps_the_meaning(run: pipeline.Pass, fn: Function, given_: list[Any]) -> None:
    landings: list[Outcome] = []
    before = evaluate(fn, given_, landings)
    first = print_function(fn)
    changed = run(fn)
    verify(fn)
    assert changed == (print_function(fn) != first)
    after = evaluate(fn, given_)
    assert before.kind == "fuel" or after == before or after in landings


@given(fn=functions(), given_=arguments())
@MANY
def test_the_pipeline_keeps_the_meaning(fn: Function, given_: list[Any]) -> None:
    landings: list[Outcome] = []
    before = evaluate(fn, given_, landings)
    pipeline.optimize(fn)
    after = evaluate(fn, given_)
    assert before.kind == "fuel" or after == before or after in landings
