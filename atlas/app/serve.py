"""Start the atlas: one line if the port is taken, else Streamlit at a printed address."""

from __future__ import annotations

import os
import socket
import sys

import click
from streamlit import config
from streamlit.runtime.pages_manager import PagesManager
from streamlit.web import bootstrap

from atlas.operations.folder import PROJECT

MAIN = PROJECT / "streamlit_app.py"


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True)
@click.option(
    "--address", default="localhost", show_default=True, help="0.0.0.0 serves the whole network."
)
def serve(port: int, address: str) -> None:
    """Serve the atlas until it is stopped."""
    if is_taken(address, port):
        click.echo(f"port {port} is in use: choose another with `make app PORT=…`", err=True)
        sys.exit(1)
    click.echo(f"Delta Atlas · 长三角规划图集: http://{address}:{port}")
    os.chdir(PROJECT)
    # Streamlit would take pages/ for a multipage app of the old kind until st.navigation has
    # run once, and answer the first deep link without the frame.
    PagesManager.uses_pages_directory = False
    config._main_script_path = str(MAIN)  # noqa: SLF001 - as `streamlit run` sets it
    options = {"server_port": port, "server_address": address}
    bootstrap.load_config_options(options)
    bootstrap.run(str(MAIN), False, [], options)  # noqa: FBT003


def is_taken(address: str, port: int) -> bool:
    """Whether something listens on the port already."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return True
    return False


if __name__ == "__main__":
    serve()
