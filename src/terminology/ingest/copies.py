"""Copies of releases beside the publisher's own files: the files of the publisher make the releases that they can."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import define, evolve, field

from ..drafts import Assembly, Draft, Loader, Part, Read
from ..model import Gap
from ..reading import ReadableFile
from ..systems import SystemDefinition


@define
class LoaderWithCopies:
    """The loader of a system, with those that read copies of its releases; it assembles what all of them have read."""

    own: Loader
    copies: Mapping[str, Loader]
    """By name."""
    definition: SystemDefinition = field(init=False)
    format_number: int = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.definition, self.format_number = self.own.definition, self.own.format_number

    def read(self, file: ReadableFile) -> Read:
        """Return what the system's own loader reads."""
        return self.own.read(file)

    def assemble(self, parts: Sequence[Part]) -> Assembly:
        """Return the releases of the publisher's files, and those that only copies have."""
        made = self.own.assemble([part for part in parts if part.loader not in self.copies])
        for name, loader in self.copies.items():
            made = _with_copies(made, loader.assemble([part for part in parts if part.loader == name]))
        return made


def _with_copies(made: Assembly, copies: Assembly) -> Assembly:
    versions = {draft.version for draft in made.drafts}
    days = {(draft.effective, draft.correction) for draft in made.drafts}
    added, unused = [], []
    for draft in copies.drafts:
        if draft.version in versions or (draft.effective, draft.correction) in days:
            why = f"release {draft.version} is made of other files, those of its publisher"
            unused += [(part, why) for part in draft.parts]
        else:
            added.append(draft)
    drafts = tuple(sorted((*made.drafts, *added), key=lambda draft: (draft.effective, draft.correction)))
    return evolve(
        made,
        drafts=drafts,
        gaps=tuple(gap for gap in (*made.gaps, *copies.gaps) if not _is_filled(gap, drafts)),
        refused=(*made.refused, *copies.refused),
        unused=(*made.unused, *copies.unused, *unused),
    )


def _is_filled(gap: Gap, drafts: Sequence[Draft]) -> bool:
    """Return whether there is a release between the two that a gap lies between."""
    versions = [draft.version for draft in drafts]
    places = [versions.index(version) for version in (gap.after, gap.before) if version in versions]
    return len(places) == 2 and places[1] - places[0] > 1  # noqa: PLR2004 -- a gap has two ends
