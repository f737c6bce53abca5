"""Reads each note of a vault as any reader of front matter would, and prints it as a line of JSON:
what lies between the first two lines "---", as YAML, and what follows."""
import json
import pathlib
import sys

import yaml

for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    text = path.read_bytes().decode("utf-8")
    _, front, body = text.split("---\n", 2)
    print(json.dumps({"name": path.name, "front": yaml.safe_load(front), "body": body}))
