#!/bin/sh
# Prints credentials for ECR as Image Updater wants them, within its 10 seconds; they live for 12 hours.
# The pod's own role is used, by Pod Identity or IRSA: it needs AmazonEC2ContainerRegistryReadOnly.
set -eu
export HOME=/tmp # the image's is read-only
token=$(aws ecr get-login-password --region eu-central-1)
printf 'AWS:%s\n' "$token"
