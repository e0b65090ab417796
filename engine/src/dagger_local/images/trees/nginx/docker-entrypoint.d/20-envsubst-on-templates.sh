#!/bin/sh
# Fill /etc/nginx/templates/*.template with the environment; only variables that are set are replaced.
set -e

templates="${NGINX_ENVSUBST_TEMPLATE_DIR:-/etc/nginx/templates}"
suffix="${NGINX_ENVSUBST_TEMPLATE_SUFFIX:-.template}"
output="${NGINX_ENVSUBST_OUTPUT_DIR:-/etc/nginx/conf.d}"
filter="${NGINX_ENVSUBST_FILTER:-}"

[ -d "$templates" ] || exit 0
if [ ! -w "$output" ]; then
    echo "$0: $output is not writable" >&2
    exit 0
fi
known=$(awk -v filter="$filter" 'END { for (name in ENVIRON) if (name ~ filter) printf "${%s} ", name }' </dev/null)
find "$templates" -follow -type f -name "*$suffix" | while read -r template; do
    name="${template#"$templates"/}"
    target="$output/${name%"$suffix"}"
    mkdir -p "$(dirname "$target")"
    envsubst "$known" <"$template" >"$target"
done
