"""Published maps as answers: what became of a code, and what it is in another system.

`rows` reads compiled maps, `ways` joins steps to alternatives, `succession` walks through the releases of one system.
"""

from .rows import Mapping, MapRows
from .succession import Lives, Standing, Walk
from .ways import LIMIT, Way, Ways, together, united

__all__ = ["LIMIT", "Lives", "MapRows", "Mapping", "Standing", "Walk", "Way", "Ways", "together", "united"]
