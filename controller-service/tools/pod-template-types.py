#!/usr/bin/env python3
"""Writes the Go types behind a pod template, in field order: what the template hash is made of.

  pod-template-types.py API_REPOSITORY APIMACHINERY_REPOSITORY TAG > pod-template-types.json

Both are git directories of kubernetes/api and kubernetes/apimachinery. The result maps a Go type to its fields
[Go name, Go type, JSON name] ("" for an embedded one), or to the Go kind behind a named scalar.
"""
import json
import re
import subprocess
import sys

FIELD = re.compile(r'^\t(?:(\w+) +)?([*\[\]\w.]+)\s*`json:"([^",]*)[^`]*`')
SCALARS = {'string', 'bool', 'int', 'int32', 'int64', 'uint8'}


def source(repository, tag, path):
    return subprocess.run(['git', '--git-dir', repository, 'show', tag + ':' + path],
                          check=True, capture_output=True, text=True).stdout


def types(text):
    out = {}
    name = None
    for line in text.split('\n'):
        start = re.match(r'^type (\w+) struct \{', line)
        alias = re.match(r'^type (\w+) (\w[\w.]*)$', line)
        if start:
            name = start.group(1)
            out[name] = []
        elif line.startswith('}'):
            name = None
        elif alias:
            out[alias.group(1)] = alias.group(2)
        elif name:
            field = FIELD.match(line)
            if field:
                go, typ, js = field.groups()
                out[name].append([go or typ.split('.')[-1].lstrip('*'), typ, js])
    return out


def main():
    api, machinery, tag = sys.argv[1:4]
    known = {'metav1.' + k: v for k, v in types(source(machinery, tag, 'pkg/apis/meta/v1/types.go')).items()}
    known.update({'corev1.' + k: v for k, v in types(source(api, tag, 'core/v1/types.go')).items()})
    out = {}

    def qualify(typ, home):
        prefix, base = re.match(r'^((?:\*|\[\]|map\[string\])*)(.+)$', typ).groups()
        if base in SCALARS:
            return prefix, base
        return prefix, base if '.' in base else home + '.' + base

    def printed(qualified):
        return re.sub(r'^(metav1|corev1)\.', 'v1.', qualified)

    def visit(qualified):
        shown = printed(qualified)
        if qualified in SCALARS or shown in out or qualified in ('resource.Quantity', 'intstr.IntOrString', 'metav1.Time', 'metav1.FieldsV1'):
            return
        if qualified == 'types.UID':
            out[shown] = 'string'
            return
        body = known[qualified]
        home = qualified.split('.')[0]
        if isinstance(body, str):
            if body in SCALARS:
                out[shown] = body
            else:
                # A map type such as ResourceList is a type of its own.
                out[shown] = 'map'
            return
        out[shown] = []
        for go, typ, js in body:
            prefix, base = qualify(typ, home)
            out[shown].append([go, prefix + printed(base), js])
            visit(base)

    known['corev1.ResourceList'] = 'map'
    visit('corev1.PodTemplateSpec')
    json.dump(out, sys.stdout, separators=(',', ':'), sort_keys=True)


main()
