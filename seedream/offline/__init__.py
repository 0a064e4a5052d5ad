"""An embedded stand-in of RunComfy's Model API: the same HTTP, and sample pictures instead of Seedream's.

Whoever calls it has to notice no difference: it answers as the API's documentation says, and no more. Nothing
outside of this package knows of it but those who start it.
"""

from seedream.offline.options import Options, Painter
from seedream.offline.running import serve, start_offline
from seedream.offline.service import create_app

__all__ = ["Options", "Painter", "create_app", "serve", "start_offline"]
