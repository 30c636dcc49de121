"""Where the client may dial: addresses of the public internet, and no others.

Checked where the socket is dialled, on the very address that is dialled: redirects, names that
change their address between two look-ups, and addresses written as decimal, hexadecimal or octal
numbers all end here.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

import httpcore

from tasks.articles.errors import Reason, Rejected
from tasks.web.streams import HeadLimit

SocketOptions = Iterable[httpcore.SOCKET_OPTION]
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]  # host and port to numeric addresses
Dialler = Callable[
    [str, int, float | None, SocketOptions | None], Awaitable[httpcore.AsyncNetworkStream]
]

MOST_TRIED = 4  # addresses of one name, each with its share of the time to connect
# Looking up names blocks a thread. These are our own, so that a name server that hangs does not
# hold the threads that write the archive.
_THREADS = ThreadPoolExecutor(16, thread_name_prefix="resolver")

_GLOBAL_UNICAST = IPv6Network("2000::/3")  # all that is assigned (IANA, IPv6 address space)
_NAT64 = IPv6Network("64:ff9b::/96")  # an IPv4 address in the last 32 bits (RFC 6052)
# Not of the public internet, though `is_global` of some supported Pythons says so.
_RESERVED = (
    IPv4Network("192.0.0.0/24"),  # IETF protocol assignments; some clouds' metadata
    IPv4Network("192.88.99.0/24"),  # relays of 6to4, deprecated (RFC 7526)
    IPv4Network("168.63.129.16/32"),  # the host of a virtual machine in one large cloud
    IPv6Network("3fff::/20"),  # documentation (RFC 9637)
)


def is_public(address: str) -> bool:
    """Tell whether a numeric address is one of the public internet.

    IPv6 forms that carry an IPv4 address (mapped, 6to4, NAT64) are as public as that one; Teredo
    never is. Raises ValueError for what is no numeric address.
    """
    ip = ip_address(address)
    if isinstance(ip, IPv6Address):
        carried = ip.ipv4_mapped or ip.sixtofour
        if ip in _NAT64:
            carried = ip_address(ip.packed[-4:])  # type: ignore[assignment]  # four bytes are IPv4
        if carried:
            return is_public(str(carried))
        if ip not in _GLOBAL_UNICAST:
            return False
    is_reserved = any(ip in network for network in _RESERVED if network.version == ip.version)
    return ip.is_global and not ip.is_multicast and not is_reserved


async def resolve(host: str, port: int) -> Sequence[str]:
    """Return the numeric addresses of a host, the system's best first. Raises OSError."""
    try:
        return [str(ip_address(host))]
    except ValueError:
        pass
    ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_THREADS, ask)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


async def dial(
    address: str, port: int, seconds: float | None, options: SocketOptions | None
) -> httpcore.AsyncNetworkStream:
    """Connect to a numeric address within so many seconds. Raises the errors of httpcore."""
    return await httpcore.AnyIOBackend().connect_tcp(
        address, port, timeout=seconds, socket_options=options
    )


class Guard(httpcore.AsyncNetworkBackend):
    """Looks a host up once, checks every address, and dials those it has checked.

    ``allow_private`` leaves out the check. ``resolve`` and ``dial`` are the system's own unless
    handed in.
    """

    def __init__(
        self, *, allow_private: bool = False, resolve: Resolver = resolve, dial: Dialler = dial
    ) -> None:
        self._allow_private = allow_private
        self._resolve = resolve
        self._dial = dial

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  httpcore's signature
        local_address: str | None = None,  # noqa: ARG002  httpcore's signature
        socket_options: SocketOptions | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raise Rejected where a host leads into a private network, else as httpcore does."""
        try:
            async with asyncio.timeout(timeout):
                addresses = (await self._resolve(host, port))[:MOST_TRIED]
        except TimeoutError:
            raise httpcore.ConnectTimeout(f"the address of {host} was not found in time") from None
        except UnicodeError:
            raise Rejected(Reason.BAD_ADDRESS, f"{host[:300]!r} is not a host name") from None
        except OSError as error:
            raise httpcore.ConnectError(f"{host} has no address: {error}") from None
        if not self._allow_private:
            _require_public(host, addresses)
        return HeadLimit(await self._dial_first(addresses, port, timeout, socket_options))

    async def _dial_first(
        self,
        addresses: Sequence[str],
        port: int,
        timeout: float | None,  # noqa: ASYNC109  httpcore's signature
        options: SocketOptions | None,
    ) -> httpcore.AsyncNetworkStream:
        share = timeout and timeout / len(addresses) if addresses else None
        error: Exception = httpcore.ConnectError("the name has no address")
        for address in addresses:
            try:
                return await self._dial(address, port, share, options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as refused:
                error = refused
        raise error


def _require_public(host: str, addresses: Sequence[str]) -> None:
    for address in addresses:
        if not is_public(address):
            at = "" if host == address else f" ({address})"
            raise Rejected(
                Reason.PRIVATE_ADDRESS,
                f"{host}{at} is not on the public internet; where the source itself is in your own "
                "network, say `allow_private = true` under [politeness] in its file",
            )
