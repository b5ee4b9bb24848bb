"""A run seen and steered from other processes: its requests, its status, its logs."""
