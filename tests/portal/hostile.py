"""Requests that no browser sends: any method, path, query, header, cookie and body, with lengths that lie.

As WSGI environments, for the stack in this process; as bytes, for servers (tests/soak/soak_hostile.py).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote, urlencode

from hypothesis import strategies as st

Environ = dict[str, Any]

METHODS = (
    "GET",
    "HEAD",
    "POST",
    "OPTIONS",
    "PUT",
    "DELETE",
    "PATCH",
    "TRACE",
    "PROPFIND",
    "get",
    "龘",
)
# Where something answers: the beginnings of attacks, and what stands in their way.
PLACES = (
    "/", "/articles/", "/articles/1/", "/articles/1/read/", "/articles/feed/", "/articles/archive/2026/11/",
    "/articles/category/policy/", "/articles/tags/", "/articles/tag/a/", "/articles/top/", "/services/",
    "/services/dispatch/", "/jobs/", "/jobs/1/", "/jobs/1/apply/", "/jobs/kind/a/", "/cases/", "/prices/",
    "/faq/", "/licences/", "/tools/", "/tools/dispatch-ratio/", "/districts/baoan/", "/enquiry/",
    "/enquiry/call-back/", "/complaint/", "/takedown/", "/search/", "/contact/", "/sitemap/", "/sitemap.xml",
    "/sitemap-articles-1.xml", "/robots.txt", "/favicon.ico", "/preview/a:b:c/", "/media/a.jpg",
    "/static/site/site.css", "/healthz", "/readyz", "/about/", "/admin/", "/admin/login/", "/admin/logout/",
    "/admin/password_reset/", "/admin/account/2fa/", "/admin/account/2fa/keys/login/",
    "/admin/articles/article/1/change/",
    "/admin/jsi18n/", "/admin/r/1/1/", "/wp-login.php", "/.env", "/../../etc/passwd", "//elsewhere.example/",
)  # fmt: skip
BITS = (
    "\x00", "%00", "\r\nSet-Cookie: a=b", "../", "..\\", "%2e%2e%2f", "'", '"', "<script>", "{{7*7}}", "${x}",
    "' OR 1=1--", "\ud83d".encode("utf-8", "surrogatepass").decode("latin-1"), "\xff\xfe", "%", "%zz", "龘",
    "\u202e", "9" * 400, "-1", "1e999", "٣", "nan", "a" * 3000, ";", "&", "=", "[]", "[a][b]", ",", "?", "#",
    "http://[", "//[", '"\\000aaaaaaaaaaaaa"', '"\\377', "[" * 2000, '{"a":' * 1000, "9" * 5000,
)  # fmt: skip
NAMES = (
    "q", "page", "before", "type", "category", "span", "from", "next", "own", "agency", "wage", "district",
    "kind", "sort", "p", "name", "phone", "consent", "token", "username", "password", "state", "o", "e",
    "csrfmiddlewaretoken", "credential", "code", "_popup", "_to_field", "format", "id", "pk", "file",
)  # fmt: skip
HEADERS = (
    "HOST", "COOKIE", "REFERER", "ORIGIN", "USER_AGENT", "ACCEPT", "ACCEPT_ENCODING", "ACCEPT_LANGUAGE",
    "IF_MODIFIED_SINCE", "IF_NONE_MATCH", "RANGE", "X_FORWARDED_FOR", "X_FORWARDED_PROTO",
    "X_FORWARDED_HOST", "X_REQUEST_ID", "AUTHORIZATION", "SEC_FETCH_SITE", "X_CSRFTOKEN", "TRANSFER_ENCODING",
    "EXPECT", "CONTENT_ENCODING", "X_REQUESTED_WITH", "FORWARDED", "X_HTTP_METHOD_OVERRIDE",
)  # fmt: skip
TYPES = (
    "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "multipart/form-data",
    "multipart/form-data; boundary=" + "b" * 300, "application/json", "text/xml", "", "a/b; charset=utf-7",
    "application/x-www-form-urlencoded; charset=gbk", "application/x-www-form-urlencoded; charset=\xff",
    "multipart/mixed; boundary=b", "text/html; charset=" + "x" * 2000,
)  # fmt: skip
# What a form is not let in without, in its body and in a cookie; a stranger sets both.
TOKEN: Final = "a" * 32
PART = b'--b\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n%s\r\n\r\n%s\r\n--b--\r\n'

SAFE: Final = "/;&=[],%@:!$'()*+~"

# Latin-1, as WSGI hands on bytes.
odd = st.one_of(
    st.sampled_from(BITS).map(lambda bit: bit.encode().decode("latin-1")),
    st.text(st.characters(max_codepoint=255), max_size=20),
)
paths = st.one_of(
    st.sampled_from(PLACES),
    st.builds(lambda place, bit: place + bit, st.sampled_from(PLACES), odd),
    st.builds(lambda bit: "/" + bit, odd),
    st.builds(lambda place, bit: place.replace("/", f"/{bit}/", 1), st.sampled_from(PLACES), odd),
    st.just(""),
).map(lambda path: path.encode().decode("latin-1"))
pairs = st.builds(lambda name, value: f"{name}={value}", st.sampled_from(NAMES), odd)
queries = st.lists(st.one_of(pairs, odd), max_size=6).map("&".join)
cookies = st.lists(
    st.builds(
        lambda name, value: f"{name}={value}",
        st.sampled_from(("session", "csrf", "messages", "device", "a", "\xff")),
        odd,
    ),
    max_size=4,
).map(lambda sent: "; ".join([*sent, f"csrf={TOKEN}"]))
headers = st.dictionaries(
    st.sampled_from(HEADERS), st.one_of(odd, st.just("127.0.0.1:8000")), max_size=8
)
bodies = st.one_of(
    st.binary(max_size=300),
    queries.map(lambda query: f"csrfmiddlewaretoken={TOKEN}&{query}".encode("latin-1")),
    st.builds(
        lambda name, kind, content: (
            PART % (name.encode("latin-1"), kind.encode("latin-1"), content)
        ),
        odd,
        st.sampled_from(
            ("Content-Type: image/jpeg", "Content-Transfer-Encoding: base64", "\xff: \xfe", "")
        ),
        st.binary(max_size=200),
    ),
    st.sampled_from(
        (b'{"a":' * 5000, b"[" * 5000, b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&" * 20_000)
    ),
)
lengths = st.sampled_from(
    ("right", "right", "right", "short", "long", "-1", "x", "", "99999999999", "１")
)


@st.composite
def environs(draw: st.DrawFn) -> Environ:
    """A request as the stack may get it from a server; half of them with a Host that is ours."""
    body = draw(bodies)
    length = draw(lengths)
    told = {"right": len(body), "short": len(body) // 2, "long": len(body) + 100}.get(
        length, length
    )
    found = {f"HTTP_{name}": value for name, value in draw(headers).items()}
    if draw(st.booleans()):
        found["HTTP_HOST"] = "127.0.0.1:8000"
    if cookie := draw(cookies):
        found["HTTP_COOKIE"] = cookie
    return {
        "REQUEST_METHOD": draw(st.sampled_from(METHODS)),
        "PATH_INFO": draw(paths),
        "QUERY_STRING": draw(queries),
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": draw(st.sampled_from(("127.0.0.1", "", "2001:db8::1", "x"))),
        "CONTENT_TYPE": draw(st.sampled_from(TYPES)),
        "CONTENT_LENGTH": str(told),
        "wsgi.url_scheme": draw(st.sampled_from(("http", "https"))),
        "wsgi.input": io.BytesIO(body),
        **found,
    }


def known() -> Iterator[Environ]:
    """What once broke the site, or could: it is asked each time."""
    for address in ("http://[", "//[", "http://[::1"):
        query = urlencode({"next": address})
        yield _asked("GET", "/admin/login/", query=query)
        yield _asked("POST", "/admin/login/", query=query, username="a", password="b", next=address)
    for answer in ("[" * 100_000, '{"a":' * 50_000, "9" * 5_000, "[" * 9_000, '{"a":' * 3_000):
        yield _asked("POST", "/admin/account/2fa/keys/login/", credential=answer)
    for value in ('"\\000aaaaaaaaaaaaa"', '"\\377\\377aaaaaaaaa"', "x" * 5_000):
        for path in ("/", "/admin/", "/admin/login/"):
            yield _asked("GET", path, cookie=f"session={value}; device={value}")
        yield _asked("POST", "/admin/articles/article/add/", cookie=f"session={value}", a="a" * 100)


def _asked(method: str, path: str, *, query: str = "", cookie: str = "", **fields: str) -> Environ:
    body = urlencode({"csrfmiddlewaretoken": TOKEN, **fields}).encode() if fields else b""
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "HTTP_COOKIE": "; ".join(filter(None, [f"csrf={TOKEN}", cookie])),
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
    }


def as_bytes(environ: Environ) -> bytes:
    """The same as it goes over the wire; its bytes escaped as browsers do it, and with a Host.

    Servers refuse what has neither before the site hears of it: that they do, headers and lengths still try.
    """
    path, query = (
        quote(environ[name].encode("latin-1"), safe=SAFE) for name in ("PATH_INFO", "QUERY_STRING")
    )
    names = {"HTTP_HOST": "127.0.0.1:8000"}
    names |= {name: value for name, value in environ.items() if name.startswith("HTTP_")}
    lines = [f"{environ['REQUEST_METHOD']} {path}?{query} HTTP/1.1"]
    lines += [f"{name[5:].replace('_', '-')}: {value}" for name, value in names.items()]
    lines += [
        f"Content-{name}: {environ[f'CONTENT_{name.upper()}']}" for name in ("Type", "Length")
    ]
    head = "\r\n".join([*lines, "Connection: close"])
    body: bytes = environ["wsgi.input"].getvalue()
    return head.encode("utf-8", "surrogatepass") + b"\r\n\r\n" + body
