"""The conformance kits: what every loader and every crosswalk reader must keep, proved on its own samples.

A third party that writes a loader hands it over with a folder of small release files:

    from pathlib import Path
    import pytest
    from terminology.testing import CHECKS, check

    @pytest.mark.parametrize("name", CHECKS)
    def test_my_loader(name):
        check(name, MyLoader(), Path(__file__).parent / "samples")

`check_loader` runs all checks at once. For a crosswalk reader there are `CROSSWALK_CHECKS`, `check_crosswalk` and
`check_crosswalk_reader`. The strategies need the package ``hypothesis``.
"""

from .crosswalks import CROSSWALK_CHECKS, CrosswalkTrial, check_crosswalk, check_crosswalk_reader
from .loaders import CHECKS, Trial, check, check_loader
from .strategies import codes_of, days_of, near_misses_of
from .trial import ConformanceError, SampleTrial

__all__ = [
    "CHECKS",
    "CROSSWALK_CHECKS",
    "ConformanceError",
    "CrosswalkTrial",
    "SampleTrial",
    "Trial",
    "check",
    "check_crosswalk",
    "check_crosswalk_reader",
    "check_loader",
    "codes_of",
    "days_of",
    "near_misses_of",
]
