"""The language server, through a real client over standard input and output."""

from __future__ import annotations

import asyncio
import sys
from functools import partial
from pathlib import Path

import pytest

lsp = pytest.importorskip("lsprotocol.types")
LanguageClient = pytest.importorskip("pygls.lsp.client").LanguageClient

SLOW = "import time\n\n\ndef wait():\n    time.sleep(1)\n"
QUICK = "def wait():\n    pass\n"
APP = "from pkg import helper\n\n\nasync def handle():\n    x = '\N{GRINNING FACE}'; helper.wait()\n"
FILES = {
    "pyproject.toml": "[tool.blockcheck]\n",
    "pkg/__init__.py": "",
    "pkg/helper.py": SLOW,
    "pkg/app.py": APP,
}
MESSAGE = "helper.wait() blocks the event loop through time.sleep()"


class Editor:
    """An editor with open files."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.client = LanguageClient("test", "1")
        self.published: asyncio.Queue = asyncio.Queue()
        self.messages: asyncio.Queue = asyncio.Queue()
        self.client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(
            lambda params: self.published.put_nowait(params)
        )
        self.watched: asyncio.Queue = asyncio.Queue()
        self.client.feature(lsp.CLIENT_REGISTER_CAPABILITY)(partial(self._register))
        self.client.feature(lsp.WINDOW_SHOW_MESSAGE)(lambda params: self.messages.put_nowait(params))

    def _register(self, parameters) -> None:
        for registration in parameters.registrations:
            watchers = registration.register_options["watchers"]
            self.watched.put_nowait([watcher["globPattern"] for watcher in watchers])

    async def __aenter__(self) -> Editor:
        await self.client.start_io(sys.executable, "-m", "blockcheck", "server")
        watching = lsp.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True)
        capabilities = lsp.ClientCapabilities(
            workspace=lsp.WorkspaceClientCapabilities(did_change_watched_files=watching)
        )
        self.initialized = await self.client.initialize_async(
            lsp.InitializeParams(capabilities=capabilities, root_uri=self.root.as_uri())
        )
        self.client.initialized(lsp.InitializedParams())
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.client.shutdown_async(None)
        self.client.exit(None)
        await self.client.stop()

    def uri(self, name: str) -> str:
        return (self.root / name).as_uri()

    def open(self, name: str, text: str) -> None:
        item = lsp.TextDocumentItem(uri=self.uri(name), language_id="python", version=1, text=text)
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))

    def change(self, name: str, text: str, version: int) -> None:
        whole = lsp.TextDocumentContentChangeWholeDocument(text=text)
        identity = lsp.VersionedTextDocumentIdentifier(uri=self.uri(name), version=version)
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(identity, [whole]))

    async def diagnostics(self, name: str, version: int | None) -> list:
        """Wait for what is published of a version of a file."""
        while True:
            published = await asyncio.wait_for(self.published.get(), 60)
            if (published.uri, published.version) == (self.uri(name), version):
                return list(published.diagnostics)

    def identity(self, name: str):
        return lsp.TextDocumentIdentifier(self.uri(name))


def edit(root: Path, scenario) -> None:
    async def run() -> None:
        async with Editor(root) as editor:
            await scenario(editor)

    asyncio.run(run())


def test_diagnostics_lead_along_the_chain(project) -> None:
    async def scenario(editor: Editor) -> None:
        editor.open("pkg/app.py", APP)
        (diagnostic,) = await editor.diagnostics("pkg/app.py", 1)
        assert diagnostic.message.splitlines()[0] == MESSAGE
        assert (diagnostic.code, diagnostic.source) == ("BCK201", "blockcheck")
        assert diagnostic.severity == lsp.DiagnosticSeverity.Warning
        # The face counts twice.
        assert diagnostic.range == lsp.Range(lsp.Position(4, 14), lsp.Position(4, 27))
        chain = [
            (info.location.uri, info.location.range.start, info.message)
            for info in diagnostic.related_information
        ]
        assert chain == [
            (editor.uri("pkg/app.py"), lsp.Position(4, 14), "pkg.app.handle calls pkg.helper.wait"),
            (editor.uri("pkg/helper.py"), lsp.Position(4, 4), "pkg.helper.wait calls time.sleep"),
        ]

    edit(project(FILES), scenario)


def test_a_change_in_one_open_file_refreshes_the_other(project) -> None:
    async def scenario(editor: Editor) -> None:
        editor.open("pkg/app.py", APP)
        editor.open("pkg/helper.py", SLOW)
        assert len(await editor.diagnostics("pkg/app.py", 1)) == 1
        editor.change("pkg/helper.py", QUICK, 2)  # not saved
        assert await editor.diagnostics("pkg/app.py", 1) == []
        editor.change("pkg/helper.py", SLOW, 3)
        assert len(await editor.diagnostics("pkg/app.py", 1)) == 1
        editor.client.text_document_did_close(lsp.DidCloseTextDocumentParams(editor.identity("pkg/app.py")))
        assert await editor.diagnostics("pkg/app.py", None) == []

    edit(project(FILES), scenario)


def test_a_file_without_a_project_belongs_to_its_package(project) -> None:
    async def scenario(editor: Editor) -> None:
        editor.open("pkg/app.py", APP)
        assert len(await editor.diagnostics("pkg/app.py", 1)) == 1

    edit(project({name: text for name, text in FILES.items() if name != "pyproject.toml"}), scenario)


def test_a_change_on_the_disk_refreshes_what_is_open(project) -> None:
    root = project(FILES)

    async def scenario(editor: Editor) -> None:
        watched = await asyncio.wait_for(editor.watched.get(), 60)
        assert {"**/*.py", "**/pyproject.toml"} <= set(watched)
        editor.open("pkg/app.py", APP)
        assert len(await editor.diagnostics("pkg/app.py", 1)) == 1
        (root / "pkg/helper.py").write_text(QUICK)
        change = lsp.FileEvent(uri=editor.uri("pkg/helper.py"), type=lsp.FileChangeType.Changed)
        editor.client.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams([change]))
        assert await editor.diagnostics("pkg/app.py", 1) == []

    edit(root, scenario)


def test_what_is_excluded_is_not_reported_on(project) -> None:
    async def scenario(editor: Editor) -> None:
        editor.open(".venv/lib/thing.py", APP)
        assert await editor.diagnostics(".venv/lib/thing.py", 1) == []

    edit(project(FILES), scenario)


def test_changes_in_quick_succession_are_analysed_once(project) -> None:
    async def scenario(editor: Editor) -> None:
        editor.open("pkg/app.py", "")
        for version in range(2, 30):
            editor.change("pkg/app.py", APP if version == 29 else "x = " * version, version)
        assert len(await editor.diagnostics("pkg/app.py", 29)) == 1
        assert editor.published.empty()

    edit(project(FILES), scenario)


def test_hover_shows_the_chain(project) -> None:
    async def scenario(editor: Editor) -> None:
        editor.open("pkg/app.py", APP)
        await editor.diagnostics("pkg/app.py", 1)
        ask = editor.client.text_document_hover_async
        hover = await ask(lsp.HoverParams(editor.identity("pkg/app.py"), lsp.Position(4, 16)))
        assert f"**BCK201** blocking-sleep: {MESSAGE}" in hover.contents.value
        assert "1. `pkg.app.handle` calls `pkg.helper.wait` ([pkg/app.py:5](file://" in hover.contents.value
        assert await ask(lsp.HoverParams(editor.identity("pkg/app.py"), lsp.Position(0, 0))) is None

    edit(project(FILES), scenario)


def test_a_quick_fix_hides_a_finding(project) -> None:
    async def scenario(editor: Editor) -> None:
        editor.open("pkg/app.py", APP)
        (diagnostic,) = await editor.diagnostics("pkg/app.py", 1)
        context = lsp.CodeActionContext(diagnostics=[diagnostic])
        asked = lsp.CodeActionParams(editor.identity("pkg/app.py"), diagnostic.range, context)
        actions = await editor.client.text_document_code_action_async(asked)
        (action,) = [action for action in actions if action.title == "Hide BCK201 here with a comment"]
        ((uri, (change,)),) = action.edit.changes.items()
        other = lsp.CodeActionContext(
            diagnostics=[diagnostic], only=[lsp.CodeActionKind.SourceOrganizeImports]
        )
        unasked = lsp.CodeActionParams(editor.identity("pkg/app.py"), diagnostic.range, other)
        assert not await editor.client.text_document_code_action_async(unasked)
        assert uri == editor.uri("pkg/app.py")
        line = APP.splitlines()[4]
        assert change.new_text == line + "  # noqa: BCK201"
        assert change.range == lsp.Range(lsp.Position(4, 0), lsp.Position(4, len(line) + 1))
        editor.change("pkg/app.py", APP.replace(line, change.new_text), 2)
        # Not before the new text has been looked at: the old edits may not fit it.
        assert not await editor.client.text_document_code_action_async(asked)
        assert await editor.diagnostics("pkg/app.py", 2) == []

    edit(project(FILES), scenario)


def test_a_quick_fix_mends_a_finding(project) -> None:
    async def scenario(editor: Editor) -> None:
        editor.open("pkg/app.py", APP)
        (diagnostic,) = await editor.diagnostics("pkg/app.py", 1)
        context = lsp.CodeActionContext(diagnostics=[diagnostic])
        asked = lsp.CodeActionParams(editor.identity("pkg/app.py"), diagnostic.range, context)
        actions = await editor.client.text_document_code_action_async(asked)
        (action,) = [action for action in actions if "to_thread" in action.title]
        ((uri, changes),) = action.edit.changes.items()
        assert uri == editor.uri("pkg/app.py")
        made = [
            (change.range.start.line, change.range.start.character, change.new_text) for change in changes
        ]
        assert made == [
            (0, 0, "import asyncio\n\n"),
            (4, 14, "await asyncio.to_thread("),  # the face before it takes two code units
            (4, 25, ""),
        ]
        assert not action.is_preferred

    edit(project(FILES), scenario)


def test_what_the_baseline_knows_is_not_shown(project, blockcheck) -> None:
    root = project({**FILES, "pyproject.toml": "[tool.blockcheck]\nbaseline = 'known.json'\n"})
    blockcheck("check", "--write-baseline", "known.json")

    async def scenario(editor: Editor) -> None:
        editor.open("pkg/app.py", APP)
        assert await editor.diagnostics("pkg/app.py", 1) == []

    edit(root, scenario)


def test_a_wrong_configuration_is_told_once_and_can_be_mended(project) -> None:
    root = project({**FILES, "pyproject.toml": "[tool.blockcheck]\nselct = []\n"})

    async def scenario(editor: Editor) -> None:
        editor.open("pkg/app.py", APP)
        message = await asyncio.wait_for(editor.messages.get(), 60)
        assert "tool.blockcheck.selct: unknown key; did you mean 'select'?" in message.message
        (root / "pyproject.toml").write_text("[tool.blockcheck]\n")
        editor.change("pkg/app.py", APP, 2)
        assert len(await editor.diagnostics("pkg/app.py", 2)) == 1
        assert editor.messages.empty()

    edit(root, scenario)


def test_a_file_that_is_broken_while_it_is_typed(project) -> None:
    async def scenario(editor: Editor) -> None:
        editor.open("pkg/app.py", "def f(:\n")
        (diagnostic,) = await editor.diagnostics("pkg/app.py", 1)
        assert (diagnostic.code, diagnostic.severity) == ("BCK902", lsp.DiagnosticSeverity.Error)

    edit(project(FILES), scenario)


def test_without_the_extra(blockcheck, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "pygls", None)
    monkeypatch.delitem(sys.modules, "blockcheck.server", raising=False)
    outcome = blockcheck("server")
    assert (outcome.code, outcome.out) == (2, "")
    assert "install blockcheck-linter[lsp]" in outcome.err
