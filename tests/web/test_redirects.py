"""Redirects: every hop is judged like the first, and what was meant for one host stays there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cowork.core.errors import CoworkError, Denied, InvalidInput, Unavailable
from cowork.web import client
from tests.web.sites import Reply, authority_file, site

SECRET = "hunter2"


def to(location: str, status: int = 302) -> Reply:
    return Reply(b"moved", status=status, headers={"Location": location})


def request(method: str, url: str, **how: Any) -> client.Response:
    return client.request(method, url, **{"limit": 1000, "timeout_s": 5.0, **how})


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_to_the_answer(status: int) -> None:
    with site({"/a": to("b?x=1", status), "/b": Reply(b"here")}) as here:
        reply = request("GET", here.url("/a"))

    assert (reply.url, reply.body) == (here.url("/b?x=1"), b"here")


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("status", [300, 304, 305, 306])
def test_other_statuses_are_answers(status: int) -> None:
    with site({"/a": to("/b", status)}) as here:
        assert request("GET", here.url("/a")).status == status


@pytest.mark.usefixtures("trusted")
def test_a_redirect_to_nowhere_is_an_answer() -> None:
    with site({"/a": Reply(status=302)}) as here:
        assert request("GET", here.url("/a")).status == 302


@pytest.mark.usefixtures("trusted")
def test_a_circle_ends_after_so_many_hops() -> None:
    with site({"/a": to("/a")}) as here:
        with pytest.raises(Unavailable) as caught:
            request("GET", here.url(f"/a?token={SECRET}"), redirects=3)

        assert (caught.value.code, caught.value.exit_code) == ("web.too_many_redirects", 7)
        assert SECRET not in str(caught.value.__dict__)
        assert len(here.asked) == 4


@pytest.mark.usefixtures("trusted")
def test_no_redirects_means_none() -> None:
    with site({"/a": to("/b"), "/b": Reply()}) as here:
        assert request("GET", here.url("/b"), redirects=0).status == 200
        with pytest.raises(Unavailable, match="more than 0 redirects"):
            request("GET", here.url("/a"), redirects=0)


REFUSED = {
    "the metadata service": ("http://169.254.169.254/latest/", "web.plain_http"),
    "the metadata service, encrypted": ("https://169.254.169.254/latest/", "web.private_address"),
    "this machine": ("https://127.0.0.2/", "web.private_address"),
    "this machine by name": ("https://x.localhost/", "web.private_address"),
    "this machine in IPv6": ("https://[::1]/", "web.private_address"),
    "this machine, mapped": ("//[::ffff:127.0.0.1]/", "web.plain_http"),
    "plain http": ("http://example.com/", "web.plain_http"),
    "a file": ("file:///etc/passwd", "web.bad_url"),
    "another scheme": ("gopher://127.0.0.1/", "web.bad_url"),
    "credentials": ("https://good.example@evil.example/", "web.credentials_in_url"),
    "a backslash": ("https://good.example\\@127.0.0.1/", "web.bad_url"),
    "an odd number": ("https://2130706433/", "web.bad_url"),
    "a space": ("https://good.example /", "web.bad_url"),
}


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(("location", "refusal"), REFUSED.values(), ids=REFUSED)
def test_a_redirect_to_what_would_not_be_opened_directly_is_refused(location: str, refusal: str) -> None:
    with site({"/a": to("/b"), "/b": to(location)}) as here, pytest.raises(CoworkError) as caught:
        request("GET", here.url("/a"))

    assert isinstance(caught.value, (Denied, InvalidInput))
    assert caught.value.code == refusal


def test_an_encrypted_address_that_leads_to_plain_http_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", authority_file(tmp_path))
    with site({"/": Reply(b"plain")}) as plain, site({"/": to(plain.url())}, tls=("localhost",), host="localhost") as here:
        monkeypatch.setenv("COWORK_PRIVATE_HOSTS", f"localhost:{here.port}")
        with pytest.raises(Denied) as caught:
            request("GET", here.url())
        assert caught.value.code == "web.plain_http"

        monkeypatch.setenv("COWORK_PRIVATE_HOSTS", f"localhost:{here.port},127.0.0.1:{plain.port}")
        assert request("GET", here.url()).body == b"plain"


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(("status", "method"), [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")])
def test_a_post_becomes_a_get_where_the_status_says_so(status: int, method: str) -> None:
    with site({"/a": to("/b", status), "/b": Reply()}) as here:
        request("POST", here.url("/a"), body=b"{}", headers={"Content-Type": "application/json", "X-Api-Key": SECRET})

    last = here.asked[-1]
    assert (last.method, last.body) == (method, b"{}" if method == "POST" else b"")
    assert ("content-type" in last.headers) is (method == "POST")
    assert last.headers["x-api-key"] == SECRET  # the same host


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(("status", "method"), [(301, "PUT"), (302, "DELETE"), (303, "GET"), (307, "PUT")])
def test_other_methods_change_only_to_see_other(status: int, method: str) -> None:
    first = method if method != "GET" else "PUT"
    with site({"/a": to("/b", status), "/b": Reply()}) as here:
        request(first, here.url("/a"), body=b"x")

    assert here.asked[-1].method == method


@pytest.mark.usefixtures("trusted")
def test_a_head_stays_a_head() -> None:
    with site({"/a": to("/b", 303), "/b": Reply(b"xx")}) as here:
        assert request("HEAD", here.url("/a")).body == b""

    assert [asked.method for asked in here.asked] == ["HEAD", "HEAD"]


@pytest.mark.usefixtures("trusted")
def test_headers_that_may_hold_a_secret_stay_with_their_host() -> None:
    secret = dict.fromkeys(("Authorization", "Cookie", "X-Api-Key", "PRIVATE-TOKEN", "X-Anything"), SECRET)
    with site({"/b": Reply()}) as there, site({"/a": to(there.url("/b"))}) as here:
        request("GET", here.url("/a"), headers={**secret, "Accept": "text/plain", "If-None-Match": '"1"'})

    assert {name.lower() for name in secret} <= set(here.asked[0].headers)
    assert SECRET not in there.asked[0].headers.values()
    assert set(there.asked[0].headers) == {"host", "user-agent", "accept", "accept-encoding", "if-none-match"}


@pytest.mark.usefixtures("trusted")
def test_another_name_of_the_same_machine_is_another_host() -> None:
    with site({"/b": Reply(), "/a": lambda _: to(f"http://localhost:{here.port}/b")}) as here:
        request("GET", here.url("/a"), headers={"Authorization": SECRET})

    assert ["authorization" in asked.headers for asked in here.asked] == [True, False]


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("status", [307, 308])
def test_a_body_is_not_handed_to_another_host(status: int) -> None:
    with site({"/b": Reply()}) as there, site({"/a": to(there.url("/b"), status)}) as here:
        with pytest.raises(Denied) as caught:
            request("POST", here.url("/a"), body=SECRET.encode())

        assert (caught.value.code, caught.value.exit_code) == ("web.body_to_other_host", 6)
        assert there.asked == []


@pytest.mark.usefixtures("trusted")
def test_a_location_in_utf_8_is_understood() -> None:
    with site({"/a": to("/ä".encode().decode("latin-1")), "/%C3%A4": Reply(b"umlaut")}) as here:
        assert request("GET", here.url("/a")).body == b"umlaut"
