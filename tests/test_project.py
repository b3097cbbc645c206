"""The project's shell: what importing costs, and that the documents and the packaging say what is there."""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import zexus
from zexus.codes import CODES
from zexus.settings import JitSettings

ROOT = Path(__file__).resolve().parents[1]
HEAVY = {"numba", "numpy", "llvmlite", "pydantic", "click", "rich"}
EXAMPLES = sorted(path.name for path in (ROOT / "examples").glob("*.py"))


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def readme_commands() -> list[str]:
    """The command lines of the README's shell blocks."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    lines = [line.partition(" # ")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=ROOT, timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )  # fmt: skip


@pytest.mark.parametrize("statement", ["import zexus", "import zexus; zexus.jit.compile; zexus.explain"])
def test_importing_is_light(statement: str) -> None:
    done = run(sys.executable, "-c", f"{statement}\nimport sys; print(*sys.modules)")
    assert done.returncode == 0, done.stderr
    assert not HEAVY & set(done.stdout.split())


def test_compiling_cold_code_is_light() -> None:
    script = ROOT / "examples" / "sieve.py"
    program = (
        f"import sys; sys.path.insert(0, {str(script.parent)!r}); import nbody, zexus\n"
        "zexus.jit.compile(nbody.energy)([list(body) for body in nbody.BODIES])\n"
        "print(*sys.modules)"
    )
    done = run(sys.executable, "-c", program)
    assert done.returncode == 0, done.stderr
    assert not HEAVY & set(done.stdout.split())


def test_version_is_the_packages() -> None:
    assert zexus.__version__ == project()["project"]["version"]


def test_command_is_installed_as_zexus() -> None:
    module, _, function = project()["project"]["scripts"]["zexus"].partition(":")
    assert callable(getattr(__import__(module, fromlist=[function]), function))


def test_every_imported_package_is_declared() -> None:
    declared = {re.split(r"[^\w-]", name)[0].lower() for name in project()["project"]["dependencies"]}
    declared = {{"pyyaml": "yaml"}.get(name, name) for name in declared}
    optional = {"IPython", "distributed", "cloudpickle"}
    for path in (ROOT / "zexus").rglob("*.py"):
        foreign = imported(path) - set(sys.stdlib_module_names) - {"zexus"} - optional
        assert foreign <= declared, f"{path.relative_to(ROOT)} imports {sorted(foreign - declared)}"


def imported(path: Path) -> set[str]:
    """The top-level names of what a file imports, at its top or in its functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def test_first_screen_has_the_two_commands() -> None:
    first, second = readme_commands()[:2]
    for command in (first, second):
        assert command.startswith("python3.11 -m venv .venv && .venv/bin/pip install -q ")
    runs = [command.split()[-1] for command in first.split(" && ") if ".venv/bin/zexus run " in command]
    assert runs[0] == "configs/quickstart.yaml" and runs[-1].startswith("examples/")
    assert all((ROOT / name).is_file() for name in runs)
    assert second.endswith("&& .venv/bin/pytest -q")
    assert "test" in project()["project"]["optional-dependencies"]


def test_ci_runs_the_readmes_test_command() -> None:
    text = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    pattern = re.search(r"grep -m1 '([^']+)' README.md", text)
    assert pattern is not None
    found = [line for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines() if pattern[1] in line]
    assert found[0] == readme_commands()[1]
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_readme_names_files_that_exist() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:python |\()((?:benchmarks|docs|examples)/[\w./]+|[A-Z]+\.md)", text))
    assert named
    assert not [name for name in named if not (ROOT / name).exists()]


def test_readme_commands_are_known_to_the_command_line() -> None:
    from zexus.cli import commands

    known = commands().commands
    used = {shlex.split(line)[1] for line in readme_commands() if line.startswith("zexus ")}
    assert used and used <= set(known)


def test_readme_tells_settings_with_their_defaults() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `(\w+)` \| (\S+) \|", text, re.MULTILINE))
    for name, shown in told.items():
        assert shown == str(getattr(JitSettings(), name)).lower(), name
    assert len(told) >= 10


def test_readme_names_codes_that_exist() -> None:
    named = set(re.findall(r"ZX\d+", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert named and named <= set(CODES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_say_the_same_under_zexus(name: str, tmp_path: Path) -> None:
    script = str(ROOT / "examples" / name)
    plain = run(sys.executable, script)
    adaptive = run(sys.executable, "-m", "zexus", "run", script, ZEXUS_CACHE_DIR=str(tmp_path))
    assert plain.returncode == 0, plain.stderr
    assert plain.stdout
    assert (adaptive.returncode, adaptive.stdout, adaptive.stderr) == (0, plain.stdout, plain.stderr)


def test_benchmark_programs_are_complete() -> None:
    done = run(sys.executable, "benchmarks/run.py", "--list")
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    groups = [group for group, _ in rows]
    assert groups.count("never") == 10
    assert groups.count("ordinary") == 50
    assert len({name.partition("[")[0] for group, name in rows if group == "mixed"}) == 6
    assert set(groups) == {"scalar", "lists", "arrays", "complex", "slices", "tuples", "generators", "reductions",
                           "handlers", "mixed", "recursion", "objects", "random", "strings", "dicts", "itertools",
                           "callouts", "toplevel", "never", "ordinary"}


def test_no_file_is_without_its_docstring() -> None:
    for folder in ("zexus", "benchmarks", "examples"):
        for path in (ROOT / folder).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            if text.strip():
                assert text.startswith(('"""', 'r"""')), f"{path.relative_to(ROOT)} does not say what it is for"
