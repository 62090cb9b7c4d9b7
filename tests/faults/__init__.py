"""Faults of the machine: kills, full disks, folders and homes that are missing, odd locales."""
