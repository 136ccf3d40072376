"""Looking names up. No question leaves the machine: the first file or socket of the resolver ends the call."""

from __future__ import annotations

import ipaddress
import socket
from functools import partial
from typing import TYPE_CHECKING

from blockcheck.catalogue.verification.cases.shapes import pure, touches

if TYPE_CHECKING:
    from blockcheck.catalogue.verification.observe import Case

NAME = "name.invalid"
ASKING = ("data", "net")

CASES: dict[str, Case] = {
    "socket.getaddrinfo": touches(
        lambda _: partial(socket.getaddrinfo, NAME, 80), *ASKING, cold=True,
        flags=lambda _: partial(socket.getaddrinfo, "127.0.0.1", 80, flags=socket.AI_NUMERICHOST),
    ),
    "socket.getnameinfo": touches(
        lambda _: partial(socket.getnameinfo, ("127.0.0.1", 80), 0), *ASKING, cold=True,
        flags=lambda _: partial(socket.getnameinfo, ("127.0.0.1", 80), socket.NI_NUMERICHOST | socket.NI_NUMERICSERV),
    ),
    "socket.gethostbyname": touches(lambda _: partial(socket.gethostbyname, NAME), *ASKING, cold=True),
    "socket.gethostbyname_ex": touches(lambda _: partial(socket.gethostbyname_ex, NAME), *ASKING, cold=True),
    "socket.gethostbyaddr": touches(lambda _: partial(socket.gethostbyaddr, NAME), *ASKING, cold=True),
    "socket.getfqdn": touches(lambda _: partial(socket.getfqdn, NAME), *ASKING, cold=True),
    "socket.getservbyname": touches(lambda _: partial(socket.getservbyname, "http"), *ASKING, cold=True),
    "socket.getservbyport": touches(lambda _: partial(socket.getservbyport, 80), *ASKING, cold=True),
    "socket.getprotobyname": touches(lambda _: partial(socket.getprotobyname, "tcp"), *ASKING, cold=True),
    "socket.gethostname": pure(socket.gethostname),
    "ipaddress.ip_address": pure(ipaddress.ip_address, "127.0.0.1"),
    "ipaddress.ip_network": pure(ipaddress.ip_network, "127.0.0.0/8"),
    "ipaddress.ip_interface": pure(ipaddress.ip_interface, "127.0.0.1"),
}  # fmt: skip
