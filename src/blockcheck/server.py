"""A language server: the findings of open files while they are edited, judged with the whole project at hand.

Every change asks for an analysis, which runs on a thread of its own once typing pauses. It takes the text of all
open files from the editor and publishes what it finds for all of them, because a change in one of them may make
a call in another block.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp
from pygls import uris
from pygls.lsp.server import LanguageServer

from blockcheck import __version__
from blockcheck.adoption.add_noqa import annotated
from blockcheck.adoption.baseline import unknown
from blockcheck.config import ConfigError, absolute, cache_folder, load
from blockcheck.engine import Given, run
from blockcheck.findings import Applicability, Severity
from blockcheck.source.decoding import encode
from blockcheck.source.lines import split

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from blockcheck.findings import Edit, Finding

_WATCHED = ("**/*.py", "**/*.pyw", "**/pyproject.toml", "**/blockcheck.toml")
# Seconds without a change before the analysis starts.
PAUSE = 0.3

_SEVERITIES = {
    Severity.ERROR: lsp.DiagnosticSeverity.Error,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
}


@dataclass(frozen=True)
class Document:
    """An open file as it was when an analysis started."""

    uri: str
    path: Path
    text: str
    version: int | None


@dataclass(frozen=True)
class Shown:
    """A finding that the editor shows, and the state of the file it was found in."""

    finding: Finding
    diagnostic: lsp.Diagnostic
    document: Document


class Server:
    """What the editor asks, and what it is told."""

    def __init__(self) -> None:
        self.protocol = LanguageServer("blockcheck", __version__)
        self._shown: dict[str, list[Shown]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._running: asyncio.Task[None] | None = None
        self._outdated = False
        self._last_error = ""
        for feature in (
            lsp.TEXT_DOCUMENT_DID_OPEN,
            lsp.TEXT_DOCUMENT_DID_CHANGE,
            lsp.TEXT_DOCUMENT_DID_SAVE,
            lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES,
        ):
            self._answer(feature, self._changed)
        self._answer(lsp.INITIALIZED, self._watch)
        self._answer(lsp.TEXT_DOCUMENT_DID_CLOSE, self._closed)
        self._answer(lsp.TEXT_DOCUMENT_HOVER, self._hover)
        options = lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix])
        self._answer(lsp.TEXT_DOCUMENT_CODE_ACTION, self._actions, options)

    def _answer(self, feature: str, method: Callable[[Any], object], options: object = None) -> None:
        # pygls leaves attributes on what it is given, which methods do not take.
        self.protocol.feature(feature, options)(partial(method))

    async def _watch(self, _parameters: object) -> None:
        """Ask the editor, if it can, to tell of changes in files that are not open: they count as well."""
        workspace = self.protocol.client_capabilities.workspace
        files = workspace.did_change_watched_files if workspace else None
        if files and files.dynamic_registration:
            method = lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES
            watchers = [lsp.FileSystemWatcher(glob_pattern=pattern) for pattern in _WATCHED]
            options = lsp.DidChangeWatchedFilesRegistrationOptions(watchers=watchers)
            registration = lsp.Registration(id=method, method=method, register_options=options)
            await self.protocol.client_register_capability_async(lsp.RegistrationParams([registration]))

    def _changed(self, _parameters: object) -> None:
        """Start the analysis after a pause."""
        if self._timer:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(PAUSE, self._start)

    def _closed(self, parameters: lsp.DidCloseTextDocumentParams) -> None:
        uri = parameters.text_document.uri
        self._shown.pop(uri, None)
        self._publish(uri, None, [])
        self._changed(parameters)

    def _start(self) -> None:
        # One at a time: two would only take each other's processor.
        if self._running and not self._running.done():
            self._outdated = True
        else:
            self._running = asyncio.get_running_loop().create_task(self._analyse())

    async def _analyse(self) -> None:
        self._outdated = True
        while self._outdated:
            self._outdated = False
            documents = list(self._documents())
            try:
                found = await asyncio.to_thread(_findings, documents)
            except ConfigError as error:
                self._complain(str(error))
                continue
            self._last_error = ""
            open_now = self.protocol.workspace.text_documents
            for document in documents:
                # What has changed in the meantime is analysed next.
                if document.uri in open_now and open_now[document.uri].version == document.version:
                    shown = [
                        Shown(finding, self._diagnostic(finding, document), document)
                        for finding in found[document.path]
                    ]
                    self._shown[document.uri] = shown
                    self._publish(document.uri, document.version, [item.diagnostic for item in shown])

    def _documents(self) -> Iterator[Document]:
        for uri, document in self.protocol.workspace.text_documents.items():
            path = uris.to_fs_path(uri)
            if path is not None:
                yield Document(uri, absolute(Path(path)), document.source, document.version)

    def _complain(self, message: str) -> None:
        """Say what is wrong with the configuration, once."""
        if message != self._last_error:
            self._last_error = message
            parameters = lsp.ShowMessageParams(type=lsp.MessageType.Error, message=f"blockcheck: {message}")
            self.protocol.window_show_message(parameters)

    def _publish(self, uri: str, version: int | None, diagnostics: list[lsp.Diagnostic]) -> None:
        self.protocol.text_document_publish_diagnostics(
            lsp.PublishDiagnosticsParams(uri=uri, version=version, diagnostics=diagnostics)
        )

    def _diagnostic(self, finding: Finding, document: Document) -> lsp.Diagnostic:
        place = finding.location
        lines = split(document.text)
        related = [
            (link.path, link.line, link.column, f"{link.function} calls {link.call}")
            for link in (finding.chain if len(finding.chain) > 1 else ())
        ]
        related += [(other.path, other.line, other.column, other.message) for other in finding.related]
        return lsp.Diagnostic(
            range=lsp.Range(
                self._position(lines, place.line, place.column),
                self._position(lines, place.end_line, place.end_column),
            ),
            severity=_SEVERITIES[finding.severity],
            code=finding.code,
            source="blockcheck",
            message=f"{finding.message}\n{finding.help}" if finding.help else finding.message,
            related_information=[self._related(*entry) for entry in related],
        )

    def _related(self, path: str, line: int, column: int, message: str) -> lsp.DiagnosticRelatedInformation:
        uri = uris.from_fs_path(str(absolute(Path(path)))) or ""
        start = self._position(split(self.protocol.workspace.get_text_document(uri).source), line, column)
        return lsp.DiagnosticRelatedInformation(
            location=lsp.Location(uri, lsp.Range(start, start)), message=message
        )

    def _position(self, lines: Sequence[str], line: int, column: int) -> lsp.Position:
        """Return a place in the editor's terms: from zero, and in the code units it counts in."""
        text = lines[line - 1] if line <= len(lines) else ""
        codec = self.protocol.workspace.position_codec
        return lsp.Position(line - 1, codec.client_num_units(text[: column - 1]))

    def _hover(self, parameters: lsp.HoverParams) -> lsp.Hover | None:
        position = parameters.position
        asked = lsp.Range(position, position)
        shown = [
            item
            for item in self._shown.get(parameters.text_document.uri, ())
            if _overlap(item.diagnostic.range, asked)
        ]
        if not shown:
            return None
        text = "\n\n---\n\n".join(_explained(item.finding) for item in shown)
        return lsp.Hover(
            contents=lsp.MarkupContent(kind=lsp.MarkupKind.Markdown, value=text),
            range=shown[0].diagnostic.range,
        )

    def _actions(self, parameters: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        only = parameters.context.only
        if only is not None and lsp.CodeActionKind.QuickFix not in only:
            return []
        uri = parameters.text_document.uri
        return [
            action
            for item in self._shown.get(uri, ())
            # An edit fits the text that it was made for, and no other.
            if item.document.version == self.protocol.workspace.get_text_document(uri).version
            and _overlap(item.diagnostic.range, parameters.range)
            for action in self._actions_on(item)
        ]

    def _actions_on(self, item: Shown) -> Iterator[lsp.CodeAction]:
        fix = item.finding.fix
        if fix and fix.applicability != Applicability.DISPLAY:
            changes: dict[str, list[lsp.TextEdit]] = defaultdict(list)
            for edit in fix.edits:
                uri = uris.from_fs_path(str(absolute(Path(edit.location.path)))) or ""
                changes[uri].append(self._edit(uri, edit))
            yield _action(fix.message, item, changes, preferred=fix.applicability == Applicability.SAFE)
        text, left = annotated(item.document.text, [item.finding])
        if not left:
            pairs = zip(split(item.document.text), split(text), strict=True)
            number, old, new = next((n, old, new) for n, (old, new) in enumerate(pairs, 1) if old != new)
            span = lsp.Range(self._position([old], 1, 1), self._position([old], 1, len(old) + 1))
            span.start.line = span.end.line = number - 1
            edits = {item.document.uri: [lsp.TextEdit(span, new)]}
            yield _action(f"Hide {item.finding.code} here with a comment", item, edits, preferred=False)

    def _edit(self, uri: str, edit: Edit) -> lsp.TextEdit:
        place = edit.location
        lines = split(self.protocol.workspace.get_text_document(uri).source)
        span = lsp.Range(
            self._position(lines, place.line, place.column),
            self._position(lines, place.end_line, place.end_column),
        )
        return lsp.TextEdit(span, edit.text)


def _findings(documents: list[Document]) -> dict[Path, list[Finding]]:
    """Analyse the projects of some files; return the findings of each file."""
    found: dict[Path, list[Finding]] = {document.path: [] for document in documents}
    by_root: dict[Path, list[Document]] = defaultdict(list)
    for document in documents:
        by_root[load([document.path]).root].append(document)
    for group in by_root.values():
        given = [Given(document.path, encode(document.text)) for document in group]
        # A file is not asked for by being looked at, such as one of an installed package.
        config = replace(load([group[0].path]), force_exclude=True)
        report = run([], config, given=given, cache=cache_folder(config), fixes=bool)
        for finding in unknown(report, config):
            found[absolute(Path(finding.location.path))].append(finding)
    return found


def _action(
    title: str, item: Shown, changes: dict[str, list[lsp.TextEdit]], *, preferred: bool
) -> lsp.CodeAction:
    return lsp.CodeAction(
        title=title,
        kind=lsp.CodeActionKind.QuickFix,
        diagnostics=[item.diagnostic],
        edit=lsp.WorkspaceEdit(changes=changes),
        is_preferred=preferred,
    )


def _explained(finding: Finding) -> str:
    """Return a finding and its chain in Markdown."""
    lines = [f"**{finding.code}** {finding.name}: {finding.message}", ""]
    for link in finding.chain:
        uri = uris.from_fs_path(str(absolute(Path(link.path))))
        lines.append(
            f"1. `{link.function}` calls `{link.call}` ([{link.path}:{link.line}]({uri}#L{link.line}))"
        )
    if finding.help:
        lines += ["", finding.help]
    return "\n".join(lines)


def _overlap(one: lsp.Range, other: lsp.Range) -> bool:
    return one.start <= other.end and other.start <= one.end
