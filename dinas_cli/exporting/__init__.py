"""Export: networks as files of their own, from records to sources, weights and graph files; never imports Typer."""
