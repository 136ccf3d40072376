"""The shape of facts: a file's meaning as nested lists of plain values, without syntax.

Everything here survives a round trip through JSON. An *expression* is one of

- ``None``: evaluating it does nothing that the analysis follows, and its value is unknown;
- a string: the load of that name;
- a list that starts with one of the expression tags below.

A *statement* is a list that starts with one of the statement tags. A *site* is the ordinal of a node
among those that can be reported, in source order; `positions` turns sites into lines and columns.
"""

from __future__ import annotations

# Expression tags, with what follows each.
CONST = 0  # value: a number, a short string, a bool or None
ATTR = 1  # base, name, site
CALL = 2  # function, [arguments], [[keyword or None, value]…], site
SUBSCRIPT = 3  # base, index, site
BINOP = 4  # operator ("neg", "pos" and "invert" have no right), left, right, site
BOOL = 5  # "or" or "and", [operands]
IFEXP = 6  # test, then, else
TUPLE = 7  # [elements]
LIST = 8  # [elements], site
SET = 9  # [elements], site
DICT = 10  # [[key or None, value]…], site
LAMBDA = 11  # code index
COMP = 12  # "list" | "set" | "dict" | "generator", element, key or None, [[target, iterable, [conditions], is_async, site]…], site
AWAIT = 13  # operand, site
YIELD = 14  # value, site
YIELD_FROM = 15  # value, site
NAMED = 16  # name, value
STAR = 17  # operand
EVAL = 18  # [operands]: evaluated for their effects, value unknown
COMPARE = 19  # left, [[operator, right]…]
NOT = 20  # operand
STRING = 21  # [operands]: a string made of them; its text follows where all of theirs do
SLICE = 22  # [lower, upper, step], the constant None for each that is left out

# Statement tags.
EXPR = 0  # expression
ASSIGN = 1  # [targets], value
ANNOTATED = 2  # target, annotation, value or None, has value
AUGMENTED = 3  # target, operator, value, site
IF = 4  # test, body, else
FOR = 5  # target, iterable, body, else, is_async, site
WHILE = 6  # test, body, else, site
WITH = 7  # [[context, target or None, site]…], body, is_async
TRY = 8  # body, [[types, name or None, body]…], else, finally
RETURN = 9  # value
RAISE = 10  # value
DEL = 11  # [targets]
BREAK = 12
CONTINUE = 13
DEF = 14  # code index
CLASS = 15  # code index
IMPORT = 16  # [[dotted name, alias or None]…]
FROM = 17  # level, module, [[name, alias or None]…] (a name of "*" is all)
MATCH = 18  # subject, [[pattern, guard, body]…]
ASSERT = 19  # test, message

# Patterns of match cases: [] matches anything and binds nothing.
P_VALUE = 0  # expression
P_BIND = 1  # name, inner pattern or None
P_CLASS = 2  # class expression, [positional], [[name, pattern]…], site
P_GROUP = 3  # [patterns], whether they are alternatives (else those of a sequence's elements)
P_MAPPING = 4  # [patterns of values], [key expressions]

#: Comparisons that look for something: they have a site, for the place that is searched may block.
CONTAINMENT = frozenset({"in", "not in"})
