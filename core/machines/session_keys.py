"""What proves to both sides of a session that the other one belongs to it."""

from __future__ import annotations

from typing import Any

from distributed import Security

_NO_CHECK_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME of OpenSSL


class _OfSession(Security):
    """A key ends with its session, whatever the clocks of two machines say."""

    def get_connection_args(self, role: str) -> dict[str, Any]:
        """See `Security`."""
        return _timeless(super().get_connection_args(role))  # type: ignore[no-untyped-call]

    def get_listen_args(self, role: str) -> dict[str, Any]:
        """See `Security`."""
        return _timeless(super().get_listen_args(role))  # type: ignore[no-untyped-call]


def session_security(certificate: str, key: str) -> Security:
    """Takes only who has this key, in PEM, and shows it."""
    roles = ("client", "scheduler", "worker")
    shown = {f"tls_{role}_cert": certificate for role in roles}
    return _OfSession(  # type: ignore[no-untyped-call]
        require_encryption=True,
        tls_ca_file=certificate,
        **shown,
        **{f"tls_{role}_key": key for role in roles},
    )


def _timeless(arguments: dict[str, Any]) -> dict[str, Any]:
    arguments["ssl_context"].verify_flags |= _NO_CHECK_TIME
    return arguments
