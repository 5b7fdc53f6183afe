"""Which page without content has the inline scripts of a rendered page (`server.mjs`)."""

import json
import subprocess

from coursebook.run.paths import PACKAGE, node_program

MODULE = PACKAGE / "ui" / "reflex_compat" / "react_router.mjs"
PATTERNS = [
    None,  # the home page
    "courses",
    "courses/:slug",
    "manage/courses/:course_key/edit",
    "manage/courses/:course_key",
    "manage/courses/new",
    "*",
]
SAMPLES = {
    "/": "/",
    "/?q=1": "/",
    "/courses": "/courses",
    "/courses/": "/courses",
    "/courses?q=a/b#c": "/courses",
    "/courses/pottery": "/courses/x",
    "/courses/pottery/more": "/unknown/page",
    "/manage/courses/new": "/manage/courses/new",
    "/manage/courses/7": "/manage/courses/x",
    "/manage/courses/7/edit": "/manage/courses/x/edit",
    "/nowhere": "/unknown/page",
    "/unknown/page": "/unknown/page",
}
PROGRAM = f"""
const {{ sampleFinder, samplePaths }} = await import({json.dumps(MODULE.as_uri())});
const paths = {json.dumps(PATTERNS)};
const routes = paths.map((path) => (path ? {{ path }} : {{}}));
const build = {{ routes: Object.fromEntries(routes.entries()) }};
const found = {json.dumps([*SAMPLES])}.map(sampleFinder(build));
console.log(JSON.stringify({{ found, all: samplePaths(build) }}));
"""


def test_every_address_has_the_sample_of_its_page() -> None:
    command = [node_program() or "node", "--input-type=module", "--eval", PROGRAM]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    output = json.loads(ran.stdout)
    assert dict(zip(SAMPLES, output["found"], strict=True)) == SAMPLES
    assert set(output["found"]) - {"/unknown/page"} == set(output["all"])
