#!/usr/bin/env python3
"""Fills in what the pages of step kinds say about configuration, from the kinds' JSON Schemas.

  scripts/step-pages.py            brings the pages and the index up to date
  scripts/step-pages.py --check    names pages that are stale, missing or of no kind, and exits with 1
"""

import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SCHEMAS = ROOT / "Sources/BuiltinSteps/Schemas"
PAGES = ROOT / "extended/docs-site/steps"
INDEX = "index"

DURATION = re.compile(r"\(ns\|us\|.*\|h\)\)\+\$$")
CHOICE = re.compile(r"^\^\(((?:[\w/.-]+\|)*[\w/.-]+)\)\$$")


class PageError(Exception):
    pass


def resolve(schema, root):
    """Follows $ref; what stands beside it wins."""
    if "$ref" not in schema:
        return schema
    target = root
    for part in schema["$ref"].removeprefix("#").split("/")[1:]:
        target = target[part.replace("~1", "/").replace("~0", "~")]
    return {**resolve(target, root), **{key: value for key, value in schema.items() if key != "$ref"}}


def code(value):
    return f"`{value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}`"


def plural(word):
    return {"any": "anything"}.get(word, word + "s")


def type_of(schema, root):
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if not types:
        if "enum" in schema:
            return "string" if all(isinstance(value, str) for value in schema["enum"]) else "any"
        return "object" if "properties" in schema else "any"
    if types == ["array"]:
        return "list of " + plural(type_of(resolve(schema.get("items", {}), root), root))
    return " or ".join(types)


def limits_of(schema):
    """The default and what a value has to be besides of its type."""
    limits = []
    if "default" in schema:
        limits.append(f"default {code(schema['default'])}")
    if "enum" in schema:
        limits.append("one of " + " ".join(code(value) for value in schema["enum"] if value is not None))
    if "const" in schema:
        limits.append(f"always {code(schema['const'])}")
    pattern = schema.get("pattern")
    if pattern is not None:
        choice = CHOICE.match(pattern)
        if DURATION.search(pattern):
            limits.append("a duration: `30s`, `5m`, `1h30m`")
        elif choice:
            limits.append("one of " + " ".join(map(code, choice[1].split("|"))))
        else:
            limits.append(f"matches `{pattern}`")
    if "format" in schema:
        limits.append({"uri": "a URI", "email": "an e-mail address"}.get(schema["format"], schema["format"]))
    for key, noun in [("Length", "characters"), ("Items", ""), ("Properties", "")]:
        least, most = schema.get("min" + key), schema.get("max" + key)
        if least == 1 and key == "Length":
            limits.append("not empty")
        elif least:
            limits.append(f"at least {least} {noun}".strip())
        if most is not None:
            limits.append(f"at most {most} {noun}".strip())
    for key, sign in [("minimum", "≥"), ("exclusiveMinimum", ">"), ("maximum", "≤"), ("exclusiveMaximum", "<")]:
        if key in schema:
            limits.append(f"{sign} {schema[key]}")
    if schema.get("uniqueItems"):
        limits.append("each once")
    return limits


def rows(schema, root, path, seen):
    """A row for each field: path, type, whether it is required, limits, description."""
    schema = resolve(schema, root)
    if id(schema.get("properties")) in seen:
        return
    if "properties" in schema:
        seen = seen | {id(schema["properties"])}
    required = schema.get("required", [])
    fields = list(schema.get("properties", {}).items())
    others = next(iter(schema.get("patternProperties", {}).values()), schema.get("additionalProperties"))
    if isinstance(others, dict) and others:
        fields.append(("*name*", others))
    for name, field in fields:
        field = resolve(field, root)
        place = f"{path}.{name}" if path else name
        inner, limits = field, limits_of(field)
        suffix = ""
        while inner.get("type") == "array" and "items" in inner:
            suffix += "[]"
            inner = resolve(inner["items"], root)
            if not isinstance(inner, dict):
                raise PageError(f"{place}: items must be a schema")
        if suffix and "properties" not in inner:
            each = limits_of(inner)
            if each:
                limits.append("each " + ", ".join(each))
        if "description" not in field:
            raise PageError(f"{place} has no description")
        yield place, type_of(field, root), name in required, limits, field["description"]
        yield from rows(inner, root, place + suffix, seen)


def cell(text):
    """Text as it is in a table, where code in backticks is taken literally but for bars."""
    parts = re.split(r"(`[^`]*`)", text.replace("\n", " "))
    parts[::2] = [re.sub(r"([*_<\\])", r"\\\1", part) for part in parts[::2]]
    return "".join(parts).replace("|", "\\|")


def table(schema):
    lines = ["| field | type | | default, limits | |", "|---|---|---|---|---|"]
    for place, kind, required, limits, description in rows(schema, schema, "", frozenset()):
        name = place if "*name*" in place else f"`{place}`"
        need = "required" if required else ""
        lines.append(f"| {name} | {cell(kind)} | {need} | {cell('; '.join(limits))} | {cell(description)} |")
    return "No fields." if len(lines) == 2 else "\n".join(lines)


def index(schemas):
    lines = ["| kind | |", "|---|---|"]
    lines += [f"| [{kind}]({kind}.md) | {cell(schema['description'])} |" for kind, schema in schemas.items()]
    return "\n".join(lines)


def filled(text, marker, content):
    """The text with new content between `<!-- marker -->` and `<!-- end -->`."""
    pattern = re.compile(rf"(<!-- {marker} -->\n).*?(<!-- end -->)", re.DOTALL)
    if len(pattern.findall(text)) != 1:
        raise PageError(f"needs one line `<!-- {marker} -->` with a line `<!-- end -->` behind it")
    return pattern.sub(lambda match: match[1] + content + "\n" + match[2], text)


def main(arguments):
    if arguments not in ([], ["--check"]):
        sys.exit(__doc__.strip())
    schemas = {path.stem: json.loads(path.read_text()) for path in sorted(SCHEMAS.glob("*.json"))}
    complaints = []
    for kind in {page.stem for page in PAGES.glob("*.md")} - schemas.keys() - {INDEX}:
        complaints.append(f"{kind}.md: there is no such kind")
    for kind, schema in [*schemas.items(), (INDEX, None)]:
        page = PAGES / f"{kind}.md"
        try:
            if not page.exists():
                raise PageError("missing")
            text = page.read_text()
            if schema is None:
                new = filled(text, "kinds", index(schemas))
            else:
                if "description" not in schema:
                    raise PageError("the schema has no description")
                new = filled(text, "configuration", table(schema))
            if new != text and arguments:
                raise PageError("stale; run make docs")
            if new != text:
                page.write_text(new)
        except PageError as error:
            complaints.append(f"{page.name}: {error}")
    for complaint in sorted(complaints):
        print(f"step-pages: {complaint}", file=sys.stderr)
    return 1 if complaints else 0


sys.exit(main(sys.argv[1:]))
