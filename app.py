"""The WSGI app: `flask run`, gunicorn and waitress find it here."""

from owox.factory import create_app
from owox.settings import load

app = create_app(load())
