"""Migrations and translations of every code of the packaged samples."""

from __future__ import annotations

from terminology import Terminology


def test_every_code_of_the_samples_goes_everywhere(store: Terminology) -> None:
    """Every code, header and node of every sample release is carried to every other one: in force there, or with a reason."""
    for system in store.values():
        versions = [release.version for release in system.releases]
        for before in versions:
            for code in system.release(before).table("concepts").column("code").to_pylist():
                for after in versions:
                    found = system.migrate(code, before, after)
                    assert found.alternatives or found.reason, (system.name, code, before, after)
                    target = system.release(after)
                    assert all(target.is_valid(other) for other in (*found.codes, *found.split_off))


def test_a_node_is_no_code(store: Terminology) -> None:
    """A prefix of ICD-10-PCS stands in the tree and is no code: nothing becomes of it."""
    found = store["icd10pcs"].migrate("0FT4", "2022", "2022-04")
    assert (str(found.outcome), found.reason) == ("unknown", "0FT4 is in no loaded release of icd10pcs")


def test_headers_of_a_retired_system(store: Terminology) -> None:
    """A header of ICD-9-CM, which had expired when the maps from it were published, is translated by the codes below it."""
    found = store.translate("250", source="icd9cm", target="icd10cm")
    assert found.alternatives
    assert {one.kind for one in found.alternatives} == {"to_header"}
    assert {one.path[0].from_codes for one in found.alternatives} == {("250",)}
