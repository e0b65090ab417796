#!/bin/sh
# Run the registry with the configuration that is named, or one of its own commands, or anything else.
set -e

case "$1" in
*.yaml | *.yml) set -- registry serve "$@" ;;
serve | garbage-collect | help | -*) set -- registry "$@" ;;
esac

exec "$@"
