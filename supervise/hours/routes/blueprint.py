"""The blueprint that every module of pages beside this one adds to."""

from flask import Blueprint

bp = Blueprint("hours", __name__)
