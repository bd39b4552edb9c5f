"""Published maps as answers: what replaced a code, and what it is in another system.

`rows` reads compiled maps, `ways` joins steps to alternatives, `lives` is what a walk asks of an edition, `succession`
walks through the releases of one system. Opening a store needs `rows` alone, so nothing is imported here.
"""
