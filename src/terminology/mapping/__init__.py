"""Published maps as answers: what became of a code, and what it is in another system.

`rows` reads compiled maps, `ways` joins steps to alternatives, `lives` is what a walk asks of an edition, `succession`
walks through the releases of one system.
"""

from .lives import Lives, Standing
from .rows import MapRow, MapRows
from .succession import Walk
from .ways import LIMIT, Way, Ways, together, united

__all__ = ["LIMIT", "Lives", "MapRow", "MapRows", "Standing", "Walk", "Way", "Ways", "together", "united"]
