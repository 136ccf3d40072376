"""What one file says: a libcst tree made into plain data, a pure function of the file's text."""

from blockcheck.facts.model import FACTS_VERSION, CodeFacts, ModuleFacts, Parameters, SyntaxProblem

__all__ = ["FACTS_VERSION", "CodeFacts", "ModuleFacts", "Parameters", "SyntaxProblem", "extract", "positions"]


def extract(text: str, *, lean: bool = False) -> ModuleFacts:
    """The facts of a module's text.

    Args:
        lean: stand in for libcst while its parser runs, which takes a seventh less time; only where `process.ours`.

    Raises:
        SyntaxProblem: the text cannot be parsed.
    """
    from blockcheck.facts.extraction import extract_facts  # noqa: PLC0415 - not needed where facts are kept

    return extract_facts(text, lean=lean)


def positions(text: str, sites: set[int], total: int | None = None) -> dict[int, tuple[int, int, int, int]]:
    """Line, column, end line and end column (1-based, end exclusive) of sites of a module's text.

    Args:
        total: how many sites the text's facts have, where no line was left out: allows a faster way.

    Raises:
        SyntaxProblem: the text cannot be parsed.
    """
    if total is not None:
        from blockcheck.facts import ast_places  # noqa: PLC0415

        found = ast_places.locate(text, sites, total)
        if found is not None:
            return found
    from blockcheck.facts import cst_places  # noqa: PLC0415

    return cst_places.locate(text, sites)
