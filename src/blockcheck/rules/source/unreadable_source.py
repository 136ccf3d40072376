"""BCK902."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blockcheck.findings import Severity
from blockcheck.rules.base import Draft, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Project


class UnreadableSource(Rule):
    """# unreadable-source

    ## What it does
    Reports files that cannot be analysed: syntax errors, unknown encodings, NUL bytes, files that cannot be read.

    ## Why is this bad?
    Whatever such a file holds is not checked, and calls into it are not followed.

    ## Example
    ```text
    def broken(:
    ```

    ## Use instead
    ```python
    def mended(): ...
    ```

    ## Known gaps
    Files that are Python and that the installed libcst cannot parse, such as those in a newer Python, are reported too.

    ## References
    - [Encoding declarations](https://docs.python.org/3/reference/lexical_analysis.html#encoding-declarations)
    """

    code = "BCK902"
    name = "unreadable-source"
    summary = "a file that cannot be read or parsed"
    severity = Severity.ERROR

    def check(self, _project: Project) -> Iterator[Draft]:
        """Nothing here: the engine reports what it could not read."""
        return iter(())
