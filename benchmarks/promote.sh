#!/bin/sh
# What `promote.py` measures against: the script that people write, one service after another.
# Credentials come by docker's config.json and git's configuration, as in any workflow.
set -eu

registry=$1 project=$2 from=$3 to=$4 version=$5 repository=$6
shift 6

git clone --quiet --depth 1 --branch main "$repository" /work/clone
cd /work/clone
for service in "$@"; do
  source=$registry/$from-$project-$service:$version
  target=$registry/$to-$project-$service:$version
  crane copy "$source" "$target"
  (cd "manifests/$service/overlays/$to" && kustomize edit set image "$service=$target")
  git commit --quiet --all --message "$service: $to runs $version"
  git push --quiet origin HEAD:main
done
