"""What mkdocs asks while it builds the site: the commands, the notebook, links out of docs/."""

import base64
import html
import io
import re
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "examples" / "comparison.ipynb"
OUTSIDE = re.compile(r"\[([^\]]*)\]\((?:\.\./)+[^)]*\)")


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Fill the places that comments mark; what lies outside docs/ has no page, so no link."""
    if "<!-- commands -->" in markdown:
        markdown = markdown.replace("<!-- commands -->", commands())
    if "<!-- notebook -->" in markdown:
        markdown = markdown.replace("<!-- notebook -->", notebook())
    return OUTSIDE.sub(r"\1", markdown)


def commands() -> str:
    """Each command's --help."""
    from pagecache.cli.program import COMMANDS  # noqa: PLC0415

    return "\n\n".join(f"## pagecache {name}\n\n```text\n{help_of(name)}\n```" for name in COMMANDS)


def help_of(name: str) -> str:
    from pagecache.cli.program import parser  # noqa: PLC0415

    said = io.StringIO()
    with redirect_stdout(said), suppress(SystemExit):
        parser().parse_args([name, "--help"])
    return said.getvalue().strip()


def notebook() -> str:
    """The notebook's cells, run now, with what they show."""
    import nbclient  # noqa: PLC0415
    import nbformat  # noqa: PLC0415

    read = nbformat.read(NOTEBOOK, as_version=4)
    nbclient.NotebookClient(read, timeout=120, kernel_name="python3").execute()
    return "\n\n".join(cell_text(cell) for cell in read.cells)


def cell_text(cell: Any) -> str:
    if cell.cell_type == "markdown":
        return re.sub(r"^#", "##", str(cell.source))
    shown = "\n\n".join(output_text(output.data) for output in cell.outputs)
    return f"```python\n{cell.source}\n```\n\n{shown}"


def output_text(data: dict[str, str]) -> str:
    """The richest form of an output; pictures as images, so that their ids stay apart."""
    if "image/svg+xml" in data:
        content = base64.b64encode(data["image/svg+xml"].encode()).decode()
        alt = html.escape(data["text/plain"].splitlines()[0])
        return f'<img alt="{alt}" src="data:image/svg+xml;base64,{content}">'
    if "text/html" in data:
        shown = " ".join(data["text/html"].split())
        return f'<div class="output" style="overflow-x: auto">{shown}</div>'
    return f"```text\n{data['text/plain']}\n```"
