"""What is hidden on a case from whoever looks at it. Every page that shows words of a case asks here first."""

from sqlalchemy.orm import Session

from supervise.cases import queries as cases
from supervise.cases.models import CaseVersion
from supervise.cases.service import TEXTS, subject_of
from supervise.core.actor import Actor
from supervise.incidents import queries
from supervise.incidents.rules import Cover


def cover_for(session: Session, actor: Actor, case_id: str) -> Cover:
    """Return what is hidden in a case from the actor: what readers marked, but for the actor's own words."""
    if not cases.get(session, case_id).held:
        return Cover(actor.person_id)
    places = [place for row in queries.open_in(session, case_id) for place in queries.places_of(row)]
    return Cover.of(actor.person_id, places)


def version_texts(session: Session, actor: Actor, version: CaseVersion) -> dict[str, str]:
    """Return the texts of a released version as the actor may see them."""
    cover = cover_for(session, actor, version.case_id)
    author_id = cases.get(session, version.case_id).author_id
    return {name: cover.text(subject_of(version), name, getattr(version, name), author_id) for name in TEXTS}
