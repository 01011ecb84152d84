"""What strangers write becomes short plain text, and only addresses that are harmless as links are kept."""

import time

import pytest

from apps.llm.research.pages import LONGEST_TEXT, MOST_OF_A_HOST, WebPage, pages_from, plain_text, web_address

TEXTS = {
    "tags": ("The <b>best</b> of<br/>both <img src=x onerror=alert(1)", "The best of both"),
    "scripts and styles": ("a<script>alert(1)</script>b<style>p {}</style>c", "a b c"),
    "entities": ("Fish &amp; chips &#x1F41F;", "Fish & chips 🐟"),
    "tags spelt by entities": ("&lt;img src=x onerror=alert(1)&gt;after", "after"),
    "scripts in capitals": ("a<SCRIPT src=x>alert('</style>')</Script >b", "a b"),
    "a comment": ("a<!-- hidden <b>more</b> -->b", "a b"),
    "an end without a beginning": ("a</script>b --> c", "a b c"),
    "a tag that is never closed": ("before <script>alert(1)", "before"),
    "direction characters": ("abc\u202egnp.exe\u2066", "abc gnp.exe"),
    "control and unseen characters": ("a\x00b\x1b[31mc\u200bd\ufeff", "a b [31mc d"),
    "half a character": ("a\ud800b", "a b"),
    "lines": ("one\r\n\r\n  two\t\u2028three", "one two three"),
    "comparisons": ("5 < 6 and 7 > 3", "5 < 6 and 7 > 3"),
    "no text": (["a list"], ""),
    "nothing": (None, ""),
}


@pytest.mark.parametrize(("given", "plain"), TEXTS.values(), ids=list(TEXTS))
def test_a_strangers_words_become_one_plain_line(given: object, plain: str) -> None:
    assert plain_text(given, 200) == plain


def test_a_long_text_is_cut_where_it_says_so() -> None:
    cut = plain_text("word " * 1_000, LONGEST_TEXT)
    assert len(cut) <= LONGEST_TEXT
    assert cut.endswith("word…")


@pytest.mark.parametrize("piece", ["<", "<a ", "&", "&#", "<!--", "<script>", "<![CDATA[", "</", "<a b='"])
def test_no_text_takes_long_to_read(piece: str) -> None:
    started = time.thread_time()
    plain_text(piece * 500_000, LONGEST_TEXT)
    assert time.thread_time() - started < 1


ADDRESSES = {
    "plain": ("https://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
    "http": ("http://example.org/", "http://example.org/"),
    "letters beyond ASCII": ("https://münchen.example/straße", "https://xn--mnchen-3ya.example/stra%C3%9Fe"),
    "a script": ("javascript:alert(1)", None),
    "a script in capitals": ("JaVaScRiPt:alert(1)//https://example.org", None),
    "data": ("data:text/html,<script>alert(1)</script>", None),
    "a file": ("file:///etc/passwd", None),
    "no scheme": ("//example.org/a", None),
    "no host": ("https:///a", None),
    "credentials": ("https://example.org@evil.example/", None),
    "a line break": ("https://example.org/\r\nX: y", None),
    "a space": ("https://example.org/ a", None),
    "a backslash": ("https://example.org\\@evil.example", None),
    "a direction character": ("https://example.org/\u202egpj.exe", None),
    "too long": ("https://example.org/" + "a" * 500, None),
    "a port that is none": ("https://example.org:99999999/", None),
    "a number": (5, None),
}


@pytest.mark.parametrize(("given", "kept"), ADDRESSES.values(), ids=list(ADDRESSES))
def test_only_addresses_that_are_harmless_as_links_are_kept(given: object, kept: str | None) -> None:
    address = web_address(given)
    assert (None if address is None else str(address)) == kept


def test_each_address_stands_once_and_few_of_a_host() -> None:
    results = [("A", f"https://one.example/{number // 2}", "text") for number in range(12)]
    pages = pages_from([*results, ("B", "https://two.example/", "text")], most=5)
    assert [page.url for page in pages] == [
        *(f"https://one.example/{number}" for number in range(MOST_OF_A_HOST)),
        "https://two.example/",
    ]


def test_a_page_of_which_nothing_is_said_is_left_out() -> None:
    results = [("", "https://one.example/", "<b></b>"), ("Two", "https://two.example/", None)]
    assert pages_from(results, most=5) == (WebPage("Two", "https://two.example/", ""),)
