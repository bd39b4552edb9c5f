"""Search in an edition: words in any order, unfinished, misspelled or by another name; which codes may answer; from where."""

from __future__ import annotations

import json
import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest

import terminology
from terminology import StoreDamagedError, UnknownSystemError
from terminology.cli.application import run
from terminology.ingest import rollback
from terminology.search.references import References
from terminology.store import StoreFolder, read_catalog
from terminology.store.pointer import SEARCH
from terminology.store.verify import verify
from terminology_loaders.icd10cm import Icd10cmLoader

from ..loaders.index_files import HEART, HEART_ROWS
from ..release_files import order_file, written

OLDER_ROWS = (
    *(row for row in HEART_ROWS if row[0] != "I219"),
    ("I213", True, "ST elevation (STEMI) myocardial infarction of unspecified site"),
)
HIP = (
    ("S72", False, "Fracture of femur"),
    ("S720", False, "Fracture of neck of right femur"),
    *(
        (f"S720{letter}", True, f"Fracture of neck of right femur, {text}")
        for letter, text in (
            ("A", "initial encounter for closed fracture"),
            ("B", "initial encounter for open fracture"),
            ("S", "sequela"),
        )
    ),
)

CONVERSION = b"""Current code assignment,Effective October 1,Previous Code(s) Assignment
I21.9,2021,I21.3
"""


def codes(hits):
    """The codes of hits in their order."""
    return [hit.code for hit in hits]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A store of three years: 2020 without an index, 2021 with one, 2022 without and with a code less."""
    place = tmp_path_factory.mktemp("search")
    files = {
        "icd10cm_order_2020.txt": order_file(sorted(OLDER_ROWS)),
        "icd10cm_order_2021.txt": order_file(HEART_ROWS),
        "icd10cm_order_2022.txt": order_file([row for row in HEART_ROWS if row[0] != "R55"]),
        "Index.xml": HEART.replace(b"<version>2022", b"<version>2021"),
    }
    report = terminology.load(
        written(place / "files", files), store=place / "store", loaders={"icd10cm": Icd10cmLoader()}
    )
    assert ((), ()) == (report.errors, report.skipped)
    return place / "store"


@pytest.fixture(scope="module")
def heart(folder):
    """ICD-10-CM in that store."""
    return terminology.open(folder)["icd10cm"]


# ---- words


@pytest.mark.parametrize(
    "text",
    [
        "low back pain",
        "pain low back",
        "LOW BACK PAIN",
        "low back pains",
        "low back pa",
        "low bakc pain",
        "lumbago",
        "lower back pain",
        "LBP",
    ],
)
def test_words_are_found_in_any_order_case_number_spelling_and_by_other_names(edition, text):
    """However low back pain is asked for, its code comes first."""
    assert "M54.50" == edition.search(text)[0].code


def test_a_title_that_is_what_was_asked_for_has_the_score_of_one(edition):
    """A score of 1 is the best there is, and scores fall."""
    hits = edition.search("Vertebrogenic low back pain")
    assert ("M54.51", "title", 1.0) == (hits[0].code, hits[0].matched, round(hits[0].score, 2))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


@pytest.mark.parametrize("text", ["", "   ", "???", "zzzzzzzz", "the of and", "\udcff", "\0"])
def test_what_has_no_known_word_finds_nothing(edition, text):
    """Nothing to look for is no error."""
    assert () == edition.search(text)


def test_half_a_question_is_not_answered_by_a_guess(edition):
    """A word that is alike counts where the rest is there: no title of the samples has a heart, but some have health."""
    assert codes(edition.search("check-up of haelth"))[:1] == ["Z00.00"]
    assert edition.search("heart attack") == ()


def test_the_limit_is_a_limit_and_more_only_adds(edition):
    """The best codes are the same, however many are asked for."""
    assert codes(edition.search("pain", 20))[:2] == codes(edition.search("pain", 2))


@pytest.mark.parametrize("limit", [0, -1])
def test_no_codes_are_asked_for_and_none_found(edition, limit):
    """Neither by words nor by code."""
    assert () == edition.search("pain", limit) == edition.search("M54.50", limit)


def test_days_that_nothing_covers_have_no_codes(cm):
    """Before the first release, and long after the last; with expired codes they are shown as uncovered."""
    assert () == cm.on("1999-01-01").search("low back pain") == cm.on("2040-01-01").search("low back pain")
    assert {"uncovered"} == {str(hit.status) for hit in cm.on("1999-01-01").search("low back pain", expired=True)}


def test_an_edition_that_was_pickled_answers_the_same(edition):
    """It reopens its store."""
    again = pickle.loads(pickle.dumps(edition))  # noqa: S301 -- of this test
    assert edition.search("low back pain") == again.search("low back pain")


def test_threads_may_ask_at_once(edition):
    """Each has its own place to mark terms."""
    texts = ["low back pain", "depression", "vertebrogenic", "m545"] * 25
    expected = [edition.search(text) for text in texts]
    with ThreadPoolExecutor(4) as threads:
        assert expected == list(threads.map(edition.search, texts))


def test_long_questions_are_cut(edition):
    """A question of a megabyte is answered as its beginning."""
    assert edition.search("low back pain " * 100_000) == edition.search(("low back pain " * 100)[:200])


# ---- codes as typed


@pytest.mark.parametrize("text", ["M54.50", "m5450", " m54.50 ", "M5450"])
def test_a_code_is_found_as_typed(edition, text):
    """With or without dot, in any case, by itself."""
    (hit,) = edition.search(text)
    assert ("M54.50", "code", 1.0) == (hit.code, hit.matched, hit.score)


def test_the_beginning_of_a_code_finds_the_codes_below(edition):
    """In their order, without the headers unless they are asked for."""
    assert ["M54.50", "M54.51", "M54.59"] == codes(edition.search("m545"))
    assert ["M54.5", "M54.50", "M54.51", "M54.59"] == codes(edition.search("m545", headers=True))


# ---- which codes answer


def test_headers_are_answered_by_the_plainest_code_below_unless_asked_for(heart):
    """The header's own title leads to what says no more than it."""
    edition = heart.release("2021")
    assert "I21.9" == edition.search("acute myocardial infarction")[0].code
    assert "I21" in codes(edition.search("acute myocardial infarction", headers=True))
    assert all(hit.billable for hit in edition.search("acute myocardial infarction"))


def test_expired_codes_are_found_on_request_only(heart):
    """R55 ended with the release of 2022."""
    edition = heart.release("2022")
    assert "R55" not in codes(edition.search("syncope collapse"))
    (hit,) = edition.search("syncope collapse", expired=True)
    assert ("R55", "expired", "Syncope and collapse") == (hit.code, str(hit.status), hit.title)


def test_a_code_that_is_yet_to_come_is_not_found_before(heart):
    """I21.9 came in 2021."""
    assert "I21.9" in codes(heart.on("2020-10-01").search("infarction unspecified"))
    assert "I21.9" not in codes(heart.on("2019-10-01").search("infarction unspecified"))


def test_titles_are_those_of_the_day(cm):
    """M54.5 was a code until October 2021, and heads others since."""
    assert "M54.5" == cm.on("2021-09-30").search("low back pain")[0].code
    assert "M54.50" == cm.on("2021-10-01").search("low back pain")[0].code


def test_codes_that_differ_by_the_encounter_share_their_words(tmp_path, monkeypatch):
    """The first encounter answers, unless another one is asked for."""
    from terminology.search import entries

    monkeypatch.setattr(entries, "SHARED_SUFFIX", 1)
    files = written(tmp_path / "files", {"icd10cm_order_2022.txt": order_file(HIP)})
    terminology.load(files, store=tmp_path / "store", loaders={"icd10cm": Icd10cmLoader()})
    edition = terminology.open(tmp_path / "store")["icd10cm"].latest
    assert "S72.0A" == edition.search("neck of femur fracture")[0].code
    assert "S72.0S" == edition.search("neck of femur fracture sequela")[0].code
    assert "S72.0B" == edition.search("open fracture neck femur")[0].code
    assert {"S72.0A", "S72.0B", "S72.0S"} == set(codes(edition.search("neck of femur fracture")))


# ---- the index


def test_a_reference_of_the_index_is_followed(heart):
    """The index says of a heart attack: see infarct, myocardium."""
    hits = {hit.code: hit for hit in heart.release("2021").search("attack heart", synonyms=())}
    assert "I21.9" in hits


def test_a_term_of_the_index_names_its_file_and_path(heart):
    """What matched is shown as the index prints it, with its line."""
    hit = heart.release("2021").search("drop attack")[0]
    assert ("R55", "index", "Attack, attacks > drop NEC", None) == (hit.code, hit.matched, hit.term, hit.borrowed)
    assert ("Index.xml", "2021", 14) == (hit.source.file, hit.source.version, hit.source.line)


def test_a_term_that_sends_the_coder_away_leads_nowhere():
    """Who reads "see condition" to look up the condition; that is not the term of that name, which an index may have."""
    index = References()
    index.add(0, "Condition", ["D75.9"], None)
    index.add(0, "Disease", ["D75.9"], None)
    assert ([], ["D75.9"]) == (index.codes_of("condition"), index.codes_of("disease"))


def test_a_release_without_index_borrows_the_nearest_and_says_so(heart):
    """The words are those of 2021, the codes are checked in 2020."""
    hit = heart.on("2019-11-01").search("drop attack")[0]
    assert ("R55", "2021", "2021") == (hit.code, hit.borrowed, hit.source.version)
    assert heart.release("2021").search("drop attack")[0].borrowed is None
    assert "R55" not in codes(heart.release("2022").search("drop attack"))


def test_only_releases_that_are_known_lend_their_index(heart):
    """Whoever knows nothing after 2020 has no index."""
    assert () == heart.on("2019-11-01", known="2020").search("drop attack")


def test_what_was_split_since_a_borrowed_index_counts_for_less(tmp_path):
    """The index of 2021 leads to I21.3, from which I21.9 was split in 2022: that is what a heart attack is."""
    index = HEART.replace(b"<code>I21.9</code>", b"<code>I21.3</code>").replace(b"<version>2022", b"<version>2021")
    files = {
        "icd10cm_order_2021.txt": order_file(sorted(OLDER_ROWS)),
        "icd10cm_order_2022.txt": order_file(
            sorted([*OLDER_ROWS, ("I219", True, "Acute myocardial infarction, unspecified")])
        ),
        "Index.xml": index,
        "ICD-10-CM-Conversion-Table-FY2022.csv": CONVERSION,
    }
    report = terminology.load(written(tmp_path / "files", files), store=tmp_path / "store")
    assert report.ok, report.errors
    cm = terminology.open(tmp_path / "store")["icd10cm"]
    assert "I21.3" == cm.release("2021").search("heart attack")[0].code
    newer = cm.release("2022").search("heart attack")
    assert "I21.9" == newer[0].code
    assert "2021" == {hit.code: hit.borrowed for hit in newer}["I21.3"]


# ---- several systems


def test_several_systems_are_searched_at_once(store):
    """The best of all come first, each with its system."""
    hits = store.search("insulin", limit=50)
    assert hits
    assert {hit.system for hit in store.search("insulin", ["ICD-10-CM", "hcpcs"], 50)} <= {"icd10cm", "hcpcs"}
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_a_system_that_is_not_there_is_an_error(store):
    """As everywhere."""
    with pytest.raises(UnknownSystemError):
        store.search("pain", ["snomed"])


@pytest.mark.parametrize(
    ("system", "text", "code"),
    [
        ("hcpcs", "insulin", "J1815"),
        ("icd9cm", "diabetes", "250.00"),
        ("icd10pcs", "bypass cerebral ventricle", "0016070"),
    ],
)
def test_other_systems_are_searched_by_their_own_words(store, system, text, code):
    """HCPCS by both descriptions, ICD-9-CM by titles, ICD-10-PCS by titles and index."""
    hits = store[system].latest.search(text)
    assert hits, [(one, store[system].latest.title(one)) for one in list(store[system].latest)[:20]]
    assert code in codes(hits)


# ---- licensed texts


def test_licensed_words_are_searched_inside_and_not_for_outsiders(store):
    """Who guesses words of a descriptor learns nothing; a code as typed is no word."""
    edition = store["cpt"].latest
    code = next(iter(edition))
    title = edition.title(code)
    assert code in codes(edition.search(title))
    assert () == edition.search(title, outgoing=True)
    assert [code] == codes(edition.search(code, outgoing=True))
    assert not {hit.system for hit in store.search(title, outgoing=True)} & {"cpt", "icd10", "icd10gm"}


def test_declared_licences_open_the_words(sample_store):
    """As for all other answers."""
    edition = terminology.open(sample_store, licences=("cpt",))["cpt"].latest
    title = edition.title(next(iter(edition)))
    assert edition.search(title, outgoing=True)


# ---- the command


def printed(capsys, *words):
    """Exit code and standard output of a command."""
    code = run(list(words))
    return code, capsys.readouterr().out


def test_the_command_prints_codes_and_what_matched(folder, capsys):
    """A line a code, below it what is not its title, and at the end what is borrowed."""
    code, out = printed(capsys, "search", "icd10cm", "drop attack", "--on", "2019-11-01", "--store", str(folder))
    assert 0 == code
    assert "R55" in out
    assert "index: Attack, attacks > drop NEC" in out
    assert "some terms are those of release 2021, because 2020 came without them" in out


def test_the_command_answers_in_json(folder, capsys):
    """Keys of the contract first."""
    code, out = printed(capsys, "search", "icd10cm", "infarction", "--json", "--limit", "1", "--store", str(folder))
    (hit,) = json.loads(out)
    assert 0 == code
    assert ["code", "title", "billable", "score", "matched"] == list(hit)[:5]


def test_the_command_says_that_it_found_nothing(folder, capsys):
    """Exit code 1: the answer is no."""
    assert (1, "[]\n") == printed(capsys, "search", "icd10cm", "zzzzzz", "--json", "--store", str(folder))
    assert 2 == run(["search", "icd10cm", "?!", "--store", str(folder)])


def test_the_command_searches_several_systems(sample_store, capsys):
    """All of them, or those that are named."""
    _, out = printed(capsys, "search", "icd10cm,hcpcs", "insulin", "--store", str(sample_store))
    assert "hcpcs J1815" in out
    code, _ = printed(capsys, "search", "all", "insulin", "--store", str(sample_store))
    assert 0 == code


# ---- the store


def names(folder):
    """Names of the files of the search index of ICD-10-CM in the pointer."""
    files = read_catalog(StoreFolder(folder)).systems["icd10cm"].files
    return {name: file for name, file in files.items() if name.startswith(SEARCH)}


def without_index(folder):
    """Publish the store as a version without search has published it."""
    from terminology.store.pointer import write_catalog

    store = StoreFolder(folder)
    catalog = read_catalog(store)
    entries = {
        system: entry._replace(files={name: file for name, file in entry.files.items() if not name.startswith(SEARCH)})
        for system, entry in catalog.systems.items()
    }
    write_catalog(store, catalog._replace(systems=entries))


@pytest.fixture
def own(tmp_path):
    """A store of one release that a test may spoil."""
    files = written(tmp_path / "files", {"icd10cm_order_2021.txt": order_file(HEART_ROWS)})
    terminology.load(files, store=tmp_path / "store", loaders={"icd10cm": Icd10cmLoader()})
    return tmp_path / "store"


def test_the_index_is_compiled_with_the_release_and_verified(own):
    """Its files are named by the pointer, and damage of one is found."""
    assert () == verify(StoreFolder(own))
    path = own / "compiled" / names(own)["search-postings"].name
    path.chmod(0o600)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    assert any(path.name in finding.file for finding in verify(StoreFolder(own)))


def test_a_damaged_index_is_an_error_of_the_store_and_of_no_other_answer(own):
    """A status does not need it."""
    file = names(own)["search-words"]
    path = own / "compiled" / file.name
    start, length = file.columns["word"]["buffers"][2]
    path.chmod(0o600)
    data = bytearray(path.read_bytes())
    data[start : start + length] = b"x" * length
    path.write_bytes(data)
    edition = terminology.open(own)["icd10cm"].latest
    assert edition.is_billable("I21.9")
    with pytest.raises(StoreDamagedError):
        edition.search("infarction")


def test_a_store_that_was_compiled_without_is_searched_all_the_same(own):
    """The index is made in memory then, and answers the same."""
    before = terminology.open(own)["icd10cm"].latest.search("infarct")
    without_index(own)
    assert not names(own)
    assert before == terminology.open(own)["icd10cm"].latest.search("infarct")


def test_the_next_load_adds_the_index_that_a_store_lacks(own, tmp_path):
    """The same bytes as before: files with the same names."""
    before = names(own)
    without_index(own)
    report = terminology.load(tmp_path / "files", store=own, loaders={"icd10cm": Icd10cmLoader()})
    assert report.ok
    assert before == names(own)


def test_an_index_that_nothing_names_is_swept(own, tmp_path):
    """Two publications later its files are gone."""
    former = {own / "compiled" / file.name for file in names(own).values()}
    for year in (2022, 2023):
        rows = order_file([*HEART_ROWS, ("Z00", True, f"Examination of {year}")])
        files = written(tmp_path / str(year), {f"icd10cm_order_{year}.txt": rows})
        assert terminology.load(files, store=own, loaders={"icd10cm": Icd10cmLoader()}).ok
    kept = {own / "compiled" / file.name for file in names(own).values()}
    assert not any(path.exists() for path in former - kept - {own / "compiled" / f.name for f in before_files(own)})


def before_files(folder):
    """The search files of the publication before."""
    from terminology.store.pointer import publication

    store = StoreFolder(folder)
    former = publication(store, read_catalog(store).previous)
    return [file for name, file in former.systems["icd10cm"].files.items() if name.startswith(SEARCH)]


def test_a_rollback_brings_the_former_index(own, tmp_path):
    """What was published before answers again."""
    files = written(tmp_path / "next", {"icd10cm_order_2022.txt": order_file([*HEART_ROWS, ("Z00", True, "Novelty")])})
    terminology.load(files, store=own, loaders={"icd10cm": Icd10cmLoader()})
    assert ["Z00"] == codes(terminology.open(own)["icd10cm"].latest.search("novelty"))
    rollback(own)
    assert () == terminology.open(own)["icd10cm"].latest.search("novelty")


def test_the_same_files_in_any_order_make_the_same_index(folder, tmp_path):
    """Names of compiled files are checksums, so equal names are equal bytes."""
    place = folder.parent / "files"
    for file in sorted(place.iterdir(), reverse=True):
        terminology.load(file, store=tmp_path / "store", loaders={"icd10cm": Icd10cmLoader()})
    assert {n: f.sha256 for n, f in names(folder).items()} == {
        n: f.sha256 for n, f in names(tmp_path / "store").items()
    }
