"""Digest authentication against the standards' own examples."""

from __future__ import annotations

import pytest

from kernel.errors import Refused
from lab.sip_digest import Asked, best_challenge, parse_challenge, response_to

pytestmark = pytest.mark.unit

_RFC_2617 = (
    'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", '
    'opaque="5ccc069c403ebaf9f0171e9517f40e41"'
)
_RFC_7616 = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
_CNONCE_7616 = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


# RFC 2617 §3.5
def test_given_the_example_of_rfc_2617_when_answered_then_its_response() -> None:
    challenge = parse_challenge(_RFC_2617)
    assert challenge is not None
    assert challenge.opaque == "5ccc069c403ebaf9f0171e9517f40e41"
    asked = Asked(method="GET", uri="/dir/index.html", user="Mufasa", password="Circle Of Life")
    assert response_to(challenge, asked, cnonce="0a4f113b") == "6629fae49393a05397450978507c4ef1"


# RFC 7616 §3.9.1
@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_given_the_example_of_rfc_7616_when_answered_then_its_response(algorithm: str, response: str) -> None:
    challenge = parse_challenge(_RFC_7616.format(algorithm))
    assert challenge is not None
    asked = Asked(method="GET", uri="/dir/index.html", user="Mufasa", password="Circle of Life")
    assert response_to(challenge, asked, cnonce=_CNONCE_7616) == response


# RFC 8760 §2.3: of several challenges the strongest one known is answered.
def test_given_several_challenges_when_choosing_then_the_strongest_known() -> None:
    offers = [_RFC_7616.format(name) for name in ("SHA-512-256", "MD5", "SHA-256")]
    assert best_challenge(offers).algorithm == "SHA-256"


def test_given_no_digest_challenge_when_choosing_then_refused() -> None:
    with pytest.raises(Refused):
        best_challenge(['Basic realm="x"'])
