#!/usr/bin/env python3
"""The engine's reader of JSON beside OpenSearch's own: whatever the engine accepts, OpenSearch must read as the same.

    reader.py VERSION COUNT SEED    the long mode, e.g. `reader.py 3.4.0 300000 7`; needs a build (WEIR_BINARY, or build/dev)

The engine is asked through weir_json_events; OpenSearch's parser through java/JsonEvents.java, on the jars of a node. The engine may
refuse what OpenSearch takes, never the other way round with another meaning."""
import collections
import importlib.machinery
import importlib.util
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import threading

import texts

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def extractor():
    """tests/ledger/extract as a module: it compiles and runs Java programs on the jars of a node."""
    loader = importlib.machinery.SourceFileLoader("ledger_extract", str(HERE.parent / "ledger" / "extract"))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    module = importlib.util.module_from_spec(spec)
    keep, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    loader.exec_module(module)
    sys.dont_write_bytecode = keep
    return module


def engine_command():
    binary = os.environ.get("WEIR_BINARY")
    build = pathlib.Path(binary).resolve().parent.parent if binary else ROOT / "build" / "dev"
    return [build / "tests" / "differential" / "weir_json_events"]


def answers(command, inputs):
    """The lines a program answers to the inputs, each framed by its length."""
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors)

        def feed():
            with process.stdin as out:
                for text in inputs:
                    out.write(struct.pack(">I", len(text)) + text)

        writer = threading.Thread(target=feed)
        writer.start()
        for _ in inputs:
            head = process.stdout.read(4)
            if len(head) < 4:
                break
            (size,) = struct.unpack(">I", head)
            yield process.stdout.read(size)
        writer.join()
        status = process.wait()
        errors.seek(0)
        assert status == 0, errors.read().decode(errors="replace")[-4_000:]


def compare(version, count, seed, work):
    """Counts of {"both", "neither", "engine refuses", "read otherwise"}, the codes of what only the engine refuses, and the texts that
    are read otherwise."""
    extract = extractor()
    extract.compile_java(HERE / "java" / "JsonEvents.java", work / "classes")
    inputs = list(texts.texts(count, seed))
    engine = answers(engine_command(), inputs)
    opensearch = answers(extract.java_command(version, work / "classes", "JsonEvents"), inputs)
    counts, codes, otherwise = collections.Counter(), collections.Counter(), []
    for text, ours, theirs in zip(inputs, engine, opensearch, strict=True):
        if ours.startswith(b"A"):
            same = ours == theirs
            counts["both" if same else "read otherwise"] += 1
            if not same:
                otherwise.append((text, ours, theirs))
        elif theirs.startswith(b"R"):
            counts["neither"] += 1
        else:
            counts["engine refuses"] += 1
            codes[ours[1:].decode()] += 1
    return counts, codes, otherwise


def report(version, counts, codes):
    total = sum(counts.values())
    return (f"OpenSearch {version}: {total} texts; accepted by both and read alike {counts['both']}; refused by both {counts['neither']}; "
            f"refused by the engine only {counts['engine refuses']} "
            f"({', '.join(f'{code} {number}' for code, number in codes.most_common())}); accepted by the engine and read otherwise "
            f"{counts['read otherwise']}")


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    version, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with tempfile.TemporaryDirectory() as work:
        counts, codes, otherwise = compare(version, count, seed, pathlib.Path(work))
    print(report(version, counts, codes))
    for text, ours, theirs in otherwise[:20]:
        print(f"read otherwise: {text[:300]!r}\n  engine     {ours[:300]!r}\n  OpenSearch {theirs[:300]!r}")
    sys.exit(1 if otherwise else 0)


if __name__ == "__main__":
    main()
