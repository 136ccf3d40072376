"""Abstract interpretation of codes, one :class:`~.frame.Frame` a code, in parts by kind of syntax.

``interpreter`` holds the shared state and the doors between parts. Statements: ``statements``, ``branches``
(with ``idioms``), ``flow``, ``definitions`` (with ``decorators``), ``assignment``. Expressions: ``expressions``,
``displays``, ``calls``; what a call runs: ``callees`` (project code), ``externals`` (catalogue), ``handing``
(callables handed over), ``iteration``, ``managers``. What a test tells: ``narrowing``. State at a point: ``env``.
"""
