"""Pictures of the web into the library, past a guard.

Whoever wrote the page that an editor pastes chose the addresses in it, so a stranger decides where
our server connects. It must never be sent to ask what stands inside our own network.
"""

from __future__ import annotations

import hashlib
import io
import re
import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPResponse
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from django.conf import settings
from django.core.files.base import ContentFile
from django.utils import timezone
from django.utils.encoding import iri_to_uri
from PIL import Image

from portal.cms.media import pictures
from portal.cms.media.admission import MAX_BYTES, UploadError
from portal.cms.media.fields import admit_picture
from portal.cms.media.models import MediaFile
from portal.cms.media.uploads import store

SECONDS = 15.0  # for one picture: names, redirects and all
CONNECT_SECONDS = 5.0  # for one of the host's addresses, so that the next still gets its turn
MAX_REDIRECTS = 5
# Pictures for the public are here. On a host's other ports listen its consoles and databases, which
# nobody means to show by a paste, public address or not.
PORTS = frozenset({80, 443})
# Within this time an address is taken to show what it showed; later the page may have a new picture.
FETCHED_LATELY = timedelta(days=1)
SPACER = 2  # pixels a side; pictures that count readers, or hold a place in a layout

REDIRECTS = frozenset({301, 302, 303, 307, 308})
# No Referer, on purpose. mmbiz.qpic.cn answers a foreign one with a picture that says 未经允许不可引用
# (and to us that is a picture like any other), but shows itself to whoever sends none, as apps and
# careful browsers do. Pretending to come from its own pages would be a lie, and is not needed.
HEADERS = {
    "Accept": "image/webp,image/png,image/jpeg,image/gif",
    "Accept-Encoding": "identity",
    "User-Agent": "Mozilla/5.0 (compatible; labour-portal)",
    "Connection": "close",
}

UNREADABLE = "图片地址无法识别。"
LONGEST_HOST = 253
HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?")
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
# Every name we give a file begins like this (see `admission.Admitted`), and so do those of its sizes.
OUR_NAME = re.compile(r"(?P<token>[0-9a-f]{16})[.-]")

# Of IPv6, only what is handed out for use on the internet; that leaves out loopback, private and
# link-local addresses, and those that stand for an IPv4 address (::ffff:0:0/96, 64:ff9b::/96).
GLOBAL_UNICAST = ip_network("2000::/3")
# The special-purpose registries of IANA. Not `ipaddress.is_global`: what it says depends on the
# patch release of Python, and it takes multicast for public.
SPECIAL = [
    ip_network(block)
    for block in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT; Aliyun's metadata
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's metadata, on a public address
        "169.254.0.0/16",  # link-local; everybody else's metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # relays into 6to4
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast, reserved, broadcast
        "2001::/23",  # Teredo, which hides an IPv4 address, and other protocols
        "2001:db8::/32",
        "2002::/16",  # 6to4, which hides an IPv4 address
        "3fff::/20",
    )
]


class FetchError(UploadError):
    """A picture that could not be had; the message tells the editor why."""


class SpacerError(FetchError):
    """A picture of a pixel or two, which shows nothing: nobody misses it."""


def fetch_picture(url: str, *, alt: str = "", seconds: float = SECONDS) -> MediaFile:
    """Return the picture at `url` as a file of the library; fetched anew unless it was so lately.

    A picture of our own pages is the file it shows. Takes up to `seconds`, and a second or two to
    draw and store; to be called outside a transaction, which would keep its locks for as long.
    Raises FetchError.
    """
    url = "".join(filter(str.isprintable, url)).strip()
    source = source_of(url)
    if file := own_picture(url) or fetched_lately(source):
        return file
    content = download(url, seconds)
    return keep_picture(content, title_of(url), image_alt_text=alt[:300], rights=source)


def keep_picture(content: bytes, title: str, **fields: Any) -> MediaFile:
    """Store a picture; `fields` are those of MediaFile. Raises FetchError, SpacerError for a spacer."""
    format = pictures.format_of(content)
    if format is None:
        raise FetchError("这不是图片，或不是网站能用的格式（JPG、PNG、WebP、GIF）。")
    try:
        admitted = admit_picture(ContentFile(content, name=f"{title}.{format.lower()}"))
    except UploadError as refused:
        raise FetchError(refused.messages[0]) from refused
    with Image.open(admitted) as image:
        if max(image.size) <= SPACER:
            raise SpacerError("这是占位用的图片，只有一两个像素。")
    return store(admitted, **fields)


# --- What the library has already ----------------------------------------------------------------


def own_picture(url: str) -> MediaFile | None:
    """Return the file of the library that an address on our pages shows, in whatever size.

    Whatever the host: our names are random, so nobody else has one by chance.
    """
    folder, _, name = url.partition("?")[0].rpartition("/")
    if not (match := OUR_NAME.match(name)) or settings.MEDIA_URL not in f"{folder}/":
        return None
    shown = MediaFile.objects.exclude(image_file="")
    file: MediaFile | None = shown.filter(file_name__startswith=f"{match['token']}.").first()
    return file


def fetched_lately(source: str) -> MediaFile | None:
    """Return the file that came from there within the last day. Undoing and pasting again is common."""
    since = timezone.now() - FETCHED_LATELY
    lately = MediaFile.objects.exclude(image_file="").filter(created_at__gte=since)
    file: MediaFile | None = lately.filter(rights=source).order_by("-pk").first()
    return file


def source_of(url: str) -> str:
    """Return what the file's 版权与来源 says, until an editor knows better; one for each address."""
    source = f"来自网页：{url}"
    longest = MediaFile._meta.get_field("rights").max_length or 0
    if len(source) <= longest:
        return source
    digest = hashlib.sha256(url.encode()).hexdigest()[:16]
    return f"{source[: longest - 17]}…{digest}"


def title_of(url: str) -> str:
    """Return what people may recognise: not the 640 at the end of every WeChat picture's address."""
    parts = urlsplit(url)
    name = PurePosixPath(unquote(parts.path)).stem
    return name if name and not name.isdigit() else (parts.hostname or "")


# --- Fetching --------------------------------------------------------------------------------------


def download(url: str, seconds: float = SECONDS) -> bytes:
    """Return what is at `url`, 20 MB at most. The guard looks at every address on the way.

    Proxies that the environment names are not asked: they would connect where we must not. Raises
    FetchError.
    """
    deadline = time.monotonic() + seconds
    try:
        for _ in range(1 + MAX_REDIRECTS):
            target = Target.of(url)
            with closing(connect(target, deadline)) as line:
                response = ask(line, target, deadline)
                if response.status not in REDIRECTS:
                    return body(response)
                url = redirected(url, response.headers.get("Location", ""))
    except TimeoutError as error:
        raise FetchError("对方网站太慢，图片没有取完。") from error
    except ssl.SSLCertVerificationError as error:
        raise FetchError("对方网站的安全证书有问题，没有取图片。") from error
    except (OSError, HTTPException) as error:
        raise FetchError("连接不上对方网站，或连接中断，图片没有取到。") from error
    raise FetchError("对方网站转来转去，没有取到图片。")


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect, and what to ask for there."""

    secure: bool
    host: str
    port: int
    path: str

    @classmethod
    def of(cls, url: str) -> Target:
        """Read an address. Raises FetchError for all that is not plain http or https."""
        try:
            parts = urlsplit(url)
            port, name = parts.port, parts.hostname or ""
        except ValueError as error:
            raise FetchError(UNREADABLE) from error
        if parts.scheme not in {"http", "https"}:
            raise FetchError("这不是图片的完整网址，网站取不到。")
        if parts.username is not None or parts.password is not None:
            raise FetchError("图片地址里带有用户名或密码，不能使用。")
        secure = parts.scheme == "https"
        if port is None:
            port = 443 if secure else 80
        if port not in PORTS:
            raise FetchError("图片地址的端口不是网页通常使用的 80 或 443，不能使用。")
        query = f"?{parts.query}" if parts.query else ""
        path = f"{parts.path or '/'}{query}"
        return cls(secure, host_of(name), port, iri_to_uri(path))

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"


def host_of(name: str) -> str:
    """Return the host as the resolver takes it, an IP address in its one plain spelling.

    The resolver would also take 2130706433, 0x7f.1 and 0177.0.0.1 for 127.0.0.1; nobody writes the
    address of a picture like that.
    """
    if len(name) > LONGEST_HOST or "%" in name:
        raise FetchError(UNREADABLE)
    try:
        if ":" in name:
            return str(IPv6Address(name))
        host = name.encode("idna").decode("ascii").removesuffix(".")
        if NUMBER.fullmatch(host.rpartition(".")[2]):
            return str(IPv4Address(host))
    except ValueError as error:
        raise FetchError(UNREADABLE) from error
    if not HOST.fullmatch(host):
        raise FetchError(UNREADABLE)
    return host


def connect(target: Target, deadline: float) -> socket.socket:
    """Connect to an address that was looked at, and not to a name: that may mean another one by now."""
    failure = OSError()
    for family, address in public_addresses(target, deadline):
        line = socket.socket(family, socket.SOCK_STREAM)
        try:
            line.settimeout(min(CONNECT_SECONDS, left(deadline)))
            line.connect(address)
            if target.secure:
                line.settimeout(left(deadline))
                line = tls().wrap_socket(line, server_hostname=target.host)
            return line
        except OSError as error:
            line.close()
            failure = error
    raise failure


def public_addresses(target: Target, deadline: float) -> list[tuple[socket.AddressFamily, Any]]:
    """Return the host's addresses, for `socket.connect`. Raises FetchError if one is not public."""
    try:
        addresses = resolve(target.host, target.port, left(deadline))
    except socket.gaierror as error:
        raise FetchError("找不到图片所在的网站。") from error
    # One is enough to refuse: a name that mixes them is up to something.
    if not all(is_public(address[0]) for _, address in addresses):
        raise FetchError("图片地址指向内部网络，不能从那里取图片。")
    return addresses


def resolve(host: str, port: int, seconds: float) -> list[tuple[socket.AddressFamily, Any]]:
    """Ask the system's resolver, which knows no deadline: where it is late, nobody hears its answer."""
    asking = ThreadPoolExecutor(1)
    try:
        answer = asking.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        return [(family, address) for family, _, _, _, address in answer.result(seconds)]
    finally:
        asking.shutdown(wait=False)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet at large. The guard stands and falls with this."""
    ip = ip_address(address)
    if ip.version == 6 and ip not in GLOBAL_UNICAST:
        return False
    return not any(ip in block for block in SPECIAL)


@cache
def tls() -> ssl.SSLContext:
    """Return the rules of https: certificates that the system trusts, for the host that was asked for."""
    return ssl.create_default_context()


def left(deadline: float) -> float:
    """Return the seconds that are left. Raises TimeoutError when there are none."""
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


class TimedLine(io.RawIOBase):
    """What comes in on a connection, in time or not at all. `HTTPResponse` takes it for the socket.

    A time-out of the socket alone would begin anew with every byte of a server that drips.
    """

    def __init__(self, line: socket.socket, deadline: float) -> None:
        self.line = line
        self.deadline = deadline

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.line.settimeout(left(self.deadline))
        return self.line.recv_into(buffer)


def ask(line: socket.socket, target: Target, deadline: float) -> HTTPResponse:
    """Send the request, and return the answer as far as its headers go."""
    connection = HTTPConnection(target.host, target.port)
    connection.sock = line
    line.settimeout(left(deadline))
    connection.request("GET", target.path, headers={"Host": target.authority, **HEADERS})
    response = HTTPResponse(TimedLine(line, deadline), method="GET")  # type: ignore[arg-type]
    response.begin()
    return response


def body(response: HTTPResponse) -> bytes:
    """Return the body, which is counted as it comes, whatever the headers say of its length."""
    if response.status != 200:
        raise FetchError(f"对方网站没有给出这张图片（状态码 {response.status}）。")
    # Unpacking would be the only way for a few bytes to become many.
    if response.headers.get("Content-Encoding", "identity").strip().lower() not in {"", "identity"}:
        raise FetchError("对方网站把图片压缩过才发来，网站不接收。")
    content = bytearray()
    # Not read(), to which a chunk that is said to be -1 bytes long means all there is.
    while chunk := response.read1(65_536):
        content += chunk
        if len(content) > MAX_BYTES:
            raise FetchError(f"图片超过 {MAX_BYTES // 2**20} MB 的上限。")
    return bytes(content)


def redirected(url: str, location: str) -> str:
    if not location:
        raise FetchError("对方网站转来转去，没有取到图片。")
    try:
        # http.client reads headers as Latin-1; what is not ASCII in an address is UTF-8.
        return urljoin(url, location.encode("latin-1").decode(errors="replace"))
    except ValueError as error:
        raise FetchError(UNREADABLE) from error
