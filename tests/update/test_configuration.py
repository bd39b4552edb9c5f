"""A configuration is read whole: tables, years, names, secrets."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology.update.configuration import (
    CodeList,
    Configuration,
    Publish,
    Tolerance,
    Verify,
)
from terminology.update.settings import lines_of_keys
from terminology.update.sources import PLACEHOLDERS, Years, kind_of, name_fault, periods_of, words_of
from terminology.update.transport import Http
from terminology.update.urls import shown

from .configurations import FETCH, SUMMER, urls


def test_everything_is_read(read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every key that the documentation names is read; relative paths are relative to the file."""
    monkeypatch.setenv("LISTS", "/lists")
    found = read(
        """
        store = "store"
        downloads = "files/downloads"
        reports = "/var/reports"
        [[fetch]]
        url = ["https://example.org/a.zip", "https://example.org/b.zip"]
        name = "a/codes.zip"
        sha256 = "ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef0123456789"
        expect = "zip"
        required = false
        system = "hcpcs"
        version = "2025-07"
        effective = 2025-07-01
        [[fetch]]
        path = "local/order.txt"
        [[codelists]]
        path = "${LISTS}/diabetes.csv"
        system = "icd10cm"
        [verify]
        addenda = false
        gaps = "fail"
        [[verify.tolerated]]
        system = "icd10cm"
        version = "2022"
        codes = ["M35.8"]
        reason = "the addenda does not list it"
        [publish]
        enabled = false
        incomplete = "keep"
        [http]
        timeout_seconds = 5
        deadline_seconds = 100
        retries = 1
        backoff_seconds = 0.5
        longest_wait_seconds = 10
        user_agent = "hospital"
        maximum_bytes = 1_000
        redirect_hosts = ["files.example.org", "*.example.com"]
        private_addresses = true
        """
    )

    assert (tmp_path / "store", tmp_path / "files" / "downloads", Path("/var/reports")) == (
        found.store,
        found.downloads,
        found.reports,
    )
    first, second = found.sources(SUMMER)
    assert ("https://example.org/a.zip", "https://example.org/b.zip") == first.urls
    assert ("a/codes.zip", "zip", False, "hcpcs", "2025-07") == (
        first.name,
        first.expect,
        first.required,
        first.system,
        first.version,
    )
    assert ("abcdef0123456789" * 4, datetime.date(2025, 7, 1)) == (first.sha256, first.effective)
    assert (tmp_path / "local" / "order.txt", (), "txt", True) == (
        second.path,
        second.urls,
        second.expect,
        second.required,
    )
    assert (CodeList(Path("/lists/diabetes.csv"), "icd10cm", "diabetes"),) == found.codelists
    tolerance = Tolerance("icd10cm", "2022", ("M35.8",), "the addenda does not list it")
    assert Verify(addenda=False, gaps="fail", tolerated=(tolerance,)) == found.verify
    assert Publish(enabled=False, incomplete="keep") == found.publish
    hosts = ("files.example.org", "*.example.com")
    assert Http(5, 100, 1, 0.5, 10, "hospital", 1000, hosts, private_addresses=True) == found.http


def test_little_need_be_said(read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what to fetch must be said; the store is the default one, the folders lie beside the file."""
    monkeypatch.setenv("TERMINOLOGY_STORE", str(tmp_path / "elsewhere"))
    found = read(FETCH)

    assert tmp_path / "elsewhere" == found.store
    assert (tmp_path / "downloads", tmp_path / "reports") == (found.downloads, found.reports)
    assert (Verify(), Publish(), Http(), ()) == (found.verify, found.publish, found.http, found.codelists)
    assert [("codes.zip", "zip", True)] == [(s.name, s.expect, s.required) for s in found.sources()]


def test_variables_and_home_are_expanded(read, monkeypatch: pytest.MonkeyPatch) -> None:
    """`${NAME}` in URLs and paths is the environment's value, and `~` is home."""
    monkeypatch.setenv("TOKEN", "s3cret")
    monkeypatch.setenv("HOME", "/home/me")
    found = read('store = "~/store"\n[[fetch]]\nurl = "https://example.org/codes.zip?key=${TOKEN}"')

    (source,) = found.sources()
    assert Path("/home/me/store") == found.store
    assert ("https://example.org/codes.zip?key=s3cret",) == source.urls
    assert "s3cret" not in repr(found)
    assert "s3cret" not in repr(source)


def test_a_file_url_is_a_path(read) -> None:
    """A URL of this machine's files is a local path."""
    (source,) = read('[[fetch]]\nurl = "file:///data/Code%20Descriptions.zip"').sources()

    assert (Path("/data/Code Descriptions.zip"), ()) == (source.path, source.urls)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A configuration that is not there is a FileNotFoundError."""
    with pytest.raises(FileNotFoundError):
        Configuration.read(tmp_path / "missing.toml")


def test_years_that_are_listed(read) -> None:
    """A list of years gives a file for each, whatever the day."""
    found = read('[[fetch]]\nurl = "https://example.org/{fiscal_year}/{fiscal_year_short}.zip"\nyears = [2021, 2025]')

    assert ["2021/21.zip", "2025/25.zip"] == urls(found)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-09-30", [("2026.zip", True), ("2027.zip", False)]),
        ("2026-10-01", [("2026.zip", True), ("2027.zip", True), ("2028.zip", False)]),
    ],
)
def test_years_to_come(read, day: str, expected: list[tuple[str, bool]]) -> None:
    """Years without end go on to the one after the current; a file is required from its first day on."""
    today = datetime.date.fromisoformat(day)
    found = read('[[fetch]]\nurl = "https://example.org/{fiscal_year}.zip"\nyears = { from = 2026 }', today)

    assert expected == [(source.name, source.required) for source in found.sources(today)]


def test_quarters_to_come(read) -> None:
    """Quarters go on to the one after the current, and fill in month, name and day."""
    found = read(
        """
        [[fetch]]
        url = "https://example.org/{quarter_name}-{calendar_year}-hcpcs.zip"
        name = "HCPC{calendar_year}_{quarter_month}.zip"
        effective = "{calendar_year}-{quarter_number}-01"
        years = { from = 2026 }
        """
    )

    sources = found.sources(SUMMER)
    assert ["january", "april", "july", "october"] == [url.split("-")[0] for url in urls(found)]
    assert ["HCPC2026_JAN.zip", "HCPC2026_APR.zip", "HCPC2026_JUL.zip", "HCPC2026_OCT.zip"] == [s.name for s in sources]
    assert [1, 4, 7, 10] == [source.effective.month for source in sources if source.effective]
    assert [True, True, True, False] == [source.required for source in sources]


def test_years_between(read) -> None:
    """Years may have an end, then all of them are asked for."""
    found = read('[[fetch]]\nurl = "https://example.org/{calendar_year}.zip"\nyears = { from = 2024, to = 2029 }')

    assert [f"{year}.zip" for year in range(2024, 2030)] == urls(found)


@given(
    st.sampled_from(PLACEHOLDERS),
    st.dates(datetime.date(2001, 1, 1), datetime.date(2098, 1, 1)),
    st.integers(1991, 2001),
)
def test_periods_reach_into_the_next(name: str, today: datetime.date, first: int) -> None:
    """Periods without end are consecutive, hold today, and end with the first that has not begun."""
    days = list(
        periods_of((name,) if name.startswith("fiscal") else (name, "calendar_year"), Years(first=first), today)
    )

    assert sorted(set(days)) == days
    assert [False] == [day <= today for day in days if day > today]
    assert days[-2] <= today < days[-1]
    assert words_of(PLACEHOLDERS, days[0])["fiscal_year" if name.startswith("fiscal") else "calendar_year"] == str(
        first
    )


@pytest.mark.parametrize(
    ("name", "kind"), [("a.ZIP", "zip"), ("b.xlsx", "xlsx"), ("c.pdf", None), ("zip", None), ("d.tar.gz", None)]
)
def test_the_suffix_says_the_kind(name: str, kind: str | None) -> None:
    """The kind of a file is taken from its suffix, in any case of letters; other suffixes say nothing."""
    assert kind == kind_of(name)


@pytest.mark.parametrize(
    "name", ["", "/", "/etc/passwd", "a/../b", ".hidden", "a/.b", "a\nb", "a\\b", "c:d", "x" * 201]
)
def test_names_that_cannot_be_kept(name: str) -> None:
    """A name that leads out of the folder, hides the file or is no name is refused."""
    assert name_fault(name)


@pytest.mark.parametrize("name", ["a.zip", "ICD10CM_FY2016_ Full_ XML.ZIP", "2026/a (updated 9-21-2023).xlsx"])
def test_names_of_publishers_can_be_kept(name: str) -> None:
    """The names that publishers use can be kept."""
    assert name_fault(name) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://joe:secret@example.org:8443/a%20b.zip?key=x#y", "https://example.org:8443/a%20b.zip"),
        ("http://[::1]:80/a", "http://[::1]:80/a"),
        ("https://example.org:port/", "a URL that cannot be read"),
    ],
)
def test_secrets_are_not_shown(url: str, expected: str) -> None:
    """A URL is shown without user, password, query and fragment."""
    assert expected == shown(url)


def test_lines_are_found() -> None:
    """Tables and keys are found in their lines, lists of tables by number."""
    text = "a = 1\n[b]\n  c = 2\n[[d]]\ne = 3 # f = 4\n[[d]]\n[[d.g]]\nh = 5\n"

    assert {"a": 1, "b": 2, "b.c": 3, "d[1]": 4, "d[1].e": 5, "d[2]": 6, "d.g[1]": 7, "d.g[1].h": 8} == lines_of_keys(
        text
    )
