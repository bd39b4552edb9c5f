"""What those who run a server see of it: pages, counters, lines."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest

from terminology.fhir import Response
from terminology.server.metrics import Metrics, make_counts

from .asking import EXPAND, LOOKUP, Server


def test_a_server_is_ready_after_its_first_questions(server: Server) -> None:
    """It lives before, and has then asked itself for each code system and each version of FHIR."""
    assert server.ask("/ready").status == 503
    assert server.ask("/health").json == {"status": "alive"}
    publication = server.application.state.publication
    assert publication is not None
    publication.warm()
    asked = [request.path for request in server.service.asked]
    assert asked.count("metadata") == 4
    assert asked.count("CodeSystem/$lookup") == len(publication.store)
    server.application.state.is_warm = True
    assert server.ask("/ready").json == {"status": "ready"}


@pytest.mark.parametrize("target", ["/health", "/ready", "/metrics", "/"])
def test_pages_are_only_read(server: Server, target: str) -> None:
    """As the FHIR endpoints are."""
    answer = server.ask(target, "POST")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


def counters(server: Server) -> dict[str, float]:
    """Return the samples of the page for Prometheus, by name with labels."""
    answer = server.ask("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = [line for line in answer.body.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_answers_are_counted_by_interaction_and_status(server: Server) -> None:
    """With their durations; a path that a client made up is no name of its own."""
    for target in (LOOKUP, LOOKUP, f"{LOOKUP}&_format=xml", EXPAND, "/r4/E11.9", "/r4/CodeSystem/icd10cm-2022"):
        server.ask(target)
    tag = server.ask(LOOKUP).headers["etag"]
    server.ask(LOOKUP, if_none_match=tag)
    found = counters(server)
    total = "terminology_requests_total"
    assert found[f'{total}{{interaction="CodeSystem/$lookup",status="2xx"}}'] == 3
    assert found[f'{total}{{interaction="CodeSystem/$lookup",status="3xx"}}'] == 1
    assert found[f'{total}{{interaction="CodeSystem/$lookup",status="4xx"}}'] == 1
    assert found[f'{total}{{interaction="ValueSet/$expand",status="2xx"}}'] == 1
    assert found[f'{total}{{interaction="CodeSystem/read",status="2xx"}}'] == 1
    assert found[f'{total}{{interaction="other",status="2xx"}}'] == 1
    assert found['terminology_request_seconds_count{interaction="CodeSystem/$lookup"}'] == 5
    assert found['terminology_request_seconds_bucket{interaction="CodeSystem/$lookup",le="+Inf"}'] == 5
    assert 0 < found['terminology_request_seconds_sum{interaction="CodeSystem/$lookup"}'] < 5


def test_buckets_hold_what_is_at_most_their_bound() -> None:
    """And all that is in the ones before."""
    metrics = Metrics()
    for seconds in (0.0005, 0.0006, 0.02, 99.0):
        metrics.record(1, 200, seconds)
    found = dict(re.findall(r'le="(.*?)"} (\d+)', metrics.text({})))
    assert (found["0.0005"], found["0.001"], found["0.01"], found["0.025"], found["30.0"]) == ("1", "2", "2", "3", "3")
    assert found["+Inf"] == "4"


def test_what_is_served_is_on_the_page(server: Server) -> None:
    """Generation of the store, and the newest release of each system."""
    found = counters(server)
    publication = server.application.state.publication
    assert publication is not None
    assert found["terminology_store_generation"] == publication.store.generation
    newest = publication.store["icd10cm"].releases[-1].version
    assert found[f'terminology_release_info{{system="icd10cm",version="{newest}"}}'] == 1


def test_each_process_tells_what_all_have_counted(tmp_path: Path) -> None:
    """And one that takes the place of another counts on."""
    make_counts(tmp_path / "counts", 2)
    first, second = (Metrics(tmp_path / "counts", row) for row in range(2))
    first.record(1, 200, 0.1)
    second.record(1, 200, 0.1)
    second.happened("reloads")
    again = Metrics(tmp_path / "counts", 1)
    again.record(1, 200, 0.1)
    for metrics in (first, second, again):
        assert 'status="2xx"} 3\n' in metrics.text({})
        assert 'event="reloads"} 1\n' in metrics.text({})


def logged(server: Server, target: str, method: str = "GET", **asked: Any) -> dict[str, Any]:
    """Return the line of one request."""
    server.lines.clear()
    server.ask(target, method, **asked)
    server.application.state.log.flush()
    (line,) = b"".join(server.lines).splitlines()
    return dict(json.loads(line))


def test_a_line_says_what_was_asked_and_how_it_ended(sample_store: Path) -> None:
    """Interaction, code system, status, time."""
    server = Server(sample_store, log="json")
    line = logged(server, LOOKUP, x_request_id="abc-1")
    assert line.pop("ms") < 5_000
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line.pop("time"))
    size = line.pop("bytes")
    assert size == len(server.ask(LOOKUP).body)
    assert line == {
        "event": "request",
        "request_id": "abc-1",
        "method": "GET",
        "fhir": "r5",
        "interaction": "CodeSystem/$lookup",
        "system": "icd10cm",
        "status": 200,
    }


@pytest.mark.parametrize("form", ["json", "text"])
def test_lines_hold_no_codes_and_no_words(sample_store: Path, form: str) -> None:
    """Not those of parameters, of paths, of bodies, and of systems that a client made up."""
    server = Server(sample_store, log=form)
    server.ask("/r5/CodeSystem/$lookup?code=SECRET&system=http://secret.example&filter=secret")
    server.ask("/r5/CodeSystem/SECRET")
    server.ask("/r5/SECRET/SECRET?system=SECRET")
    server.ask("/r5/ValueSet/$expand", "POST", body={"resourceType": "Parameters", "id": "SECRET"})
    server.ask("/r5/ValueSet/$expand", "POST", body=b"SECRET")
    server.application.state.log.flush()
    lines = b"".join(server.lines)
    assert lines.count(b"\n") == 5
    assert b"secret" not in lines.lower()


def test_a_silent_log_says_errors_only(sample_store: Path) -> None:
    """For one who looks for the reason must find it."""
    server = Server(sample_store, log="none")
    server.ask(LOOKUP)
    server.application.state.log.said("info", "nothing")
    assert server.lines == []
    server.application.state.log.said("error", "the disk is gone")
    assert b"the disk is gone" in server.lines[0]


def test_lines_are_written_together(sample_store: Path) -> None:
    """Some times a second, and not one by one."""
    server = Server(sample_store, log="json")

    async def run() -> None:
        for _ in range(20):
            await server.asked(LOOKUP)
        assert server.lines == []
        await asyncio.sleep(0.4)

    asyncio.run(run())
    assert [written.count(b"\n") for written in server.lines] == [20]


def test_a_log_that_nobody_reads_stops_nothing(sample_store: Path) -> None:
    """The pipe is closed; answers go on."""
    server = Server(sample_store, log="json")

    def closed(_data: bytes) -> None:
        raise BrokenPipeError

    server.application.state.log._write = closed
    server.ask(LOOKUP)
    server.application.state.log.flush()
    assert server.ask(LOOKUP).status == 200


def test_the_first_page_leads_to_both_endpoints(server: Server) -> None:
    """Nothing that is in the page is run: scripts and styles are files of the server."""
    answer = server.ask("/")
    page = answer.body.decode()
    assert answer.status == 200
    assert '<a href="/r4/metadata">' in page
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "<script>" not in page


def test_a_response_may_be_of_any_size(server: Server) -> None:
    """It is sent as a whole."""
    server.service.work = lambda _: Response({"resourceType": "Parameters", "text": "x" * 5_000_000})
    answer = server.ask(EXPAND)
    assert int(answer.headers["content-length"]) == len(answer.body) > 5_000_000
