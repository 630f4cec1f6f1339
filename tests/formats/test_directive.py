"""A log_format or LogFormat becomes a format whose columns have the right units; what is none is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from workbench.case import Case
from workbench.cli import cli
from workbench.errors import UsageError
from workbench.formats.directive import choose, definition, format_of, read_directives
from workbench.formats.model import parse_format
from workbench.ingest.load import load
from workbench.ingest.tryout import failures

NGINX = """
http {
    # log_format old '$remote_addr';
    log_format main '$remote_addr - $remote_user [$time_local] "$request" '
                    '$status $body_bytes_sent rt=$request_time "$upstream_response_time"';
    log_format api escape=json
        '{"at": "$msec", "ip": "$remote_addr", "what": "$request", "code": $status,'
        ' "client": {"agent": "$http_user_agent"}, "took": $request_time}';
}
"""
TEMPLATES = [
    '$remote_addr $host "$http_referer" "$http_user_agent" $time_iso8601 $request_length $bytes_sent ${request_id}',
    '%h %l %u %t "%r" %>s %b',
    '%v:%p %a %l %u %t "%r" %!200,304s %O "%{Referer}i" "%{User-agent}i" %D %I %{X-Forwarded-For}i',
    '%{%Y-%m-%d %H:%M:%S}t.%{msec_frac}t %{c}a %{ms}T "%m %U%q" %{UNIQUE_ID}e %{sid}C %% %k',
    "%{usec}t %h %T %<s",
]


@pytest.mark.parametrize("template", TEMPLATES)
def test_what_is_made_reads_its_own_samples(template: str) -> None:
    assert failures(format_of(template)) == []


def test_a_configuration_file_names_its_formats(tmp_path: Path) -> None:
    conf = tmp_path / "nginx.conf"
    conf.write_text(NGINX.replace("# log_format old", "# the old"))
    found = read_directives(str(conf))
    assert [one.name for one in found] == ["main", "api"]
    for one in found:
        assert failures(parse_format(definition(one, "mine"), "mine")) == []
    with pytest.raises(UsageError, match="several log formats: main, api"):
        choose(found, "mine")


def _rows(tmp_path: Path, template: str, line: str, columns: str) -> tuple[Any, ...]:
    log = tmp_path / "a.log"
    log.write_text(line + "\n")
    with Case.create(tmp_path / "a.case") as case:
        (report,) = load(case, [str(log)], format=format_of(template))
        assert (report.events, report.rejects) == (1, 0)
        return tuple(case.query(f"SELECT {columns} FROM event").rows[0])


def test_units_and_columns_of_apache(tmp_path: Path) -> None:
    row = _rows(
        tmp_path,
        '%h %l %u %t "%r" %>s %b %D %I %{Foo}o',
        r'2001:db8::7 - ana [10/Oct/2026:13:55:36 -0700] "GET /a\"b HTTP/2" 200 - 1500 77 "x y"',
        "client_ip, account, ts::VARCHAR, method, path, bytes_out, duration_ms, bytes_in, extra->>'$.sent_foo'",
    )
    assert row == ("2001:db8::7", "ana", "2026-10-10 20:55:36", "GET", '/a"b', None, 1.5, 77, '"x y"')


def test_json_of_nginx(tmp_path: Path) -> None:
    row = _rows(
        tmp_path,
        NGINX[NGINX.index("log_format api") : NGINX.rindex("}")],
        '{"at": "1767225600.500", "ip": "198.51.100.7", "what": "POST /v1 HTTP/1.1", "code": 429,'
        ' "client": {"agent": "curl/8"}, "took": 0.25}',
        "ts::VARCHAR, client_ip, method, path, status, user_agent, duration_ms",
    )
    assert row == ("2026-01-01 00:00:00.5", "198.51.100.7", "POST", "/v1", 429, "curl/8", 250.0)


@pytest.mark.parametrize("given", ["", "no variables", "$remote_addr$status", "log_format x 'plain';", '{"a": $x, }'])
def test_what_is_no_log_format_is_refused(given: str) -> None:
    with pytest.raises(UsageError):
        format_of(given)


def test_the_commands(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("198.51.100.7|200|0.5|1767225600.000\n")
    directive = "log_format piped '$remote_addr|$status|$request_time|$msec';"
    run = CliRunner().invoke
    assert run(cli, ["new", str(tmp_path / "a.case")]).exit_code == 0
    done = run(cli, ["load", str(tmp_path / "a.case"), str(log), "--log-format", directive])
    assert done.exit_code == 0, done.output
    assert run(cli, ["format", "new", "piped", "--from", directive]).exit_code == 0
    assert "as they should be" in run(cli, ["format", "check", "piped"]).output
    assert "read as piped" in run(cli, ["format", "explain", str(log)]).output
    both = run(cli, ["load", str(tmp_path / "a.case"), str(log), "--log-format", directive, "--format", "csv"])
    assert both.exit_code != 0
