"""A tier without an engine, put in the place of the real one where this directory is on PYTHONPATH.

Its hooks leave every loop to CPython; on the way they relink at their second call and remove themselves at their
eighth, so that code objects change while a program runs.
"""

from __future__ import annotations

import itertools
import sys
import types


class LoopTier:
    def __init__(self, site, namespace, settings, host):
        self.site, self.namespace, self.settings, self.host = site, namespace, settings, host
        self.limit = 2
        self.hook = self.enter
        self.entries = 0
        self.turns = itertools.repeat(True)
        self.first_name = namespace.get("__name__")

    def enter(self, *arguments):
        from zexus.frontend.sites import UNBOUND

        self.entries += 1
        if self.entries == 2:
            self.limit = 5
            self.hook = self.enter_again
            self.host.relink(self.site.index)
        if self.entries == 8:
            self.host.remove(self.site.index)
        if self.site.kind == "function":
            return 3, None
        return (3, None, *[UNBOUND] * len(self.site.results))

    def leave(self, answer, *arguments):
        return answer

    def enter_again(self, *arguments):
        return self.enter(*arguments)

    def idle(self, code):
        return True

    def report(self):
        from zexus.codes import CODES
        from zexus.jit.explain import RegionReport

        code = "ZX043" if self.entries else "ZX001"
        return RegionReport(
            self.site.first_line, self.site.last_line, self.site.kind, "python", code, CODES[code].text,
            CODES[code].hint, entries=self.entries, iterations=self.entries, function=self.site.scope.qualname,
            filename=self.site.scope.filename,
        )


tier = types.ModuleType("zexus.jit.tier")
tier.LoopTier = LoopTier
sys.modules["zexus.jit.tier"] = tier
functions = types.ModuleType("zexus.jit.functions")
functions.FunctionTier = LoopTier
sys.modules["zexus.jit.functions"] = functions
