"""The scheduler that lets twins beat by themselves, and how to have it run."""
