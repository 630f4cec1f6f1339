"""The kind of a network: cloud, residential, mobile, university, business, and where that is known from."""

from __future__ import annotations

import re

#: What databases call kinds (MaxMind's user_type and connection_type, IPinfo's type), and what they are here.
_SAID = {
    "hosting": "cloud", "content_delivery_network": "cloud", "cdn": "cloud", "datacenter": "cloud",
    "residential": "residential", "isp": "residential", "cable/dsl": "residential", "dialup": "residential",
    "cellular": "mobile", "mobile": "mobile",
    "college": "university", "school": "university", "library": "university", "education": "university",
    "business": "business", "corporate": "business",
    "government": "government", "military": "government",
}  # fmt: skip

#: Words in an owner's name that tell its kind, the first that fits. A name is a hint, and is told as one.
_NAMES = (
    ("cloud", r"amazon|aws\b|google-cloud|google cloud|microsoft|azure|oracle|ovh|hetzner|digitalocean|linode|akamai"
              r"|vultr|choopa|leaseweb|contabo|scaleway|alibaba|aliyun|tencent|huawei cloud|m247|datacamp|hosting"
              r"|hoster|server|data ?cent|\bvps\b|colo(cation|crossing)|cloudflare|fastly|cloud"),
    ("university", r"universit|college|\bschool|education|academ|campus|research network|hochschule|\bedu\b|renater"
                   r"|geant|\bdfn\b|janet\b|cernet"),
    ("mobile", r"mobile|wireless|cellular|\blte\b|\bgsm\b|vodafone|t-mobile|telefonica moviles|airtel|jio\b"),
    ("residential", r"telecom|telekom|broadband|cable|comcast|charter|verizon|\bfib(er|re)\b|\bdsl\b|\bisp\b|telco"
                    r"|internet service|communications|orange\b|telefonica"),
)  # fmt: skip
_TESTS = [(kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _NAMES]


def kind_said(word: object) -> str | None:
    """Return the kind that a database's word means; one that is not known stays as it is."""
    text = str(word or "").strip().lower()
    return _SAID.get(text, text) or None


def kind_of_owner(name: str | None) -> str | None:
    """Return the kind that an owner's name suggests, or None."""
    return next((kind for kind, test in _TESTS if name and test.search(name)), None)
