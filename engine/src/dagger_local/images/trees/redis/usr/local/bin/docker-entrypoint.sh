#!/bin/sh
set -e
if [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then
    set -- redis-server "$@"
fi
if [ "$1" = redis-server ] && [ "$(id -u)" = 0 ]; then
    find . \! -user redis -exec chown redis '{}' +
    exec setpriv --reuid redis --regid redis --clear-groups "$0" "$@"
fi
# As in the image that this stands in for: whoever reaches the port may use it, unless a password is set.
case "$1 $*" in
    redis-server*--protected-mode* | redis-server*.conf*) ;;
    redis-server*) set -- "$@" --protected-mode no ;;
esac
exec "$@"
