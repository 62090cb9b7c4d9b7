"""Requests in, records out: feasibility, sampling, checking; and the evaluation of records."""
