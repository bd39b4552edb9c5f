"""Whatever is wrong in a configuration is reported at once, each error with its line and key."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology.errors import ReleaseFaults, ReleaseFormatError
from terminology.update.configuration import (
    Configuration,
)
from terminology.update.settings import Settings

from .configurations import FETCH, SUMMER


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
            "4: fetch[1].sha256: one checksum cannot be that of several files",
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
