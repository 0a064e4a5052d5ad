"""An embedded stand-in of RunComfy's Model API: the same HTTP, and sample pictures instead of Seedream's."""

from seedream.offline.options import Options
from seedream.offline.running import serve, start_offline
from seedream.offline.service import create_app

__all__ = ["Options", "create_app", "serve", "start_offline"]
