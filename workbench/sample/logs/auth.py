"""The front server's auth.log (RFC 3164): administrators, cron, the usual guesses, and one burst of them."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.sample.addresses import address
from workbench.sample.dice import Dice
from workbench.sample.hours import DAY, END, HOUR, MINUTE, SECOND, START, moment
from workbench.sample.logs.text import rfc3164

_HOST = "front-01"
_ADMINS = ("mhalvorsen", "tokoye", "jvdberg", "deploy")
_NAMES = (
    "root", "root", "root", "admin", "test", "ubuntu", "oracle", "postgres", "git", "user", "ftpuser", "hadoop",
    "jenkins", "minecraft", "pi", "support", "www", "backup", "steam", "es",
)  # fmt: skip
_COMMANDS = (
    "/usr/bin/systemctl reload nginx",
    "/usr/bin/journalctl -u gateway --since today",
    "/usr/bin/apt-get update",
    "/usr/bin/tail -n 200 /var/log/nginx/error.log",
    "/usr/sbin/nginx -t",
    "/usr/bin/du -sh /var/log",
)
_BURST = moment("2026-05-21T02:17")

Event = tuple[int, str, str]  # when, program with process id, message


def _guess(at: int, dice: Dice, source: str, name: str) -> Iterator[Event]:
    program = f"sshd[{dice.between(1200, 64000)}]"
    port = dice.between(30000, 61000)
    known = name in {"root", "backup"}
    if not known:
        yield at, program, f"Invalid user {name} from {source} port {port}"
    who = name if known else f"invalid user {name}"
    yield at + dice.between(300, 2400), program, f"Failed password for {who} from {source} port {port} ssh2"
    if dice.chance(0.6):
        end = f"Connection closed by authenticating user {name}" if known else f"Disconnected from invalid user {name}"
        yield at + dice.between(2500, 4000), program, f"{end} {source} port {port} [preauth]"


def _background(dice: Dice) -> Iterator[Event]:
    at = START
    while at < END - HOUR:
        at += round(dice.lognormal(3.2, 0.9) * HOUR)
        source = f"{dice.pick((61, 92, 101, 116, 141, 170, 182, 201))}.{dice.between(8, 250)}"
        source += f".{dice.below(256)}.{dice.between(2, 253)}"
        when = at
        for _ in range(dice.between(1, 5)):
            yield from _guess(when, dice, source, dice.pick(_NAMES))
            when += dice.between(3, 40) * SECOND


def _burst(dice: Dice) -> Iterator[Event]:
    for source in ("45.148.10.72", "45.148.10.73", "45.148.10.90", address(dice, "80.94.92.0/24")):
        at = _BURST + dice.below(4 * MINUTE)
        for _ in range(dice.between(90, 130)):
            yield from _guess(at, dice, source, dice.pick(_NAMES))
            at += dice.between(2000, 14_000)


def _admins(dice: Dice) -> Iterator[Event]:
    homes = {name: address(dice, dice.pick(("84.208.0.0/13", "81.64.0.0/14", "62.194.0.0/15"))) for name in _ADMINS}
    for day in range(START, END, DAY):
        weekday = (day - START) // DAY % 7 not in {3, 4}  # the window begins on a Wednesday
        for _ in range(dice.between(2, 5) if weekday else dice.below(2)):
            name = dice.pick(_ADMINS)
            at = day + round(dice.uniform(6.5, 17.0) * HOUR)
            program = f"sshd[{dice.between(1200, 64000)}]"
            port = dice.between(40000, 61000)
            if name != "deploy" and dice.chance(0.08):
                yield at - 6000, program, f"Failed password for {name} from {homes[name]} port {port} ssh2"
            print_of_key = dice.word("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/", 43)
            how = f"publickey for {name} from {homes[name]} port {port} ssh2: ED25519 SHA256:{print_of_key}"
            yield at, program, f"Accepted {how}"
            opened = f"pam_unix(sshd:session): session opened for user {name}"
            yield at + 40, program, f"{opened}(uid={1000 + _ADMINS.index(name)}) by (uid=0)"
            for _ in range(dice.below(3)):
                at += dice.between(20, 900) * SECOND
                command = f"PWD=/home/{name} ; USER=root ; COMMAND={dice.pick(_COMMANDS)}"
                yield at, "sudo", f"{name:>9} : TTY=pts/{dice.below(3)} ; {command}"
            at += dice.between(60, 2400) * SECOND
            yield at, program, f"Received disconnect from {homes[name]} port {port}:11: disconnected by user"
            yield at + 15, program, f"pam_unix(sshd:session): session closed for user {name}"


def _cron(dice: Dice) -> Iterator[Event]:
    for at in range(START + 17 * MINUTE + SECOND, END, HOUR):
        program = f"CRON[{dice.between(1200, 64000)}]"
        yield at, program, "pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)"
        yield at + dice.between(30, 900), program, "pam_unix(cron:session): session closed for user root"


def lines(seed: int) -> Iterator[str]:
    """Yield the lines in the order of time."""
    dice = Dice(seed, "auth")
    events = [*_background(dice), *_burst(dice), *_admins(dice), *_cron(dice)]
    for at, program, message in sorted(events, key=lambda event: event[0]):
        if at < END:
            yield f"{rfc3164(at)} {_HOST} {program}: {message}"
