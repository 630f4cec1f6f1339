"""The variables of nginx's ``log_format`` and Apache's ``LogFormat``: how each looks and which columns it fills."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

_TIME_LOCAL = r"\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2} [+\-]\d{4}"
_ADDRESS = r"[0-9A-Fa-f.:]+|unix:|-|[A-Za-z0-9_.\-]+"
_NUMBER = r"-?\d+|-"
_SECONDS = r"-?\d+(?:\.\d+)?|-"
_QUOTED = r'(?:[^"\\]|\\.)*'

#: Before a group's name where the variable may be any text.
_ANY = ""


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable: the name of its group, its text as RE2 (empty for any), and for each column where it comes from.

    ``example`` is a value for a sample and ``expect`` what the columns must be for it; ``needed``: it is never ``-``.
    """

    name: str
    text: str = _ANY
    fields: dict[str, Any] = field(default_factory=dict)
    example: str = "x"
    expect: dict[str, Any] = field(default_factory=dict)
    needed: bool = False
    time_format: str | None = None

    def pattern(self, suffix: str, *, quoted: bool) -> str:
        """Return the RE2 of the variable in a line, with its groups named, which end in ``suffix``."""
        if self.name == "request":
            return (
                rf"(?:(?P<method{suffix}>[A-Z][A-Z_\-]{{1,30}}) (?P<path{suffix}>{_QUOTED}?)"
                rf"(?: (?P<protocol{suffix}>HTTP/\d(?:\.\d)?))?|(?P<request{suffix}>{_QUOTED}))"
            )
        text = self.text or (_QUOTED if quoted else ".*?")
        return f"(?P<{self.name}{suffix}>{text})"

    def at(self, place: str) -> dict[str, Any]:
        """Return the columns where the variable is the member ``place`` of a JSON object."""
        if self.name == "request":
            return {
                "method": {"from": place, "match": "^([A-Z][A-Z_-]*) "},
                "path": {"from": place, "match": r"^[A-Z][A-Z_-]* (.*?)(?: HTTP/\d(?:\.\d)?)?$"},
            }
        return {
            column: {**one, "from": place} if isinstance(one, dict) else place for column, one in self.fields.items()
        }


def _plain(name: str, column: str, text: str = _ANY, example: str = "x", value: Any = None, **more: Any) -> Variable:
    return Variable(name, text, {column: name}, example, {column: example if value is None else value}, **more)


def _duration(name: str, unit: str, example: str, milliseconds: float) -> Variable:
    text = _SECONDS if unit == "s" else _NUMBER
    return Variable(name, text, {"duration_ms": {"from": name, "unit": unit}}, example, {"duration_ms": milliseconds})


def _key(name: str) -> Variable:
    return Variable(name, _ANY, {"api_key": {"from": name, "take": "key"}}, "k-7", {"api_key": "k-7"})


_REQUEST = Variable(
    "request",
    _ANY,
    {"method": "method", "path": "path"},
    "GET /v1/models?x=1 HTTP/1.1",
    {"method": "GET", "path": "/v1/models?x=1"},
)
_LOCAL = {"ts": "2026-01-01T00:00:00Z"}
_CLIENT = _plain("remote_addr", "client_ip", _ADDRESS, "198.51.100.7")
_STATUS = _plain("status", "status", r"\d{3}|-", "200", 200)
_USER = _plain("remote_user", "account", _ANY, "ana")


def _host(name: str) -> Variable:
    return _plain(name, "host", _ANY, "api.example.org")


def _bytes(name: str, column: str) -> Variable:
    return _plain(name, column, _NUMBER, "512", 512)


_NGINX: dict[str, Variable] = {
    one.name: one
    for one in (
        _CLIENT,
        _plain("realip_remote_addr", "client_ip", _ADDRESS, "198.51.100.7"),
        _USER,
        Variable("time_local", _TIME_LOCAL, {"ts": "time_local"}, "01/Jan/2026:00:00:00 +0000", _LOCAL, True,
                 "%d/%b/%Y:%H:%M:%S %z"),
        Variable("time_iso8601", r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:Z|[+\-]\d{2}:\d{2})",
                 {"ts": "time_iso8601"}, "2026-01-01T00:00:00+00:00", _LOCAL, True),
        Variable("msec", r"\d+\.\d+", {"ts": "msec"}, "1767225600.000", _LOCAL, True),
        _REQUEST,
        _plain("request_method", "method", _ANY, "GET"),
        _plain("request_uri", "path", _ANY, "/v1/models?x=1"),
        _plain("uri", "path", _ANY, "/v1/models"),
        _STATUS,
        _bytes("body_bytes_sent", "bytes_out"),
        _bytes("bytes_sent", "bytes_out"),
        _bytes("request_length", "bytes_in"),
        _plain("http_referer", "referer", _ANY, "https://example.org/"),
        _plain("http_user_agent", "user_agent", _ANY, "curl/8.5"),
        _duration("request_time", "s", "0.250", 250.0),
        _host("host"),
        _host("http_host"),
        _host("server_name"),
        _plain("request_id", "request_id", _ANY, "r-1"),
        _plain("http_x_request_id", "request_id", _ANY, "r-1"),
        _plain("http_traceparent", "trace_id", _ANY, "t-1"),
        _plain("pid", "pid", r"\d+", "17", 17, needed=True),
        _key("http_x_api_key"),
        _key("http_api_key"),
        _key("http_authorization"),
        _plain("geoip_country_code", "country", _ANY, "DE"),
        _plain("geoip2_data_country_code", "country", _ANY, "DE"),
    )
}  # fmt: skip


def nginx(name: str) -> Variable:
    """Return a variable of nginx; one that is not known here is any text and stays in ``extra``."""
    return _NGINX.get(name) or Variable(name)


def apache(letter: str, argument: str | None) -> Variable:
    """Return a directive of Apache, such as ``h``, or ``i`` with the argument ``User-Agent``."""
    name = re.sub(r"\W+", "_", (argument or "").lower()).strip("_")
    if letter == "t":
        return _apache_time(argument)
    if letter == "T":
        unit = {"ms": "ms", "us": "us"}.get(argument or "s", "s")
        return _duration(f"time_{unit}", unit, "250", {"s": 250000.0, "ms": 250.0, "us": 0.25}[unit])
    if letter == "D":
        return _duration("time_us", "us", "250", 0.25)
    if letter == "i":
        return _header(name)
    if letter == "L" or (letter == "e" and argument == "UNIQUE_ID"):
        return _plain("request_id", "request_id", _ANY, "r-1")
    if letter in _APACHE and (not argument or letter in "ap"):
        return _APACHE[letter]
    kinds = {"o": "sent", "e": "env", "C": "cookie", "n": "note", "^ti": "trailer", "^to": "trailer_sent", "P": "id"}
    return Variable("_".join(filter(None, (kinds.get(letter, f"field_{letter}"), name))))


_APACHE: dict[str, Variable] = {
    "h": _CLIENT,
    "a": _CLIENT,
    "l": Variable("ident"),
    "u": _USER,
    "r": _REQUEST,
    "s": _STATUS,
    "b": _bytes("bytes_out", "bytes_out"),
    "B": _bytes("bytes_out", "bytes_out"),
    "O": _bytes("bytes_sent", "bytes_out"),
    "I": _bytes("bytes_received", "bytes_in"),
    "S": Variable("bytes_both", _NUMBER, {}, "1024"),
    "v": _host("server_name"),
    "V": _host("host"),
    "m": _plain("method", "method", _ANY, "GET"),
    "U": _plain("path", "path", _ANY, "/v1/models"),
    "q": Variable("query", _ANY, {}, "?x=1"),
    "H": Variable("protocol", _ANY, {}, "HTTP/1.1"),
    "P": _plain("pid", "pid", r"\d+", "17", 17, needed=True),
    "p": Variable("port", _NUMBER, {}, "443"),
    "k": Variable("keepalives", _NUMBER, {}, "1"),
    "X": Variable("connection", r"[X+\-]", {}, "+"),
    "f": Variable("file"),
    "R": Variable("handler"),
    "A": Variable("server_address", _ADDRESS, {}, "192.0.2.1"),
}

_HEADERS = {
    "user_agent": ("user_agent", "curl/8.5"),
    "referer": ("referer", "https://example.org/"),
    "host": ("host", "api.example.org"),
    "x_request_id": ("request_id", "r-1"),
    "traceparent": ("trace_id", "t-1"),
}


def _header(name: str) -> Variable:
    if name in ("x_api_key", "api_key", "authorization"):
        return _key(name)
    if name in _HEADERS:
        column, example = _HEADERS[name]
        return _plain(name, column, _ANY, example)
    return Variable(f"header_{name}")


def _apache_time(argument: str | None) -> Variable:
    """Return ``%t`` or ``%{…}t``; sub-second tokens after a time are kept beside it."""
    if argument is None:
        return Variable(
            "time", rf"\[{_TIME_LOCAL}\]", {"ts": "time"}, "[01/Jan/2026:00:00:00 +0000]", _LOCAL, True,
            "[%d/%b/%Y:%H:%M:%S %z]",
        )  # fmt: skip
    form = argument.removeprefix("begin:").removeprefix("end:")
    epochs = {"sec": "1767225600", "msec": "1767225600000", "usec": "1767225600000000"}
    if form in epochs:
        return Variable("time", r"\d+", {"ts": "time"}, epochs[form], _LOCAL, True)
    if form in ("msec_frac", "usec_frac"):
        return Variable(form, r"\d+", {}, "000", needed=True)
    plain = form.replace("%T", "%H:%M:%S").replace("%F", "%Y-%m-%d").replace("%D", "%m/%d/%y").replace("%e", "%d")
    # A format that does not name the whole day cannot fill the column.
    whole = "%s" in plain or ("%d" in plain and "%Y" in plain and re.search("%[mbB]", plain))
    codes = re.findall("%.", plain)
    if not whole or any(code not in _STRFTIME for code in codes):
        return Variable("time_" + (re.sub(r"\W+", "", form) or "part"))
    example, text = plain, re.escape(plain).replace("\\ ", " ")
    for code in codes:
        value, like = _STRFTIME[code]
        example, text = example.replace(code, value), text.replace(re.escape(code), like)
    return Variable("time", text, {"ts": "time"}, example, _LOCAL, True, None if plain == "%s" else plain)


#: What each code of ``strftime`` is in a sample, and its RE2.
_STRFTIME = {
    "%Y": ("2026", r"\d{4}"), "%m": ("01", r"\d{2}"), "%d": ("01", r"[\d ]?\d"), "%H": ("00", r"\d{2}"),
    "%M": ("00", r"\d{2}"), "%S": ("00", r"\d{2}"), "%z": ("+0000", r"[+\-]\d{4}"), "%b": ("Jan", r"[A-Za-z]{3}"),
    "%B": ("January", "[A-Za-z]+"), "%y": ("26", r"\d{2}"),
    "%a": ("Thu", "[A-Za-z]{3}"), "%A": ("Thursday", "[A-Za-z]+"),
    "%s": ("1767225600", r"\d+"), "%I": ("12", r"\d{2}"), "%p": ("AM", "[AP]M"),
}  # fmt: skip
