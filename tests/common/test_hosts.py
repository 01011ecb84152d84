"""Hosts that members name: only public ones, whatever they look like, and whatever they mean a moment later."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.common.hosts import PUBLIC_ONLY, HostPolicy, HostRefused, check_host

SHARED = Path(__file__).resolve().parents[3] / "shared" / "security_cases" / "ssrf_hosts.jsonl"
PUBLIC = "93.184.216.34"
NAMES = {
    "127.0.0.1.nip.io": ["127.0.0.1"],
    "multi.example": [PUBLIC, "10.0.0.1"],
    "cname-to-internal.example": ["10.1.1.1"],
    "six.example": ["2606:4700::1", "::ffff:169.254.169.254"],
    **{name: [PUBLIC] for name in ("db.example.com", "xn--bcher-kva.example", "evil.example", "db.example")},
}


def resolver(name: str) -> list[str]:
    if name not in NAMES:
        raise OSError(name)
    return NAMES[name]


def verdict(host: str, policy: HostPolicy = PUBLIC_ONLY) -> str:
    try:
        check_host(host, policy, resolver=resolver)
    except HostRefused:
        return "refuse"
    return "allow"


def cases() -> list[dict[str, str]]:
    return [json.loads(line) for line in SHARED.read_text().splitlines()] if SHARED.exists() else []


@pytest.mark.skipif(not SHARED.exists(), reason="the shared cases are not beside this checkout")
@pytest.mark.parametrize("case", cases(), ids=lambda case: case["id"])
def test_shared_cases(case: dict[str, str]) -> None:
    listed = ["10.20.0.0/16"] if "operator listed" in case["note"] else []
    assert verdict(case["host"], HostPolicy.from_list(listed)) == case["expected"], case["note"]


@pytest.mark.parametrize(
    "host",
    [
        "", ".", "..", "localhost", "LocalHost", "a.localhost", "db", "2130706433", "0x7f000001", "0177.0.0.1",
        "0x7f.1", "017700000001", "127.0.0.1.", "169.254.169.254", "[::]", "[::ffff:10.0.0.1]", "[::ffff:0:10.0.0.1]",
        "[::7f00:1]",
        "[2002:7f00:1::]", "[64:ff9b::808:808]", "[fe80::1%eth0]", "[fec0::1]", "[2001:0:4136:e378::]", "192.88.99.1",
        "198.18.0.1", "240.0.0.1", "255.255.255.255", "100.64.0.1", "192.0.0.170", "printer.local", "vault.internal",
        "x.home.arpa", "1.1.1.1/24", "1.1.1.1:5432", "db.example:5432", "db example", "db.example\n", " db.example",
        "db..example", "-db.example", "a" * 64 + ".example", "six.example", "b\u00fccher.example",
        "/run/postgresql", "@abstract", "\u24d4xample.com", "xn--a.example", "unknown.example", "[1.1.1.1]",
    ],
)  # fmt: skip
def test_what_is_not_public_is_refused(host: str) -> None:
    assert verdict(host) == "refuse"


@pytest.mark.parametrize("host", ["1.1.1.1", "db.example", "DB.EXAMPLE.", "2606:4700::1111", "[2606:4700::1111]"])
def test_what_is_public_is_allowed(host: str) -> None:
    assert verdict(host) == "allow"


@pytest.mark.parametrize(
    ("listed", "host"),
    [
        ("10.20.0.0/16", "10.20.0.7"),
        ("10.20.0.0/16", "::ffff:10.20.0.7"),
        ("fd00:1::/32", "[fd00:1::5]"),
        ("cname-to-internal.example", "cname-to-internal.example"),
        ("/run/postgresql", "/run/postgresql/"),
    ],
)
def test_the_operators_list_opens_what_it_names_and_no_more(listed: str, host: str) -> None:
    policy = HostPolicy.from_list([listed])
    assert verdict(host, policy) == "allow"
    assert [verdict(other, policy) for other in ("10.21.0.7", "127.0.0.1", "multi.example", "/tmp")] == ["refuse"] * 4


@pytest.mark.parametrize("entry", ["10.0.0.0/33", "db example", "", "*", "http://db.example"])
def test_an_entry_that_means_nothing_is_an_error(entry: str) -> None:
    with pytest.raises(ValueError, match="no host name"):
        HostPolicy.from_list([entry])


def test_the_addresses_that_were_judged_are_the_ones_to_connect_to() -> None:
    found = check_host("DB.Example.", resolver=resolver)
    assert (found.name, found.addresses, found.is_public) == ("db.example", (PUBLIC,), True)


@given(st.integers(min_value=0, max_value=2**32 - 1))
def test_no_spelling_of_a_private_address_gets_through(number: int) -> None:
    dotted = ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))
    if verdict(dotted) == "refuse":
        spellings = [str(number), hex(number), f"0{number:o}", f"[::ffff:{dotted}]", f"[::{dotted}]", dotted + "."]
        assert [verdict(spelling) for spelling in spellings] == ["refuse"] * len(spellings)


def test_a_name_server_that_never_answers_costs_a_few_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    monkeypatch.setattr("apps.common.hosts.RESOLVE_SECONDS", 0.1)
    never = threading.Event()
    with pytest.raises(HostRefused):
        check_host("slow.example", resolver=lambda name: [PUBLIC] if never.wait(5) else [])
    never.set()
