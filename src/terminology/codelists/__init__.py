"""Lists of codes that people keep: resolved, carried to another release, checked against one."""
