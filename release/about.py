#!/usr/bin/env python3
"""Writes what a release says about itself into a folder that holds its files.

about.py FOLDER VERSION REVISION EPOCH

sbom.cdx.json        CycloneDX 1.5: the packages of operator/packages.lock.json, with their hashes and licences
THIRD-PARTY.md       the licences of these packages and of .NET
SHA256SUMS           checksums of all files
provenance.json      an in-toto statement (SLSA provenance v1), not signed: which commit the files were made of

The same commit and the same files give the same bytes. Licences are read from the packages in NuGet's folder.
"""
import base64
import hashlib
import json
import os
import re
import sys
import uuid
from datetime import datetime, timezone
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
NUGET = Path(os.environ.get("NUGET_PACKAGES", Path.home() / ".nuget" / "packages"))
# Packages of the build only: nothing of them is in the image.
BUILD_ONLY = {"Microsoft.CodeAnalysis.BannedApiAnalyzers"}


def nuspec(name, version):
    file = NUGET / name.lower() / version / f"{name.lower()}.nuspec"
    if not file.exists():
        sys.exit(f"about: {file} is missing: run `make build` first")
    tree = ElementTree.parse(file)
    return {re.sub(r"\{.*\}", "", e.tag): e for e in tree.iter()}


def licence(name, version):
    """The SPDX expression of a package, or None if it only names a file or an address."""
    element = nuspec(name, version).get("license")
    return element.text.strip() if element is not None and element.get("type") == "expression" else None


def licence_file(name, version):
    """The name of the licence's file in a package, or its address."""
    fields = nuspec(name, version)
    element = fields.get("license")
    address = fields.get("licenseUrl")
    return element.text if element is not None else address.text if address is not None else None


def packages():
    lock = json.loads((ROOT / "operator" / "packages.lock.json").read_text())
    found = {}
    for framework in lock["dependencies"].values():
        for name, one in framework.items():
            if one["type"] != "Project" and name not in BUILD_ONLY:
                found[name] = one
    return [(name, one["resolved"], one["contentHash"], sorted(one.get("dependencies", {})))
            for name, one in sorted(found.items(), key=lambda pair: pair[0].lower())]


def purl(name, version):
    return f"pkg:nuget/{name}@{version}"


def sbom(version, time, found):
    versions = {name: resolved for name, resolved, _, _ in found}
    product = f"pkg:github/mail-operator@{version}"
    components = []
    for name, resolved, content, _ in found:
        expression = licence(name, resolved)
        licences = [{"expression": expression}] if expression else [
            {"license": {"name": licence_file(name, resolved) or "unknown"}}]
        components.append({
            "type": "library", "bom-ref": purl(name, resolved), "name": name, "version": resolved,
            "purl": purl(name, resolved), "licenses": licences,
            "hashes": [{"alg": "SHA-512", "content": base64.b64decode(content).hex()}]})
    depends = [{"ref": product, "dependsOn": [c["bom-ref"] for c in components]}] + [
        {"ref": purl(name, resolved),
         "dependsOn": [purl(other, versions[other]) for other in needs if other in versions]}
        for name, resolved, _, needs in found]
    body = {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {"timestamp": time, "component": {
            "type": "application", "bom-ref": product, "name": "mail-operator", "version": version,
            "licenses": [{"expression": "Apache-2.0"}]}},
        "components": components, "dependencies": depends}
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(body, sort_keys=True))
    return {**body, "serialNumber": f"urn:uuid:{serial}"}


def third_party(found):
    lines = ["# Licences of what Mail Operator contains", "",
             "The image also holds .NET (MIT) and the libraries of its base image.", "",
             "| package | version | licence |", "|---|---|---|"]
    for name, resolved, _, _ in found:
        text = licence(name, resolved) or f"see `{licence_file(name, resolved)}` of the package"
        lines.append(f"| {name} | {resolved} | {text} |")
    return "\n".join(lines) + "\n"


def digest(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


def provenance(revision, time, subjects):
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name, "digest": {"sha256": value}} for name, value in subjects],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": "make release",
                "externalParameters": {"target": "release"},
                "resolvedDependencies": [{"name": "source", "digest": {"gitCommit": revision}}] + [
                    {"name": name, "digest": {"sha256": digest(ROOT / name)}}
                    for name in ("operator/packages.lock.json", "operator/Dockerfile", "global.json")]},
            "runDetails": {"builder": {"id": "release/release.sh"}, "metadata": {"finishedOn": time}}}}


def main(folder, version, revision, epoch):
    folder = Path(folder)
    time = datetime.fromtimestamp(int(epoch), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    found = packages()
    (folder / "sbom.cdx.json").write_text(json.dumps(sbom(version, time, found), indent=2) + "\n")
    (folder / "THIRD-PARTY.md").write_text(third_party(found))
    own = {"SHA256SUMS", "provenance.json"}
    subjects = [(str(file.relative_to(folder)), digest(file))
                for file in sorted(folder.rglob("*")) if file.is_file() and file.name not in own]
    (folder / "SHA256SUMS").write_text("".join(f"{value}  {name}\n" for name, value in subjects))
    (folder / "provenance.json").write_text(json.dumps(provenance(revision, time, subjects), indent=2) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit("usage: about.py FOLDER VERSION REVISION EPOCH")
    main(*sys.argv[1:])
