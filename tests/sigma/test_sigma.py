"""Sigma rules become playbooks: what matches, what a case lacks, and that nothing of a rule is SQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from workbench.case import Case
from workbench.cli import cli
from workbench.errors import UsageError
from workbench.ingest import load
from workbench.playbooks import run
from workbench.sigma import Hunted, hunt, read_rules

WEB = '203.0.113.{n} - {who} [10/Oct/2026:13:55:{n:02} +0000] "GET {path} HTTP/1.1" {status} 5 "-" "{agent}"'
LINES = [
    WEB.format(n=1, who="ana", path="/a?q=UNION%20Select", status=200, agent="Mozilla/5.0"),
    WEB.format(n=2, who="-", path="/b?q=union%20select", status=404, agent="sqlmap/1.2"),
    WEB.format(n=3, who="-", path="/100%_sure", status=200, agent="curl/8"),
    WEB.format(n=4, who="O'Neil", path="/c", status=500, agent="-"),
]
TRAIL = [
    {"eventName": name, "eventSource": "iam.amazonaws.com", "eventTime": f"2026-07-10T11:40:0{n}Z",
     "sourceIPAddress": f"10.{n}.0.1", "userAgent": "cli", "userIdentity": {"type": kind, "arn": f"arn:{n}"},
     "requestParameters": {"count": n, "items": [{"user": "eve"}]}, "readOnly": n == 1}
    for n, (name, kind) in enumerate([("ListUsers", "Root"), ("CreateUser", "IAMUser"), ("CreateUser", "Root")])
]  # fmt: skip


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    (tmp_path / "access.log").write_text("\n".join(LINES) + "\n")
    (tmp_path / "trail.json").write_text(json.dumps({"Records": TRAIL}))
    with Case.create(tmp_path / "sig.case") as made:
        load(made, [str(tmp_path / "access.log"), str(tmp_path / "trail.json")])
        yield made


def rule(
    folder: Path, detection: str, *, source: str = "category: webserver", name: str = "one", more: str = ""
) -> Path:
    file = folder / f"{name}.yml"
    file.write_text(f"title: A rule\nlogsource: {{{source}}}\ndetection: {detection}\nlevel: high\n{more}")
    return file


def asked(case: Case, file: Path) -> Hunted:
    (done,) = hunt(case, read_rules([file]))
    return done


TRAILS = "product: aws, service: cloudtrail"


@pytest.mark.parametrize(
    ("detection", "hits"),
    [
        ("{s: {cs-uri-query|contains: 'union%20select'}, condition: s}", 2),
        ("{s: ['union%20select'], f: {sc-status: 404}, condition: s and not f}", 1),
        ("{s: {c-uri|contains: '0%_s'}, condition: s}", 1),
        ("{s: {c-uri|contains: '0_%'}, condition: s}", 0),
        ("{s: {sc-status|gte: 404}, condition: s}", 2),
        ("{s: {c-useragent|re: '^[a-z]+/[0-9]'}, condition: s}", 2),
        ("{s: {c-useragent|re|i: '^MOZ'}, condition: s}", 1),
        ("{s: {cs-uri-query|contains|cased: 'UNION'}, condition: s}", 1),
        ("{s: {cs-user-agent: ''}, condition: s}", 1),
        ('{s: {cs-username: "o\'neil"}, condition: s}', 1),
        ("{s: {cs-uri-stem: ['/a', '/c']}, condition: s}", 2),
        ("{s: {c-ip|cidr: 203.0.113.0/24}, f: {cs-cookie: x}, condition: s and not f}", 4),
    ],
)
def test_web_rules_match_as_sigma_says(case: Case, tmp_path: Path, detection: str, hits: int) -> None:
    done = asked(case, rule(tmp_path, detection))
    assert (done.hits, done.said) == (hits, "")
    assert done.rule.playbook is not None
    assert len(run(case, done.rule.playbook).table.rows) == hits


@pytest.mark.parametrize(
    ("detection", "hits"),
    [
        ("{s: {eventName: createuser, userIdentity.type: Root}, condition: s}", 1),
        ("{s: {readOnly: true}, condition: s}", 1),
        ("{s: {requestParameters.count|gt: 1}, condition: s}", 1),
        ("{s: {requestParameters.count: 1}, condition: s}", 1),
        ("{s: {errorCode: null, eventSource|startswith: iam}, condition: s}", 3),
        ("{a: {eventName: ListUsers}, b: {userIdentity.type: Root}, condition: 1 of them}", 2),
    ],
)
def test_cloud_rules_reach_nested_fields(case: Case, tmp_path: Path, detection: str, hits: int) -> None:
    assert asked(case, rule(tmp_path, detection, source=TRAILS)).hits == hits


def test_what_a_rule_lacks_is_said_and_it_is_not_asked(case: Case, tmp_path: Path) -> None:
    lacking = asked(case, rule(tmp_path, "{s: {cs-cookie: x}, condition: s}"))
    assert lacking.hits is None and lacking.said == "no web server log of this case has cs-cookie"
    other = asked(case, rule(tmp_path, "{s: {type: EXECVE}, condition: s}", source="product: linux, service: auditd"))
    assert other.hits is None and other.said == "the case has no auditd log"
    windows = asked(case, rule(tmp_path, "{s: {Image: x}, condition: s}", source="product: windows"))
    assert windows.hits is None and windows.said == "no format here holds logs of product windows"
    nested = asked(case, rule(tmp_path, "{s: {userIdentity.colour: red}, condition: s}", source=TRAILS))
    assert nested.hits == 0 and nested.said == "no event has userIdentity.colour"
    listed = asked(case, rule(tmp_path, "{s: {requestParameters.items.user: eve}, condition: s}", source=TRAILS))
    assert "3 events with a list at requestParameters.items.user" in listed.said


OTHERS = {
    "audit.log": (
        'type=EXECVE msg=audit(1767225600.250:91): argc=2 a0="curl" a1="http://x"\n'
        "type=SYSCALL msg=audit(1767225600.250:92): arch=c000003e syscall=59 success=yes exit=0 pid=7 comm=6C73\n"
    ),
    "auth.log": (
        "Dec 10 06:55:46 gate sshd[24200]: Invalid user eve from 203.0.113.31 port 3 ssh2\n"
        "Dec 10 06:55:47 gate cron[3]: (root) Invalid user\n"
    ),
    "gcp.json": json.dumps({
        "protoPayload": {"authenticationInfo": {"principalEmail": "ana@example.org"}, "methodName": "Delete",
                         "requestMetadata": {"callerIp": "198.51.100.9"}, "serviceName": "ai.example.org"},
        "insertId": "i1", "timestamp": "2026-04-22T10:15:30Z", "severity": "INFO", "logName": "projects/p/logs/x",
    }) + "\n",
    "azure.json": json.dumps({
        "time": "2026-04-22T10:15:31Z", "tenantId": "t", "operationName": "Sign-in activity", "category": "SignInLogs",
        "resultType": "50126", "callerIpAddress": "198.51.100.9", "properties": {"userPrincipalName": "bo@example.org"},
    }) + "\n",
}  # fmt: skip


@pytest.mark.parametrize(
    ("source", "detection"),
    [
        ("product: linux, service: auditd", "{s: {type: EXECVE, a0: curl, a1|startswith: http}, condition: s}"),
        ("product: linux, service: sshd", "{s: ['invalid user'], condition: s}"),
        ("product: gcp, service: gcp.audit", "{s: {gcp.audit.method_name: delete}, condition: s}"),
        ("product: gcp, service: gcp.audit", "{s: {data.protoPayload.serviceName|startswith: ai}, condition: s}"),
        ("product: azure, service: signinlogs", "{s: {UserPrincipalName|endswith: '@example.org'}, condition: s}"),
        ("product: azure, service: activitylogs", "{s: {category: signinlogs}, condition: s}"),
    ],
)
def test_other_log_sources_have_their_fields(tmp_path: Path, source: str, detection: str) -> None:
    for name, text in OTHERS.items():
        (tmp_path / name).write_text(text)
    with Case.create(tmp_path / "others.case") as made:
        load(made, [str(tmp_path / name) for name in OTHERS])
        assert asked(made, rule(tmp_path, detection, source=source)).hits == 1


EVIL = "x') OR true; COPY (SELECT 1) TO '/tmp/x' --\r\n\u2028\x1b"


def test_nothing_of_a_hostile_rule_is_sql_or_header(case: Case, tmp_path: Path) -> None:
    words = json.dumps(EVIL)
    more = f"description: {words}\nauthor: {words}\nfalsepositives: [{words}]\n"
    tests = (f"s: {{c-uri|contains: {words}}}", f"s: [{words}]", f"s: {{{json.dumps(EVIL + '.a')}: null}}",
             f"s: {{c-uri: {words}}}", f"s: {{c-uri|cased: {words}}}")  # fmt: skip
    for number, test in enumerate(tests):
        file = rule(tmp_path, f"{{{test}, condition: s}}", name=f"evil{number}", more=more)
        (read,) = read_rules([file])
        assert read.playbook is not None, read.why_not
        assert "\x1b" not in read.playbook.text and "\u2028" not in read.playbook.text
        assert read.playbook.parameters == () and read.playbook.sql.startswith("SELECT event_id")
        assert len(run(case, read.playbook).table.rows) == (4 if "null" in test else 0)


def test_a_hostile_log_source_is_none(case: Case, tmp_path: Path) -> None:
    for words in (EVIL, "sshd\nSET VARIABLE x = 1;  -- text: y"):
        source = f"product: linux, service: {json.dumps(words)}"
        done = asked(case, rule(tmp_path, "{s: [x], condition: s}", source=source))
        assert done.hits is None and done.said.startswith("no format here") and done.said.isprintable()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "parsing"),
        ("a: &a [1]\nb: *a\n", "aliases"),
        ("", "no rule"),
        ("title: x\nlogsource: {category: webserver}\ndetection: {condition: nothing}\n", ""),
        ("title: x\nlogsource: {category: webserver}\ndetection: {s: {c-uri|re: '('}, condition: s}\n", ""),
    ],
)
def test_a_file_that_is_no_rule_is_told_in_one_line(case: Case, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "bad.yml").write_text(text)
    done = asked(case, tmp_path / "bad.yml")
    assert done.hits is None and done.said and said in done.said and "\n" not in done.said


def test_the_command_asks_a_folder_and_keeps_playbooks(case: Case, tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    rule(folder, "{s: {sc-status: 404}, condition: s}", name="gone")
    rule(folder, "{s: {Image: x}, condition: s}", source="product: windows", name="win")
    path = str(case.folder.path)
    done = CliRunner().invoke(cli, ["sigma", path, str(folder), "--format", "json", "--save"])
    assert done.exit_code == 0, done.output
    told = {one["rule"]: one for one in json.loads(done.stdout)}
    assert told["gone"]["hits"] == 1 and told["gone"]["level"] == "high" and told["win"]["hits"] is None
    assert (case.folder.queries / "sigma-gone.sql").exists()
    again = CliRunner().invoke(cli, ["sigma", path, str(folder), "--save"])
    assert again.exit_code == 0 and "kept 0 new" in again.stderr
    (folder / "sub").mkdir()
    rule(folder / "sub", "{s: {sc-status: 500}, condition: s}", name="gone")
    assert len({one.name for one in read_rules([folder])}) == 3
    one = CliRunner().invoke(cli, ["playbook", "run", path, "sigma-gone", "--format", "csv"])
    assert one.exit_code == 0 and "203.0.113.2" in one.stdout
    single = CliRunner().invoke(cli, ["sigma", path, str(folder / "gone.yml"), "--format", "csv"])
    assert single.stdout == one.stdout
    with pytest.raises(UsageError, match="no rule"):
        read_rules([tmp_path / "absent.yml"])
