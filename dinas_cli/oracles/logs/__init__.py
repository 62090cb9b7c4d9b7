"""What measuring tools write about networks, one file per format; each reader returns the same plain costs."""
