"""What every page and report is made of: one style, one frame with its foot, captions, numbers, bars, tables of sources."""
