"""Sockets, readiness, TLS and servers."""

from __future__ import annotations

import http.server
import select
import selectors
import socket
import socketserver
import ssl
import threading
import wsgiref.simple_server
import xmlrpc.server
from functools import partial
from typing import TYPE_CHECKING, Any

from blockcheck.catalogue.verification.cases.shapes import free, given, looks, parks, pure, touches
from blockcheck.catalogue.verification.lab import Lab

if TYPE_CHECKING:
    from collections.abc import Callable

    from blockcheck.catalogue.verification.observe import Call, Case, Make

HANDLER = socketserver.BaseRequestHandler


def _nonblocking(make: Callable[[Lab], socket.socket]) -> Callable[[Lab], socket.socket]:
    def made(lab: Lab) -> socket.socket:
        ours = make(lab)
        ours.setblocking(False)
        return ours

    return made


def _waits(
    make: Callable[[Lab], socket.socket], name: str, *arguments: Any, flagged: tuple[Any, ...] = ()
) -> Case:
    """A method that waits, except on a non-blocking socket or with the flag."""

    def call(of: Callable[[Lab], socket.socket], given: tuple[Any, ...], lab: Lab) -> Call:
        return partial(getattr(of(lab), name), *given)

    conditions: dict[str, Make] = {"nonblocking": partial(call, _nonblocking(make), arguments)}
    if flagged:
        conditions["flags"] = partial(call, make, flagged)
    return parks(partial(call, make, arguments), conditions)


def _connects(name: str) -> Case:
    def call(blocking: bool, kind: socket.SocketKind, lab: Lab) -> Call:
        ours = lab.keep(socket.socket(type=kind))
        ours.setblocking(blocking)
        return partial(getattr(ours, name), lab.unreachable())

    return parks(
        partial(call, True, socket.SOCK_STREAM),
        releases=False,
        nonblocking=partial(call, False, socket.SOCK_STREAM),
        datagram=partial(call, True, socket.SOCK_DGRAM),
    )


def _knows(name: str, *arguments: Any, make: Callable[[Lab], Any] = Lab.silent_socket) -> Case:
    return free(lambda lab: partial(getattr(lab.keep(make(lab)), name), *arguments))


def _tcp(_: Lab) -> socket.socket:
    return socket.socket()


def _datagrams(lab: Lab) -> socket.socket:
    """A datagram socket whose peer's buffer is full."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    lab.on_release(theirs.close)
    ours.setblocking(False)
    try:
        while True:
            ours.send(b"x")
    except BlockingIOError:
        ours.setblocking(True)
    return ours


def _sends_to(blocking: bool, arguments: tuple[Any, ...], lab: Lab) -> Call:
    path = lab.path()
    theirs = lab.keep(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
    theirs.bind(path)
    lab.on_release(theirs.close)
    ours = lab.keep(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
    ours.setblocking(False)
    try:
        while True:
            ours.sendto(b"x", path)
    except BlockingIOError:
        ours.setblocking(blocking)
    return partial(ours.sendto, b"x", *arguments, path)


def _send_file(blocking: bool, lab: Lab) -> Call:
    ours = lab.full_socket()
    ours.setblocking(blocking)
    return partial(ours.sendfile, lab.keep(open(lab.file(b"x" * 100_000), "rb")))


def _stream(name: str, *arguments: Any) -> Case:
    return parks(
        lambda lab: partial(getattr(lab.keep(lab.silent_socket().makefile("rwb")), name), *arguments)
    )


def _stream_writes(name: str, lab: Lab) -> Call:
    stream = lab.keep(lab.full_socket().makefile("wb", buffering=100_000))
    if name == "flush":
        stream.write(b"x" * 50_000)
        return stream.flush
    return partial(stream.write, b"x" * 200_000)


def _polled(make: Any, lab: Lab) -> Any:
    poll = make()
    poll.register(lab.silent_pipe(), select.POLLIN)
    return poll


def _polls(make: Any, long: float) -> Case:
    return parks(
        lambda lab: partial(_polled(make, lab).poll, long),
        timeout=lambda lab: partial(_polled(make, lab).poll, 0),
    )


def _polling(make: Any, name: str) -> Case:
    def call(lab: Lab) -> Call:
        poll = make()
        pipe = lab.silent_pipe()
        if name != "register":
            poll.register(pipe, select.POLLIN)
        arguments = {"register": (pipe,), "modify": (pipe, select.POLLIN), "unregister": (pipe,)}.get(
            name, ()
        )
        return partial(getattr(poll, name), *arguments)

    return free(call)


def _selector(lab: Lab) -> selectors.BaseSelector:
    selector = lab.keep(selectors.DefaultSelector())
    lab.registered = lab.silent_pipe()  # type: ignore[attr-defined]
    selector.register(lab.registered, selectors.EVENT_READ)  # type: ignore[attr-defined]
    return selector


def _selecting(name: str) -> Case:
    def call(lab: Lab) -> Call:
        selector = lab.keep(selectors.DefaultSelector())
        pipe = lab.silent_pipe()
        if name != "register":
            selector.register(pipe, selectors.EVENT_READ)
        arguments: dict[str, tuple[Any, ...]] = {
            "register": (pipe, selectors.EVENT_READ), "modify": (pipe, selectors.EVENT_READ, 1),
            "unregister": (pipe,), "get_key": (pipe,),
        }  # fmt: skip
        return partial(getattr(selector, name), *arguments.get(name, ()))

    return free(call)


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _connected(lab: Lab) -> socket.socket:
    return lab.keep(socket.create_connection(lab.server()))


def _wrapped(lab: Lab) -> ssl.SSLSocket:
    return lab.keep(_context().wrap_socket(_connected(lab), do_handshake_on_connect=False))


def _tls(name: str) -> Case:
    def call(blocking: bool, lab: Lab) -> Call:
        wrapped = _wrapped(lab)
        wrapped.setblocking(blocking)
        return getattr(wrapped, name)  # type: ignore[no-any-return]

    return parks(partial(call, True), nonblocking=partial(call, False))


def _memory() -> ssl.SSLObject:
    return _context().wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO())


def _attempt(call: Call) -> Any:
    """A memory object that has not seen a byte wants some: that it says so is all there is to see."""
    try:
        return call()
    except (ssl.SSLError, ValueError):
        return None


def _authority() -> str:
    """Some certificate of the machine's, as text."""
    certificates = ssl.create_default_context().get_ca_certs(binary_form=True)
    return ssl.DER_cert_to_PEM_cert(certificates[0])


def _default_context(lab: Lab) -> Call:
    return partial(ssl.create_default_context, cafile=lab.file(_authority().encode()))


def _server(lab: Lab) -> socketserver.TCPServer:
    return lab.keep(socketserver.TCPServer(("127.0.0.1", 0), HANDLER))


def _stopping(lab: Lab) -> Call:
    """A server that serves a request of which there is no end."""

    class Slow(HANDLER):
        def handle(self) -> None:
            lab.released.wait()

    server = lab.keep(socketserver.TCPServer(("127.0.0.1", 0), Slow))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    lab.keep(socket.create_connection(server.server_address))  # type: ignore[arg-type]
    server_took_it = threading.Event()
    server_took_it.wait(0.1)
    return server.shutdown


def _closing(lab: Lab) -> Call:
    class Slow(HANDLER):
        def handle(self) -> None:
            lab.released.wait()

    server = lab.keep(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Slow))
    lab.keep(socket.create_connection(server.server_address))  # type: ignore[arg-type]
    server.handle_request()
    return server.server_close


def _making(make: Callable[..., Any], *arguments: Any) -> Callable[[Lab], Call]:
    return lambda _: partial(make, *arguments)


CASES: dict[str, Case] = {
    "socket.socket": pure(socket.socket),
    "socket.socketpair": pure(socket.socketpair),
    "socket.fromfd": free(lambda lab: partial(socket.fromfd, lab.keep(lab.silent_socket()).fileno(), socket.AF_UNIX, socket.SOCK_STREAM)),
    "socket.create_server": pure(socket.create_server, ("127.0.0.1", 0)),
    "socket.create_connection": parks(lambda lab: partial(socket.create_connection, lab.unreachable()), releases=False),
    "socket.socket.connect": _connects("connect"),
    "socket.socket.connect_ex": _connects("connect_ex"),
    "socket.socket.accept": _waits(Lab.listener, "accept"),
    "socket.socket.recv": _waits(Lab.silent_socket, "recv", 1, flagged=(1, socket.MSG_DONTWAIT)),
    "socket.socket.recvfrom": _waits(Lab.silent_socket, "recvfrom", 1, flagged=(1, socket.MSG_DONTWAIT)),
    "socket.socket.recv_into": _waits(Lab.silent_socket, "recv_into", bytearray(1), flagged=(bytearray(1), 1, socket.MSG_DONTWAIT)),
    "socket.socket.recvfrom_into": _waits(Lab.silent_socket, "recvfrom_into", bytearray(1), flagged=(bytearray(1), 1, socket.MSG_DONTWAIT)),
    "socket.socket.recvmsg": _waits(Lab.silent_socket, "recvmsg", 1, flagged=(1, 0, socket.MSG_DONTWAIT)),
    "socket.socket.recvmsg_into": _waits(Lab.silent_socket, "recvmsg_into", [bytearray(1)], flagged=([bytearray(1)], 0, socket.MSG_DONTWAIT)),
    "socket.socket.send": _waits(Lab.full_socket, "send", b"x", flagged=(b"x", socket.MSG_DONTWAIT)),
    "socket.socket.sendall": _waits(Lab.full_socket, "sendall", b"x", flagged=(b"x", socket.MSG_DONTWAIT)),
    "socket.socket.sendto": parks(
        partial(_sends_to, True, ()), nonblocking=partial(_sends_to, False, ()),
        flags=partial(_sends_to, True, (socket.MSG_DONTWAIT,)), releases=False,
    ),
    "socket.socket.sendmsg": _waits(_datagrams, "sendmsg", [b"x"], flagged=([b"x"], [], socket.MSG_DONTWAIT)),
    "socket.socket.sendfile": parks(partial(_send_file, True), nonblocking=partial(_send_file, False)),
    "socket.socket.setblocking": _knows("setblocking", False),
    "socket.socket.settimeout": _knows("settimeout", 0),
    "socket.socket.dup": _knows("dup"),
    "socket.socket.makefile": _knows("makefile", "rb"),
    "socket.socket.bind": _knows("bind", ("127.0.0.1", 0), make=_tcp),
    "socket.socket.listen": _knows("listen", make=_tcp),
    "socket.socket.close": _knows("close"),
    "socket.socket.shutdown": _knows("shutdown", socket.SHUT_RDWR),
    "socket.socket.detach": _knows("detach"),
    "socket.socket.fileno": _knows("fileno"),
    "socket.socket.getpeername": _knows("getpeername"),
    "socket.socket.getsockname": _knows("getsockname"),
    "socket.socket.getsockopt": _knows("getsockopt", socket.SOL_SOCKET, socket.SO_TYPE),
    "socket.socket.setsockopt": _knows("setsockopt", socket.SOL_SOCKET, socket.SO_REUSEADDR, 1),
    "socket.socket.gettimeout": _knows("gettimeout"),
    "socket.socket.getblocking": _knows("getblocking"),
    "socket.socket.set_inheritable": _knows("set_inheritable", True),
    "socket.SocketReader.read": _stream("read", 1),
    "socket.SocketReader.read1": _stream("read1", 1),
    "socket.SocketReader.readline": _stream("readline"),
    "socket.SocketReader.readlines": _stream("readlines"),
    "socket.SocketReader.readinto": _stream("readinto", bytearray(1)),
    "socket.SocketReader.__next__": _stream("__next__"),
    "socket.SocketReader.write": parks(partial(_stream_writes, "write")),
    "socket.SocketReader.flush": parks(partial(_stream_writes, "flush")),
    "socket.setdefaulttimeout": pure(socket.setdefaulttimeout, None),
    "socket.getdefaulttimeout": pure(socket.getdefaulttimeout),
    **{f"socket.{f.__name__}": pure(f, 1) for f in (socket.htons, socket.htonl, socket.ntohs, socket.ntohl)},
    "socket.inet_aton": pure(socket.inet_aton, "127.0.0.1"),
    "socket.inet_ntoa": pure(socket.inet_ntoa, b"abcd"),
    "socket.inet_pton": pure(socket.inet_pton, socket.AF_INET, "127.0.0.1"),
    "socket.inet_ntop": pure(socket.inet_ntop, socket.AF_INET, b"abcd"),
    "socket.has_dualstack_ipv6": pure(socket.has_dualstack_ipv6),
    "socket.close": free(lambda lab: partial(socket.close, lab.silent_socket().detach())),
    # Readiness
    "select.select": parks(
        lambda lab: partial(select.select, [lab.silent_pipe()], [], [], 9),
        timeout=lambda lab: partial(select.select, [lab.silent_pipe()], [], [], 0),
    ),
    "select.poll": pure(select.poll),
    "select.PollObject.poll": _polls(select.poll, 9000),
    "select.epoll.poll": _polls(select.epoll, 9),
    **{f"select.PollObject.{name}": _polling(select.poll, name) for name in ("register", "modify", "unregister")},
    **{f"select.epoll.{name}": _polling(select.epoll, name) for name in ("register", "modify", "unregister", "close", "fileno")},
    "selectors.BaseSelector.select": parks(
        lambda lab: partial(_selector(lab).select, 9), timeout=lambda lab: partial(_selector(lab).select, 0)
    ),
    **{f"selectors.BaseSelector.{name}": _selecting(name) for name in ("register", "unregister", "modify", "get_key", "get_map", "close")},
    # TLS
    "ssl.create_default_context": touches(_default_context, cadata=lambda _: partial(ssl.create_default_context, cadata=_authority())),
    "ssl._create_unverified_context": pure(ssl._create_unverified_context),
    "ssl.SSLContext": pure(ssl.SSLContext, ssl.PROTOCOL_TLS_CLIENT),
    "ssl.SSLContext.load_default_certs": touches(lambda _: _context().load_default_certs),
    "ssl.SSLContext.set_default_verify_paths": touches(lambda _: _context().set_default_verify_paths),
    "ssl.SSLContext.load_cert_chain": touches(lambda lab: partial(_attempt, partial(_context().load_cert_chain, lab.file()))),
    "ssl.SSLContext.load_dh_params": touches(lambda lab: partial(_attempt, partial(_context().load_dh_params, lab.file()))),
    "ssl.SSLContext.load_verify_locations": touches(
        lambda lab: partial(_context().load_verify_locations, lab.file(_authority().encode())),
        cafile=lambda _: partial(_context().load_verify_locations, cadata=_authority()),
        capath=lambda _: partial(_context().load_verify_locations, cadata=_authority()),
    ),
    "ssl.SSLContext.wrap_socket": parks(
        lambda lab: partial(_context().wrap_socket, _connected(lab)),
        do_handshake_on_connect=lambda lab: partial(_context().wrap_socket, _connected(lab), do_handshake_on_connect=False),
    ),
    "ssl.SSLContext.wrap_bio": pure(_context().wrap_bio, ssl.MemoryBIO(), ssl.MemoryBIO()),
    **{
        f"ssl.SSLContext.{name}": pure(getattr(_context(), name), *arguments)
        for name, arguments in {
            "set_ciphers": ("ALL",), "set_alpn_protocols": (["h2"],), "get_ciphers": (), "cert_store_stats": (),
            "get_ca_certs": (), "session_stats": (), "set_ecdh_curve": ("prime256v1",),
        }.items()
    },
    "ssl.SSLSocket.do_handshake": _tls("do_handshake"),
    **{
        f"ssl.SSLSocket.{name}": _knows(name, make=_wrapped)
        for name in ("cipher", "version", "selected_alpn_protocol", "pending", "shared_ciphers")
    },
    **{
        f"ssl.SSLObject.{name}": free(given(lambda name, a, _: partial(_attempt, partial(getattr(_memory(), name), *a)), name, a))
        for name, a in {"read": (), "write": (b"x",), "do_handshake": (), "unwrap": (), "pending": (), "getpeercert": ()}.items()
    },
    "ssl.get_server_certificate": parks(lambda lab: partial(ssl.get_server_certificate, lab.server())),
    "ssl.get_default_verify_paths": looks(lambda _: ssl.get_default_verify_paths),
    # Servers
    "socketserver.BaseServer.serve_forever": parks(lambda lab: _server(lab).serve_forever, releases=False),
    "socketserver.BaseServer.handle_request": parks(lambda lab: _server(lab).handle_request, releases=False),
    "socketserver.BaseServer.shutdown": parks(_stopping),
    "socketserver.ThreadingMixIn.server_close": parks(_closing),
    "socketserver.TCPServer.server_close": free(lambda lab: _server(lab).server_close),
    "socketserver.TCPServer.fileno": free(lambda lab: _server(lab).fileno),
    "wsgiref.simple_server.make_server": touches(_making(wsgiref.simple_server.make_server, "127.0.0.1", 0, print), "data", "net"),
    **{
        f"{k.__module__}.{k.__name__}": touches(_making(k, ("127.0.0.1", 0), HANDLER), "data", "net")
        for k in (http.server.HTTPServer, http.server.ThreadingHTTPServer, wsgiref.simple_server.WSGIServer)
    },
    **{
        f"{k.__module__}.{k.__name__}": pure(k, ("127.0.0.1", 0), HANDLER)
        for k in (
            socketserver.TCPServer, socketserver.UDPServer, socketserver.ThreadingTCPServer,
            socketserver.ThreadingUDPServer, xmlrpc.server.SimpleXMLRPCServer,
        )
    },
}  # fmt: skip
