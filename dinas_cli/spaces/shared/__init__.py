"""What several search spaces share: the protocol, and forms of cells, texts, networks."""
