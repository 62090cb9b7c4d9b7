"""Tests of programs as trainers."""
