#!/bin/sh
# What begins with a dash, or is no command of this image, is for curl.
if [ "${1#-}" != "$1" ] || ! command -v "$1" > /dev/null; then
    set -- curl "$@"
fi
exec "$@"
