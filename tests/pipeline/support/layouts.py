"""Layouts of overlays as people write them, and what an edit of one entry is to change in each."""

A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64
ENTRY = {"name": "api", "newName": "r.example.com:5000/stg-shop-api", "newTag": "v1.10.0", "digest": B}
NAME, TAG, DIGEST = "newName: r.example.com:5000/stg-shop-api", "newTag: v1.10.0", f"digest: {B}"
PATH = "manifests/api/overlays/stg/kustomization.yaml"

PLAIN = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: api-stg
resources:
- ../../base
images:
- name: api
  newName: r.example.com:5000/stg-shop-api
  newTag: v1.0.0
"""
FULL = PLAIN + f"  digest: {A}\n"
COMMENTED = f"""\
# The staging area.   Tabs:\tand more

namespace: api-stg   # where
resources:  # what
  # the base
  - ../../base
images: # see the promotions
  # the service
  - name: api # its name
    # where it is
    newName: old.example.com/api\t# a tab before
    newTag: v1.0.0      # set by promotions
    digest: {A} # and this

  # another one
  - name: proxy   # a sidecar
    newTag: "1.27" # by hand
# the end
"""

# Each: a layout, and what of its text becomes what; everything else stays as it is.
LAYOUTS: dict[str, tuple[str, dict[str, str]]] = {
    "a tag alone": (PLAIN, {"newTag: v1.0.0\n": f"{TAG}\n  {DIGEST}\n"}),
    "a tag and a digest": (FULL, {"v1.0.0": "v1.10.0", A: B}),
    "a digest alone": (
        f"images:\n- name: api\n  {NAME}\n  digest: {A}\nkind: Kustomization\n",
        {f"{NAME}\n": f"{NAME}\n  {TAG}\n", A: B},
    ),
    "a name alone": (
        "images:\n- name: api  # new\n# end\n",
        {"# new\n": f"# new\n  {NAME}\n  {TAG}\n  {DIGEST}\n"},
    ),
    "kustomize's own order": (
        f"images:\n- digest: {A}\n  name: api\n  {NAME}\n  newTag: v1.0.0\n",
        {"v1.0.0": "v1.10.0", A: B},
    ),
    "comments everywhere": (COMMENTED, {"old.example.com/api": NAME[9:], "v1.0.0": "v1.10.0", A: B}),
    "CRLF": (FULL.replace("\n", "\r\n"), {"v1.0.0": "v1.10.0", A: B}),
    "CRLF and a line more": (
        PLAIN.replace("\n", "\r\n") + "# end\r\n",
        {"newTag: v1.0.0\r\n": f"{TAG}\r\n  {DIGEST}\r\n"},
    ),
    "no line end at the end": (PLAIN.rstrip(), {"newTag: v1.0.0": f"{TAG}\n  {DIGEST}"}),
    "CRLF, and no line end at the end": (
        PLAIN.replace("\n", "\r\n").rstrip(),
        {"newTag: v1.0.0": f"{TAG}\r\n  {DIGEST}"},
    ),
    "an entry in braces": (
        f"images:\n- {{name: api, {NAME}, newTag: v1.0.0}} # one line\nnamespace: x\n",
        {"newTag: v1.0.0": f"{TAG}, {DIGEST}"},
    ),
    "all images in brackets": (
        f"images: [{{name: proxy, newTag: '1.27'}}, {{ name: api, newTag: v1.0.0, digest: {A} }}]\n",
        {"name: api": f"name: api, {NAME}", "v1.0.0": "v1.10.0", A: B},
    ),
    "braces over several lines": (
        "images: [\n  {\n    name: api, # its name\n    newTag: v1.0.0,\n  },\n]\n",
        {"name: api": f"name: api, {NAME}", "newTag: v1.0.0": f"{TAG}, {DIGEST}"},
    ),
    "JSON": (
        '{"kind":"Kustomization","images":[{"name":"api","newTag":"v1.0.0"}],"namespace":"x"}',
        {
            '"name":"api"': f'"name":"api", "newName": "{NAME[9:]}"',
            '"newTag":"v1.0.0"': f'"newTag":"v1.10.0", "digest": "{B}"',
        },
    ),
    "JSON over several lines": (
        f'{{\n  "images": [\n    {{\n      "name": "api", "newTag": "v1.0.0",\n      "digest": "{A}"\n    }}]\n}}\n',
        {'"name": "api"': f'"name": "api", "newName": "{NAME[9:]}"', "v1.0.0": "v1.10.0", A: B},
    ),
    "double quotes": (
        f'images:\n- name: "api"\n  {NAME}\n  newTag: "v1.0.0"\n  digest: "{A}"\n',
        {"v1.0.0": "v1.10.0", A: B},
    ),
    "single quotes": (
        f"images:\n- name: 'api'\n  'newName': '{NAME[9:]}'\n  'newTag': 'v1.0.0'\n",
        {"'v1.0.0'": f"'v1.10.0'\n  'digest': '{B}'"},
    ),
    "a tag that looks like a number": (
        f'images:\n- name: api\n  {NAME}\n  newTag: "1.0"\n  digest: {A}\n- name: proxy\n  newTag: "1.0"\n',
        {'"1.0"\n  digest': '"v1.10.0"\n  digest', A: B},
    ),
    "document markers": (f"---\n{FULL}...\n", {"v1.0.0": "v1.10.0", A: B}),
    "directive, marker and comment": (f"%YAML 1.1\n--- # here\n{FULL}", {"v1.0.0": "v1.10.0", A: B}),
    "a byte order mark": (f"\ufeff{FULL}", {"v1.0.0": "v1.10.0", A: B}),
    "not ASCII": (
        f"# Größe: 東京 🚀\nnamespace: x # ß\n{FULL}# 🚀\n".replace("namespace: api-stg\n", ""),
        {"v1.0.0": "v1.10.0", A: B},
    ),
    "images first": (f"images:\n- name: api\n  {NAME}\n  newTag: v1.0.0\nresources:\n- ../../base\n", {
        "newTag: v1.0.0\n": f"{TAG}\n  {DIGEST}\n",
    }),
    "several names, this one between": (
        (f"images:\n- name: api-jobs\n  newTag: v1.0.0\n- name: api\n  {NAME}\n  newTag: v1.0.1\n  digest: {A}\n"
        f"- name: api-web\n  newTag: v1.0.1\n  digest: {A}x\n"),
        {f"v1.0.1\n  digest: {A}\n": f"v1.10.0\n  {DIGEST}\n"},
    ),
    "an indented list": (
        FULL.replace("- name", "  - name").replace("  newName", "    newName").replace("  newTag", "    newTag")
        .replace("  digest", "    digest"),
        {"v1.0.0": "v1.10.0", A: B},
    ),
    "wide indentation": (
        f"images:\n    -   name: api\n        {NAME}\n        newTag: v1.0.0\n",
        {"newTag: v1.0.0\n": f"{TAG}\n        {DIGEST}\n"},
    ),
    "the dash on a line of its own": (
        f"images:\n-\n  name: api\n  {NAME}\n  newTag: v1.0.0\n",
        {"newTag: v1.0.0\n": f"{TAG}\n  {DIGEST}\n"},
    ),
    "components, patches, generators": (
        FULL + "components:\n- ../../tls\npatches:\n- patch: |-\n    - op: replace\n      path: /newTag: v1.0.1\n"
        "configMapGenerator:\n- name: c\n  literals: [a=1]\nbases: [../x]\n",
        {"newTag: v1.0.0": TAG, A: B},
    ),
    "an anchor that others use": (
        (f"images:\n- name: api\n  {NAME}\n  newTag: &v v1.0.0 # the version\n  digest: {A}\n"
        "commonAnnotations: {version: *v, again: *v}\n"),
        {"&v v1.0.0 #": "v1.10.0 #", "version: *v": "version: &v v1.0.0", A: B},
    ),
    "an anchor that nobody uses": (
        f"images:\n- &entry\n  name: api\n  {NAME}\n  newTag: &v v1.0.0\n  digest: !!str {A}\n",
        {"v1.0.0": "v1.10.0", A: B},
    ),
    "values from elsewhere": (
        ("namespace: &name api\ncommonAnnotations: {version: &v v1.0.0}\n"
        f"images:\n- name: *name\n  {NAME}\n  newTag: *v\n"),
        {"newTag: *v\n": f"{TAG}\n  {DIGEST}\n"},
    ),
    "an entry from elsewhere": (
        f"images:\n- name: api\n  <<: &repository {{{NAME}}}\n  newTag: v1.0.0\n  digest: {A}\n",
        {"v1.0.0": "v1.10.0", A: B},
    ),
    "no values": (
        f"images:\n- name: api\n  {NAME}\n  newTag:\n  digest: # none\nkind: Kustomization\n",
        {"newTag:\n": f"{TAG}\n", "digest: # none": f"{DIGEST} # none"},
    ),
    "a value over two lines": (
        f"images:\n- name: api\n  {NAME}\n  newTag: >-\n    v1.0.0\n\n  # by hand\n  digest:\n    {A}\n",
        {"newTag: >-\n    v1.0.0": TAG, A: B},
    ),
    "a suffix, which kustomize takes away": (
        f"images:\n- name: api\n  {NAME}\n  tagSuffix: -arm # why\n  newTag: v1.0.0\n  digest: {A}\n",
        {"  tagSuffix: -arm # why\n": "", "v1.0.0": "v1.10.0", A: B},
    ),
    "a suffix in braces": (
        f"images: [{{name: api, {NAME}, newTag: v1.0.0, digest: {A}, tagSuffix: -arm}}]\n",
        {", tagSuffix: -arm": "", "v1.0.0": "v1.10.0", A: B},
    ),
    "a suffix where something is to be added": (
        "images:\n- { name: api, newTag: v1.0.0, tagSuffix: -arm }\n",
        {"name: api": f"name: api, {NAME}", "v1.0.0, tagSuffix: -arm": f"v1.10.0, {DIGEST}"},
    ),
    "a suffix beside the dash": (
        f"images:\n- tagSuffix: -arm\n  name: api\n  {NAME}\n  {TAG}\n  digest: {A}\n",
        {"tagSuffix: -arm\n  name": "name", A: B},
    ),
}  # fmt: skip
