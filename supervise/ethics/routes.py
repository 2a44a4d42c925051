"""Pages of ethics."""

from flask import Blueprint

bp = Blueprint("ethics", __name__)
