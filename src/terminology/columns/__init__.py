"""Tables that people bring: one reading of them for all commands, whatever form they have."""
