"""The gateway's request log: one JSON object a line, as LiteLLM's spend log has it."""

from __future__ import annotations

import json

from workbench.sample.account import Exchange, Request
from workbench.sample.logs.text import iso_time
from workbench.sample.models import MODELS

#: Longer texts are cut by the gateway, which says how much it left out.
PROMPT_KEPT = 800
ANSWER_KEPT = 180

_ERRORS = {
    400: ("ContentPolicyViolationError", "The request was refused by the content filter."),
    429: ("RateLimitError", "Rate limit reached for requests. Please retry after 20 seconds."),
    500: ("InternalServerError", "The server had an error while processing your request."),
    502: ("APIConnectionError", "Connection to the backend was closed."),
    503: ("ServiceUnavailableError", "The engine is currently overloaded."),
    504: ("Timeout", "Request timed out after 60.0 seconds."),
}

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def kept_records(text: str, limit: int) -> str:
    """Return what the gateway keeps of a text."""
    return text if len(text) <= limit else f"{text[:limit]}... (truncated {len(text) - limit} chars)"


def _messages(exchange: Exchange) -> list[dict[str, str]]:
    out = [{"role": "system", "content": kept_records(exchange.system, PROMPT_KEPT)}] if exchange.system else []
    asked = {"role": "user", "content": kept_records(exchange.prompt, PROMPT_KEPT)}
    said = [{"role": role, "content": kept_records(text, ANSWER_KEPT)} for role, text in exchange.history]
    # What tools said comes after the question that an agent works on; other history before the next question.
    return [*out, asked, *said] if said and said[-1]["role"] == "tool" else [*out, *said, asked]


def row(request: Request) -> str:
    """Return the line of one request."""
    account, exchange = request.account, request.exchange
    failed = request.status != 200
    embedding = exchange.call_type == "aembedding"
    model = MODELS[request.model]
    free = failed or exchange.cached
    spend = 0.0 if free else request.input_tokens * model.price_in + request.output_tokens * model.price_out
    # The gateway drops answers of streams that it could not put together.
    answered = not failed and not embedding and int(request.id[:2], 16) >= 40
    metadata: dict[str, object] = {
        "user_agent": request.agent,
        "country": account.country,
        "payment_fingerprint": account.payment,
        "account_created_at": iso_time(account.created)[:19] + "Z",
    }
    if exchange.tools:
        metadata["tools"] = list(exchange.tools)
    parameters: dict[str, object] = {
        name: value
        for name, value in (
            ("temperature", exchange.temperature),
            ("top_p", exchange.top_p),
            ("max_tokens", exchange.max_tokens),
            ("stream", exchange.stream),
        )
        if value is not None
    }
    record: dict[str, object] = {
        "request_id": f"{'embd' if embedding else 'chatcmpl'}-{request.id}",
        "call_type": exchange.call_type,
        "api_key": request.api_key,
        "spend": round(spend / 1e6, 7),
        "total_tokens": 0 if failed else request.input_tokens + request.output_tokens,
        "prompt_tokens": 0 if failed else request.input_tokens,
        "completion_tokens": request.output_tokens,
        "startTime": iso_time(request.ms),
        "endTime": iso_time(request.ms + request.duration_ms),
        "model": request.model,
        "model_group": request.model,
        "user": account.id,
        "team_id": account.team,
        "organization_id": account.organization,
        "end_user": exchange.end_user,
        "requester_ip_address": request.address,
        "messages": _messages(exchange),
        "response": kept_records(exchange.answer, ANSWER_KEPT) if answered else None,
        "session_id": request.session,
        "status": "failure" if failed else "success",
        "cache_hit": "True" if exchange.cached else "False",
        "request_tags": list(exchange.tags),
        "metadata": metadata,
        "model_parameters": parameters,
        "finish_reason": request.finish or None,
    }
    if failed:
        name, text = _ERRORS[request.status]
        metadata["error_information"] = {"error_code": str(request.status), "error_class": name}
        record["error_str"] = f"{name}: {text}"
    return _encode(record)
