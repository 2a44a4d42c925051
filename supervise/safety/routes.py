"""Pages of safety."""

from flask import Blueprint

bp = Blueprint("safety", __name__)
