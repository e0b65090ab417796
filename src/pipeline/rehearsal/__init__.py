"""A rehearsal: the whole way from build to production, in throwaway servers."""

from .rehearse import rehearse as rehearse
