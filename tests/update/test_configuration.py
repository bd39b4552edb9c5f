"""The configuration of an update: read whole, every fault with its line, entries that stand for several files."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from terminology.errors import ReleaseFaults, ReleaseFormatError
from terminology.update.configuration import (
    CodeList,
    Configuration,
    Publish,
    Tolerance,
    Verify,
    ready_configuration,
)
from terminology.update.hosts import AstrayError, Redirects
from terminology.update.settings import Settings, lines_of_keys
from terminology.update.sources import PLACEHOLDERS, Years, kind_of, name_fault, periods_of, words_of
from terminology.update.transport import Http
from terminology.update.urls import shown

SUMMER = datetime.date(2026, 7, 15)
AUTUMN = datetime.date(2026, 11, 25)
FETCH = '[[fetch]]\nurl = "https://example.org/codes.zip"\n'


@pytest.fixture
def read(tmp_path: Path):
    """Read a configuration that is given as text."""

    def reader(text: str, today: datetime.date = SUMMER) -> Configuration:
        path = tmp_path / "update.toml"
        path.write_text(text, encoding="utf-8")
        return Configuration.read(path, today=today)

    return reader


@pytest.fixture
def faults(read):
    """Read a configuration that is given as text and has faults; return them without the name of the file."""

    def reader(text: str, today: datetime.date = SUMMER) -> list[str]:
        with pytest.raises((ReleaseFaults, ReleaseFormatError)) as raised:
            read(text, today)
        errors = raised.value.exceptions if isinstance(raised.value, ReleaseFaults) else (raised.value,)
        return [re.sub(r"^.*update\.toml:? ?", "", str(error)) for error in errors]

    return reader


def urls(found: Configuration, today: datetime.date = SUMMER) -> list[str]:
    """Return the end of the first URL of each file."""
    return [source.urls[0].removeprefix("https://example.org/") for source in found.sources(today)]


# what is read


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


# entries that stand for several files


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


# faults


def test_all_faults_come_at_once(faults) -> None:
    """Every fault is named with line and key, in the order of lines; unknown keys come with what may be meant."""
    found = faults(
        """store = 5
repots = "reports"
[[fetch]]
url = "ftp://example.org/codes.zip"
sha265 = "0"
expect = "zap"
[[fetch]]
name = "x.zip"
sha256 = "abc"
required = "no"
effective = "2025-13-01"
[verify]
gaps = "perhaps"
[http]
retries = true
timeout_seconds = -1
[[verify.tolerated]]
system = "icd10cm"
"""
    )

    assert [
        "1: store: expected a text in quotes, got 5",
        "2: repots: there is no such key; did you mean 'reports'?",
        "4: fetch[1].url: expected a URL of http or https, got 'ftp://example.org/codes.zip'",
        "5: fetch[1].sha265: there is no such key; did you mean 'sha256'?",
        (
            "6: fetch[1].expect: expected one of 'zip', 'xlsx', 'xls', 'txt', 'csv', 'xml', 'json', got 'zap'; "
            "did you mean 'zip'?"
        ),
        "7: fetch[2]: expected either a url or a path",
        "9: fetch[2].sha256: expected 64 hexadecimal digits, got 'abc'",
        "10: fetch[2].required: expected true or false, got 'no'",
        "11: fetch[2].effective: expected a date like 2024-03-01, got '2025-13-01'",
        "13: verify.gaps: expected one of 'warn', 'fail', 'ignore', got 'perhaps'",
        "15: http.retries: expected a whole number, got True",
        "16: http.timeout_seconds: expected a number from 0.1 on, got -1",
        "17: verify.tolerated[1]: expected a key version",
        "17: verify.tolerated[1]: expected a key codes",
        "17: verify.tolerated[1]: expected a key reason",
    ] == found


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "there is nothing to do: expected at least one table [[fetch]]"),
        ("store = \n", "1: column 9: this is no TOML: Invalid value"),
        ("[[fetch]]\nurl = 'https://a", 'this is no TOML at its end: Expected "\'"'),
        ('fetch = "x"', "1: fetch: expected tables [[fetch]], got 'x'"),
        ("fetch = [1]", "1: fetch: expected tables [[fetch]], got 1"),
        ('store = ""\n' + FETCH, "1: store: expected a text, got an empty one"),
        ("http = 3\n" + FETCH, "1: http: expected a table [http], got 3"),
        (FETCH + "[http]\ntimeout_seconds = nan", "4: http.timeout_seconds: expected a number from 0.1 on, got nan"),
        ('[[fetch]]\nurl = "codes.zip"', "2: fetch[1].url: expected a URL of http or https, got 'codes.zip'"),
        (
            '[[fetch]]\nurl = "https:///codes.zip"',
            "2: fetch[1].url: expected a URL with a host, got 'https:///codes.zip'",
        ),
        ('[[fetch]]\nurl = "https://[a/b.zip"', "2: fetch[1].url: this is no URL: Invalid IPv6 URL"),
        ('[[fetch]]\nurl = ["https://a/b.zip", "file:///c.zip"]', "2: fetch[1].url: expected a URL of http or https"),
        ('[[fetch]]\nurl = "https://a/b.zip"\npath = "c"', "1: fetch[1]: expected either a url or a path"),
        ("[[fetch]]\nurl = [3]", "2: fetch[1].url: expected texts that are not empty, got 3"),
        ('[[fetch]]\nurl = "https://a/${NO_SUCH_VAR}.zip"', "the environment variable NO_SUCH_VAR is not set"),
        ('[[fetch]]\nurl = "https://a/b/"', "1: fetch[1]: expected a file name, got ''"),
        (FETCH + 'name = "../b.zip"', "1: fetch[1]: expected a relative name without '..' and hidden parts"),
        (FETCH + FETCH, "3: fetch[2]: 'codes.zip' would be the name of a file of fetch[1] too"),
        (FETCH + FETCH.replace("codes", "CODES"), "'CODES.zip' would be the name of a file of fetch[1] too"),
        ('[[fetch]]\nurl = "https://a/{fiscal_yer}.zip"\nyears = [2025]', "{fiscal_yer}; did you mean 'fiscal_year'?"),
        (
            '[[fetch]]\nurl = "https://a/{x}.zip"\nyears = [2025]',
            "there is no placeholder {x}; there are {fiscal_year}, ",
        ),
        (
            '[[fetch]]\nurl = "https://a/{fiscal_year}.zip"',
            "{fiscal_year} needs years, such as years = { from = 2025 }",
        ),
        (FETCH + "years = [2025]", "3: fetch[1].years: expected a placeholder such as {fiscal_year} for the years"),
        ('[[fetch]]\nurl = "https://a/{quarter_name}.zip"\nyears = [2025]', "quarters need {calendar_year}"),
        (
            '[[fetch]]\nurl = "https://a/{fiscal_year}-{calendar_year}.zip"\nyears = [2025]',
            "expected either fiscal years or calendar years and quarters, got both",
        ),
        (
            '[[fetch]]\nurl = "https://a/{fiscal_year}/codes.zip"\nyears = [2024, 2025]',
            "'codes.zip' would be the name of two of its own files too",
        ),
        (
            f'[[fetch]]\nurl = "https://a/{{fiscal_year}}.zip"\nyears = [2025]\nsha256 = "{"0" * 64}"',
            "4: fetch[1].sha256: one checksum cannot stand for several files",
        ),
    ],
)
def test_each_fault_is_told(faults, monkeypatch: pytest.MonkeyPatch, text: str, fault: str) -> None:
    """What is wrong is told with its place, and what was expected."""
    monkeypatch.delenv("NO_SUCH_VAR", raising=False)
    found = faults(text)

    assert 1 == len(found), found
    assert fault in found[0]


HOST = "its host is no name of a server"
PORT = "its port is no number from 1 to 65535"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://[::1/x.zip", "Invalid IPv6 URL"),
        ("file://[::1/x.zip", "Invalid IPv6 URL"),
        ("http://" + "a" * 80 + ".org/x.zip", HOST),
        ("http://" + ".".join(["a" * 60] * 5) + "/x.zip", HOST),
        ("http://a..b/x.zip", HOST),
        ("http://.org/x.zip", HOST),
        ("http://*.org/x.zip", HOST),
        ("http://-/x.zip", HOST),
        ("http://ex ample.org/x.zip", HOST),
        ("http://ex%41mple.org/x.zip", HOST),
        ("http://℀.org/x.zip", HOST),
        (r"http://a\\@b/x.zip", HOST),
        ("http://{fiscal_year}" + "a" * 60 + ".org/x{fiscal_year}.zip", HOST),
        ("http://example.org:0/x.zip", PORT),
        ("http://example.org:70000/x.zip", PORT),
        ("http://joe:hidden#word@example.org/x.zip", PORT),
        ("http://joe:hidden☃@example.org/x.zip", "its user and password have characters beyond Latin-1"),
        (r"http://example.org/x\u0000.zip", "it has control characters"),
        (r"http://example.org/x\n.zip", "it has control characters"),
        ("http://example.org/" + "x" * 9000, "it has 9,019 characters, more than 8,192"),
    ],
)
def test_urls_that_cannot_be_asked_for(faults, url: str, reason: str) -> None:
    """A URL that no server can be asked for is found when the configuration is read, with its line, without secrets."""
    name, years = ("x{fiscal_year}.zip", "years = [2025]") if "{" in url else ("x.zip", "")
    [found] = faults(f'store = "store"\n[[fetch]]\nname = "{name}"\nurl = "{url}"\n{years}')

    assert found == f"4: fetch[1].url: this is no URL: {reason}"


@pytest.mark.parametrize(
    "url",
    ["http://exämple.org/x.zip", "http://[::1]:8080/x.zip", "HTTPS://EXAMPLE.org/a b.zip", "http://_a.b-c.org./x.zip"],
)
def test_urls_that_can_be_asked_for(read, url: str) -> None:
    """Hosts of any script, addresses, capital letters and spaces in the path are URLs."""
    (source,) = read(f'[[fetch]]\nname = "x.zip"\nurl = "{url}"').sources()

    assert (url,) == source.urls


@pytest.mark.parametrize("url", ["joe:secret@host/x.zip", "//joe:secret@host/x.zip", "ftp://joe:secret@host/x.zip"])
def test_faults_of_urls_show_no_password(faults, url: str) -> None:
    """A password in a URL that is no URL is not shown."""
    [found] = faults(f'[[fetch]]\nname = "x.zip"\nurl = "{url}"')

    assert "expected a URL of http or https" in found
    assert "secret" not in found


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("#" * 300_000, "expected a configuration of up to 262,144 bytes"),
        ("a." * 100_000 + "a = 1", "1: expected lines of up to 10,000 characters, got 200,005"),
        ("a = " + "[" * 5000, "this is nested too deeply"),
        ("a = " + "{b = " * 1500, "this is nested too deeply"),
        ("store = 'a'\nstore = 'b'\n", "2: column 12: this is no TOML: Cannot overwrite a value"),
        ("retries = " + "9" * 6000, "this is no TOML: a number has too many digits"),
        (
            FETCH + "[http]\nretries = 0x" + "f" * 6000,
            "4: http.retries: expected a whole number from 0 on, got a number",
        ),
        (
            FETCH + "[http]\nretries = [0x" + "f" * 6000 + "]",
            "4: http.retries: expected a whole number, got a number of",
        ),
        (FETCH + "[http]\ntimeout_seconds = 0x" + "f" * 400, "4: http.timeout_seconds: expected a number from 0.1 on"),
        (
            FETCH + "[http]\ndeadline_seconds = 1e300",
            "4: http.deadline_seconds: expected a number from 1 on, got 1e+300",
        ),
        (FETCH + '[http]\nuser_agent = "a\\r\\nHost: b"', "4: http.user_agent: expected printable characters of ASCII"),
        (
            FETCH + '[http]\nredirect_hosts = ["https://a.org/"]',
            "4: http.redirect_hosts: expected the name of a host, such",
        ),
        (FETCH + '[http]\nredirect_hosts = "a.*.org"', "4: http.redirect_hosts: expected the name of a host, such"),
        (FETCH + '[http]\nprivate_addresses = "no"', "4: http.private_addresses: expected true or false, got 'no'"),
        ('store = "a\\u0000b"\n' + FETCH, r"1: store: expected a path, got 'a\x00b'"),
        (
            "\n".join(
                f'[[fetch]]\nurl = "http://a/{{calendar_year}}{{quarter_name}}{n}.zip"\nyears = {{from=1990, to=2099}}'
                for n in range(1500)
            ),
            "expected up to 10,000 files in all; write fewer entries or years",
        ),
    ],
)
def test_files_that_mean_harm(faults, text: str, fault: str) -> None:
    """A configuration that would take without end to read, or end in another error, is told as a fault."""
    [found] = faults(text)

    assert fault in found
    assert len(found) < 400


def test_variables_without_end(faults) -> None:
    """Beginnings of variables that have no end are looked through once."""
    found = faults('[[fetch]]\nname = "x"\nurl = [\n' + ('"' + "${" * 4900 + '",\n') * 25 + "]")

    assert all("expected a URL of http or https" in fault for fault in found)


def test_a_mark_of_the_encoding(tmp_path: Path) -> None:
    """The mark that some editors put before a text in UTF-8 is no fault."""
    path = tmp_path / "update.toml"
    path.write_text(FETCH, encoding="utf-8-sig")

    assert Configuration.read(path).entries


@pytest.mark.parametrize(
    "years",
    ["[]", "2025", '["2025"]', "[true]", "[25]", "{ to = 2025 }", "{ from = 2025, until = 2026 }", "{ from = '1' }"],
)
def test_years_of_another_form(faults, years: str) -> None:
    """Years are a list of years, or a table with from and perhaps to; any other form is told, and what fits."""
    found = faults(f'[[fetch]]\nurl = "https://a/{{fiscal_year}}.zip"\nyears = {years}')

    assert ["[2025, 2026], { from = 2025 } or { from = 2021, to = 2025 }" in fault for fault in found] == [True]


def test_years_that_go_down(faults) -> None:
    """An end before the beginning is told."""
    found = faults('[[fetch]]\nurl = "https://a/{fiscal_year}.zip"\nyears = { from = 2025, to = 2021 }')

    assert ["expected years that go up" in fault for fault in found] == [True]


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    """A file that is not UTF-8 is told as such."""
    path = tmp_path / "update.toml"
    path.write_bytes(b'store = "\xff"')

    with pytest.raises(ReleaseFormatError, match="expected UTF-8, got byte 0xff"):
        Configuration.read(path)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8) | st.dates(),
        lambda children: (
            st.lists(children, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "url",
                        "path",
                        "name",
                        "sha256",
                        "expect",
                        "required",
                        "system",
                        "version",
                        "effective",
                        "years",
                        "from",
                        "to",
                        "fetch",
                        "http",
                        "verify",
                        "tolerated",
                        "codes",
                        "retries",
                        "other",
                    ]
                ),
                children,
                max_size=4,
            )
        ),
        max_leaves=20,
    )
)
def test_anything_at_all_gives_faults_only(value: object) -> None:
    """Whatever stands in the file, reading ends in a configuration or in faults, never in another error."""
    from terminology.reading import Faults
    from terminology.update.configuration import configuration_from

    values = value if isinstance(value, dict) else {"fetch": [value] if isinstance(value, dict) else value}
    settings = Settings(values, Faults("update.toml"), Path("/folder"), {})

    try:
        found = configuration_from(settings, Path("update.toml"), SUMMER)
    except (ReleaseFormatError, ReleaseFaults):
        return
    assert found.sources(SUMMER)


# small things


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


# the configuration that comes with the package


def test_the_ready_configuration_is_sound() -> None:
    """The packaged configuration for CMS and CDC has no fault, on any day of the coming years."""
    for year in range(2026, 2032):
        for month in (1, 7, 10):
            day = datetime.date(year, month, 1)
            assert Configuration.read(ready_configuration(), today=day).sources(day)


def test_the_ready_configuration_asks_publishers_only() -> None:
    """Every URL of the packaged configuration is one of CMS or CDC, by https."""
    sources = Configuration.read(ready_configuration()).sources(AUTUMN)

    hosts = {url.split("/")[2] for source in sources for url in source.urls}
    assert {"www.cms.gov", "ftp.cdc.gov"} == hosts
    assert all(url.startswith("https://") for source in sources for url in source.urls)
    assert [] == [source.name for source in sources if source.expect is None]


@pytest.mark.parametrize(
    ("url", "target", "followed"),
    [
        ("https://www.cms.gov/a.zip", "https://cms.gov/a.zip", True),
        ("https://www.cms.gov/a.zip", "https://edit.cms.gov/files/a.zip", True),
        ("https://ftp.cdc.gov/a.zip", "https://www.cdc.gov/nchs/a.zip", True),
        ("https://ftp.cdc.gov/a.zip", "https://ftp.cdc.gov/b.zip", True),
        ("https://www.cms.gov/a.zip", "https://cms.gov.example.org/a.zip", False),
        ("https://www.cms.gov/a.zip", "https://169.254.169.254/a.zip", False),
    ],
)
def test_the_ready_configuration_follows_publishers(url: str, target: str, *, followed: bool) -> None:
    """The packaged configuration follows redirects among the hosts of CMS and CDC, and to no other."""
    response = requests.Response()
    response.status_code, response.url, response.headers["Location"] = 302, url, target
    redirects = Redirects(url, Configuration.read(ready_configuration()).http.redirect_hosts)

    if followed:
        assert target == redirects.target(response)
    else:
        with pytest.raises(AstrayError, match="another host"):
            redirects.target(response)


def test_the_ready_configuration_takes_new_years_by_itself() -> None:
    """The next fiscal year and the next quarter are asked for before they begin, and required when they have begun."""
    sources = {source.name: source.required for source in Configuration.read(ready_configuration()).sources(AUTUMN)}

    assert sources["2027-code-descriptions-tabular-order.zip"]
    assert sources["october-2026-alpha-numeric-hcpcs-file.zip"]
    assert not sources["2028-code-descriptions-tabular-order.zip"]
    assert not sources["january-2027-alpha-numeric-hcpcs-file.zip"]
