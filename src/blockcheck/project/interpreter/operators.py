"""The special methods behind operators."""

from __future__ import annotations

#: What each binary and unary operator calls.
OPERATORS = {
    "+": "__add__", "-": "__sub__", "*": "__mul__", "/": "__truediv__", "//": "__floordiv__", "%": "__mod__",
    "**": "__pow__", "|": "__or__", "&": "__and__", "^": "__xor__", "<<": "__lshift__", ">>": "__rshift__",
    "@": "__matmul__", "neg": "__neg__", "pos": "__pos__", "invert": "__invert__",
}  # fmt: skip
