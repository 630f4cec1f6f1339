"""Enriching a case: who owns an address, own look-ups, and what the event view makes of both."""

from __future__ import annotations

import gzip
import importlib.util
import json
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from workbench.case import Case
from workbench.case.enrichment import enrichments
from workbench.enrich import add_database, add_table, databases, remove
from workbench.enrich.ranges import Owner, Range, disjoint
from workbench.errors import EvidenceError, SourceError, UsageError
from workbench.evidence.verify import verify
from workbench.ingest import load
from workbench.playbooks.library import Library
from workbench.playbooks.run import missing_columns

_SPEC = importlib.util.spec_from_file_location("mmdb", Path(__file__).with_name("mmdb.py"))
assert _SPEC and _SPEC.loader
_MMDB = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_MMDB)
mmdb: Callable[..., bytes] = _MMDB.write

ADDRESSES = ["192.0.2.7", "198.51.100.9", "2001:db8::1", "203.0.113.5", "no address", "[2001:db8::2]:443"]


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    log = tmp_path / "requests.ndjson"
    lines = [
        {
            "startTime": f"2026-05-01T00:00:{number:02}Z", "endTime": f"2026-05-01T00:00:{number:02}Z", "call_type":
            "acompletion", "model": "m", "request_id": f"r{number}", "user": f"u{number}", "requester_ip_address": one,
            "prompt_tokens": 1, "completion_tokens": 1, "spend": 0.1, "api_key": "k",
        }
        for number, one in enumerate(ADDRESSES)
    ]  # fmt: skip
    log.write_text("".join(json.dumps(one) + "\n" for one in lines))
    with Case.create(tmp_path / "new.case") as made:
        (report,) = load(made, [str(log)])
        assert report.events == len(ADDRESSES) and made.store.filled()["client_ip"] == len(ADDRESSES)
        yield made


def file(folder: Path, name: str, content: str | bytes) -> Path:
    made = folder / name
    made.write_bytes(content if isinstance(content, bytes) else content.encode())
    return made


def owners(case: Case) -> dict[str, tuple[Any, ...]]:
    rows = case.query("SELECT client_ip, asn, as_org, country, network_kind, network_source FROM event").rows
    return {row[0]: row[1:] for row in rows}


IPTOASN = (
    "0.0.0.0\t0.255.255.255\t0\tNone\tNot routed\n192.0.2.0\t192.0.2.255\t64500\tUS\tAMAZON-02\n"
    "203.0.113.0\t203.0.113.255\t64503\tDE\tDeutsche Telekom AG\n"
    "2001:db8::\t2001:db8:ffff:ffff:ffff:ffff:ffff:ffff\t64502\tFR\tUniversite de Lyon\n"
)


def test_iptoasn_names_owners_of_both_kinds_of_addresses_and_says_so(case: Case, tmp_path: Path) -> None:
    added = add_database(case, file(tmp_path, "ip2asn.tsv.gz", gzip.compress(IPTOASN.encode())))
    assert "4 of" not in added.notes[0] and "says something of 4" in added.notes[0]
    found = owners(case)
    said = "owner: ip2asn; country: ip2asn; kind: ip2asn (owner's name)"
    assert found["192.0.2.7"] == (64500, "AMAZON-02", "US", "cloud", said)
    assert found["2001:db8::1"] == found["[2001:db8::2]:443"] == (64502, "Universite de Lyon", "FR", "university", said)
    assert found["203.0.113.5"][3] == "residential"
    assert found["198.51.100.9"] == found["no address"] == (None,) * 5


def test_a_playbook_of_network_owners_becomes_askable(case: Case, tmp_path: Path) -> None:
    book = Library(case.folder.path).get("network_owners")
    assert missing_columns(case, book)
    add_database(case, file(tmp_path, "ip2asn.tsv", IPTOASN))
    assert not missing_columns(case, book)
    remove(case, "ip2asn")
    assert missing_columns(case, book) and owners(case)["192.0.2.7"] == (None,) * 5


def test_what_is_loaded_afterwards_is_attributed_too(case: Case, tmp_path: Path) -> None:
    add_database(case, file(tmp_path, "ip2asn.tsv", IPTOASN))
    load(
        case,
        [
            str(
                file(
                    tmp_path,
                    "access.log",
                    '192.0.2.99 - - [01/May/2026:00:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "x"\n',
                )
            )
        ],
    )
    assert owners(case)["192.0.2.99"][1] == "AMAZON-02"


def test_mmdb_gives_number_owner_country_and_kind(case: Case, tmp_path: Path) -> None:
    content = mmdb(
        {
            "192.0.2.0/24": {"autonomous_system_number": 64500, "autonomous_system_organization": "Example Org"},
            "2001:db8::/32": {"country": {"iso_code": "FR"}, "traits": {"user_type": "college"}},
            "203.0.113.0/25": {"asn": "AS64511", "as_name": "Example Mobile", "country_code": "de"},
        }
    )
    added = add_database(case, file(tmp_path, "GeoLite2-ASN.mmdb", content), "geo")
    assert added.enrichment.database == "Test-ASN" and added.enrichment.date.startswith("2026-09-21")
    found = owners(case)
    assert found["192.0.2.7"][:4] == (64500, "Example Org", None, None)
    assert found["2001:db8::1"][:4] == (None, None, "FR", "university")
    assert found["2001:db8::1"][4] == "country: geo; kind: geo (database)"
    assert found["203.0.113.5"][:4] == (64511, "Example Mobile", "DE", "mobile")


@pytest.mark.parametrize(
    ("name", "content", "owner", "kind"),
    [
        ("ip-ranges.json", {"createDate": "2026-05-01-00-00-00", "prefixes": [{"ip_prefix": "192.0.2.0/24"}],
                            "ipv6_prefixes": [{"ipv6_prefix": "2001:db8::/32"}]}, "Amazon Web Services", "cloud"),
        ("cloud.json", {"creationTime": "2026-05-01T00:00:00", "prefixes": [
            {"ipv4Prefix": "192.0.2.0/24", "scope": "eu"}, {"ipv6Prefix": "2001:db8::/32", "scope": "eu"}]},
         "Google Cloud", "cloud"),
        ("ServiceTags.json", {"changeNumber": 7, "cloud": "Public", "values": [{"name": "AzureCloud", "properties": {
            "addressPrefixes": ["192.0.2.0/25", "192.0.2.0/24", "2001:db8::/32"]}}]}, "Microsoft Azure", "cloud"),
        ("oracle.json", {"last_updated_timestamp": "2026-05-01", "regions": [{"region": "x", "cidrs": [
            {"cidr": "192.0.2.0/24"}, {"cidr": "2001:db8::/32"}]}]}, "Oracle Cloud", "cloud"),
        ("ips-v4.txt", "192.0.2.0/24\n2001:db8::/32\n", "Cloudflare", "cloud"),
        ("geofeed.csv", "# RFC 8805\n192.0.2.0/24,US,,,\n2001:db8::/32,US,,,\n", None, None),
        ("asn.csv", "192.0.2.0,192.0.2.255,64500,Vodafone\n2001:db8::,2001:db8::f,64500,Vodafone\n",
         "Vodafone", "mobile"),
        ("country.csv", "192.0.2.0,192.0.2.255,US\n2001:db8::,2001:db8::ffff,US\n", None, None),
        ("u32.tsv", "3221225984\t3221226239\t64500\tUS\tVodafone\n2001:db8::\t2001:db8::f\t64500\tUS\tVodafone\n",
         "Vodafone", "mobile"),
    ],
)  # fmt: skip
def test_each_published_form_is_read(
    case: Case, tmp_path: Path, name: str, content: object, owner: str | None, kind: str | None
) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    add_database(case, file(tmp_path, name, text), "db")
    found = owners(case)
    for address in ("192.0.2.7", "2001:db8::1"):
        assert (found[address][1], found[address][3]) == (owner, kind)
    assert owner or found["192.0.2.7"][2] == "US"


def test_published_ranges_say_the_kind_before_a_name_does_and_the_first_database_the_owner(
    case: Case, tmp_path: Path
) -> None:
    add_database(case, file(tmp_path, "a.tsv", "192.0.2.0\t192.0.2.255\t64500\tUS\tSome University\n"))
    add_database(case, file(tmp_path, "aws.json", json.dumps({"prefixes": [{"ip_prefix": "192.0.2.0/28"}]})))
    assert owners(case)["192.0.2.7"] == (
        64500, "Some University", "US", "cloud", "owner: a; country: a; kind: aws (published ranges)",
    )  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello\nworld\n",
        b"{}",
        b'{"a": ',
        b'{"prefixes": 5}',
        b'{"prefixes": [{"ip_prefix": 5}]}',
        b'{"values": [{"properties": {}}]}',
        b'{"regions": [{"cidrs": [{}]}]}',
        b"[" * 100_000,
        b"1.2.3.4,1.2.3.1,64500,X\n",
        b"\xab\xcd\xefMaxMind.com\xff",
        b"\x1f\x8b\x08bad",
    ],
)
def test_what_is_no_database_is_refused_in_one_line(case: Case, tmp_path: Path, content: bytes) -> None:
    with pytest.raises(SourceError) as told:
        add_database(case, file(tmp_path, "bad.csv", content))
    assert "\n" not in str(told.value) and not enrichments(case.ledger)


def test_nested_ranges_become_disjoint_and_the_inner_holds() -> None:
    a, b, c = (Owner(owner=name) for name in "abc")
    made = disjoint([Range(0, 100, a), Range(10, 20, b), Range(15, 16, c), Range(101, 110, a), Range(50, 200, c)])
    said = "".join(
        next((r.owner.owner or "" for r in made if r.lo <= at <= r.hi), "-")
        for at in (0, 9, 10, 15, 17, 20, 21, 49, 50, 105, 200, 201)
    )
    assert said == "aabcbbaacac-"
    assert all(one.hi < two.lo for one, two in pairwise(made))


def test_a_look_up_fills_what_the_log_lacks_and_adds_columns_to_accounts(case: Case, tmp_path: Path) -> None:
    table = file(
        tmp_path, "accounts.csv",
        "account,organization,payment_ref,signed_up,code\r\nu0,Acme,card-1,2026-01-02,007\nu1,Acme,card-1,2026-01-03,008\n"
        "stranger,X,,,\n,Y,,,\n",
    )  # fmt: skip
    added = add_table(case, table, "account")
    assert added.enrichment.rows == 3 and added.enrichment.columns == (
        "organization",
        "payment_ref",
        "signed_up",
        "code",
    )
    assert added.notes == (
        "1 row without account left out",
        "2 of the case's 6 values of account are in it; it has 1 other",
    )
    rows = case.query(
        "SELECT account, organization, payment_ref FROM event WHERE payment_ref IS NOT NULL ORDER BY 1"
    ).rows
    assert rows == [("u0", "Acme", "card-1"), ("u1", "Acme", "card-1")]
    rows = case.query(
        "SELECT account, organization, signed_up::VARCHAR, code FROM account ORDER BY account LIMIT 1"
    ).rows
    assert rows == [("u0", "Acme", "2026-01-02", "007")]
    assert case.query("SELECT count(*) FROM accounts").rows == [(3,)] and "accounts" in case.tables()
    assert not missing_columns(case, Library(case.folder.path).get("shared_payment"))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("account,team\nu0,a\nu0,b\n", "several rows that differ for one account: 'u0'"),
        ("user,team\nu0,a\n", "no column 'account'"),
        ("account,model\nu0,a\n", "'model' has the name of one of the case's"),
        ("account,Team,team\nu0,a,b\n", "the column 'team' twice"),
        ("account,team\n,a\n", "no row with a value"),
        ("account,team\nu0,a,b\n", "line 2: 3 values under 2 columns"),
        ("account\nu0\n", "no column besides"),
    ],
)
def test_a_look_up_that_is_ambiguous_is_refused(case: Case, tmp_path: Path, content: str, told: str) -> None:
    with pytest.raises(SourceError, match=told):
        add_table(case, file(tmp_path, "t.csv", content), "account")


def test_names_are_checked(case: Case, tmp_path: Path) -> None:
    table = file(tmp_path, "event.csv", "account,team\nu0,a\n")
    with pytest.raises(UsageError, match="is taken"):
        add_table(case, table, "account")
    with pytest.raises(UsageError, match="no name"):
        add_table(case, table, "account", "a b")
    with pytest.raises(UsageError, match="goes by one of"):
        add_table(case, table, "status", "t")
    with pytest.raises(UsageError, match="no enrichment"):
        remove(case, "t")


def test_verify_checks_enrichments_and_sees_one_that_was_changed(case: Case, tmp_path: Path) -> None:
    add_database(case, file(tmp_path, "ip2asn.tsv", IPTOASN))
    assert [one.said for one in verify(case) if one.what == "enrichments"] == ["1: ip2asn"]
    (one,) = enrichments(case.ledger)
    (case.folder.path / one.file).write_bytes(b"PAR1")
    with pytest.raises(EvidenceError, match=r"ip2asn.*was changed"):
        list(verify(case))


def test_every_database_read_keeps_ranges_in_ipv6_form(tmp_path: Path) -> None:
    found = databases.read_database(file(tmp_path, "ip2asn.tsv", IPTOASN))
    assert [f"{one.lo:x}" for one in found.ranges][:1] == ["ffffc0000200"]
