"""Decoder-only language models of HW-GPT-Bench, in what its three sizes have in common."""
