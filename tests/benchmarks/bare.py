"""What everything is compared with: one route of a bare Flask app on the server that owox runs on."""

import sys

from flask import Flask
from waitress import serve

from owox.admin.serve import THREADS

app = Flask(__name__)


@app.get("/")
def bare() -> dict[str, str]:
    """Answer."""
    return {"answer": "bare"}


serve(app, host="127.0.0.1", port=int(sys.argv[1]), threads=THREADS, ident=None)
