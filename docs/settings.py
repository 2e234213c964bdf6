#!/usr/bin/env python3
"""Writes docs/settings.md from the configuration metadata that a build leaves in each module. Run after a build."""
import glob
import json
import os

root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
lines = [
    "# Settings",
    "",
    "Every property of every service, written by `docs/settings.py` from the metadata of a build. In the environment a",
    "property is upper case, dots become underscores and dashes vanish: `quarterdeck.node.max-pods` is",
    "`QUARTERDECK_NODE_MAXPODS`. Spring Boot's own properties (`server.*`, `management.*`, `spring.datasource.*`,",
    "`spring.kafka.*`) hold as well.",
]
for path in sorted(glob.glob(os.path.join(root, "*/target/classes/META-INF/spring-configuration-metadata.json"))):
    module = os.path.relpath(path, root).split(os.sep)[0]
    properties = [p for p in json.load(open(path))["properties"] if p["name"].startswith("quarterdeck.")]
    if not properties:
        continue
    lines += ["", "## " + module, "", "| property | default | meaning |", "|---|---|---|"]
    for p in sorted(properties, key=lambda p: p["name"]):
        default = p.get("defaultValue", "")
        if isinstance(default, bool):
            default = str(default).lower()
        if isinstance(default, list):
            default = ", ".join(map(str, default))
        meaning = " ".join(p.get("description", "").split()).replace("|", "\\|")
        lines.append("| `%s` | %s | %s |" % (p["name"], "`%s`" % default if default != "" else "", meaning))
with open(os.path.join(root, "docs", "settings.md"), "w") as out:
    out.write("\n".join(lines) + "\n")
