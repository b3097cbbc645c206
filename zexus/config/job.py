"""Jobs: what is to be run, how often, and what has to come out; a job is a profile with a target."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from zexus.config.profile import Profile, Section

_FUNCTION = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*:[^\W\d]\w*(?:\.[^\W\d]\w*)*")


def is_function(target: str) -> bool:
    """Whether a target is a `module:function`, not a file."""
    return _FUNCTION.fullmatch(target) is not None


def is_bytecode(target: str) -> bool:
    """Whether a target is a program in bytecode."""
    return target.endswith(".zxa")


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"is no regular expression: {error}") from None
    return text


def _variable(name: str) -> str:
    if not name or "=" in name or "\0" in name:
        raise ValueError("is no name of a variable")
    return name


def _without_null(text: str) -> str:
    if "\0" in text:
        raise ValueError("may not hold the character U+0000")
    return text


SystemText = Annotated[str, AfterValidator(_without_null)]  # what the system takes: a path, a variable's value


class ReportFile(Section):
    """A report to be written.

    Its path is relative to the job's file.
    """

    format: Literal["text", "json"] = Field(default="text", description="A `text` to be read, or `json`.")
    path: SystemText = Field(min_length=1, description="The file to write, relative to the job's file.")


class Expect(Section):
    """What has to come out; a failed expectation ends the run with exit code 3."""

    value: Any = Field(default=None, description="What the function, or `main` of a bytecode program, has to return.")
    stdout: Annotated[str, AfterValidator(_pattern)] | None = Field(
        default=None,
        description="A regular expression that has to be found in what is printed.")
    no_side_exits: bool = Field(default=False, description="Whether native code has to run to its loops' ends.")
    native_share: float | None = Field(
        default=None, ge=0, le=1,
        description="The least share of observed loop iterations that has to be native.")


class Job(Profile):
    """What is to be run, with the phases as they are set for it."""

    extends: str | list[str] | None = Field(
        default=None,
        description="Names of profiles, or paths of profiles and jobs, that this one is based on.")
    target: str = Field(
        min_length=1,
        description="A script, a `module:function` or a `.zxa` program; relative to the job's file.")
    args: list[Any] = Field(default_factory=list, description="Arguments; a script gets them as texts.")
    kwargs: dict[str, Any] = Field(default_factory=dict, description="Keyword arguments of a function.")
    env: dict[Annotated[str, AfterValidator(_variable)], SystemText] = Field(
        default_factory=dict,
        description="Environment variables of the run; texts.")
    repeat: int = Field(
        default=1, ge=1, le=1_000_000,
        description="How often the target runs. Functions and bytecode run again in one process, scripts in a process "
                    "each.")
    warmup: int = Field(default=0, ge=0, le=1_000_000, description="How often it runs before that, untimed.")
    compare: str | None = Field(
        default=None, min_length=1,
        description="A profile with which the target runs as well, to say how many times as fast the job is; it has to "
                    "print and return the same.")
    reports: list[ReportFile] = Field(default_factory=list, description="Reports to be written.")
    expect: Expect = Field(default=Expect(), description="What has to come out.")


JOB_KEYS = tuple(name for name in Job.model_fields if name not in Profile.model_fields and name != "extends")
