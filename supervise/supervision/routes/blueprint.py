"""The blueprint that the pages of supervision share."""

from flask import Blueprint
from werkzeug.wrappers import Response

bp = Blueprint("supervision", __name__)
Page = str | tuple[str, int] | Response
