"""What answers the metrics of an architecture: tables, closed forms, surrogates, measurements."""
