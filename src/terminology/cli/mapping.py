"""Commands about what codes become: translate, migrate, crosswalks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import click

from ..counts import counted
from ..model import Alternative, Crosswalk, Outcome, Step, Translation
from ..query import Terminology, engine_of
from ..query.corrections import CORRECTED
from ..systems import named
from ..wire import sent_crosswalk, sent_translation
from . import completion
from .drawing import print_table
from .options import (
    note_late_day,
    on_a_store,
    on_day,
    open_store,
    release_option,
    source_option,
    system_argument,
    target_option,
)
from .output import accepted_lines, gap_lines, say
from .printing import echo, style
from .running import FINE, NO
from .sections import command

BELOW: Final = "below the header"
"""The kind of a step from a header to the billable codes below it, in words."""
SHOWN: Final = 3
"""Rows of a correction that its step shows."""


@command()
@click.argument("code")
@source_option
@target_option
@click.option("--on", metavar="DATE", help="The day whose codes are wanted.  [default: the newest release]")
@click.option(
    "--crosswalk",
    "crosswalks",
    shell_complete=completion.crosswalks,
    metavar="NAME",
    multiple=True,
    help="Use this one only: gems, or a version of it, 'gems 2018'; given again, that one where the first does not hold CODE.",
)
@click.option("--inverted", is_flag=True, help="Read a map that was published in the other direction.")
@click.option("--billable", is_flag=True, help="Follow a header that a map leads to down to its billable codes.")
@click.option("--corrected", is_flag=True, help="Answer by what a later version of the map corrected.")
@on_a_store
def translate(
    *,
    code: str,
    source: str,
    target: str,
    on: str | None,
    crosswalks: tuple[str, ...],
    inverted: bool,
    billable: bool,
    corrected: bool,
    store: Path | None,
    as_json: bool,
) -> int:
    """Translate a code into another system.

    Shows all alternatives; codes joined by + are used together. What a map of former years gives is migrated to the day by what was published of each change since. Exit code 1 where there is nothing to translate
    CODE to, or nothing loaded says so.

    Example: terminology translate 250.00 --source icd9cm --target icd10cm
    """
    if corrected and inverted:
        raise click.UsageError("--corrected reads maps as they were published: use it without --inverted")
    opened = open_store(store)
    late = on_day(opened[target], on) if on and target in opened else None
    found = opened.translate(
        code,
        source=source,
        target=target,
        on=on,
        crosswalk=crosswalks or None,
        inverted=inverted,
        billable=billable,
        corrected=corrected,
    )
    if late:
        note_late_day(late, opened[target].releases[-1])
    if found.outcome is Outcome.UNKNOWN and not as_json:
        _note_other_ways(opened, source, target)
    found = sent_translation(found, (source, target), opened, opened.licences)
    say(found.to_dict(), lambda: _translation_lines(found), as_json=as_json)
    return FINE if found.outcome is Outcome.MAPPED else NO


def _note_other_ways(opened: Terminology, *names: str) -> None:
    """Say on standard error, where no crosswalk is between two systems, which there are from the one and to the other."""
    source, target = (one.name if (one := named(name)) else name for name in names)
    pairs = {(one.source_system, one.target_system) for one in opened.crosswalks if not one.is_succession}
    if source == target or (source, target) in pairs:
        return
    onward = " and ".join(sorted(other for one, other in pairs if one == source))
    back = " and ".join(sorted(one for one, other in pairs if other == target))
    ways = [f"from {source} to {onward}"] * bool(onward) + [f"from {back} to {target}"] * bool(back)
    there_are = f"there are crosswalks {' and '.join(ways)}" if ways else f"none from {source} or to {target} is loaded"
    echo(f"note: {there_are}", err=True)


@command()
@system_argument
@click.argument("code")
@release_option("--from", "before", "A", required=True, help="The release that the code was taken from.")
@release_option("--to", "after", "B", required=True, help="The release to migrate it to, later or earlier.")
@click.option("--billable", is_flag=True, help="Follow a header down to its billable codes.")
@on_a_store
def migrate(
    *, system: str, code: str, before: str, after: str, billable: bool, store: Path | None, as_json: bool
) -> int:
    """Migrate a code to another release.

    Shows what CODE of release A is in release B, step by step, with the publication of each. Exit code 1 where nothing follows it, or nothing loaded says so.

    Example: terminology migrate icd10cm M54.5 --from 2021 --to 2022
    """
    opened = open_store(store)
    for version, way in ((before, "--source {other} --target {system}"), (after, "--source {system} --target {other}")):
        if other := named(version):
            use = way.format(system=system, other=other.name)
            raise click.UsageError(
                f"{version} is a code system, not a release of {system}; use translate, as in translate {code} {use}"
            )
    found = opened[system].migrate(code, before, after, billable=billable)
    found = sent_translation(found, (system,), opened, opened.licences)
    say(found.to_dict(), lambda: _translation_lines(found), as_json=as_json)
    return FINE if found.outcome is Outcome.MAPPED else NO


@command()
@click.option("--verbose", is_flag=True, help="Show the warnings of each too.")
@on_a_store
def crosswalks(*, verbose: bool, store: Path | None, as_json: bool) -> int:
    """List the loaded crosswalks.

    Example: terminology crosswalks
    """
    from ..query.migration import unlinked

    opened = open_store(store)
    listed = [sent_crosswalk(crosswalk, opened.licences) for crosswalk in opened.crosswalks]
    if as_json:
        say([crosswalk.to_dict() for crosswalk in listed], list, as_json=True)
        return FINE
    print_table(
        ["crosswalk", "version", "from", "to", "effective", "mappings", "files", "note"],
        [
            [
                c.names[-1],
                c.version,
                c.source_system,
                c.target_system,
                c.effective,
                c.mappings,
                len(c.sources),
                _note(c),
            ]
            for c in listed
        ],
        spare=("files", "effective", "note", "mappings"),
    )
    for crosswalk in listed:
        for line in accepted_lines(crosswalk.label, crosswalk.faults):
            echo(line)
        for warning in crosswalk.warnings if verbose else ():
            echo(f"{style('warning', fg='yellow')} {crosswalk.label}: {warning}")
    systems = [engine_of(code_system.latest).system for code_system in opened.values()]
    for line in gap_lines(gap for system in systems for gap in unlinked(system)):
        echo(line)
    if not verbose and any(crosswalk.warnings for crosswalk in listed):
        echo(style("warnings: --verbose shows them", dim=True))
    return FINE


def _note(crosswalk: Crosswalk) -> str:
    return counted(len(crosswalk.warnings), "warning") if crosswalk.warnings else ""


def _translation_lines(found: Translation) -> Iterator[str]:
    if found.alternatives:
        yield style(found.code, bold=True)
    else:
        yield f"{found.code}  {style(str(found.outcome), fg='red')} — {found.reason}"
    for alternative in found.alternatives:
        yield f"  {_alternative_line(alternative)}"
        yield from (f"      {_step_line(step)}" for step in alternative.path)
    yield from (f"      {_step_line(step)}" for step in found.path)
    if removed := _removed_only(found):
        yield f"  {removed}"
    if found.split_off:
        yield f"  {found.code} stays; {', '.join(found.split_off)} took over a part of what it meant"
    if found.alternatives and found.reason:
        yield f"  {style('incomplete', fg='yellow')}: {found.reason}"


def _alternative_line(alternative: Alternative) -> str:
    codes = style(" + ".join(alternative.codes), fg="green")
    approximate = ", approximate" if alternative.approximate else ""
    header = ", not billable" if alternative.billable is False else ""
    # the kind is that of the way: a header that was one all the time has not become one
    was_header = alternative.kind == "to_header" and all(map(_is_below, _steps_to_codes(alternative)))
    kind = BELOW if was_header else alternative.kind
    return f"{codes}  {kind}, {alternative.relationship}{approximate}{header}"


def _steps_to_codes(alternative: Alternative) -> Iterator[Step]:
    return (step for step in alternative.path if step.kind == "to_header")


def _is_below(step: Step) -> bool:
    """Return whether a step only leads from a header to the codes below it, rather than that a code became a header."""
    return step.kind == "to_header" and step.effective is None and step.crosswalk is None


def _step_line(step: Step) -> str:
    reached = " + ".join(step.to_codes) or "nothing"
    words = [f"{BELOW if _is_below(step) else step.kind}: {' + '.join(step.from_codes) or 'nothing'} → {reached}"]
    if step.effective:
        words.append(f"on {step.effective}")
    if step.crosswalk:
        words.append(f"by {step.crosswalk}{', inverted' if step.inverted else ''}")
    if step.source:
        line = f":{step.source.line}" if step.source.line else ""
        words.append(f"({step.source.file}{line})")
    if step.detail.get("code_is_used_again"):
        words.append(f"— {' + '.join(step.from_codes)} now means something else")
    correction = step.detail.get("correction", {})
    if step.crosswalk and step.crosswalk == correction.get("by"):
        removed = _removed(correction)
        words.append(f"— {correction['of']} has {removed} instead" if removed else f"— {correction['of']} lacks this")
    return " ".join(words)


def _removed_only(found: Translation) -> str | None:
    """Return what a later version of a map no longer has, where that is all that it corrected; else None."""
    steps = [step for alternative in found.alternatives for step in alternative.path]
    corrections = [step.detail["correction"] for step in steps if "correction" in step.detail]
    if not corrections or any(step.kind == CORRECTED for step in steps):
        return None
    return f"{corrections[0]['by']} no longer has {_removed(corrections[0])}"


def _removed(correction: Mapping[str, Any]) -> str:
    """Return what a later version no longer has, the first of it with file and line."""
    removed = [_published(one) for one in correction["removed"]]
    more = f" and {len(removed) - SHOWN:,} more" if len(removed) > SHOWN else ""
    return f"{', '.join(removed[:SHOWN])}{more}"


def _published(row: Mapping[str, Any]) -> str:
    """Return codes with the file and line that has them."""
    place = f" ({row['file']}{':' if row['line'] else ''}{row['line'] or ''})" if row["file"] else ""
    return f"{' + '.join(row['to']) or 'nothing'}{place}"
