"""The page in a real browser: nothing that axe finds, nothing that runs, at every width, by day and by night."""

import html
import json
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support.promotions_board import hostile_board, sixty_board, wide_board

from pipeline.board.page import page

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), None)
NOW = datetime(2026, 5, 21, 9, tzinfo=UTC)
WIDTHS = (360, 1440)
RUNS = "<script>document.title = 'it ran'</script><img src=x onerror=\"document.title = 'it ran'\">"
# Shows pages in frames, one after the other, and says of each what came of it, as the page's only text.
AROUND = """\
<!doctype html><title>Frames</title><pre>waiting</pre><script id="axe">%(axe)s</script><script>
const frames = %(frames)s;
async function look(frame) {
  const element = document.createElement('iframe');
  element.style = `border: 0; width: ${frame.width}px; height: 3000px`;
  element.srcdoc = frame.page;
  const loaded = new Promise((done) => { element.onload = done; });
  document.body.append(element);
  await loaded;
  const inside = element.contentWindow;
  const said = {title: inside.document.title, wide: inside.document.documentElement.scrollWidth};
  if (frame.axe) {
    inside.eval(document.querySelector('#axe').textContent);
    const found = await inside.axe.run();
    said.rules = found.passes.length;
    said.violations = found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' ')}`);
    said.unsure = found.incomplete.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' ')}`);
  }
  element.remove();
  return said;
}
(async () => {
  const said = [];
  for (const frame of frames) said.push(await look(frame));
  document.querySelector('pre').textContent = JSON.stringify(said);
})().catch((error) => { document.querySelector('pre').textContent = JSON.stringify(String(error)); });
</script>
"""

pytestmark = pytest.mark.skipif(
    not BROWSER or not shutil.which("npm"), reason=f"needs a browser ({', '.join(BROWSERS)}) and npm"
)


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of axe-core, as the lock file pins it."""
    where = tmp_path_factory.mktemp("axe")
    shutil.copytree(Path(__file__).with_name("axe"), where, dirs_exist_ok=True)
    install = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
    subprocess.run(install, cwd=where, check=True, capture_output=True)
    return (where / "node_modules/axe-core/axe.min.js").read_text()


def without_policy(text: str) -> str:
    """Return a page without what forbids it scripts."""
    found, count = re.subn('<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    assert count == 1
    return found


def seen(axe: str, frames: list[dict[str, Any]], where: Path, *options: str) -> list[dict[str, Any]]:
    """Show pages in frames of a browser, and return what is said of each."""
    given = json.dumps(frames).replace("</", "<\\/")
    around = where / "around.html"
    around.write_text(AROUND % {"axe": axe.replace("</script", "<\\/script"), "frames": given})
    line = [
        str(BROWSER), "--headless", "--hide-scrollbars", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--disable-background-networking", "--disable-extensions", f"--user-data-dir={where / 'profile'}",
        "--window-size=1600,3000", "--virtual-time-budget=60000", "--dump-dom", *options,
    ]  # fmt: skip
    if os.geteuid() == 0:  # it does not run as root otherwise; all that it sees are pages of ours
        line.append("--no-sandbox")
    done = subprocess.run([*line, around.as_uri()], capture_output=True, text=True, timeout=300, check=True)
    (said,) = re.findall("<pre>(.*?)</pre>", done.stdout, re.DOTALL)
    answer = json.loads(html.unescape(said))
    assert isinstance(answer, list), answer
    return answer


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_too_wide(scheme: str, axe: str, tmp_path: Path) -> None:
    shown = [(sixty_board(NOW), width) for width in WIDTHS] + [(wide_board(NOW), WIDTHS[-1])]
    frames = [{"page": without_policy(page(board)), "width": width, "axe": True} for board, width in shown]
    dark = ["--blink-settings=preferredColorScheme=0"] if scheme == "dark" else []
    found = seen(axe, frames, tmp_path, *dark)
    assert [one["violations"] for one in found] == [[]] * len(shown)
    assert [one["wide"] for one in found] == [width for _, width in shown]
    assert min(one["rules"] for one in found) > 20


def test_nothing_of_git_runs_and_the_policy_stops_what_would(axe: str, tmp_path: Path) -> None:
    hostile = page(hostile_board(RUNS, NOW))
    clean = page(sixty_board(NOW))
    pages = [
        hostile,
        without_policy(hostile),
        clean.replace("</body>", RUNS),
        without_policy(clean).replace("</body>", RUNS),
    ]
    found = seen(axe, [{"page": text, "width": 800, "axe": False} for text in pages], tmp_path)
    title = "myapp: what runs where"
    assert [one["title"] for one in found] == [title, title, title, "it ran"]  # the last shows that it would be seen
