"""What one file says: a libcst tree made into plain data, a pure function of the file's text."""

from blockcheck.facts.model import FACTS_VERSION, CodeFacts, ModuleFacts, Parameters, SyntaxProblem

__all__ = ["FACTS_VERSION", "CodeFacts", "ModuleFacts", "Parameters", "SyntaxProblem", "extract", "positions"]


def extract(text: str) -> ModuleFacts:
    """The facts of a module's text.

    Raises:
        SyntaxProblem: the text cannot be parsed.
    """
    from blockcheck.facts.extraction import extract_facts  # noqa: PLC0415 - libcst takes 0.2 s to import

    return extract_facts(text)


def positions(text: str, sites: set[int]) -> dict[int, tuple[int, int, int, int]]:
    """Line, column, end line and end column (1-based, end exclusive) of sites of a module's text.

    Raises:
        SyntaxProblem: the text cannot be parsed.
    """
    from blockcheck.facts.places import locate  # noqa: PLC0415

    return locate(text, sites)
