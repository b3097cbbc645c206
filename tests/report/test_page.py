"""The page of a report in a browser: it fits a telephone, its lines open, and its numbers are those of the JSON."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from html import unescape
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from zexus.assembly import assemble
from zexus.report.collect import collect
from zexus.report.model import Report
from zexus.report.reading import read
from zexus.report.views import view
from zexus.vm.vm import VM

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
STEPS = 500
PROGRAM = "\n".join([
    "; a program with a comment that is much longer than any telephone is wide, " + "so that it has to be moved " * 5,
    "function a_function_whose_name_is_rather_long_for_a_narrow_page(n)",
    *["    LOAD_LOCAL n", "    LOAD_CONST 3", "    ADD", "    STORE_LOCAL n"] * STEPS,
    "    LOAD_LOCAL n", "    RETURN", "",
    "function main(n)",
    "    LOAD_GLOBAL range", "    LOAD_LOCAL n", "    CALL 1", "    ITER",
    "  loop:",
    "    FOR_ITER done",
    "    STORE_LOCAL i",
    "    LOAD_GLOBAL a_function_whose_name_is_rather_long_for_a_narrow_page", "    LOAD_LOCAL i", "    CALL 1",
    "    POP",
    "    JUMP loop",
    "  done:",
    "    LOAD_LOCAL n", "    RETURN", "",
])
# Opens each line as a reader does, and notes what the page shows then.
SCRIPT = """
const frame = document.getElementById("page");
window.onload = () => {
  const page = frame.contentDocument, root = page.documentElement;
  const found = {width: root.clientWidth, needed: root.scrollWidth, lines: {}, shut: 0};
  for (const line of page.querySelectorAll("details.line")) {
    const table = line.querySelector("table");
    found.shut += table.checkVisibility() ? 0 : 1;
    line.querySelector("summary").click();
    found.lines[line.querySelector(".no").textContent] = {
      open: line.open && table.checkVisibility() && table.getBoundingClientRect().height > 0,
      count: line.querySelector(".count").textContent,
      rows: [...table.querySelectorAll("tbody tr")].map(row => [...row.cells].map(cell => cell.textContent)),
    };
  }
  found.forms = 0;
  for (const form of page.querySelectorAll("details.form")) {
    form.querySelector("summary").click();
    const box = form.querySelector("pre").getBoundingClientRect();
    found.forms += box.height > 0 && box.left >= 0 && box.right <= root.clientWidth ? 1 : 0;
  }
  found.opened = root.scrollWidth;
  found.source = page.querySelector(".source").getBoundingClientRect().right;
  found.small = [...page.querySelectorAll("main *")].filter(
    one => one.textContent.trim() && parseFloat(page.defaultView.getComputedStyle(one).fontSize) < 12).length;
  found.boxes = page.querySelectorAll(".flame svg").length;
  document.getElementById("found").textContent = JSON.stringify(found);
};
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    path = tmp_path_factory.mktemp("program") / "a_program_with_a_name_that_is_long_too.zxa"
    path.write_text(PROGRAM, encoding="utf-8")
    vm = VM("stack")
    vm.start_profiling("full")
    assert vm.run(assemble(PROGRAM, str(path)), 7) == 7
    assert vm.profiler is not None
    return collect(vm.profiler)


def seen(report: Report, width: int, folder: Path) -> Any:
    """What a page as wide as that shows in a browser, whose lines were opened."""
    assert BROWSER is not None
    outer = folder / f"outer{width}.html"
    page = view(report, "html").replace("&", "&amp;").replace('"', "&quot;")
    outer.write_text(f'<!DOCTYPE html><meta charset="utf-8"><iframe id="page" style="width:{width}px;height:900px" '
                     f'srcdoc="{page}"></iframe><pre id="found"></pre><script>{SCRIPT}</script>', encoding="utf-8")
    done = subprocess.run(
        [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}", "--dump-dom",
         outer.as_uri()], capture_output=True, text=True, timeout=300)
    found = re.search(r'<pre id="found">(.+?)</pre>', done.stdout, re.DOTALL)
    if found is None:
        pytest.skip(f"the browser does not run here: {done.stderr[-300:]}")
    return json.loads(unescape(found.group(1)))


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="there is no browser")
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_of_a_long_program_in_a_browser(width: int, report: Report, tmp_path: Path) -> None:
    assert len(report.lines) > 2000
    found = seen(report, width, tmp_path)
    assert width - 20 <= found["needed"] == found["opened"] == found["width"] <= width
    assert found["source"] <= width and found["small"] == 0
    assert found["shut"] == len(report.lines)  # the text of the program comes first
    own = json.loads(view(report, "json"))
    assert set(found["lines"]) == {str(line["line"]) for line in own["lines"]}
    inside: dict[str, list[list[str]]] = {}
    for part in own["instructions"]:
        inside.setdefault(str(part["line"]), []).append([str(part["index"]), part["opcode"], str(part["count"]), ""])
    for line in own["lines"]:
        shown = found["lines"][str(line["line"])]
        assert shown["open"] and shown["count"] == str(line["count"])
        assert shown["rows"] == inside[str(line["line"])]
    drawn = [line for line in own["lines"] if 100 * line["instructions"] >= 0.15 * report.executed]
    assert found["boxes"] == 2 + len(drawn)  # and the functions


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="there is no browser")
@pytest.mark.parametrize("width", [390, 1280])
def test_the_forms_of_loops_in_a_browser(width: int, tmp_path: Path) -> None:
    path = tmp_path / "summing.py"
    path.write_text("def summed(n):\n    total = 0\n    for i in range(n):\n        total += i  #" + " and so on" * 60
                    + "\n    return total\n\n\nsummed(100_000)\n", encoding="utf-8")
    profile = tmp_path / "run.json"
    done = subprocess.run(
        [sys.executable, "-m", "zexus", "run", "--profile", "full", "--set", "jit.background=false", "--json",
         str(profile), str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = seen(read(profile), width, tmp_path)
    assert width - 20 <= found["needed"] == found["opened"] == found["width"] <= width
    assert found["forms"] == 4 and found["small"] == 0
    assert all(line["open"] for line in found["lines"].values()) and found["lines"]["4"]["count"] == "100 000"


def _luminance(colour: str) -> float:
    parts = [int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("ground", ["ground", "row", "bar"])
def test_what_is_written_can_be_read(dark: bool, ground: str) -> None:
    style = files("zexus.report").joinpath("page.css").read_text(encoding="utf-8")
    light, _, rest = style.partition("@media (prefers-color-scheme: dark)")
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", rest if dark else light))
    below = _luminance(colours[ground])
    names = ("ink",) if ground == "bar" else ("ink", "quiet", "link", "warn", "S", "P", "V", "R", "G", "N")
    for name in names:
        above = _luminance(colours[name])
        contrast = (max(above, below) + 0.05) / (min(above, below) + 0.05)
        assert contrast >= 4.5, f"{name} on {ground}: {contrast:.2f} to 1"
