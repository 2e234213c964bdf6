#!/usr/bin/env python3
"""Derives go-fields.json.gz: which Go type each API field has and when encoding/json writes it.

Neither OpenAPI nor the .proto files say whether a field is a pointer or carries omitempty, but what a server answers
depends on it: a zero in a pointer is kept, elsewhere dropped; a struct that is no pointer is always written.

Usage: go-fields.py OUT.json.gz MODULE=CHECKOUT@TAG ...     e.g. k8s.io/api=../api@v0.36.2
"""
import gzip, json, re, subprocess, sys

PREFIX = {"k8s.io/api": "io.k8s.api", "k8s.io/apimachinery": "io.k8s.apimachinery",
          "k8s.io/apiextensions-apiserver": "io.k8s.apiextensions-apiserver", "k8s.io/kube-aggregator": "io.k8s.kube-aggregator"}


def git(repo, *args):
    return subprocess.run(["git", "-C", repo, *args], check=True, capture_output=True, text=True).stdout


def files(module, repo, tag):
    for path in git(repo, "ls-tree", "-r", "--name-only", tag).splitlines():
        folder, _, name = path.rpartition("/")
        if not re.search(r"/(v\d+\w*|resource|intstr|runtime)$", "/" + folder) or "testing" in folder or "/pkg/client" in "/" + folder:
            continue
        if name.endswith("_test.go") or name.startswith("zz_") or name.startswith("generated") or not name.endswith(".go"):
            continue
        yield folder, git(repo, "show", f"{tag}:{path}")


def main(out, *modules):
    types, named = {}, {}
    for spec in modules:
        module, rest = spec.split("=")
        repo, tag = rest.split("@")
        for folder, text in files(module, repo, tag):
            package = PREFIX[module] + "." + folder.replace("/", ".")
            short = folder.rpartition("/")[2]
            imports = {}
            for alias, path in re.findall(r'^\s*(?:import\s+)?(\w+)?\s*"([\w./-]+)"', text, re.M):
                imports[alias or path.rpartition("/")[2]] = path
            text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
            lines = [re.sub(r"^\s*//.*$", "", line) for line in text.splitlines()]
            current = None
            for line in lines:
                m = re.match(r"^(?:type\s+|\t)(\w+)\s+struct\s*{", line)
                if m and current is None:
                    current = (m.group(1), [])
                    if line.rstrip().endswith("}"):
                        types[package + "." + current[0]] = []
                        current = None
                    continue
                if current is not None:
                    if re.match(r"^\t?}", line) and not line.startswith("\t\t"):
                        types[package + "." + current[0]] = current[1]
                        current = None
                        continue
                    m = re.match(r'^\s*(?:(\w+)\s+)?(\S.*?)\s*`(.*)`', line)
                    if not m:
                        continue
                    tag_json = re.search(r'json:"([^"]*)"', m.group(3))
                    if not tag_json:
                        continue
                    name, *options = tag_json.group(1).split(",")
                    if name == "-":
                        continue
                    flags = ("i" if "inline" in options or (name == "" and not m.group(1)) else "") + \
                            ("o" if "omitempty" in options else "") + ("z" if "omitzero" in options else "")
                    go = m.group(2).strip()
                    def full(match):
                        word = match.group(0)
                        if "." in word:
                            alias, n = word.split(".")
                            path = imports.get(alias, alias)
                            for mod, pre in PREFIX.items():
                                if path.startswith(mod + "/"):
                                    return pre + path[len(mod):].replace("/", ".") + "." + n
                            return word
                        if word in ("string", "bool", "int", "int32", "int64", "float64", "byte", "map", "interface", "uint8", "uint16", "uint32"):
                            return word
                        return package + "." + word
                    go = re.sub(r"[A-Za-z_]\w*(?:\.\w+)?", full, go)
                    current[1].append([name, go, flags])
                else:
                    m = re.match(r"^type\s+(\w+)\s+(?:=\s*)?((?:\[\]|map\[[\w.]+\]|\*)*[\w.]+)\s*(?://.*)?$", line)
                    if m and m.group(2) not in ("interface", "struct"):
                        named[package + "." + m.group(1)] = m.group(2)
    used = " ".join(f[1] for fields in types.values() for f in fields)
    words = set(re.findall(r"io\.k8s[\w.-]+", used))
    named = {n: t for n, t in named.items() if n in words}
    about = {"what": "Go fields of Kubernetes API types: type -> [json name, Go type, flags: i inline, o omitempty, z omitzero]; "
                     "named: Go types that are not structs -> what they stand for",
             "source": " ".join(m.split("=")[0] + " " + m.split("@")[1] for m in modules), "licence": "Apache-2.0 (The Kubernetes Authors)"}
    doc = {"_about": about, "named": named, "types": dict(sorted(types.items()))}
    with open(out, "wb") as f:
        f.write(gzip.compress(json.dumps(doc, separators=(",", ":")).encode(), 9, mtime=0))
    print(len(types), "types", len(named), "named")


if __name__ == "__main__":
    main(*sys.argv[1:])
