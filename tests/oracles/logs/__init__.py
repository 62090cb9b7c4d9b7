"""Formats of measuring tools."""
