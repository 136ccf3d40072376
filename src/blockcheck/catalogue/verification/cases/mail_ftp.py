"""Mail, news, file transfer and telnet, against servers that say hello and then fall silent."""

from __future__ import annotations

import email.message
import ftplib
import imaplib
import importlib
import io
import logging
import logging.handlers
import poplib
import smtplib
import sys
import warnings
from functools import partial
from typing import TYPE_CHECKING, Any

from blockcheck.catalogue.verification.cases.shapes import free, given, parks, touches

if TYPE_CHECKING:
    from collections.abc import Callable

    from blockcheck.catalogue.verification.lab import Lab
    from blockcheck.catalogue.verification.observe import Call, Case

MAIL = b"From: a@b\r\nTo: c@d\r\n\r\nx"


def _smtp(lab: Lab) -> smtplib.SMTP:
    return lab.keep(smtplib.SMTP(*lab.server(b"220 hello\r\n")))


def _imap(lab: Lab) -> imaplib.IMAP4:
    replies = [b"* CAPABILITY IMAP4REV1 STARTTLS\r\n%T OK done\r\n"]
    client = lab.keep(imaplib.IMAP4(*lab.server(b"* OK hello\r\n", replies)))
    client.state = "SELECTED"
    return client


def _unauthorised(lab: Lab) -> imaplib.IMAP4:
    client = _imap(lab)
    client.state = "NONAUTH"
    return client


def _pop(lab: Lab) -> poplib.POP3:
    return lab.keep(poplib.POP3(*lab.server(b"+OK <1.2@x> hello\r\n")))


def _ftp(lab: Lab) -> ftplib.FTP:
    client = lab.keep(ftplib.FTP())
    client.connect(*lab.server(b"220 hello\r\n"))
    return client


def _ftps(lab: Lab) -> ftplib.FTP_TLS:
    client = lab.keep(ftplib.FTP_TLS())
    client.connect(*lab.server(b"220 hello\r\n"))
    return client


def _parking(owner: str, make: Callable[[Lab], Any], methods: dict[str, tuple[Any, ...]]) -> dict[str, Case]:
    """Each method asks the server something and waits for the answer."""

    def call(name: str, arguments: tuple[Any, ...], lab: Lab) -> Call:
        return partial(getattr(make(lab), name), *arguments)

    return {f"{owner}.{name}": parks(partial(call, name, arguments)) for name, arguments in methods.items()}


def _local(owner: str, make: Callable[[Lab], Any], methods: dict[str, tuple[Any, ...]]) -> dict[str, Case]:
    def call(name: str, arguments: tuple[Any, ...], lab: Lab) -> Call:
        return partial(getattr(make(lab), name), *arguments)

    return {f"{owner}.{name}": free(partial(call, name, arguments)) for name, arguments in methods.items()}


def _emitting(make: Callable[..., logging.Handler], *rest: Any) -> Callable[[Lab], Call]:
    def call(lab: Lab) -> Call:
        return partial(make(lab.server(), *rest).emit, logging.makeLogRecord({}))

    return call


def _message() -> email.message.Message:
    message = email.message.EmailMessage()
    message["From"], message["To"] = "a@b", "c@d"
    return message


def _ftp_constructor(kind: type[ftplib.FTP]) -> Callable[[Lab], Call]:
    """The constructor takes no port: the class has it."""

    def make(lab: Lab) -> Call:
        host, port = lab.server()
        return partial(type("Client", (kind,), {"port": port}), host)

    return make


def _unreachable_log(lab: Lab) -> Call:
    return partial(logging.handlers.SocketHandler(*lab.unreachable()).emit, logging.makeLogRecord({}))


CASES: dict[str, Case] = {
    "smtplib.SMTP": parks(lambda lab: partial(smtplib.SMTP, *lab.server()), host=lambda _: smtplib.SMTP),
    "smtplib.SMTP_SSL": parks(lambda lab: partial(smtplib.SMTP_SSL, *lab.server()), host=lambda _: smtplib.SMTP_SSL),
    "smtplib.LMTP": parks(lambda lab: partial(smtplib.LMTP, *lab.server())),
    **_parking("smtplib.SMTP", _smtp, {
        "helo": (), "ehlo": (), "ehlo_or_helo_if_needed": (), "starttls": (), "login": ("a", "b"),
        "auth": ("PLAIN", lambda _=None: "x"), "sendmail": ("a@b", ["c@d"], MAIL), "mail": ("a@b",), "rcpt": ("c@d",),
        "data": (MAIL,), "docmd": ("NOOP",), "getreply": (), "noop": (), "rset": (), "verify": ("a",), "expn": ("a",),
        "help": (), "quit": (), "__exit__": (None, None, None),
    }),
    "smtplib.SMTP.connect": parks(lambda lab: partial(smtplib.SMTP().connect, *lab.server())),
    "smtplib.SMTP.send_message": parks(lambda lab: partial(_smtp(lab).send_message, _message())),
    **_local("smtplib.SMTP", _smtp, {"set_debuglevel": (0,), "has_extn": ("a",), "close": ()}),
    "imaplib.IMAP4": parks(lambda lab: partial(imaplib.IMAP4, *lab.server())),
    "imaplib.IMAP4_SSL": parks(lambda lab: partial(imaplib.IMAP4_SSL, *lab.server())),
    **_parking("imaplib.IMAP4", _imap, {
        "append": ("a", "", "", MAIL), "capability": (), "check": (), "close": (), "copy": ("1", "b"),
        "create": ("a",), "delete": ("a",), "expunge": (), "fetch": ("1", "(RFC822)"), "list": (), "logout": (),
        "lsub": (), "namespace": (), "noop": (), "recent": (), "rename": ("a", "b"), "search": (None, "ALL"),
        "select": (), "sort": ("DATE", "UTF-8", "ALL"), "status": ("a", "(MESSAGES)"), "store": ("1", "+FLAGS", "x"),
        "subscribe": ("a",), "thread": ("REFERENCES", "UTF-8", "ALL"), "uid": ("FETCH", "1", "(UID)"),
        "unsubscribe": ("a",), "xatom": ("NOOP",), "__exit__": (None, None, None),
    }),
    **_parking("imaplib.IMAP4", _unauthorised, {"authenticate": ("PLAIN", lambda _: b"x"), "login": ("a", "b"), "starttls": ()}),
    **_local("imaplib.IMAP4", _imap, {"response": ("OK",), "socket": ()}),
    "poplib.POP3": parks(lambda lab: partial(poplib.POP3, *lab.server())),
    "poplib.POP3_SSL": parks(lambda lab: partial(poplib.POP3_SSL, *lab.server())),
    **_parking("poplib.POP3", _pop, {
        "user": ("a",), "pass_": ("b",), "apop": ("a", "b"), "rpop": ("a",), "stat": (), "list": (), "retr": (1,),
        "dele": (1,), "rset": (), "noop": (), "quit": (), "top": (1, 1), "uidl": (), "utf8": (), "capa": (), "stls": (),
    }),
    **_local("poplib.POP3", _pop, {"set_debuglevel": (0,), "getwelcome": (), "close": ()}),
    "ftplib.FTP": parks(_ftp_constructor(ftplib.FTP), host=lambda _: ftplib.FTP),
    "ftplib.FTP_TLS": parks(_ftp_constructor(ftplib.FTP_TLS), host=lambda _: ftplib.FTP_TLS),
    "ftplib.FTP.connect": parks(lambda lab: partial(ftplib.FTP().connect, *lab.server())),
    **_parking("ftplib.FTP", _ftp, {
        "login": (), "sendcmd": ("NOOP",), "voidcmd": ("NOOP",), "retrbinary": ("RETR a", print), "retrlines": ("LIST",),
        "storbinary": ("STOR a", io.BytesIO()), "storlines": ("STOR a", io.BytesIO()), "transfercmd": ("LIST",),
        "ntransfercmd": ("LIST",), "nlst": (), "dir": (), "rename": ("a", "b"), "delete": ("a",), "cwd": ("a",),
        "mkd": ("a",), "pwd": (), "rmd": ("a",), "size": ("a",), "abort": (), "quit": (), "__exit__": (None, None, None),
    }),
    "ftplib.FTP.mlsd": parks(lambda lab: partial(list, _ftp(lab).mlsd())),
    **_local("ftplib.FTP", _ftp, {"set_debuglevel": (0,), "set_pasv": (True,), "getwelcome": (), "close": ()}),
    **_parking("ftplib.FTP_TLS", _ftps, {"auth": (), "prot_p": (), "prot_c": ()}),
    "logging.handlers.SMTPHandler.emit": parks(_emitting(logging.handlers.SMTPHandler, "a@b", ["c@d"], "x")),
    # The name of the host is looked up; the first file or socket of the resolver ends the call.
    "logging.handlers.SysLogHandler": touches(
        lambda _: partial(logging.handlers.SysLogHandler, ("name.invalid", 514)), "data", "net", cold=True
    ),
    "logging.handlers.SocketHandler.emit": parks(_unreachable_log, releases=False),
}  # fmt: skip


def _news_and_telnet() -> dict[str, Case]:
    """Gone with Python 3.13."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        nntplib, telnetlib = importlib.import_module("nntplib"), importlib.import_module("telnetlib")

    def news(lab: Lab) -> Any:
        return lab.keep(nntplib.NNTP(*lab.server(b"200 hello\r\n", [b"500 no\r\n"])))

    def telnet(lab: Lab) -> Any:
        return lab.keep(telnetlib.Telnet(*lab.server()))

    def interacting(name: str) -> Case:
        def make(lab: Lab) -> Call:
            lab.silent_stdin()
            call: Call = getattr(telnet(lab), name)
            return call

        return parks(make)

    day = importlib.import_module("datetime").date(2024, 1, 1)
    return {
        "nntplib.NNTP": parks(lambda lab: partial(nntplib.NNTP, *lab.server())),
        "nntplib.NNTP_SSL": parks(lambda lab: partial(nntplib.NNTP_SSL, *lab.server())),
        **_parking("nntplib.NNTP", news, {
            "login": ("a", "b"), "starttls": (), "newgroups": (day,), "newnews": ("a", day), "list": (),
            "descriptions": ("a",), "description": ("a",), "group": ("a",), "over": ((1, 2),), "xover": (1, 2),
            "xhdr": ("a", "1"), "help": (), "stat": (1,), "next": (), "last": (), "article": (1,), "head": (1,),
            "body": (1,), "post": (MAIL,), "ihave": ("1", MAIL), "date": (), "slave": (), "quit": (),
        }),
        **_local("nntplib.NNTP", news, {"getcapabilities": ()}),
        "telnetlib.Telnet": parks(
            lambda lab: partial(telnetlib.Telnet, *lab.unreachable()), releases=False, host=lambda _: telnetlib.Telnet
        ),
        "telnetlib.Telnet.open": parks(lambda lab: partial(telnetlib.Telnet().open, *lab.unreachable()), releases=False),
        **_parking("telnetlib.Telnet", telnet, {
            "read_until": (b"x",), "read_all": (), "read_some": (), "expect": ([b"x"],), "write": (b"x" * 20_000_000,),
        }),
        "telnetlib.Telnet.interact": interacting("interact"),
        "telnetlib.Telnet.mt_interact": interacting("mt_interact"),
        **_local("telnetlib.Telnet", telnet, {
            "close": (), "set_debuglevel": (0,), "fileno": (), "get_socket": (), "read_lazy": (), "read_very_lazy": (),
        }),
        # These look whether something has come, and do not wait for it.
        **{
            f"telnetlib.Telnet.{name}": free(given(lambda name, lab: getattr(telnet(lab), name), name), allow=("poll",))
            for name in ("read_eager", "read_very_eager", "sock_avail")
        },
    }  # fmt: skip


if sys.version_info < (3, 13):
    CASES.update(_news_and_telnet())
