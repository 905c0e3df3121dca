#!/usr/bin/env python3
"""Validates every shipped scenario against the JSON Schema, and checks that the schema refuses what the loader refuses.

Usage: schema_check.py SOURCE_DIR PROGRAM. With it, a host as PROGRAM's probe prints it is valid as well. Exits with 77, which CTest takes for "skipped", without python3-jsonschema.
"""
import copy
import json
import pathlib
import subprocess
import sys

try:
    import jsonschema
except ImportError:
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)

root = pathlib.Path(sys.argv[1])
schema = json.loads((root / "scenarios/schema/scenario.schema.json").read_text(encoding="utf-8"))
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
failures = 0

files = sorted((root / "scenarios").glob("*.json"))
for file in files:
    for error in validator.iter_errors(json.loads(file.read_text(encoding="utf-8"))):
        failures += 1
        print(f"{file.name}: {error.json_path}: {error.message[:200]}")

base = json.loads((root / "scenarios/outbound-exhaustion.json").read_text(encoding="utf-8"))


def changed(path, value):
    scenario = copy.deepcopy(base)
    node = scenario
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return scenario


load = ("workloads", "load")
wrong = {
    "an unknown key": changed(load + ("conections",), 5),
    "a negative count": changed(load + ("connections",), -1),
    "a count that cannot be served": changed(load + ("connections",), 10**15),
    "a unit that is none": changed(load + ("hold",), "60 parsecs"),
    "a fraction": changed(load + ("connections",), 1.5),
    "two arrival processes": changed(load + ("arrivals",), {"rate": 1, "poisson": 1}),
    "a missing destination": changed(load + ("to",), []),
    "another version": changed(("netlimits",), 2),
    "a word for later": changed(("hosts", "client", "memory"), "1GiB"),
    "a comparison too many": changed(("expect",), [{"name": "n", "at": "/seed", "equals": 1, "at_most": 1}]),
}
for name, scenario in wrong.items():
    if validator.is_valid(scenario):
        failures += 1
        print(f"the schema takes {name}")

for probe in ([], ["--from", str(root / "tests/scenarios/collected/web-server")]):
    host = json.loads(subprocess.run([sys.argv[2], "probe", "--format", "json", *probe], check=True,
                                     capture_output=True, text=True).stdout)
    for error in validator.iter_errors(changed(("hosts", "machine"), host)):
        failures += 1
        print(f"probe {probe}: {error.json_path}: {error.message[:200]}")

print(f"{len(files)} scenarios, {len(wrong)} wrong ones, {failures} failures")
sys.exit(1 if failures or not files else 0)
