"""Run commands in containers: overlay snapshots below, runc (or chroot) above."""
