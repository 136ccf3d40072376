"""Which files are analysed and reported on, and what their modules are called."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from blockcheck.config import Config, load
from blockcheck.source.discovery import discover


def found(paths: list[str], config: Config | None = None) -> tuple[list[str], list[str]]:
    """The files that are analysed, and those that are reported on."""
    arguments = [Path(path) for path in paths]
    result = discover(arguments, config or load(arguments))
    analysed = [file.display for file in result.files]
    return analysed, [file.display for file in result.files if file.path in result.reported]


def modules(root: Path, **settings: object) -> dict[str, str]:
    result = discover([root], Config(root=root, base=root, **settings))
    return {file.display: file.module for file in result.files}


def test_arguments_are_reported_and_the_project_is_analysed(project) -> None:
    project({"pyproject.toml": "[tool.blockcheck]\n", "a/x.py": "", "a/y.py": "", "b/z.py": ""})
    assert found(["a/x.py"]) == (["a/x.py", "a/y.py", "b/z.py"], ["a/x.py"])
    assert found(["a"]) == (["a/x.py", "a/y.py", "b/z.py"], ["a/x.py", "a/y.py"])
    assert found(["."]) == (["a/x.py", "a/y.py", "b/z.py"], ["a/x.py", "a/y.py", "b/z.py"])


def test_root_is_the_nearest_configuration_then_version_control_then_the_common_parent(project) -> None:
    root = project({".git/HEAD": "", "a/blockcheck.toml": "", "a/b/x.py": "", "c/d/y.py": "", "c/e/z.py": ""})
    assert load([Path("a/b")]).root == root / "a"
    assert load([Path("c/d")]).root == root
    (root / ".git/HEAD").unlink()
    (root / ".git").rmdir()
    assert load([Path("c/d")]).root == root / "c/d"
    assert load([Path("c/d/y.py"), Path("c/e")]).root == root / "c"


def test_without_a_marker_the_root_is_the_folder_above_the_outermost_package(project) -> None:
    package = {
        "pkg/__init__.py": "",
        "pkg/sub/__init__.py": "",
        "pkg/sub/x.py": "",
        "pkg/y.py": "",
        "z.py": "",
    }
    root = project({**package, **{f"lib/site-packages/{name}": text for name, text in package.items()}})
    for path in ("pkg/sub/x.py", "pkg/sub", "pkg"):
        assert load([Path(path)]).root == load([Path(path)], isolated=True).root == root
    assert found(["pkg/sub/x.py"])[0] == [*found(["pkg"])[1], "z.py"]
    # What was installed beside it does not belong to it.
    assert load([Path("lib/site-packages/pkg/sub")]).root == root / "lib/site-packages/pkg"
    assert found(["lib/site-packages/z.py"])[0] == ["lib/site-packages/z.py"]


def test_a_package_is_analysed_as_a_whole_where_its_root_is_no_project(project, monkeypatch) -> None:
    root = project(
        {"a/pkg/__init__.py": "", "a/pkg/x.py": "", "a/pkg/y.py": "", "b/z.py": "", "b/more.py": ""}
    )
    monkeypatch.setenv("TMPDIR", str(root))
    config = load([Path("a/pkg/x.py"), Path("b/z.py")])
    assert config.root == root
    assert found(["a/pkg/x.py", "b/z.py"], config) == (
        ["a/pkg/__init__.py", "a/pkg/x.py", "a/pkg/y.py", "b/z.py"],
        ["a/pkg/x.py", "b/z.py"],
    )
    monkeypatch.setenv("TMPDIR", str(root / "a"))
    assert load([Path("a/pkg/x.py")]).root == root / "a/pkg"


def test_pyproject_without_our_table_is_no_root(project) -> None:
    root = project({"blockcheck.toml": "", "a/pyproject.toml": "[tool.other]\n", "a/x.py": ""})
    assert load([Path("a")]).root == root


def test_stubs_notebooks_and_other_files_are_left_out(project) -> None:
    project({"a.py": "", "b.pyi": "", "c.ipynb": "{}", "d.txt": "", "e.pyw": ""})
    assert found(["."])[1] == ["a.py", "e.pyw"]
    assert found(["b.pyi", "c.ipynb"])[1] == []


def test_a_script_without_suffix_is_taken_when_named(project) -> None:
    project({"tool": "#!/usr/bin/env python3\n", "a.py": ""})
    assert found(["tool"])[1] == ["tool"]
    assert found(["."])[1] == ["a.py"]


@pytest.mark.parametrize(
    "folder", [".venv", "node_modules", "build", "dist", "__pycache__", ".git", ".tox", "venv", "x.egg-info"]
)
def test_usual_folders_are_excluded(project, folder: str) -> None:
    project({"a.py": "", f"{folder}/b.py": "", f"deep/{folder}/c.py": ""})
    assert found(["."])[1] == ["a.py"]


def test_a_virtual_environment_of_any_name_is_excluded(project) -> None:
    project({"a.py": "", "my-env/pyvenv.cfg": "", "my-env/b.py": ""})
    assert found(["."])[1] == ["a.py"]


def test_a_package_named_build_is_no_build_folder(project) -> None:
    project({"src/build/__init__.py": "", "src/build/a.py": "", "build/b.py": ""})
    assert found(["."])[1] == ["src/build/__init__.py", "src/build/a.py"]


def test_gitignore_is_honoured(project) -> None:
    project(
        {
            ".git/HEAD": "",
            ".gitignore": "# comment\ngenerated/\n/top.py\n*_pb2.py\n!kept_pb2.py\ndocs/**/x.py\n",
            "top.py": "",
            "a/top.py": "",
            "a/m_pb2.py": "",
            "a/kept_pb2.py": "",
            "a/generated/b.py": "",
            "docs/1/2/x.py": "",
            "docs/1/2/y.py": "",
            "sub/.gitignore": "local.py\n",
            "sub/local.py": "",
            "local.py": "",
        }
    )
    everything = ["a/kept_pb2.py", "a/top.py", "docs/1/2/y.py", "local.py"]
    assert found(["."])[1] == everything
    # Files above an argument count too.
    assert found(["a"])[1] == ["a/kept_pb2.py", "a/top.py"]


def test_exclude_replaces_and_extend_exclude_adds(project) -> None:
    root = project({"a.py": "", "build/b.py": "", "tests/data/c.py": "", "d.py": ""})
    assert found(["."], Config(root=root, base=root, exclude=("d.py",)))[1] == [
        "a.py",
        "build/b.py",
        "tests/data/c.py",
    ]
    assert found(["."], Config(root=root, base=root, extend_exclude=("tests/data",)))[1] == ["a.py", "d.py"]


def test_excluded_files_are_taken_when_named_unless_forced(project) -> None:
    root = project({"a.py": "", "build/b.py": ""})
    assert found(["build/b.py"])[1] == ["build/b.py"]
    assert found(["build"])[1] == ["build/b.py"]
    forced = Config(root=root, base=root, force_exclude=True)
    assert found(["build/b.py", "a.py"], forced)[1] == ["a.py"]
    assert found(["build"], forced)[1] == []


def test_links_that_loop_dangle_or_double(project) -> None:
    root = project({"a/x.py": "", "elsewhere.txt": ""})
    os.symlink(root / "a", root / "a/loop")
    os.symlink("nowhere.py", root / "dangling.py")
    os.symlink("two.py", root / "one.py")
    os.symlink("one.py", root / "two.py")
    os.symlink("a/x.py", root / "again.py")
    result = discover([root], load([root]))
    assert [file.display for file in result.files] == ["a/x.py"]
    problems = {problem.path: problem for problem in result.problems}
    assert list(problems) == ["dangling.py", "one.py", "two.py"]
    assert problems["dangling.py"].message == "dangling symbolic link to 'nowhere.py'"
    assert "symbolic links" in problems["one.py"].message
    assert not any(problem.fatal for problem in result.problems)


def test_a_link_that_is_named_is_followed(project) -> None:
    root = project({"real/x.py": ""})
    os.symlink("real", root / "link")
    assert found(["link"])[1] == ["link/x.py"]


def test_missing_arguments_are_fatal_and_the_rest_goes_on(project) -> None:
    project({"a.py": ""})
    result = discover([Path("nope"), Path("a.py")], load([Path("a.py")]))
    assert [(p.path, p.message, p.fatal) for p in result.problems] == [
        ("nope", "no such file or folder", True)
    ]
    assert [file.display for file in result.files] == ["a.py"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_named_pipe_is_not_opened(project) -> None:
    root = project({"a.py": ""})
    os.mkfifo(root / "pipe.py")
    result = discover([root], load([root]))
    assert [(p.path, p.message) for p in result.problems] == [("pipe.py", "not a regular file")]


def test_modules_of_packages(project) -> None:
    root = project(
        {"pkg/__init__.py": "", "pkg/sub/__init__.py": "", "pkg/sub/m.py": "", "pkg/data/n.py": ""}
    )
    assert modules(root) == {
        "pkg/__init__.py": "pkg",
        "pkg/data/n.py": "pkg.data.n",
        "pkg/sub/__init__.py": "pkg.sub",
        "pkg/sub/m.py": "pkg.sub.m",
    }


def test_modules_of_src_layouts_and_unpacked_distributions(project) -> None:
    root = project(
        {
            "src/pkg/__init__.py": "",
            "src/space/name/__init__.py": "",
            "src/single.py": "",
            "other-1.0/other/__init__.py": "",
            "other-1.0/setup.py": "",
            "tests/test_x.py": "",
        }
    )
    assert modules(root) == {
        "other-1.0/other/__init__.py": "other",
        "other-1.0/setup.py": "setup",
        "src/pkg/__init__.py": "pkg",
        "src/single.py": "single",
        "src/space/name/__init__.py": "space.name",
        "tests/test_x.py": "tests.test_x",
    }


def test_declared_import_roots_come_first(project) -> None:
    root = project({"lib/python/space/name/__init__.py": "", "lib/python/one.py": ""})
    assert modules(root, src=(root / "lib/python",)) == {
        "lib/python/one.py": "one",
        "lib/python/space/name/__init__.py": "space.name",
    }


def test_same_name_in_two_roots_is_kept_apart_by_the_root(project) -> None:
    root = project({"one/tests/__init__.py": "", "two/tests/__init__.py": ""})
    result = discover([root], load([root]))
    assert [(file.module, file.root) for file in result.files] == [
        ("tests", root / "one"),
        ("tests", root / "two"),
    ]


def test_aliases_are_the_other_names_of_an_import(project) -> None:
    root = project(
        {"space/name/pkg/__init__.py": "", "space/name/pkg/m.py": "", "app/main.py": "", "app/db.py": ""}
    )
    result = discover([root], load([root]))
    aliases = {file.display: (file.module, file.aliases) for file in result.files}
    assert aliases["space/name/pkg/m.py"] == ("pkg.m", ("space.name.pkg.m", "name.pkg.m"))
    assert aliases["app/db.py"] == ("app.db", ("db",))


def test_a_root_inside_of_a_package_keeps_the_full_name(project) -> None:
    root = project({"pkg/__init__.py": "", "pkg/sub/__init__.py": "", "pkg/sub/m.py": ""})
    assert modules(root / "pkg/sub") == {"pkg/sub/__init__.py": "pkg.sub", "pkg/sub/m.py": "pkg.sub.m"}
