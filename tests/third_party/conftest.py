"""The packages in this folder are somebody else's: they have tests of their own, run by the tests beside this file."""

collect_ignore = ["terminology-example-loader"]
