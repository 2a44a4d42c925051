"""What the de-identification of a text is told beside it: what its case called people, and whom its author serves."""

from sqlalchemy.orm import Session

from supervise.accounts.queries import settings_of
from supervise.cases import queries as cases
from supervise.cases.service import subject_of
from supervise.core.actor import Actor
from supervise.core.clock import local_day, now
from supervise.core.installation import installation
from supervise.deid import service as deid
from supervise.deid.rules.scene import Scene
from supervise.deid.rules.seen import Seen
from supervise.incidents import queries as incidents
from supervise.reviews import queries as reviews


def scene_of(session: Session, actor: Actor, case_id: str) -> Scene:
    """Return the scene of what the actor writes on a case: what they called whom there, as long as that is kept."""
    case = cases.get(session, case_id)
    versions = [subject_of(version) for version in reversed(cases.versions(session, case_id))]
    subjects = versions + reviews.subjects_of(session, case_id)
    before = deid.called_before(session, actor, subjects, own=case.author_id == actor.person_id)
    return Scene(before, communities_of(session, actor, case.author_id), seen_on(session, case_id))


def seen_on(session: Session, case_id: str) -> Seen:
    """Return what readers saw on a case, as fingerprints; it is asked about again wherever it comes back."""
    prints = {mark: label for row in incidents.all_in(session, case_id) for mark, label in row.prints.items()}
    return Seen(installation().keyring.derive("words seen on a case"), prints) if prints else Seen()


def communities_of(session: Session, actor: Actor, person_id: str) -> frozenset[str]:
    """Return the communities that a person's present places of work serve."""
    today = local_day(now(), actor.zone)
    here = (s for s in settings_of(session, person_id) if s.starts_on <= today and (s.ends_on or today) >= today)
    return frozenset(setting.serves for setting in here if setting.serves)
