"""The normalised columns of an event: names, engine types, and what they mean.

Names follow OpenTelemetry's semantic conventions and ECS where they have one. Every segment has exactly these columns,
so a view over all of them is one scan; what a log says beyond them is in ``extra``, a JSON object.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    """One normalised column: ``type`` is a DuckDB type, ``about`` says what it holds and in which unit."""

    name: str
    type: str
    about: str


#: Where an event comes from. ``item`` tells apart the records of one physical line (0 where there is one).
PLACE = (
    Field("source", "INTEGER", "number of the source in the case"),
    Field("line", "BIGINT", "first physical line of the record, from 1, after decompression"),
    Field("item", "INTEGER", "place among the records of one line, from 0"),
    Field("lines", "INTEGER", "physical lines of the record (0 for all but the first record of a shared line)"),
    Field("format", "VARCHAR", "name of the format that read it"),
)

NORMALISED = (
    Field("ts", "TIMESTAMP", "time of the request's start, UTC, microseconds"),
    Field("duration_ms", "DOUBLE", "how long it took, milliseconds, never negative"),
    Field("account", "VARCHAR", "the user who is charged or signed in"),
    Field("api_key", "VARCHAR", "id or hash of the key, never the key itself"),
    Field("organization", "VARCHAR", "organisation, team, tenant or cloud account"),
    Field("session_ref", "VARCHAR", "the log's own session or conversation id"),
    Field("request_id", "VARCHAR", "id of the request"),
    Field("trace_id", "VARCHAR", "id of the trace it belongs to"),
    Field("client_ip", "VARCHAR", "address of the client, as logged"),
    Field("asn", "BIGINT", "network number of the client"),
    Field("as_org", "VARCHAR", "owner of the client's network"),
    Field("country", "VARCHAR", "country of the client, ISO 3166 two letters"),
    Field("user_agent", "VARCHAR", "what the client says it is"),
    Field("method", "VARCHAR", "HTTP method"),
    Field("path", "VARCHAR", "path and query of the URL"),
    Field("host", "VARCHAR", "server or host that wrote or served it"),
    Field("status", "SMALLINT", "HTTP status"),
    Field("outcome", "VARCHAR", "success, failure, refused or limited"),
    Field("bytes_in", "BIGINT", "size of the request, bytes"),
    Field("bytes_out", "BIGINT", "size of the answer, bytes"),
    Field("operation", "VARCHAR", "what was asked for: chat, embeddings, an API's action"),
    Field("model", "VARCHAR", "model asked for"),
    Field("response_model", "VARCHAR", "model that answered"),
    Field("input_tokens", "BIGINT", "tokens of the prompt"),
    Field("output_tokens", "BIGINT", "tokens of the answer"),
    Field("temperature", "DOUBLE", "sampling temperature"),
    Field("top_p", "DOUBLE", "nucleus sampling"),
    Field("max_tokens", "BIGINT", "limit asked for"),
    Field("logprobs", "BIGINT", "log-probabilities asked for (1 where only a yes was logged)"),
    Field("stream", "BOOLEAN", "whether the answer was streamed"),
    Field("finish_reason", "VARCHAR", "why the answer ended"),
    Field("error", "VARCHAR", "kind of error"),
    Field("prompt", "VARCHAR", "text of the last user message"),
    Field("system_prompt", "VARCHAR", "text of the system message"),
    Field("response", "VARCHAR", "text of the answer"),
    Field("cost_usd", "DOUBLE", "cost, US dollars"),
    Field("payment_ref", "VARCHAR", "fingerprint of the payment method"),
    Field("referer", "VARCHAR", "page that the request says it came from"),
    Field("severity", "VARCHAR", "level of a log message"),
    Field("process", "VARCHAR", "program that wrote it"),
    Field("pid", "BIGINT", "its process id"),
    Field("message", "VARCHAR", "text of a log message, or the whole line where nothing was recognised"),
)

#: What the ``event`` view has besides, once a case is enriched with databases of addresses (else NULL).
ENRICHED = (
    Field("network_kind", "VARCHAR", "cloud, residential, mobile, university …, as far as the databases say"),
    Field("network_source", "VARCHAR", "which database says the owner, country and kind of the network, or the log"),
)

EXTRA = Field("extra", "VARCHAR", "JSON object of everything else that the record says; extra->>'$.name' reads it")

COLUMNS = (*PLACE, *NORMALISED, EXTRA)
BY_NAME = {field.name: field for field in COLUMNS}
NORMALISED_NAMES = tuple(field.name for field in NORMALISED)
