"""Speed and memory, reported and never judged: `make bench`. Numbers of one run are compared with each other only."""
