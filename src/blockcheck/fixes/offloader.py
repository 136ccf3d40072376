"""What runs a function in a thread at a place: the project's own, where there is one in use, else that of the library.

The project's own is a function or method that hands a callable to a thread with all arguments behind it, itself or by
another such function, and whose result is that of the callable: told by what it does, never by its name. That, or what the catalogue knows to make an
asynchronous function of a plain one, is taken where the same file uses it already; a function, also where the configuration declares it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from blockcheck.facts import ir
from blockcheck.fixes.refusal import Refused
from blockcheck.project.fate import definition, statements
from blockcheck.project.model import path_of
from blockcheck.project.values import FUNCTION, PARTIAL, SYMBOL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockcheck.fixes.place import Place
    from blockcheck.project import Code, Project, Record, Target, Unit
    from blockcheck.project.values import Value
    from blockcheck.source.edits import Change

    #: What is written; what stands before the function in its arguments; the function of the project that it is, None for
    #: what only wraps one; and where it is called.
    _Use = tuple[str, tuple[str, ...], Code | None, Code]


@dataclass(frozen=True)
class Offloader:
    """An expression that is called with a function and its arguments, and awaited.

    Attributes:
        changes: the imports that it takes.
        keywords: whether it hands keyword arguments on.
        bind: what binds them otherwise.
        wraps: it is called with the function alone, and gives one that takes the arguments.
        leading: the arguments in front of the function.
    """

    name: str
    changes: tuple[Change, ...]
    keywords: bool
    bind: str
    wraps: bool = False
    leading: tuple[str, ...] = ()

    @property
    def head(self) -> str:
        """The text in front of the function."""
        return f"await {self.name}({''.join(f'{argument}, ' for argument in self.leading)}"

    def call(self, function: str, arguments: str) -> str:
        """The text of what hands a function over, and waits for it."""
        if self.wraps:
            return f"await {self.name}({function})({arguments})"
        return f"{self.head}{', '.join(part for part in (function, arguments) if part)})"


def choose(place: Place) -> Offloader:
    """The offloader to write at a place.

    Raises:
        Refused: none can be named there.
    """
    own = _used(place) or _declared(place)
    if own is None or not own.wraps:
        own = _adapter(place) or own
    if own is not None:
        return own
    dialect = place.dialect
    name, changes = place.name(dialect.offload, dialect.offload_import)
    return Offloader(name, tuple(changes), dialect.keywords, dialect.bind)


def _bind(place: Place) -> str:
    return str(place.project.catalogue.dialects[0]["bind"])


# -- declared by the configuration


def _declared(place: Place) -> Offloader | None:
    for name in place.project.catalogue.declared_offloaders():
        try:
            text, changes = place.name(name, name)
        except Refused:
            continue
        return Offloader(text, tuple(changes), False, _bind(place))
    return None


# -- what a type that is worked on asks for


def adapter(project: Project, kind: str) -> str:
    """What makes an awaitable function of one that works on instances of a type; empty if there is nothing special."""
    infos = (
        project.catalogue.type(base) for base in project.catalogue.mro(project.catalogue.canonical(kind))
    )
    return next((info.adapter for info in infos if info is not None and info.adapter), "")


def _adapter(place: Place) -> Offloader | None:
    events = place.project.summaries.record_events(place.record).values() if place.record is not None else ()
    for event in events:
        name = place.project.catalogue.canonical(event.primitive)
        special = adapter(place.project, name.rpartition(".")[0])
        if special:
            text, changes = place.name(special, special)
            return Offloader(text, tuple(changes), True, _bind(place), wraps=True)
    return None


# -- used in the file


def _used(place: Place) -> Offloader | None:
    """The offloader that the file uses most often, among those that can be named at the place."""
    counts: Counter[tuple[str, bool, bool, tuple[str, ...]]] = Counter()
    for path, leading, maker, user in _uses(place.project, place.code.unit):
        if all(_is_named(place, written, maker, user) for written in (path, *leading)):
            counts[path, maker is None or _hands_keywords(maker), maker is None, leading] += 1
    if not counts:
        return None
    path, keywords, wraps, leading = min(counts, key=lambda one: (-counts[one], one))
    return Offloader(path, (), keywords, _bind(place), wraps, leading)


def _uses(project: Project, unit: Unit) -> list[_Use]:
    """Where a file calls offloaders of the project, or what makes a function run in a thread."""
    known: dict[int, list[_Use]] = project.__dict__.setdefault("_offloader_uses", {})
    if unit.index not in known:
        known[unit.index] = list(_find_uses(project, unit))
    return known[unit.index]


def _find_uses(project: Project, unit: Unit) -> Iterator[_Use]:
    for code in project.codes[unit.first : unit.first + len(unit.facts.codes)]:
        for record in project.all_records(code.gid):
            for target in record.targets:
                path = path_of(record.expression[1]) if record.expression[0] == ir.CALL else None
                if path is not None and _wraps(record, target):
                    yield path, (), None, code
                if target.gid < 0 or target.how != "call" or path is None or not record.awaited:
                    continue
                maker = project.codes[target.gid]
                before = len(_own(maker)) - 1
                leading = [_plain(argument) for argument in record.expression[2][:before]]
                given = len(record.expression[2]) > before
                if (
                    given
                    and all(leading)
                    and is_offloader(project, maker)
                    and not is_offloader(project, code)
                ):
                    yield path, tuple(one for one in leading if one), maker, code


def _plain(argument: Any) -> str | None:
    """The text of an argument that is a path, or a call of one without arguments."""
    if isinstance(argument, list) and argument[0] == ir.CALL and not argument[2] and not argument[3]:
        path = path_of(argument[1])
        return None if path is None else f"{path}()"
    return path_of(argument)


def _wraps(record: Record, target: Target) -> bool:
    """Whether a call makes of its only argument a function that runs in a thread."""
    runs = target.entry.runs if target.entry is not None else ()
    _, _, given, named, _ = record.expression
    return (
        len(given) == 1
        and not named
        and any(r.decorates and (r.at, r.context) == (0, "thread") for r in runs)
    )


def _is_named(place: Place, path: str, maker: Code | None, user: Code) -> bool:
    """Whether an expression that one function writes for an offloader means it at the place too."""
    root = path.partition(".")[0]
    here = _binder(place.code, root)
    there = _binder(user, root)
    if here is None or there is None or (maker is not None and maker.gid == place.gid):
        return False
    if here is there:
        return root not in here.facts.rebound
    if "[" in path or root in here.facts.rebound or root in there.facts.rebound:
        return False
    mine, other = here.facts.params, there.facts.params
    if mine.names[:1] == other.names[:1] == [root] and here.owner is not None and here.owner is there.owner:
        return True
    annotation = mine.annotations.get(root)
    return annotation is not None and annotation == other.annotations.get(root)


def _binder(code: Code, name: str) -> Code | None:
    """The code around a place that binds a name."""
    scope: Code | None = code
    while scope is not None:
        if (name in scope.bound or name in scope.facts.params.names) and (
            scope.is_function or scope.parent is None
        ):
            return scope
        scope = scope.parent
    return None


# -- what it does


def is_offloader(project: Project, code: Code) -> bool:
    """Whether a function runs its last named parameter in a thread, with all behind it, and gives what that returns."""
    known: dict[int, bool] = project.__dict__.setdefault("_offloaders", {})
    if code.gid not in known:
        known[code.gid] = False  # as long as it is asked for, where it calls itself
        known[code.gid] = _is_offloader(project, code)
    return known[code.gid]


def _is_offloader(project: Project, code: Code) -> bool:
    parameters = code.facts.params
    own = _own(code)
    keywords_only = parameters.names[parameters.positional :]
    if not own or parameters.star is None or code.facts.is_generator:
        return False
    if any(name not in parameters.defaults for name in keywords_only) or any(
        n in parameters.defaults for n in own
    ):
        return False
    handing = [
        record.expression
        for record in project.all_records(code.gid)
        if _hands_over(project, code, record, own[-1]) or _hands_on(project, code, record, own[-1])
    ]
    returned = [
        _value(project, code, statement[1]) for statement in statements(code) if statement[0] == ir.RETURN
    ]
    return bool(returned) and all(e in handing for e in returned) and all(e in returned for e in handing)


def _own(code: Code) -> list[str]:
    """The positional parameters besides the object."""
    parameters = code.facts.params
    own = list(parameters.names[: parameters.positional])
    return own[1:] if code.owner is not None and "staticmethod" not in code.flags else own


def _hands_on(project: Project, code: Code, record: Record, function: str) -> bool:
    """Whether a call gives another offloader the function and all arguments."""
    expression = record.expression
    star, double_star = code.facts.params.star, code.facts.params.double_star
    if not isinstance(expression, list) or expression[0] != ir.CALL:
        return False
    targets = [project.codes[target.gid] for target in record.targets if target.gid >= 0]
    if len(targets) != 1 or len(record.targets) != 1 or targets[0].gid == code.gid:
        return False
    leading = len(_own(targets[0])) - 1
    return (
        expression[2][leading:] == [function, [ir.STAR, star]]
        and expression[3] == ([] if double_star is None else [[None, double_star]])
        and is_offloader(project, targets[0])
    )


def _value(project: Project, code: Code, expression: Any) -> Any:
    """What an expression of a return stands for, awaited or not, or given back by a function that gets it alone."""
    if type(expression) is str:
        expression = definition(code, expression)
    if type(expression) is not list:
        return expression
    if expression[0] == ir.AWAIT:
        return expression[1]
    if expression[0] == ir.CALL and len(expression[2]) == 1 and not expression[3]:
        targets = [t for r in project.all_records(code.gid) if r.expression == expression for t in r.targets]
        if targets and all(target.gid >= 0 and _gives_back(project.codes[target.gid]) for target in targets):
            return expression[2][0]
    return expression


def _gives_back(code: Code) -> bool:
    """Whether all that a function returns is its one parameter."""
    returned = [statement[1] for statement in statements(code) if statement[0] == ir.RETURN]
    own = _own(code)
    return (
        len(own) == 1
        and own[0] not in code.facts.rebound
        and bool(returned)
        and all(e == own[0] for e in returned)
    )


def _hands_keywords(code: Code) -> bool:
    parameters = code.facts.params
    return parameters.double_star is not None and len(parameters.names) == parameters.positional


def _hands_over(project: Project, code: Code, record: Record, first: str) -> bool:
    """Whether a call has the parameter run in a thread, with all arguments."""
    for reference in record.references:
        if reference.context != "thread":
            continue
        atom, given, named = reference.atom, list(record.arguments), dict(record.keywords)
        if atom[0] == FUNCTION and project.codes[atom[1]].parent is code:
            return _calls(project.codes[atom[1]], first, code)
        if atom[0] == FUNCTION and _calls(project.codes[atom[1]], None, code):
            # What it calls is what it is given.
            bound = next((a for value in given for a in value if a[0] == PARTIAL), None)
            if bound is None:
                return False
            atom = bound
        if atom[0] == PARTIAL:
            given, named = [*given, *atom[2]], {**named, **dict(atom[3])}
            atom = atom[1]
        if atom == (SYMBOL, code.gid, first, ()):
            keywords = code.facts.params.double_star is None or _has(named.values(), code, "**")
            return _has(given, code, "*") and keywords
    return False


def _has(values: Any, code: Code, stars: str) -> bool:
    wanted: Value = ((SYMBOL, code.gid, stars, ()),)
    return any(wanted[0] in value for value in values)


def _calls(inner: Code, name: str | None, outer: Code) -> bool:
    """Whether a function returns a call of what its maker was given, with all arguments; or of its own first parameter."""
    for statement in statements(inner):
        expression = statement[1] if statement[0] == ir.RETURN else None
        if type(expression) is not list or expression[0] != ir.CALL:
            continue
        if name is None:
            return expression[1] in inner.facts.params.names[:1] and not expression[2] and not expression[3]
        star, double_star = outer.facts.params.star, outer.facts.params.double_star
        return (
            expression[1] == name
            and [ir.STAR, star] in expression[2]
            and (double_star is None or [None, double_star] in expression[3])
        )
    return False
