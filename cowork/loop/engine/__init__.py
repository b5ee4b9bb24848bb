"""The loop: a state machine that lets agents work until what was asked is provably done."""
