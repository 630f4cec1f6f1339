"""What clients call themselves."""

from __future__ import annotations

from workbench.sample.dice import Dice

_PLATFORMS = (
    ("Windows NT 10.0; Win64; x64", 5),
    ("Macintosh; Intel Mac OS X 10_15_7", 4),
    ("X11; Linux x86_64", 1),
    ("X11; CrOS x86_64 14541.0.0", 0.5),
)
_PHONES = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_{} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.{} Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 15; Pixel {}) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/14{}.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 14; SM-A{}5) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/14{}.0.0.0 Mobile Safari/537.36",
)
_EDITORS = (
    "Quill-VSCode/{}.{}.{} ({})",
    "codeloom-agent/{}.{}.{} ({})",
    "Bracket/{}.{}.{} ({})",
    "hexpad-cli/{}.{}.{} {}",
    "JetPair-Plugin/{}.{}.{} ({})",
)
_SYSTEMS = ("darwin arm64", "linux x64", "win32 x64", "darwin x64")
_PYTHONS = ("3.9.18", "3.10.12", "3.11.4", "3.11.9", "3.12.3", "3.13.1")


def browser(dice: Dice) -> str:
    """Return a desktop browser's user agent."""
    platform = dice.weighted(_PLATFORMS)
    version = dice.between(138, 148)
    which = dice.below(10)
    if which < 6:
        return f"Mozilla/5.0 ({platform}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36"
    if which < 8:
        return f"Mozilla/5.0 ({platform}; rv:{version}.0) Gecko/20100101 Firefox/{version}.0"
    if which < 9 and platform.startswith("Win"):
        return (
            f"Mozilla/5.0 ({platform}) AppleWebKit/537.36 (KHTML, like Gecko) "
            f"Chrome/{version}.0.0.0 Safari/537.36 Edg/{version}.0.0.0"
        )
    return (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        f"Version/{dice.between(17, 19)}.{dice.between(0, 6)} Safari/605.1.15"
    )


def phone(dice: Dice) -> str:
    """Return a mobile browser's user agent."""
    return dice.pick(_PHONES).format(dice.between(1, 9), dice.between(0, 8))


def editor(dice: Dice) -> str:
    """Return the user agent of a programming tool."""
    pattern = dice.pick(_EDITORS)
    return pattern.format(dice.between(0, 4), dice.between(0, 40), dice.between(0, 9), dice.pick(_SYSTEMS))


def python(dice: Dice) -> str:
    """Return the user agent of a Python program: the service's own library, or a plain HTTP one."""
    return dice.weighted(
        (
            (f"atlas-python/1.{dice.between(18, 44)}.{dice.between(0, 5)}", 4),
            (f"OpenAI/Python 1.{dice.between(40, 99)}.{dice.between(0, 3)}", 3),
            (f"python-httpx/0.2{dice.between(5, 8)}.{dice.between(0, 2)}", 2),
            (f"python-requests/2.{dice.between(28, 32)}.{dice.between(0, 3)}", 2),
            (f"Python/{dice.pick(_PYTHONS)[:4].rstrip('.')} aiohttp/3.{dice.between(8, 11)}.{dice.between(0, 9)}", 2),
        )
    )


def program(dice: Dice) -> str:
    """Return the user agent of a server's program in any language."""
    return dice.weighted(
        (
            (python(dice), 6),
            (f"atlas-node/2.{dice.between(0, 19)}.{dice.between(0, 4)}", 4),
            (f"OpenAI/JS 4.{dice.between(50, 98)}.0", 3),
            ("Go-http-client/2.0", 2),
            (f"axios/1.{dice.between(4, 9)}.{dice.between(0, 9)}", 2),
            (f"okhttp/4.{dice.between(9, 12)}.0", 2),
            (f"Apache-HttpClient/5.{dice.between(1, 4)} (Java/{dice.pick(('17', '21'))})", 1),
            (f"curl/8.{dice.between(1, 12)}.0", 1),
            (f"LangChain4j/1.{dice.between(0, 4)}.0", 1),
        )
    )
