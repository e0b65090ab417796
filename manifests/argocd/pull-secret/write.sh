#!/bin/sh
# Writes the pull secret as a manifest to a file in memory: $REGISTRY's token lives for 12 hours.
set -eu
umask 077
token=$(aws ecr get-login-password)
auth=$(printf 'AWS:%s' "$token" | base64 -w 0)
config=$(printf '{"auths":{"%s":{"auth":"%s"}}}' "$REGISTRY" "$auth" | base64 -w 0)
cat > "$1" << JSON
{
  "apiVersion": "v1",
  "kind": "Secret",
  "metadata": {"name": "ecr"},
  "type": "kubernetes.io/dockerconfigjson",
  "data": {".dockerconfigjson": "$config"}
}
JSON
