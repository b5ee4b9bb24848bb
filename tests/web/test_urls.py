"""Addresses are read strictly, written in one way, and shown without secrets."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3.util import parse_url

from cowork.core.errors import CoworkError, Denied, InvalidInput
from cowork.web.urls import MAX_URL, read_host, read_url, shown

ODD = {
    "another scheme": "ftp://example.com/",
    "a file": "file:///etc/passwd",
    "git's transport": "ext::sh -c id",
    "no scheme": "example.com/x",
    "an option": "--upload-pack=id",
    "no host": "https:///x",
    "nothing": "",
    "a backslash": "https://good.example\\@evil.example/",
    "a backslash in the path": "https://good.example/\\evil",
    "a tab": "https://good.example\t.evil.example/",
    "a newline": "https://good.example/\nHost: evil",
    "a space": "https://good.example /",
    "a leading space": " https://good.example/",
    "a NUL": "https://good.example/\0",
    "a no-break space": "https://good.example/\u00a0",
    "half a surrogate": "https://good.example/\ud800",
    "a percent in the host": "https://%31%32%37.0.0.1/",
    "an escaped slash in the host": "https://good.example%2f.evil.example/",
    "an empty label": "https://good..example/",
    "two final dots": "https://good.example../",
    "a leading dash": "https://-good.example/",
    "a long label": f"https://{'a' * 64}.example/",
    "a long name": f"https://{'a.' * 130}example/",
    "a long address": "https://good.example/" + "a" * MAX_URL,
    "a port that is none": "https://good.example:http/",
    "a port too high": "https://good.example:65536/",
    "port zero": "https://good.example:0/",
    "a signed port": "https://good.example:+443/",
    "two ports": "https://good.example:443:443/",
    "a short IPv4": "https://127.1/",
    "a hexadecimal part": "https://0x7f.1/",
    "a hexadecimal number": "https://0x7f000001/",
    "hexadecimal and nothing": "https://0x/",
    "one number": "https://2130706433/",
    "octal parts": "https://0177.0.0.1/",
    "five parts": "https://1.2.3.4.5/",
    "a part too high": "https://1.2.3.256/",
    "a short IPv4 with a final dot": "https://127.1./",
    "wide digits that are short": "https://１２７.１/",
    "a zone": "https://[fe80::1%25eth0]/",
    "brackets around a name": "https://[good.example]/",
    "half a bracket": "https://[::1/",
    "text after brackets": "https://[::1]evil/",
    "a name no one may register": "https://a\u200bb\u2488.example/",
}


@pytest.mark.parametrize("url", ODD.values(), ids=ODD)
def test_an_odd_address_is_refused_with_a_cause(url: str) -> None:
    with pytest.raises(InvalidInput, match="not a usable address") as caught:
        read_url(url)

    assert (caught.value.code, caught.value.exit_code) == ("web.bad_url", 4)
    assert caught.value.cause
    assert len(caught.value.message) < 300


@pytest.mark.parametrize(
    "url",
    ["https://good.example@evil.example/", "https://user:hunter2@h.example/", "https://@h.example/", "https://:@h.example/"],
)
def test_what_stands_before_an_at_sign_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(Denied) as caught:
        read_url(url)

    assert (caught.value.code, caught.value.exit_code) == ("web.credentials_in_url", 6)
    assert "hunter2" not in str(caught.value.__dict__)
    assert "good.example" not in caught.value.message


WRITTEN = {
    "HTTPS://Good.Example": "https://good.example/",
    "https://good.example.": "https://good.example/",
    "https://good.example:443/x": "https://good.example/x",
    "http://good.example:80/x": "http://good.example/x",
    "https://good.example:8443": "https://good.example:8443/",
    "https://good.example:/x": "https://good.example/x",
    "https://good.example/a?b=c&d#here": "https://good.example/a?b=c&d",
    "https://good.example/ä/%C3%A4?q=ü": "https://good.example/%C3%A4/%C3%A4?q=%C3%BC",
    'https://good.example/"<x>"': "https://good.example/%22%3Cx%3E%22",
    "https://bücher.example/": "https://xn--bcher-kva.example/",
    "https://BÜCHER.example/": "https://xn--bcher-kva.example/",
    "https://good\u3002example/": "https://good.example/",
    "https://ｇｏｏｄ.example/": "https://good.example/",
    "https://１２７.0.0.1/": "https://127.0.0.1/",
    "https://192.0.2.1./": "https://192.0.2.1/",
    "https://[2001:DB8:0:0::1]/": "https://[2001:db8::1]/",
    "https://[::ffff:127.0.0.1]:8443/": "https://[::ffff:7f00:1]:8443/",
    "https://_dmarc.good.example/@scope/pkg": "https://_dmarc.good.example/@scope/pkg",
}


@pytest.mark.parametrize(("url", "written"), WRITTEN.items(), ids=WRITTEN)
def test_an_address_is_written_in_one_way(url: str, written: str) -> None:
    assert read_url(url).url == written
    assert read_url(written).url == written


def test_an_address_is_shown_without_its_query() -> None:
    assert read_url("https://h.example/p?token=hunter2#frag").shown == "https://h.example/p"


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("https://u:hunter2@h.example/p?token=hunter2", "https://h.example/p"),
        ("https://u:hunter2\\@h.example/p", "https://h.example/p"),
        ("https:///u:hunter2@h.example/p", "https://h.example/p"),
        ("u:hunter2@h.example:p", "h.example:p"),
        ("https://h.example/@scope/pkg", "https://h.example/@scope/pkg"),
        ("https://h.example/\x1b[31m", "https://h.example/\\u001b[31m"),
    ],
)
def test_any_text_is_shown_without_secrets_and_on_one_safe_line(url: str, text: str) -> None:
    assert shown(url) == text


@given(st.text(alphabet=st.sampled_from("htps:/@\\?#[]%.0127fx-_ aA\t\nü。1"), max_size=40).map("https://{}".format))
def test_whatever_is_accepted_is_read_the_same_by_every_parser(url: str) -> None:
    try:
        target = read_url(url)
    except CoworkError:
        return

    standard, below = urlsplit(target.url), parse_url(target.url)
    assert standard.hostname == target.host
    assert (below.host or "").strip("[]") == target.host
    assert standard.port == below.port == (None if target.port == 443 else target.port)
    assert standard.scheme == below.scheme == target.scheme
    assert standard.username is below.auth is None
    assert read_url(target.url) == target
    assert re.fullmatch(r"[!-~]+", target.url)


@given(st.text(max_size=30))
def test_no_text_makes_the_reader_fail_in_another_way(text: str) -> None:
    for read in (read_url, read_host, shown):
        try:
            read(text)
        except CoworkError as error:
            assert error.code in ("web.bad_url", "web.credentials_in_url")
