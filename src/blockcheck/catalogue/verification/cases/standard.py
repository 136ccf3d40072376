"""Mailboxes, cookies, sound, messages and profiles: what is seldom used, and mostly a file."""

from __future__ import annotations

import cProfile
import email
import email.parser
import gettext
import http.cookiejar
import io
import mailbox
import mimetypes
import os
import pstats
import timeit
import tracemalloc
import wave
import zipapp
from functools import partial
from typing import TYPE_CHECKING

from blockcheck.catalogue.verification.cases.shapes import burns, given, looks, method, pure, touches

if TYPE_CHECKING:
    from typing import Any

    from blockcheck.catalogue.verification.lab import Lab
    from blockcheck.catalogue.verification.observe import Call, Case

MAIL = b"From: a@b\n\nhello\n"
COOKIES = b"# Netscape HTTP Cookie File\n"


def _box_file(name: str, lab: Lab) -> Call:
    return partial(getattr(mailbox, name), lab.file(MAIL))


def _box_folder(name: str, lab: Lab) -> Call:
    return partial(getattr(mailbox, name), lab.path())


def _maildir(lab: Lab) -> mailbox.Maildir:
    box = mailbox.Maildir(os.path.join(lab.folder(), "box"))
    box.add(MAIL)
    box.keys()
    return box


def _mail(name: str, *arguments: Any, key: bool = False) -> Case:
    def make(lab: Lab) -> Call:
        box = _maildir(lab)
        first = (box.keys()[0],) if key else ()
        return partial(getattr(box, name), *first, *arguments)

    return touches(make, "data", "meta")


def _update(lab: Lab) -> Call:
    box = _maildir(lab)
    return partial(box.update, {box.keys()[0]: MAIL})


def _cookies(name: str, lab: Lab) -> Call:
    return partial(getattr(http.cookiejar.MozillaCookieJar(lab.file(COOKIES)), name))


def _sound(frames: int = 300_000) -> io.BytesIO:
    memory = io.BytesIO()
    with wave.open(memory, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(b"\0\0" * frames)
    memory.seek(0)
    return memory


def _read_sound(lab: Lab) -> Call:
    return partial(lab.keep(wave.open(lab.file(_sound().getvalue()), "rb")).readframes, 300_000)


def _write_sound(name: str, lab: Lab) -> Call:
    sound = lab.keep(wave.open(lab.path(".wav"), "wb"))
    sound.setparams((1, 2, 8000, 0, "NONE", ""))
    return partial(getattr(sound, name), b"\0\0" * 300_000)


def _profile() -> cProfile.Profile:
    profile = cProfile.Profile()
    profile.runcall(len, "")
    return profile


def _snapshot(lab: Lab) -> Call:
    tracemalloc.start()
    snapshot = tracemalloc.take_snapshot()
    tracemalloc.stop()
    return partial(snapshot.dump, lab.path())


def _application(lab: Lab) -> Call:
    folder = lab.folder()
    with open(os.path.join(folder, "__main__.py"), "w", encoding="utf-8") as file:
        file.write("pass\n")
    return partial(zipapp.create_archive, folder, lab.path(".pyz"))


def _text_file(lab: Lab) -> Any:
    return lab.keep(open(lab.file(MAIL * 5000), encoding="utf-8"))


def _binary_file(lab: Lab) -> Any:
    return lab.keep(open(lab.file(MAIL * 5000), "rb"))


def _work() -> None:
    sum(range(1000))


CASES: dict[str, Case] = {
    **{f"mailbox.{n}": touches(given(_box_file, n)) for n in ("mbox", "MMDF", "Babyl")},
    **{f"mailbox.{n}": looks(given(_box_folder, n)) for n in ("Maildir", "MH")},
    "mailbox.Mailbox.add": _mail("add", MAIL),
    "mailbox.Mailbox.get_message": _mail("get_message", key=True),
    "mailbox.Mailbox.get_bytes": _mail("get_bytes", key=True),
    "mailbox.Mailbox.get_string": _mail("get_string", key=True),
    "mailbox.Mailbox.__getitem__": _mail("__getitem__", key=True),
    "mailbox.Mailbox.__setitem__": _mail("__setitem__", MAIL, key=True),
    "mailbox.Mailbox.pop": _mail("pop", key=True),
    **{f"mailbox.Mailbox.{n}": _mail(n) for n in ("values", "items", "popitem", "clear")},
    "mailbox.Mailbox.update": touches(_update, "data", "meta"),
    **{f"http.cookiejar.FileCookieJar.{n}": touches(given(_cookies, n)) for n in ("load", "save", "revert")},
    **{
        f"http.cookiejar.CookieJar.{n}": method(http.cookiejar.CookieJar, n)
        for n in ("clear", "clear_expired_cookies", "clear_session_cookies")
    },
    "http.cookiejar.CookieJar.set_cookie": method(
        http.cookiejar.CookieJar, "set_cookie",
        http.cookiejar.Cookie(0, "a", "b", None, False, "c", False, False, "/", False, False, None, True, None, None, {}),
    ),
    "wave.open": touches(
        lambda lab: partial(wave.open, lab.file(_sound(1).getvalue()), "rb"),
        f=lambda _: partial(wave.open, _sound(1), "rb"),
    ),
    "wave.Wave_read.readframes": touches(_read_sound),
    **{f"wave.Wave_write.{n}": touches(given(_write_sound, n)) for n in ("writeframes", "writeframesraw")},
    **{
        f"wave.Wave_read.{n}": method(lambda: wave.open(_sound(1), "rb"), n)
        for n in ("getnchannels", "getframerate", "getnframes", "getsampwidth", "getparams", "rewind", "tell")
    },
    "email.message_from_file": touches(
        lambda lab: partial(email.message_from_file, _text_file(lab)),
        fp=lambda _: partial(email.message_from_file, io.StringIO(MAIL.decode())),
    ),
    "email.message_from_binary_file": touches(
        lambda lab: partial(email.message_from_binary_file, _binary_file(lab)),
        fp=lambda _: partial(email.message_from_binary_file, io.BytesIO(MAIL)),
    ),
    "email.message_from_string": pure(email.message_from_string, MAIL.decode()),
    "email.message_from_bytes": pure(email.message_from_bytes, MAIL),
    "email.parser.Parser.parse": touches(
        lambda lab: partial(email.parser.Parser().parse, _text_file(lab)),
        fp=lambda _: partial(email.parser.Parser().parse, io.StringIO(MAIL.decode())),
    ),
    "email.parser.BytesParser.parse": touches(
        lambda lab: partial(email.parser.BytesParser().parse, _binary_file(lab)),
        fp=lambda _: partial(email.parser.BytesParser().parse, io.BytesIO(MAIL)),
    ),
    "email.parser.Parser.parsestr": method(email.parser.Parser, "parsestr", MAIL.decode()),
    "tracemalloc.Snapshot.dump": touches(_snapshot),
    "cProfile.Profile.dump_stats": touches(lambda lab: partial(_profile().dump_stats, lab.path())),
    "pstats.Stats.dump_stats": touches(lambda lab: partial(pstats.Stats(_profile()).dump_stats, lab.path())),
    "timeit.Timer.autorange": burns(lambda _: timeit.Timer(_work).autorange),
    "timeit.Timer.repeat": burns(lambda _: partial(timeit.Timer(_work).repeat, 2, 5000)),
    "timeit.Timer.timeit": burns(lambda _: partial(timeit.Timer(_work).timeit, 10_000)),
    "zipapp.create_archive": touches(_application),
    "gettext.find": looks(lambda lab: partial(gettext.find, "none", lab.folder(), ["de"])),
    "gettext.translation": looks(
        lambda lab: partial(gettext.translation, "none", lab.folder(), ["de"], fallback=True)
    ),
    "mimetypes.MimeTypes.read": touches(lambda lab: partial(mimetypes.MimeTypes().read, lab.file(b"text/x-a a\n"))),
}  # fmt: skip
