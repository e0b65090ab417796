#!/bin/sh
# Prepare nginx by the scripts in /docker-entrypoint.d, in order, then become the command.
set -e

say() { [ -n "${NGINX_ENTRYPOINT_QUIET_LOGS:-}" ] || echo "$0: $*"; }

case "$1" in
nginx | nginx-debug)
    for script in $(find /docker-entrypoint.d -mindepth 1 -follow -type f | sort -V); do
        case "$script" in
        *.envsh) [ ! -x "$script" ] || { say "sourcing $script"; . "$script"; } ;;
        *.sh) [ ! -x "$script" ] || { say "running $script"; "$script"; } ;;
        esac
    done
    ;;
esac

exec "$@"
