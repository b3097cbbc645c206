"""The command `zexus`: run programs, explain their loops and codes, look at the cache and at what loops become."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    import click

    from zexus.config.profile import Profile
    from zexus.jit.program import Program
    from zexus.report.loops import Choice
    from zexus.settings import JitSettings
    from zexus.vm.vm import VM

_BYTECODE = ".zxa"
_JOB = (".yaml", ".yml")


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the command line and do what it says. A program is run outside of the parser, which touches exceptions."""
    plain = _plain_run(sys.argv[1:] if arguments is None else arguments)
    if plain is not None:
        _run(plain)
        return
    import click

    try:
        with _streams():
            result = commands().main(args=arguments, prog_name="zexus", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        _interrupted()
    except OSError as error:  # none of a program's own, which is run below or in another process
        sys.stderr.write(f"zexus: {_reason(error)}\n")
        sys.exit(2)
    if isinstance(result, int):
        sys.exit(result)
    if result is not None:
        _run(*result) if isinstance(result, tuple) else _run(result)


@contextlib.contextmanager
def _streams() -> Iterator[None]:
    """A block in which stdout and stderr can be written to: they may be closed, or know few characters.

    Behind it they are as they were: a program finds them as python gives them to it.
    """
    import io
    import os

    before = sys.stdout, sys.stderr
    with contextlib.ExitStack() as undone:
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            if stream is None:
                setattr(sys, name, undone.enter_context(open(os.devnull, "w", encoding="utf-8")))
            elif isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
                stream.reconfigure(errors="backslashreplace")
                undone.callback(stream.reconfigure, errors="strict")
        undone.callback(lambda: vars(sys).update(stdout=before[0], stderr=before[1]))
        yield


def _reason(error: OSError) -> str:
    """What the system refused, in words."""
    import os

    try:
        os.getcwd()
    except OSError:
        return "the working directory is not there any more"
    words = error.strerror or str(error)
    return words if error.filename is None else f"{error.filename}: {words}"


def _interrupted() -> NoReturn:
    """End as one who was interrupted ends, so that shells and scripts around it stop too."""
    import os
    import signal

    sys.stdout.flush()
    sys.stderr.write("zexus: interrupted\n")
    sys.stderr.flush()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGINT)
    sys.exit(130)


def _run(program: Program, profile: Profile | None = None, choice: Choice | None = None) -> None:
    """Run a Python program as a script, and one of bytecode (`.zxa`) on the VM.

    Args:
        program: what to run.
        profile: its settings, where they are more than those of the tracing tier.
        choice: which loops to tell about at the end, if that is wanted.
    """
    if choice is not None:
        from zexus.report.loops import tell_at_exit
        from zexus.settings import disabled

        _check_writable(choice.json)
        tell_at_exit(choice, program.settings.enabled and not disabled())
    if profile is not None:
        from zexus import events

        events.tell(profile.report.log, profile.report.events)
    if program.target.endswith(_BYTECODE) and not program.is_module:
        _run_bytecode(program, profile)
        return
    if profile is None:
        _run_python(program)
        return
    if profile.report.enabled and profile.report.format == "json":
        from zexus.config.run import report_at_exit

        report_at_exit()
    with profile.collecting():
        _run_python(program)


def _run_python(program: Program) -> None:
    """Run a script or a module, profiled where that was asked for."""
    if program.level in ("", "none"):
        from zexus.jit.program import run

        run(program)
        return
    from zexus.report.running import run_profiled

    _check_writable(program.json)
    run_profiled(program)


def _run_bytecode(program: Program, profile: Profile | None) -> None:
    """Call `main` of a bytecode program with the words as arguments; print what it returns, unless that is None."""
    from zexus.assembly import assemble
    from zexus.bytecode import InvalidCode
    from zexus.settings import VmSettings
    from zexus.vm import tracebacks
    from zexus.vm.vm import VM

    path = program.target
    options = {} if profile is None else profile.vm_options()
    options.setdefault("settings", VmSettings(jit=program.settings))
    options["enable_native_tier"] = program.settings.enabled
    try:
        with open(path, encoding="utf-8") as file:
            module = assemble(file.read(), path)
    except (OSError, UnicodeDecodeError) as error:
        sys.stderr.write(f"zexus: can't read {path!r}: {getattr(error, 'strerror', None) or error}\n")
        sys.exit(2)
    except InvalidCode as error:
        sys.exit(f"zexus: {error}")
    if "main" not in module.functions:
        sys.exit(f"zexus: {path} has no function main")
    vm = VM(**options)
    if program.level:
        _check_writable(program.json)
        vm.start_profiling(program.level)
    try:
        value = vm.run(module, *map(_argument, program.arguments))
    except Exception as error:
        import traceback

        tracebacks.place(error, ())
        traceback.print_exception(error)
        _tell_profile(vm, program)
        sys.exit(1)
    if value is not None:
        print(value)
    _tell_profile(vm, program)


def _check_writable(path: str) -> None:
    """End before the run begins where its report could not be written behind it."""
    from zexus.report.reading import BadReport, check_writable

    try:
        if path:
            check_writable(path)
    except BadReport as error:
        sys.stderr.write(f"zexus: {error}\n")
        sys.exit(2)


def _tell_profile(vm: VM, program: Program) -> None:
    """Write what the profiler has noted, if it was on."""
    if vm.profiler is None:
        return
    vm.stop_profiling()
    if not program.json:
        sys.stdout.flush()
        sys.stderr.write("\n" + vm.get_profiling_report("text"))
        return
    from zexus.report.reading import BadReport, write

    try:
        write(vm.get_profiling_report("json"), program.json)
    except BadReport as error:
        sys.stderr.write(f"zexus: {error}\n")
        sys.exit(2)


def _argument(word: str) -> Any:
    """An argument of a bytecode program: a Python literal, or else the word itself."""
    import ast

    try:
        return ast.literal_eval(word)
    except (ValueError, SyntaxError):
        return word


def _plain_run(words: Sequence[str]) -> Program | None:
    """The program of `run SCRIPT ARGS`, or None where options or mistakes need the parser, whose import takes time."""
    if len(words) < 2 or words[0] != "run" or words[1].startswith("-") or words[1].endswith(_JOB):
        return None
    from zexus.jit.program import Program
    from zexus.settings import SettingsError, from_environment

    if _names_phases():
        return None
    try:
        settings = from_environment()
    except SettingsError:
        return None
    return Program(words[1], False, tuple(words[2:]), settings)


def _names_phases() -> bool:
    """Whether the environment sets other phases than the tracing tier, whose settings the core reads by itself."""
    import os

    return any(name.startswith("ZEXUS_") and "__" in name and not name.startswith("ZEXUS_JIT__") for name in os.environ)


def commands() -> click.Group:
    """The command-line interface as a group of commands."""
    import click

    from zexus import completion

    class Run(click.Command):
        """Everything behind the script's or module's name belongs to the program."""

        def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
            return super().parse_args(ctx, _with_separator(args))

    @click.group(context_settings={"help_option_names": ["-h", "--help"]})
    @click.version_option(package_name=None, version=_version(), prog_name="zexus")
    def zexus() -> None:
        """Run Python programs with their hot loops as native code, and see what became of them."""

    def of_programs(command: Any) -> Any:
        """The options of commands that run a program."""
        for option in (
            click.option("--include", multiple=True, metavar="GLOB", help="Names of further modules to be rewritten."),
            click.option("--set", "changes", multiple=True, metavar="NAME=VALUE",
                         help="A setting, e.g. jit.threshold=100.", shell_complete=completion.settings),
            click.option("-m", "module", metavar="MODULE", help="Run a module by its name, as behind python -m."),
        ):
            command = option(command)
        return command

    @zexus.command(cls=Run, options_metavar="[OPTIONS]")
    @of_programs
    @click.option("--report", is_flag=True, help="Say on stderr at the end which loops ran where, and why.")
    @click.option("--profile", "profiles", multiple=True, metavar="LEVEL|NAME",
                  help="What the profiler notes: none, basic, detailed or full. Or settings: a shipped profile, or the "
                       "path of one. Both can be given.",
                  shell_complete=completion.profiles)
    @click.option("--json", "json", metavar="FILE", help="Where the profiler's report goes, instead of stderr.",
                  shell_complete=completion.files)
    @click.option("--run-dir", metavar="DIR", help="Of a job: where to keep what was run, its report and environment.")
    @click.option("--dry-run", is_flag=True, help="Of a job: print what would be run.")
    @click.argument("program", nargs=-1, type=click.UNPROCESSED, metavar="SCRIPT|JOB.yaml [ARGS]...",
                    shell_complete=completion.files)
    def run(
        module: str | None, report: bool, profiles: tuple[str, ...], json: str | None, changes: tuple[str, ...],
        include: tuple[str, ...], run_dir: str | None, dry_run: bool, program: tuple[str, ...]
    ) -> Program | tuple[Program, Profile] | int:
        """Run SCRIPT (or -m MODULE) as python would; its loops adapt, its text stays as it is.

        A SCRIPT that ends in .zxa is bytecode: its function main is called with ARGS, literals or texts. A JOB.yaml
        says what to run; options may stand behind it, and further YAML files go over it.
        """
        if module is None and not program:
            raise click.UsageError("a script or -m MODULE is needed")
        level, profile = _two_kinds(profiles)
        if json is not None and level in ("", "none"):
            raise click.UsageError("--json needs --profile basic, detailed or full")
        if module is None and program[0].endswith(_JOB):
            from zexus.config.commands import run_job

            if include:
                raise click.UsageError("--include is for scripts and modules")
            if level:
                raise click.UsageError("a job names the profiler's level in its file")
            changes += ("report.enabled=true",) if report else ()
            return run_job(program, profile, changes, run_dir, dry_run)
        if run_dir is not None or dry_run:
            raise click.UsageError("--run-dir and --dry-run are for jobs")
        from zexus.jit.program import Program

        target, rest = (program[0], program[1:]) if module is None else (module, program)
        settings, chosen = _settings(profile, changes)
        said = report or (chosen is not None and chosen.report.enabled and chosen.report.format == "text")
        found = Program(target, module is not None, tuple(rest), settings, include, said, level, json or "")
        return found if chosen is None else (found, chosen)

    @zexus.command(cls=Run, options_metavar="[OPTIONS]")
    @of_programs
    @click.option("--profile", metavar="NAME", help="Settings: a shipped profile, or the path of one.",
                  shell_complete=completion.profiles)
    @click.option("--function", "functions", multiple=True, metavar="NAME", help="Only loops of this function.")
    @click.option("--line", type=click.IntRange(min=1), default=None, help="Only loops that contain this line.")
    @click.option("--vectorized", is_flag=True, help="Ask LLVM, too, which loops work on several iterations at once.")
    @click.option("--json", "json", metavar="FILE", default="", help="Where the story goes as JSON, instead of stderr.",
                  shell_complete=completion.files)
    @click.argument("program", nargs=-1, type=click.UNPROCESSED, metavar="SCRIPT [ARGS]...",
                    shell_complete=completion.files)
    def explain(
        module: str | None, profile: str | None, changes: tuple[str, ...], include: tuple[str, ...],
        functions: tuple[str, ...], line: int | None, vectorized: bool, json: str, program: tuple[str, ...]
    ) -> tuple[Program, Profile | None, Choice]:
        """Run SCRIPT (or -m MODULE) as `zexus run` does, and tell on stderr the story of each of its loops.

        Where it ran, what its native code guards, where that was left, why it was compiled again, and why not at all.
        """
        import os

        from zexus.jit.program import Program
        from zexus.report.loops import Choice

        if module is None and not program:
            raise click.UsageError("a script or -m MODULE is needed")
        target, rest = (program[0], program[1:]) if module is None else (module, program)
        if module is None and target.endswith((_BYTECODE, *_JOB)):
            kind = "bytecode; zexus run --profile basic counts what it executes" if target.endswith(
                _BYTECODE) else "a job; its key report says what it tells"
            raise click.UsageError(f"a script in Python is needed, {target} is {kind}")
        if module is None and not os.path.exists(target):
            raise click.UsageError(f"can't open file {target!r}: there is none")
        # What earlier runs gave up is tried at once: its story is wanted.
        settings, chosen = _settings(profile, ("jit.retry_after=0", *changes))
        return Program(target, module is not None, tuple(rest), settings, include), chosen, Choice(
            functions, line or 0, json, vectorized)

    @zexus.command()
    @click.argument("code", shell_complete=completion.codes)
    def why(code: str) -> None:
        """Say what a CODE like ZX012 means and what can be done about it."""
        from zexus.codes import CODES

        row = CODES.get(code.upper())
        if row is None:
            import difflib

            near = difflib.get_close_matches(code.upper(), CODES, 1)
            hint = f"; did you mean {near[0]}?" if near else f"; codes run from {min(CODES)} to {max(CODES)}"
            raise click.UsageError(f"unknown code {code!r}{hint}")
        click.echo(f"{row.code}  {row.text}\nHint:  {row.hint}")

    @zexus.group()
    def cache() -> None:
        """The compiled loops that are kept on disk."""

    @cache.command()
    def info() -> None:
        """Say where the cache is and what it holds."""
        import zexus.jit.cache as store

        for name, value in store.info().items():
            click.echo(f"{name}: {value}")

    @cache.command()
    def clear() -> None:
        """Remove every compiled loop."""
        import zexus.jit.cache as store

        count = store.clear()
        click.echo(f"{count} {'entry' if count == 1 else 'entries'} removed")

    @zexus.command()
    @click.argument("place", metavar="FILE:FUNCTION|FILE.zxa[:FUNCTION]", shell_complete=completion.files)
    @click.option("--stage", type=click.Choice(["code", "function", "ssa", "python", "trace", "llvm"]), default="code",
                  show_default=True, help="How far the function is taken.")
    def dis(place: str, stage: str) -> None:
        """Show what the loops of a function, or the functions of bytecode, become.

        The file is read, not run; for the stages trace and llvm of a function in Python, which depend on the types
        of a run, it is run as a script.
        """
        path, separator, function = place.rpartition(":")
        if place.endswith(_BYTECODE) or path.endswith(_BYTECODE):
            from zexus.vm.dis import program_listing

            try:
                click.echo(program_listing(path or place, function if path else "", stage), nl=False)
            except (ValueError, OSError) as error:
                raise click.ClickException(str(error)) from None
            return
        if not separator or not path or not function:
            raise click.UsageError(f"FILE:FUNCTION is needed, got {place!r}")
        from zexus.jit.dis import listing

        try:
            click.echo(listing(path, function, stage))
        except (ValueError, OSError) as error:
            raise click.ClickException(str(error)) from None

    @zexus.command()
    @click.option("--seconds", type=click.FloatRange(0, 3600), default=10.0, show_default=True,
                  help="How long the self-test may take; 0 leaves it out.")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    def doctor(seconds: float, as_json: bool) -> int:
        """Say what is installed, what the processor can do, and whether everything works here."""
        from zexus.doctor import findings, lines

        found = []
        for finding in findings(seconds):
            found.append(finding)
            if not as_json:
                click.echo(lines(finding))
        if as_json:
            import json
            from dataclasses import asdict

            click.echo(json.dumps([asdict(finding) for finding in found], indent=2))
        return 3 if any(finding.right is False for finding in found) else 0

    @zexus.command("completion")
    @click.argument("shell", type=click.Choice(completion.SHELLS))
    def print_completion(shell: str) -> None:
        """Print what makes a SHELL complete the words of zexus.

        In bash, for instance: eval "$(zexus completion bash)"
        """
        click.echo(completion.script(shell, zexus))

    from zexus.config.commands import add_commands
    from zexus.report.commands import add_commands as add_reports

    add_commands(zexus)
    add_reports(zexus)
    return zexus


_LEVELS = ("none", "basic", "detailed", "full")


def _two_kinds(words: Sequence[str]) -> tuple[str, str | None]:
    """What the words behind `--profile` are: a level of the profiler, or "", and a profile of settings, or None."""
    import click

    levels = [word.lower() for word in words if word.lower() in _LEVELS]
    names = [word for word in words if word.lower() not in _LEVELS]
    if len(levels) > 1 or len(names) > 1:
        raise click.UsageError("--profile takes one level and one profile of settings, "
                               f"got {', '.join(levels if len(levels) > 1 else names)}")
    return levels[0] if levels else "", names[0] if names else None


def _settings(profile: str | None, changes: Sequence[str]) -> tuple[JitSettings, Profile | None]:
    """The settings of a run, and the profile where one is needed: its libraries are not imported for anything less.

    What is wrong with them is told with its place, and ends the process.
    """
    from zexus.settings import SettingsError, from_environment, updated

    if profile is None and not _names_phases():
        simple = [_SIMPLE.fullmatch(change) for change in changes]
        try:
            if all(simple):
                values = {found["name"]: found["value"] for found in simple if found is not None}
                return updated(from_environment(), values), None
        except SettingsError:
            pass  # it is told below
    from zexus.config.commands import chosen_profile

    chosen = chosen_profile(profile, changes)
    return chosen.jit_settings(), chosen


# A setting of the tracing tier whose value is the same by any rules.
_SIMPLE = re.compile(r"(?:jit\.)?(?P<name>(?:passes\.)?\w+)=(?P<value>true|false|(?:0|[1-9][0-9]*)(?:\.[0-9]+)?)")


def _version() -> str:
    from zexus import __version__

    return __version__


_TAKING = ("-m", "--set", "--include", "--profile", "--json", "--run-dir", "--function", "--line")


def _with_separator(arguments: list[str]) -> list[str]:
    """`arguments` with a `--` in front of the first one that belongs to the program; a job has none."""
    position = 0
    while position < len(arguments):
        word = arguments[position]
        if word == "--":
            return arguments
        if not word.startswith("-"):
            break
        position += 2 if word in _TAKING else 1
        if word.startswith("-m"):
            break
    if position < len(arguments) and arguments[position].endswith(_JOB):
        return arguments
    return [*arguments[:position], "--", *arguments[position:]]
