"""BCK901."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blockcheck.rules.base import Draft, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.project import Project


class UnusedSuppression(Rule):
    """# unused-suppression

    ## What it does
    Reports suppression comments for blockcheck's codes that suppress nothing.

    ## Why is this bad?
    A comment that outlives its finding hides the next one on the same line.

    ## Example
    ```python
    total = price * count  # blockcheck: ignore[BCK201] the device needs the pause
    ```

    ## Use instead
    ```python
    total = price * count
    ```

    ## Known gaps
    Bare `# noqa` and other tools' codes are never looked at.

    ## References
    - [flake8: selecting and ignoring violations](https://flake8.pycqa.org/en/latest/user/violations.html)
    """

    code = "BCK901"
    name = "unused-suppression"
    summary = "a suppression comment that suppresses nothing"
    fix_safety = "The comment, or the codes in it that hide nothing, is removed. That is safe."

    def check(self, _project: Project) -> Iterator[Draft]:
        """Nothing here: the engine knows which comments were used."""
        return iter(())
