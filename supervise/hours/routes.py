"""Pages of hours."""

from flask import Blueprint

bp = Blueprint("hours", __name__)
