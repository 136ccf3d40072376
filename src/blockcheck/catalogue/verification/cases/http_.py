"""HTTP from the standard library, against servers that fall silent."""

from __future__ import annotations

import http.client
import logging
import logging.handlers
import ssl
import sys
import urllib.parse
import urllib.request
import urllib.robotparser
import xmlrpc.client
from functools import partial
from typing import TYPE_CHECKING, Any

from blockcheck.catalogue.verification.cases.shapes import free, parks, pure, touches

if TYPE_CHECKING:
    from blockcheck.catalogue.verification.lab import Lab
    from blockcheck.catalogue.verification.observe import Call, Case

# The start of a response, of which the rest does not come.
PART = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart"


def _connection(lab: Lab) -> http.client.HTTPConnection:
    """To an address where connecting takes for ever."""
    return http.client.HTTPConnection(*lab.unreachable())


def _asked(lab: Lab, greeting: bytes = b"") -> http.client.HTTPConnection:
    connection = lab.keep(http.client.HTTPConnection(*lab.server(greeting)))
    connection.request("GET", "/")
    return connection


def _response(lab: Lab) -> Any:
    return lab.keep(_asked(lab, PART).getresponse())


def _reading(name: str, *arguments: Any) -> Case:
    """Past the part that has come."""

    def make(lab: Lab) -> Call:
        response = _response(lab)
        response.read(4)
        return partial(getattr(response, name), *arguments)

    return parks(make)


def _knows(name: str, *arguments: Any) -> Case:
    return free(lambda lab: partial(getattr(_response(lab), name), *arguments))


def _header(_: Lab) -> Call:
    connection = http.client.HTTPConnection(*ADDRESS)
    connection.putrequest("GET", "/")
    return partial(connection.putheader, "A", "b")


def _headers_due(lab: Lab) -> Call:
    connection = _connection(lab)
    connection.putrequest("GET", "/")
    return connection.endheaders


def _robots(lab: Lab) -> urllib.robotparser.RobotFileParser:
    return urllib.robotparser.RobotFileParser(lab.url())


def _parsed_robots(name: str, *arguments: Any) -> Case:
    def make(_: Lab) -> Call:
        robots = urllib.robotparser.RobotFileParser("http://127.0.0.1/robots.txt")
        robots.parse(["User-agent: *", "Disallow: /a"])
        return partial(getattr(robots, name), *arguments)

    return free(make)


def _log(lab: Lab) -> Call:
    host, port = lab.server()
    handler = logging.handlers.HTTPHandler(f"{host}:{port}", "/")
    return partial(handler.emit, logging.makeLogRecord({}))


def _no_context() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


ADDRESS = ("127.0.0.1", 9)
CASES: dict[str, Case] = {
    "urllib.request.urlopen": parks(
        lambda lab: partial(urllib.request.urlopen, lab.url()), url=lambda _: partial(urllib.request.urlopen, "data:,a")
    ),
    "urllib.request.urlretrieve": parks(lambda lab: partial(urllib.request.urlretrieve, lab.url())),
    "urllib.request.OpenerDirector.open": parks(lambda lab: partial(urllib.request.build_opener().open, lab.url())),
    "urllib.request.Request": pure(urllib.request.Request, "http://127.0.0.1/"),
    "urllib.request.install_opener": pure(urllib.request.install_opener, None),
    "urllib.request.pathname2url": pure(urllib.request.pathname2url, "/a"),
    "urllib.request.url2pathname": pure(urllib.request.url2pathname, "/a"),
    "urllib.request.getproxies": pure(urllib.request.getproxies),
    "urllib.parse.urlparse": pure(urllib.parse.urlparse, "http://a/b"),
    "urllib.parse.urlsplit": pure(urllib.parse.urlsplit, "http://a/b"),
    "urllib.parse.urljoin": pure(urllib.parse.urljoin, "http://a/b", "c"),
    "urllib.parse.urlencode": pure(urllib.parse.urlencode, {"a": "b"}),
    "urllib.parse.quote": pure(urllib.parse.quote, "a b"),
    "urllib.parse.unquote": pure(urllib.parse.unquote, "a%20b"),
    "urllib.parse.parse_qs": pure(urllib.parse.parse_qs, "a=b"),
    "urllib.parse.urlunparse": pure(urllib.parse.urlunparse, urllib.parse.urlparse("http://a/b")),
    "http.client.HTTPResponse.read": _reading("read"),
    "http.client.HTTPResponse.read1": _reading("read1"),
    "http.client.HTTPResponse.readline": _reading("readline"),
    "http.client.HTTPResponse.readlines": _reading("readlines"),
    "http.client.HTTPResponse.readinto": _reading("readinto", bytearray(10)),
    "http.client.HTTPResponse.peek": _reading("peek"),
    "http.client.HTTPResponse.__next__": _reading("__next__"),
    "http.client.HTTPResponse.close": _knows("close"),
    "http.client.HTTPResponse.getheader": _knows("getheader", "Content-Length"),
    "http.client.HTTPResponse.getheaders": _knows("getheaders"),
    "http.client.HTTPResponse.geturl": free(lambda lab: lab.keep(urllib.request.urlopen(lab.url(PART))).geturl),
    "http.client.HTTPResponse.info": _knows("info"),
    "http.client.HTTPResponse.getcode": _knows("getcode"),
    "http.client.HTTPResponse.isclosed": _knows("isclosed"),
    "http.client.HTTPConnection": pure(http.client.HTTPConnection, *ADDRESS),
    "http.client.HTTPSConnection": touches(
        lambda _: partial(http.client.HTTPSConnection, *ADDRESS),
        context=lambda _: partial(http.client.HTTPSConnection, *ADDRESS, context=_no_context()),
    ),
    "http.client.HTTPConnection.connect": parks(lambda lab: _connection(lab).connect, releases=False),
    "http.client.HTTPConnection.request": parks(lambda lab: partial(_connection(lab).request, "GET", "/"), releases=False),
    "http.client.HTTPConnection.endheaders": parks(_headers_due, releases=False),
    "http.client.HTTPConnection.send": parks(lambda lab: partial(_connection(lab).send, b"x"), releases=False),
    "http.client.HTTPConnection.getresponse": parks(lambda lab: _asked(lab).getresponse),
    "http.client.HTTPConnection.putrequest": free(lambda _: partial(http.client.HTTPConnection(*ADDRESS).putrequest, "GET", "/")),
    "http.client.HTTPConnection.putheader": free(_header),
    "http.client.HTTPConnection.set_debuglevel": free(lambda _: partial(http.client.HTTPConnection(*ADDRESS).set_debuglevel, 0)),
    "http.client.HTTPConnection.set_tunnel": free(lambda _: partial(http.client.HTTPConnection(*ADDRESS).set_tunnel, "a", 1)),
    "http.client.HTTPConnection.close": free(lambda _: http.client.HTTPConnection(*ADDRESS).close),
    "urllib.robotparser.RobotFileParser.read": parks(lambda lab: _robots(lab).read),
    "urllib.robotparser.RobotFileParser.parse": _parsed_robots("parse", []),
    "urllib.robotparser.RobotFileParser.can_fetch": _parsed_robots("can_fetch", "x", "/a"),
    "urllib.robotparser.RobotFileParser.set_url": _parsed_robots("set_url", "http://127.0.0.1/"),
    "urllib.robotparser.RobotFileParser.mtime": _parsed_robots("mtime"),
    "xmlrpc.client.ServerProxy": pure(xmlrpc.client.ServerProxy, "http://127.0.0.1:9/"),
    "xmlrpc.client.loads": pure(xmlrpc.client.loads, xmlrpc.client.dumps((1,))),
    "xmlrpc.client.dumps": pure(xmlrpc.client.dumps, (1,)),
    "logging.handlers.HTTPHandler.emit": parks(_log),
}  # fmt: skip
if sys.version_info >= (3, 12):
    CASES["urllib.request.build_opener"] = touches(lambda _: urllib.request.build_opener)
