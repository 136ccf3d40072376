"""What a fixer is given: a finding with its syntax, and what the project knows of the call."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from blockcheck.findings import Applicability, Edit, Finding, Fix
from blockcheck.fixes import offloader
from blockcheck.fixes.collected import Collected
from blockcheck.fixes.refusal import Refused
from blockcheck.project.dialects import Dialect, MixedError, choose
from blockcheck.source import edits

if TYPE_CHECKING:
    from collections.abc import Iterable

    import libcst as cst

    from blockcheck.fixes.imports import Imports
    from blockcheck.fixes.offloader import Offloader
    from blockcheck.fixes.syntax import Syntax
    from blockcheck.project import Code, Project, Record
    from blockcheck.source.edits import Change


class Place:
    """One finding, for its fixer.

    Attributes:
        finding: what is to be mended.
        syntax: its file.
        project: the linked project.
        gid: the code that the finding stands in, and ``site`` the call; -1 where it is about a comment.
    """

    def __init__(self, finding: Finding, syntax: Syntax, project: Project, imports: Imports | None) -> None:
        self.finding = finding
        self.syntax = syntax
        self.project = project
        self.gid, self.site = finding.origin or (-1, -1)
        self._imports = imports

    @property
    def code(self) -> Code:
        """The function, class or module that the finding stands in."""
        return self.project.codes[self.gid]

    @property
    def node(self) -> cst.CSTNode:
        """The reported node: mostly a call."""
        return self.syntax.nodes[self.site]

    @cached_property
    def record(self) -> Record | None:
        """What the project knows of the reported call."""
        return self.record_at(self.site)

    def record_at(self, site: int) -> Record | None:
        """What the project knows of another call of the same function."""
        return next((r for r in self.project.all_records(self.gid) if r.site == site), None)

    def is_builtin(self, name: str) -> bool:
        """Whether a builtin's name means that around the place: nothing binds it."""
        code: Code | None = self.code
        while code is not None:
            if name in code.bound or name in code.facts.params.names:
                return False
            code = code.parent
        return True

    def is_import(self, name: str) -> bool:
        """Whether a name stands for what an import of the module gives, as far as one can expect."""
        assert self._imports is not None
        return self._imports.binds(name)

    @cached_property
    def dialect(self) -> Dialect:
        """The asynchronous library that the code is written for."""
        try:
            return choose(self.project, self.code.unit)
        except MixedError as mixed:
            raise Refused(str(mixed)) from mixed

    @cached_property
    def offloader(self) -> Offloader:
        """What runs a function in a thread here."""
        return offloader.choose(self)

    @cached_property
    def collected(self) -> Collected:
        """Where the function waits for what it hands to pools."""
        return Collected(self)

    def name(self, target: str, imported: str, where: Code | None = None) -> tuple[str, list[Change]]:
        """An expression for a qualified name at this place, or in other code of the file, and the import that it takes.

        Raises:
            Refused: the name is taken.
        """
        assert self._imports is not None
        scopes = []
        where = where or self.code
        code: Code | None = where
        while code is not None and code.facts.kind != "module":
            if code.is_function or code is where:
                scopes.append(code.index)
            code = code.parent
        return self._imports.find(target, imported, scopes, self.node if where is self.code else None)

    def fix(self, applicability: Applicability, message: str, changes: Iterable[Change]) -> Fix:
        """A fix made of changes to the file's text."""
        return Fix(applicability, message, self._edits(changes))

    def advice(self, message: str) -> Fix:
        """What a reader should do, where a machine cannot."""
        return Fix(Applicability.DISPLAY, message, ())

    def _edits(self, changes: Iterable[Change]) -> tuple[Edit, ...]:
        return edits.edits(self.finding.location.path, self.syntax.lines, set(changes))


__all__ = ["Place", "Refused"]
