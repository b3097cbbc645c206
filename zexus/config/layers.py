"""Where values come from: defaults, named profiles, files, the environment and the command line, one over the other."""

from __future__ import annotations

import difflib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar, get_origin

import pydantic
from pydantic.fields import FieldInfo

from zexus.config.document import Value, inline, parse, parse_setting
from zexus.config.job import JOB_KEYS, Job
from zexus.config.problems import ConfigError, Place, Problem, Source, did_you_mean
from zexus.config.profile import Profile, Section, knob_names, knobs, section_of, sections
from zexus.config.wording import keys, schema_names, wording

SHIPPED = Path(__file__).parent / "shipped"
_SUFFIXES = (".yaml", ".yml")
_LONGEST = 1 << 20

Model = TypeVar("Model", bound=Profile)


def shipped() -> tuple[str, ...]:
    """The names of the profiles that come with the package."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.yaml") if not is_job(path)))


def is_file(name: str) -> bool:
    """Whether a name is the path of a file, not that of a shipped profile."""
    return name.endswith(_SUFFIXES) or os.sep in name or "/" in name


def is_job(path: str | Path) -> bool:
    """Whether a file holds a job; one that cannot be read holds none."""
    try:
        if not os.path.isfile(path) or os.path.getsize(path) > _LONGEST:
            return False
        data = parse(Source(str(path), Path(path).read_text("utf-8-sig"))).data
    except (OSError, ValueError):
        return False
    return isinstance(data, dict) and any(key in data for key in JOB_KEYS)


@dataclass(frozen=True)
class Resolved:
    """What the layers come to.

    Attributes:
        value: what was set anywhere, with the places that won.
    """

    value: Value

    def model(self, kind: type[Model]) -> Model:
        """The settings themselves.

        Raises:
            ConfigError: something that has no default is missing.
        """
        found, problems = _validated(kind, self.value, partial=False)
        if found is None:
            raise ConfigError(problems)
        return found

    def place(self, *path: str) -> Place:
        """Where a value was set, or the beginning of the whole."""
        value = self.value
        for key in path:
            if isinstance(value.data, list) and key.isdigit() and int(key) < len(value.data):
                value = value.data[int(key)]
            elif isinstance(value.data, dict) and key in value.data:
                value = value.data[key]
            else:
                return value.key_place
        return value.place

    def directory(self, *path: str) -> str:
        """What a relative path is relative to: the directory of the file that it was set in, else the working one."""
        name = self.place(*path).source.name
        return os.path.dirname(os.path.abspath(name)) if name.endswith(_SUFFIXES) else os.getcwd()

    def origins(self) -> dict[str, Place]:
        """Where each value that is not a default was set, by dotted name."""
        return dict(_origins(self.value, Job, ""))


class Resolver:
    """Puts layers one over the other and collects what is wrong with all of them.

    Args:
        kind: Profile or Job: what the files and changes may hold.
        replaced: whether the profiles that files extend are left out, because another one takes their place.
    """

    def __init__(self, kind: type[Profile], replaced: bool = False) -> None:
        self._kind = kind
        self._replaced = replaced
        self._problems: list[Problem] = []
        self._layers: list[Value] = []
        self._extended: list[Value] = []
        self._name = ""
        self._key = "extends"

    def add_named(self, name: str, option: str = "--profile") -> None:
        """A profile by its name or path, as `option` of the command line gives it."""
        self._named(name, Place(Source(option, name)), os.getcwd(), (), self._layers, Profile)

    def add_below(self, name: str) -> None:
        """A profile that goes over what the main file extends, and below the file itself."""
        replaced, self._replaced = self._replaced, False
        self._named(name, Place(Source("--profile", name)), os.getcwd(), (), self._extended, Profile)
        self._replaced = replaced

    def add_file(self, path: str, main: bool = False) -> None:
        """A file with what it extends.

        Args:
            path: where it is.
            main: whether what it extends goes below the named profiles; otherwise it goes right below the file.
        """
        if main:
            self._name = path
        self._file(path, Place(Source(path, "")), (), self._layers, self._kind, main)

    def add_environment(self, environ: Mapping[str, str]) -> None:
        """Every `ZEXUS_PHASE__KNOB`."""
        bools = {(phase, name) for phase, name, field in knobs() if field.annotation is bool}
        for variable, text in sorted(environ.items()):
            if not variable.startswith("ZEXUS_") or "__" not in variable:
                continue
            phase, _, name = variable.removeprefix("ZEXUS_").lower().replace("__", ".").partition(".")
            source = Source(variable, f"{variable}={text}")
            if (phase, name) in bools and text.strip().lower() in _SWITCHES:
                text = _SWITCHES[text.strip().lower()]
            if f"{phase}.{name}" not in knob_names():
                near = difflib.get_close_matches(f"{phase}.{name}", knob_names(), 1, 0.75)
                hint = f"did you mean {variable_of(near[0])!r}?" if near else "`zexus config show` lists all of them"
                self._problems.append(Problem(Place(source), "", f"unknown setting; {hint}"))
                continue
            self._single(source, text, len(variable) + 1, (phase, *name.split(".")))

    def _single(self, source: Source, text: str, offset: int, path: tuple[str, ...]) -> None:
        try:
            value = inline(source, text, offset, path)
        except ConfigError as error:
            self._problems.extend(error.problems)
            return
        self._add(_nested(path, value), self._layers, self._kind)

    def add_changes(self, changes: Iterable[str], option: str = "--set") -> None:
        """Every `NAME=VALUE` of an option; the name of a knob of the tracing tier may stand without its `jit.`."""
        for word in changes:
            known = schema_names(self._kind)
            try:
                path, value = parse_setting(word, known, option)
            except ConfigError as error:
                self._problems.extend(error.problems)
                continue
            if path[0] not in keys(self._kind) and ".".join(("jit", *path)) in known:
                path = ("jit", *path)
            if path[0] == "extends":
                self._problems.append(Problem(value.key_place, "extends", "it stands in files; use --profile"))
                continue
            self._add(_nested(path, replace(value, whole=True)), self._layers, self._kind)

    def instead(self, resolved: Resolved, name: str, place: Place) -> Resolved:
        """A job with every phase as a profile sets it.

        Args:
            resolved: the job.
            name: the profile.
            place: where it is named.

        Raises:
            ConfigError: something is wrong with the profile.
        """
        self._key = "compare"
        self._named(name, place, resolved.directory("compare"), (), self._layers, Profile)
        phases = self.resolved().value
        kept = {key: value for key, value in resolved.value.data.items() if key not in sections()}
        return Resolved(Value({**phases.data, **kept}, resolved.value.place, resolved.value.key_place))

    def resolved(self) -> Resolved:
        """What the layers come to.

        Raises:
            ConfigError: everything that is wrong with any of them.
        """
        if self._problems:
            raise ConfigError(self._problems)
        start = Place(Source(self._name, ""))
        merged = Value({}, start, start)
        for layer in (*self._extended, *self._layers):
            merged = _merged(merged, layer, self._kind)
        return Resolved(merged)

    # --- files -----------------------------------------------------------------------------------------

    def _named(self, name: str, place: Place, directory: str, chain: tuple[str, ...], layers: list[Value],
               kind: type[Profile]) -> None:
        if is_file(name):
            self._file(os.path.normpath(os.path.join(directory, name)), place, chain, layers, kind)
            return
        known = shipped()
        if name not in known:
            hint = did_you_mean(name, known)
            self._problems.append(Problem(place, self._key_of(place), f"unknown profile {name!r}; {hint}"
                                          " (a file is written with its ending .yaml)"))
            return
        self._file(str(SHIPPED / f"{name}.yaml"), place, chain, layers, kind, shown=name)

    def _file(self, path: str, place: Place, chain: tuple[str, ...], layers: list[Value], kind: type[Profile],
              main: bool = False, shown: str = "") -> None:
        try:
            real = os.path.realpath(path)
        except ValueError:  # no name of a file, as reading it says
            real = path
        shown = shown or (path if not chain and main else _shown(path))
        if real in chain:
            road = " -> ".join(_shown(step) for step in (*chain[chain.index(real):], real))
            self._problems.append(Problem(place, "extends", f"a circle: {road}"))
            return
        text = self._read(path, shown, place)
        if text is None:
            return
        try:
            value = parse(Source(shown, text))
        except ConfigError as error:
            self._problems.extend(error.problems)
            return
        if not isinstance(value.data, dict):
            self._problems.append(Problem(value.place, "", "a profile or job is a mapping of names to values"))
            return
        holds_job = any(key in value.data for key in JOB_KEYS)
        if holds_job and kind is Profile:
            key = next(key for key in value.data if key in JOB_KEYS)
            self._problems.append(Problem(value.data[key].key_place, key, "this belongs to a job, and a profile is "
                                                                          "needed here"))
        below = self._extended if main else layers
        own_kind = Job if holds_job else Profile
        self._extend(value, os.path.dirname(os.path.abspath(path)), (*chain, real), below, own_kind)
        if chain and self._replaced and not holds_job:  # another profile takes its place
            return
        own = Value({key: item for key, item in value.data.items() if key != "extends"}, value.place, value.key_place)
        self._add(own, layers, Job if holds_job else kind)

    def _extend(self, value: Value, directory: str, chain: tuple[str, ...], layers: list[Value],
                kind: type[Profile]) -> None:
        extends = value.data.get("extends")
        if extends is None:
            return
        entries = extends.data if isinstance(extends.data, list) else [extends]
        for entry in entries:
            if not isinstance(entry.data, str) or not entry.data:
                self._problems.append(Problem(entry.place, "extends", "takes the name of a profile or the path of a "
                                                                      "file, or a list of these"))
                continue
            self._named(entry.data, entry.place, directory, chain, layers, kind)

    def _read(self, path: str, shown: str, place: Place) -> str | None:
        key = self._key_of(place)
        try:
            if stat.S_ISFIFO(os.stat(path).st_mode):
                raise ValueError("it is a pipe, which can be read once only")
            with open(path, "rb") as file:
                data = file.read(_LONGEST + 1)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            self._problems.append(Problem(place, key, f"{shown} cannot be read: {reason}{_near_file(path)}"))
            return None
        if len(data) > _LONGEST:
            self._problems.append(Problem(place, key, f"{shown} is larger than {_LONGEST} bytes"))
            return None
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            before = data[: error.start].decode("utf-8", "replace")
            line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
            self._problems.append(Problem(Place(Source(shown, ""), line, column), "", "this is not UTF-8"))
            return None

    def _key_of(self, place: Place) -> str:
        return "" if place.source.name in ("--profile", "profile") or not place.source.text else self._key

    def _add(self, value: Value, layers: list[Value], kind: type[Profile]) -> None:
        _, problems = _validated(kind, value, partial=True)
        self._problems.extend(problems)
        if not problems:
            layers.append(value)


_SWITCHES = {"1": "true", "on": "true", "yes": "true", "true": "true",
             "0": "false", "off": "false", "no": "false", "false": "false", "": "false"}


def _shown(path: str) -> str:
    """A path as messages show it: relative where that is shorter and stays below."""
    try:
        relative = os.path.relpath(path)
    except ValueError:
        return path
    return path if relative.startswith("..") else relative


def _near_file(path: str) -> str:
    directory, name = os.path.split(path)
    try:
        names = [other for other in os.listdir(directory or ".") if other.endswith(_SUFFIXES)]
    except (OSError, ValueError):
        return ""
    stems = {other.rpartition(".")[0]: other for other in reversed(sorted(names))}  # their endings are alike anyway
    stem = name.rpartition(".")[0]
    near = difflib.get_close_matches(stem, stems, 1, 0.6) if name not in names else ()
    return f"; did you mean {stems[near[0]]!r}?" if near else ""


def _nested(path: Sequence[str], value: Value) -> Value:
    for key in reversed(path):
        value = Value({key: value}, value.key_place, value.key_place)
    return value


def variable_of(name: str) -> str:
    """The environment's variable for a knob."""
    return f"ZEXUS_{name.replace('.', '__').upper()}"


def _merged(base: Value, over: Value, kind: type[Section]) -> Value:
    """Sections are merged knob by knob, mappings (`kwargs`, `env`) key by key; all else is replaced."""
    data = dict(base.data)
    for key, value in over.data.items():
        field = _field(kind, key)
        inner = section_of(field) if field is not None else None
        if key in data and isinstance(value.data, dict) and isinstance(data[key].data, dict) and not value.whole:
            if inner is not None:
                value = _merged(data[key], value, inner)
            elif field is not None and get_origin(field.annotation) is dict:
                value = Value({**data[key].data, **value.data}, value.place, value.key_place)
        data[key] = value
    return Value(data, over.place, over.key_place)


def _field(kind: type[Section], key: str) -> FieldInfo | None:
    return next((field for name, field in kind.model_fields.items() if (field.alias or name) == key), None)


def _origins(value: Value, kind: type[Section], before: str) -> Iterator[tuple[str, Place]]:
    for key, item in value.data.items():
        field = _field(kind, key)
        inner = section_of(field) if field is not None else None
        if inner is not None and isinstance(item.data, dict):
            yield from _origins(item, inner, f"{before}{key}.")
        else:
            yield before + key, item.place


# --- validation --------------------------------------------------------------------------------------------


def _validated(kind: type[Model], value: Value, partial: bool) -> tuple[Model | None, list[Problem]]:
    try:
        return kind.model_validate(value.plain()), []
    except pydantic.ValidationError as error:
        details = error.errors(include_url=False)
    problems = [problem for detail in details for problem in _problems(kind, value, detail, partial)]
    return None, problems


def _problems(kind: type[Profile], value: Value, detail: Any, partial: bool) -> Iterator[Problem]:
    if detail["type"] == "missing" and partial:
        return
    key: list[str] = []
    of_key = detail["type"] == "extra_forbidden" or detail["loc"][-1:] == ("[key]",)
    for step in detail["loc"]:
        data = value.data
        if (isinstance(data, dict) and step in data) or (isinstance(data, list) and isinstance(step, int)):
            value = data[step]
        elif detail["type"] != "missing" or step != detail["loc"][-1]:
            continue  # pydantic names the branch of a union here
        key.append(str(step))
    place = value.key_place if of_key else value.place
    yield Problem(place, ".".join(key), wording(kind, key, value, detail))
