"""The JSON Schema of records, for other programs; :func:`.schema.from_dict` accepts and refuses the same."""

from __future__ import annotations

import sys
from typing import Any

from dinas_cli.architectures.schema import RELATIONS, SCHEMA, SOURCES

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def record_schema() -> dict[str, Any]:
    """The schema (draft 2020-12) of one record; members that it does not name are allowed: readers pass over them."""
    objects = {"type": ["object", "null"]}
    return {
        "$schema": DRAFT,
        "title": SCHEMA,
        "description": "One architecture with what is known about it: a line of JSON Lines.",
        "type": "object",
        "required": ["schema", "space", "genotype"],
        "properties": {
            "schema": {"const": SCHEMA},
            "id": {"type": ["string", "null"], "description": "Equal for architectures that compute the same."},
            "space": {"type": "string", "minLength": 1, "description": "The search space, as dinas spaces lists it."},
            "genotype": {"type": "string", "minLength": 1, "description": "In any dialect of its space."},
            "metrics": {
                "type": ["object", "null"],
                "description": "By column key: acc@cifar10, latency/fpga@cifar10.",
                "additionalProperties": {"$ref": "#/$defs/metric"},
            },
            "networks": {**objects, "description": "By column key, the network that costs are about."},
            "request": {**objects, "description": "What was asked for; absent members ask for nothing."},
            "provenance": {**objects, "description": "Checkpoint, seed, index, version of what was generated."},
        },
        "$defs": {
            "metric": {
                "type": "object",
                "required": ["value"],
                "if": {"properties": {"value": {"type": "null"}}},
                "then": {"description": "The benchmark has no value here."},
                "else": {
                    "required": ["unit", "source"],
                    "properties": {
                        "value": {"type": "number", "minimum": -sys.float_info.max, "maximum": sys.float_info.max},
                        "unit": {"type": "string"},
                        "source": {"enum": list(SOURCES), "description": "Where the value comes from."},
                    },
                },
                "description": "Further members say more of the value, such as kendall_tau, probability or bound "
                f"({' or '.join(RELATIONS)}: the true one lies beyond).",
            }
        },
    }
