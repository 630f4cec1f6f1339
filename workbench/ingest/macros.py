"""SQL macros that the parsers share: times, messages, keys, addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

#: A time in ISO 8601 and near it: a comma as decimal sign, a blank or nothing before the offset.
_ISO = (
    r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?"
    r"(?: ?(?:Z|UTC|[+\-]\d{2}:?\d{2}|[+\-]\d{2}))?)?$"
)
_NUMBER = r"^-?\d+(?:\.\d+)?$"

#: Abbreviations of zones that mean one offset everywhere.
_ZONES = (
    "MAP {'GMT': '+00:00', 'WET': '+00:00', 'WEST': '+01:00', 'CET': '+01:00', 'CEST': '+02:00', 'EET': '+02:00', "
    "'EEST': '+03:00', 'MSK': '+03:00', 'JST': '+09:00', 'EST': '-05:00', 'EDT': '-04:00', 'CDT': '-05:00', "
    "'MDT': '-06:00', 'PST': '-08:00', 'PDT': '-07:00'}"
)

_LEVELS = "TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|SEVERE|EMERGENCY|ALERT"

MACROS = rf"""
CREATE MACRO wb_iso(t) AS timezone('UTC', try_cast(
    regexp_replace(regexp_replace(replace(replace(t, ',', '.'), '/', '-'), ' +(Z|UTC|[+\-]\d\d)', '\1'),
        '(:\d\d(?:\.\d+)?)([+\-]\d\d)(\d\d)$', '\1\2:\3') AS TIMESTAMPTZ));
CREATE MACRO wb_epoch(x) AS CASE
    WHEN abs(x) < 1e11 THEN make_timestamp((x * 1000000)::BIGINT)
    WHEN abs(x) < 1e14 THEN make_timestamp((x * 1000)::BIGINT)
    WHEN abs(x) < 1e17 THEN make_timestamp(x::BIGINT)
    WHEN abs(x) < 9.2e18 THEN make_timestamp((x::BIGINT // 1000)::BIGINT) END;
CREATE MACRO wb_plain_time(t) AS CASE WHEN substr(t, 5, 1) = '-' AND substr(t, 11, 1) IN ('T', ' ')
    THEN timezone('UTC', try_cast(t AS TIMESTAMPTZ)) END;
CREATE MACRO wb_time(t) AS coalesce(wb_plain_time(t), CASE
    WHEN t IS NULL THEN NULL
    WHEN regexp_matches(t, '{_NUMBER}') THEN wb_epoch(CASE WHEN contains(t, '.')
        THEN try_cast(t AS DECIMAL(28, 9)) ELSE try_cast(t AS DECIMAL(28, 0)) END)
    WHEN regexp_matches(t, '{_ISO}') THEN wb_iso(t)
    WHEN regexp_matches(t, '[A-Z]T$|MSK$')
        THEN wb_iso(regexp_replace(t, ' [A-Z]+$', '') || {_ZONES}[split_part(t, ' ', 3)])
    END);
CREATE MACRO wb_strptime(t, format) AS timezone('UTC', try_strptime(t, format)::TIMESTAMPTZ);
CREATE MACRO wb_year(t, format, newest) AS (
    CASE WHEN wb_strptime(year(newest) || ' ' || t, format) <= newest + INTERVAL 1 DAY
    THEN wb_strptime(year(newest) || ' ' || t, format)
    ELSE wb_strptime((year(newest) - 1) || ' ' || t, format) END);
CREATE MACRO wb_parts(c) AS CASE json_type(c)
    WHEN 'VARCHAR' THEN c ->> '$'
    WHEN 'ARRAY' THEN array_to_string(list_transform(json_extract(c, '$[*]'), lambda p: CASE json_type(p)
        WHEN 'VARCHAR' THEN p ->> '$' ELSE coalesce(p ->> '$.text', p ->> '$.content') END), chr(10))
    WHEN 'OBJECT' THEN coalesce(c ->> '$.text', c ->> '$.content')
    WHEN 'NULL' THEN NULL ELSE c::VARCHAR END;
CREATE MACRO wb_role(m, role) AS wb_parts(json_extract(
    list_filter(json_extract(m, '$[*]'), lambda x: x ->> '$.role' = role)[-1], '$.content'));
CREATE MACRO wb_is_list(m) AS coalesce(left(ltrim(m), 1) = '[' AND json_valid(m), false);
CREATE MACRO wb_is_object(m) AS coalesce(left(ltrim(m), 1) = '{{' AND json_valid(m), false);
CREATE MACRO wb_no_json(m) AS left(m, 1) NOT IN ('[', '{{', ' ');
CREATE MACRO wb_last_user(m) AS CASE WHEN wb_no_json(m) THEN m
    WHEN wb_is_list(m) THEN coalesce(wb_role(m, 'user'), wb_parts(m::JSON))
    WHEN wb_is_object(m) THEN coalesce(wb_role(json_extract(m, '$.messages'), 'user'), wb_parts(m::JSON), m) ELSE m END;
CREATE MACRO wb_system(m) AS CASE WHEN wb_no_json(m) THEN NULL
    WHEN wb_is_list(m) THEN wb_role(m, 'system')
    WHEN wb_is_object(m) THEN coalesce(wb_role(json_extract(m, '$.messages'), 'system'),
        wb_parts(json_extract(m, '$.system'))) END;
CREATE MACRO wb_whole_conversation(m) AS wb_no_json(m) OR NOT wb_is_object(m) AND (NOT wb_is_list(m) OR (
    json_array_length(m) <= 2 AND len(list_filter(json_extract(m, '$[*]'), lambda x:
        json_type(x, '$.content') = 'VARCHAR' AND len(json_keys(x)) = 2 AND x ->> '$.role' = 'user')) = 1
    AND len(list_filter(json_extract(m, '$[*]'), lambda x: x ->> '$.role' NOT IN ('user', 'system'))) = 0
    AND len(list_filter(json_extract(m, '$[*]'), lambda x: json_type(x, '$.content') = 'VARCHAR'))
        = json_array_length(m)));
CREATE MACRO wb_text(r) AS CASE WHEN wb_no_json(r) THEN r
    WHEN wb_is_object(r) THEN coalesce(
        wb_parts(json_extract(r, '$.choices[0].message.content')), wb_parts(json_extract(r, '$.choices[0].text')),
        wb_parts(json_extract(r, '$.content')), wb_parts(json_extract(r, '$.output_text')), r)
    WHEN wb_is_list(r) THEN coalesce(nullif(wb_parts(r::JSON), ''), r) ELSE r END;
CREATE MACRO wb_key(k) AS CASE WHEN regexp_matches(k, '^(sk|pk|rk|key|api|xai|gsk|AIza|Bearer)[-_ A-Za-z0-9]{{12,}}')
    THEN 'sha256:' || sha256(regexp_replace(k, '^Bearer +', ''))[:16] ELSE k END;
CREATE MACRO wb_address(a) AS CASE
    WHEN regexp_matches(a, '^\d+\.\d+\.\d+\.\d+:\d+$') THEN split_part(a, ':', 1)
    WHEN regexp_matches(a, '^\[[0-9A-Fa-f:.]+\](:\d+)?$') THEN regexp_extract(a, '^\[([^\]]+)\]', 1)
    WHEN contains(a, ',') THEN trim(split_part(a, ',', 1)) ELSE a END;
CREATE MACRO wb_severity(pri) AS ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'info', 'debug'][
    try_cast(pri AS INTEGER) % 8 + 1];
CREATE MACRO wb_plus(t) AS replace(t, '+', ' ');
CREATE MACRO wb_url(t) AS url_decode(t);
CREATE MACRO wb_level(t) AS coalesce(['trace', 'trace', 'debug', 'info', 'warning', 'error', 'critical'][
    CASE WHEN try_cast(t AS INTEGER) >= 10 THEN try_cast(t AS INTEGER) // 10 + 1 END], lower(t));
CREATE MACRO wb_otel_value(v) AS coalesce(v ->> '$.stringValue', v ->> '$.intValue', v ->> '$.doubleValue',
    v ->> '$.boolValue', v ->> '$.arrayValue.values[0].stringValue', v ->> '$.kvlistValue', v ->> '$.bytesValue');
CREATE MACRO wb_otel_text(m) AS CASE WHEN wb_is_list(m) THEN coalesce(
        wb_parts(json_extract(list_filter(json_extract(m, '$[*]'),
            lambda x: coalesce(x ->> '$.role', 'assistant') IN ('user', 'assistant'))[-1], '$.content')),
        array_to_string(list_transform(json_extract(list_filter(json_extract(m, '$[*]'),
            lambda x: coalesce(x ->> '$.role', 'assistant') IN ('user', 'assistant'))[-1], '$.parts[*]'),
            lambda p: p ->> '$.content'), chr(10)), m) ELSE m END;
CREATE MACRO wb_unquote(t) AS replace(replace(t, '\"', '"'), '\\', '\');
CREATE MACRO wb_week_time(t) AS coalesce(
    wb_strptime(t, '%a %b %d %H:%M:%S %Y'), wb_strptime(t, '%a %b %d %H:%M:%S.%f %Y'));
CREATE MACRO wb_tai(x) AS make_timestamp((('0x' || left(x, 16))::BIGINT - 4611686018427387914) * 1000000
    + ('0x' || right(x, 8))::BIGINT // 1000);
CREATE MACRO wb_year_day(t) AS wb_strptime(replace(t, ',', '.'), '%Y-%jT%H:%M:%S.%f');
CREATE MACRO wb_found_time(t) AS coalesce(
    CASE WHEN left(t, 2) = '@4' THEN wb_tai(nullif(regexp_extract(t, '^@(4[0-9a-f]{{23}})\b', 1), '')) END,
    CASE WHEN substr(t, 9, 1) = 'T' THEN wb_year_day(nullif(regexp_extract(t,
        '^\d{{4}}-\d{{3}}T\d{{2}}:\d{{2}}:\d{{2}}[.,]\d+'), '')) END,
    wb_time(nullif(regexp_extract(t, '^\d{{9,10}}(?:\.\d+)?\b'), '')),
    wb_time(regexp_extract(t, '\d{{4}}-\d{{2}}-\d{{2}}[T ]\d{{2}}:\d{{2}}(?::\d{{2}}(?:[.,]\d+)?)?'
        || '(?:Z| ?UTC| ?[+\-]\d{{2}}:?\d{{2}})?')),
    wb_time(regexp_extract(t, '\d{{4}}/\d{{2}}/\d{{2}} \d{{2}}:\d{{2}}:\d{{2}}(?:\.\d+)?')),
    wb_strptime(nullif(regexp_extract(t, '\d{{2}}/[A-Z][a-z]{{2}}/\d{{4}}:\d{{2}}:\d{{2}}:\d{{2}} [+\-]\d{{4}}'), ''),
        '%d/%b/%Y:%H:%M:%S %z'),
    wb_week_time(nullif(regexp_replace(regexp_extract(t,
        '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{{2}} [ \d]\d \d{{2}}:\d{{2}}:\d{{2}}(?:\.\d+)?(?: UTC)? \d{{4}}'),
            '( +|( UTC) )', ' ', 'g'), '')),
    wb_strptime(nullif(regexp_extract(t, '^\d{{2}}/\d{{2}}/\d{{2}} \d{{2}}:\d{{2}}:\d{{2}}'), ''), '%y/%m/%d %H:%M:%S'),
    wb_strptime(nullif(regexp_extract(t, '^\d{{6}} \d{{6}} '), ''), '%y%m%d %H%M%S '));
CREATE MACRO wb_month_time(t, newest) AS coalesce(
    wb_year(t, '%Y %b %d %H:%M:%S', newest), wb_year(t, '%Y %b %d %H:%M:%S.%f', newest));
CREATE MACRO wb_yearless_time(t, newest) AS wb_month_time(nullif(regexp_replace(regexp_extract(t,
    '(?:^|[^A-Za-z])([A-Z][a-z]{{2}} [ \d]\d \d{{2}}:\d{{2}}:\d{{2}}(?:\.\d{{1,6}})?)', 1), ' +', ' ', 'g'), ''),
    newest);
CREATE MACRO wb_found_severity(t) AS (SELECT CASE word
    WHEN '' THEN NULL WHEN 'warn' THEN 'warning' WHEN 'fatal' THEN 'critical' WHEN 'severe' THEN 'error' ELSE word END
    FROM (SELECT lower(regexp_extract(t, '(?:^|[^A-Za-z])({_LEVELS})(?:[^A-Za-z]|$)', 1, 'i')) AS word));
"""


def define(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the macros known to a loading connection."""
    connection.execute(MACROS)
