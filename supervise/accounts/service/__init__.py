"""Verbs of accounts. Other rooms use these names; how they work lies in the modules beside this one."""

from supervise.accounts.service.sign_ins import open_session

__all__ = ["open_session"]
