"""The command schema."""

from __future__ import annotations

import click

from ..counts import counted
from .printing import echo, echo_json
from .running import FINE
from .sections import command


@command()
@click.argument("name", required=False)
def schema(*, name: str | None) -> int:
    """Print the JSON Schema of an answer.

    NAME is that of an answer that a command prints with --json; without it, all names are listed with their commands. The schema is that of this version of the program.

    Example: terminology schema lookup
    """
    from ..schemas import PRINTED_BY, answer_names, definitions, json_schema

    if name is not None:
        echo_json(json_schema(name))
        return FINE
    names = answer_names()
    width = max(map(len, names))
    for one in names:
        echo(f"{one:<{width}}  {', '.join(definitions()[one][PRINTED_BY])}")
    echo(f"{counted(len(names), 'answer')}; terminology schema NAME prints the schema of one")
    return FINE
