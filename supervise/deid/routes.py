"""Pages of deid."""

from flask import Blueprint

bp = Blueprint("deid", __name__)
