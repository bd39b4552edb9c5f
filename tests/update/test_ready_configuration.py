"""The configuration that comes with the package."""

from __future__ import annotations

import datetime

import pytest
import requests

from terminology.update.configuration import (
    Configuration,
    ready_configuration,
)
from terminology.update.hosts import AstrayError, Redirects

from .configurations import AUTUMN


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
