"""Every promise of the mirror whose protecting code `make guards` takes out."""

from tests.guards.absence import ABSENCE
from tests.guards.containment import CONTAINMENT
from tests.guards.content import CONTENT
from tests.guards.gaps import GAPS
from tests.guards.guard import Guard
from tests.guards.identity import IDENTITY
from tests.guards.intake import INTAKE
from tests.guards.models import MODELS
from tests.guards.ordering import ORDERING
from tests.guards.readers import READERS
from tests.guards.silence import SILENCE
from tests.guards.starting import STARTING
from tests.guards.values import VALUES

GUARDS: tuple[Guard, ...] = (
    *INTAKE,
    *ORDERING,
    *CONTENT,
    *MODELS,
    *ABSENCE,
    *SILENCE,
    *GAPS,
    *IDENTITY,
    *VALUES,
    *STARTING,
    *CONTAINMENT,
    *READERS,
)
