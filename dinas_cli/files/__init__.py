"""Files of any kind: atomic writes, strict readers of foreign formats."""
