"""The WSGI app: `flask run`, gunicorn and waitress find it here, its database brought to the newest structure."""

from owox.admin.running import open_app

app = open_app(serving=True)
