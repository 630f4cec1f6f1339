"""What a Sigma rule's log source is here: the formats that are asked, and the columns that its fields are.

A field that is mapped becomes ``event.COLUMN``; any other is looked for under its own name in ``extra``, where a
record's further fields are (nested ones by dots), or among the ``key=value`` pairs of auditd's text.
Field names are those of the Sigma taxonomy (https://sigmahq.io/docs/basics/log-sources.html).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.case.fields import EXTRA, NORMALISED
from workbench.errors import PlaybookError
from workbench.safetext import safe
from workbench.sqltext import literal

_WEB = (
    "access_log", "alb", "caddy", "cloudflare_http", "cloudfront", "envoy", "gcp_lb", "haproxy", "kong", "traefik",
    "w3c",
)  # fmt: skip
_SYSLOG = ("syslog", "syslog5424", "journald")
_WEB_FIELDS = {
    "c-uri": "url", "cs-uri": "url", "cs-uri-query": "url", "c-uri-query": "url", "cs-uri-stem": "stem",
    "c-uri-stem": "stem", "cs-method": "method", "c-method": "method", "sc-status": "status", "cs-username": "account",
    "c-useragent": "user_agent", "cs-user-agent": "user_agent", "cs(User-Agent)": "user_agent",
    "cs-referer": "referer", "cs-referrer": "referer", "cs(Referer)": "referer", "c-ip": "client_ip",
    "src_ip": "client_ip", "cs-host": "host", "c-uri-host": "host", "cs-bytes": "bytes_in", "sc-bytes": "bytes_out",
}  # fmt: skip
_ERROR_FIELDS = {"c-ip": "client_ip", "src_ip": "client_ip", "message": "message"}
_AWS_FIELDS = {
    "eventName": "operation", "eventSource": "host", "errorCode": "error", "errorMessage": "message",
    "sourceIPAddress": "client_ip", "userAgent": "user_agent", "recipientAccountId": "organization",
    "requestID": "request_id", "eventTime": "ts",
}  # fmt: skip
_AZURE_FIELDS = {
    "operationName": "operation", "OperationName": "operation", "OperationNameValue": "operation",
    "callerIpAddress": "client_ip", "CallerIPAddress": "client_ip", "IPAddress": "client_ip",
    "UserPrincipalName": "account", "properties.userPrincipalName": "account", "correlationId": "request_id",
    "CorrelationId": "request_id", "tenantId": "organization", "ResultDescription": "error",
    "resultDescription": "error", "UserAgent": "user_agent", "userAgent": "user_agent", "Level": "severity",
}  # fmt: skip
_GCP_FIELDS = {
    "gcp.audit.method_name": "operation", "gcp.audit.service_name": "host", "methodName": "operation",
    "serviceName": "host", "severity": "severity",
}  # fmt: skip
_LINUX_FIELDS = {"message": "message", "hostname": "host", "host": "host", "process": "process", "src_ip": "client_ip"}
_AUDIT_FIELDS = {"type": "operation", "exe": "process", "node": "host", "addr": "client_ip", "acct": "account"}

_WEB_SHOWN = ("client_ip", "account", "method", "path", "status", "user_agent", "referer")
_CLOUD_SHOWN = ("account", "client_ip", "operation", "host", "error", "user_agent")
_LINUX_SHOWN = ("host", "process", "client_ip", "account", "message")

#: What a rule's bare words are looked for in: all that a line says in words.
_SAID = (
    "method",
    "path",
    "referer",
    "user_agent",
    "operation",
    "host",
    "account",
    "process",
    "error",
    "message",
    "extra",
)
#: Each column as text; a W3C log keeps the query beside the path.
_TEXT = {one.name: one.name if one.type == "VARCHAR" else f"CAST({one.name} AS VARCHAR)" for one in NORMALISED} | {
    "url": f"path || CASE WHEN format = 'w3c' THEN coalesce('?' || ({EXTRA.name} ->> '/cs-uri-query'), '') ELSE '' END",
    "stem": "split_part(path, '?', 1)",
}
_COLUMN = re.compile(r"event\.(\w+)")
_PROGRAM = re.compile(r"[A-Za-z0-9_.-]{1,64}")
#: The name that a rule's bare words have among the fields.
WORDS = "event words"


@dataclass(frozen=True, slots=True)
class LogSource:
    """What a rule's log source is in a case: its formats, which column a field is, what to show of an event.

    ``process`` limits it to a program's lines; ``pairs`` says that further fields are ``key=value`` in the text;
    ``strip`` is what the names of further fields have in front.
    """

    name: str
    formats: tuple[str, ...]
    fields: Mapping[str, str]
    shown: tuple[str, ...]
    process: str = ""
    pairs: bool = False
    strip: str = ""

    @property
    def mapping(self) -> dict[str, str]:
        """The fields' names as the processing pipeline changes them."""
        return {name: f"event.{column}" for name, column in self.fields.items()}

    @property
    def where(self) -> str:
        """The condition that an event is of this log source."""
        listed = ", ".join(literal(one) for one in self.formats)
        program = f" AND process ILIKE {quoted_text(self.process + '%')}" if self.process else ""
        return f"format IN ({listed}){program}"

    def columns(self, name: str) -> tuple[str, ...]:
        """Return the columns of which one has to be filled for a field, ``extra.KEY`` for one that has none."""
        if name == WORDS:
            return _SAID
        found = _COLUMN.fullmatch(name)
        if found and found[1] in _TEXT:
            return ("path",) if found[1] in ("url", "stem") else (found[1],)
        return ("message",) if self.pairs else (f"extra.{self.path(name)[0]}",)

    def path(self, name: str) -> list[str]:
        """Return where in ``extra`` a further field is."""
        return name.removeprefix(self.strip).split(".")

    def expression(self, name: str) -> str:
        """Return SQL that gives a field as text. The name may be anything: it only ever stands in a literal."""
        if name == WORDS:
            return f"concat_ws(' ', {', '.join(_SAID)})"
        found = _COLUMN.fullmatch(name)
        if found and found[1] in _TEXT:
            return _TEXT[found[1]]
        if self.pairs:
            pattern = rf"""(?:^|[\s'])\Q{name}\E=("[^"]*"|[^\s']*)"""
            return f"nullif(trim(regexp_extract(message, {quoted_text(pattern)}, 1), '\"'), '')"
        return f"({EXTRA.name} ->> {quoted_text(pointer(self.path(name)))})"


def pointer(parts: Sequence[str]) -> str:
    """Return a JSON pointer (RFC 6901)."""
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def quoted_text(text: str) -> str:
    """Return any text as SQL that gives it, without a character that cannot be seen: those stand as ``chr(…)``."""
    parts: list[str] = []
    seen = ""
    for character in text:
        if safe(character) == character:
            seen += character
            continue
        if "\ud800" <= character <= "\udfff":
            raise PlaybookError("a value holds half of a character (a lone surrogate)")
        parts += [literal(seen)] if seen else []
        parts.append(f"chr({ord(character)})")
        seen = ""
    if not parts:
        return literal(seen)
    return f"({' || '.join([*parts, literal(seen)])})"


def log_source(product: str | None, category: str | None, service: str | None) -> LogSource | None:
    """Return what a rule's log source is here, None where no format of ours holds such events."""
    match (product or "", category or "", service or ""):
        case ("" | "apache" | "nginx" | "iis" | "aws" | "cloudflare", "webserver", "" | "access"):
            return LogSource("web server", _WEB, _WEB_FIELDS, _WEB_SHOWN)
        case ("apache" | "nginx" as server, "" | "webserver", "" | "error"):
            return LogSource(f"{server} error", (f"{server}_error",), _ERROR_FIELDS, _LINUX_SHOWN)
        case ("aws", "", "cloudtrail"):
            return LogSource("AWS CloudTrail", ("cloudtrail",), _AWS_FIELDS, _CLOUD_SHOWN)
        case ("azure", "", "activitylogs" | "auditlogs" | "signinlogs"):
            return LogSource("Azure activity and sign-in", ("azure_activity",), _AZURE_FIELDS, _CLOUD_SHOWN)
        case ("gcp", "", "gcp.audit"):
            return LogSource("Google Cloud audit", ("gcp_audit",), _GCP_FIELDS, _CLOUD_SHOWN, strip="data.")
        case ("linux", "", "auditd"):
            return LogSource("auditd", ("auditd",), _AUDIT_FIELDS, _LINUX_SHOWN, pairs=True)
        case ("linux", "", "" | "syslog" | "auth"):
            return LogSource("Linux syslog", _SYSLOG, _LINUX_FIELDS, _LINUX_SHOWN)
        case ("linux", "", program) if _PROGRAM.fullmatch(program):
            return LogSource(f"Linux {program}", _SYSLOG, _LINUX_FIELDS, _LINUX_SHOWN, process=program)
    return None
