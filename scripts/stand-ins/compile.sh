#!/bin/sh
# Runs in a throw-away container of debian:trixie-slim: compiles the tool of each module given, from /src/NAME to /out/NAME.
# The module cache (5 GB) goes with the container.
set -eu
export DEBIAN_FRONTEND=noninteractive CGO_ENABLED=0 GOTOOLCHAIN=local
echo "## apt-get install golang"
packages=golang-go
# the host's own bundle of CAs, where it has one: a proxy in between may need it
bundle=/src/ca-bundle.crt
if [ -s $bundle ]; then
  export SSL_CERT_FILE=$bundle
  echo "Acquire::https::CaInfo \"$bundle\";" >/etc/apt/apt.conf.d/ca-bundle
else
  packages="$packages ca-certificates"
fi
apt-get update -q
apt-get install -y -q --no-install-recommends $packages
# The compiler spends a third of its time on collecting garbage that a machine with memory need not collect.
[ "$(awk '/^MemAvailable/ { print int($2 / 1048576) }' /proc/meminfo)" -lt 6 ] || export GOGC=400
mkdir -p /out
for name in "$@"; do
  cd "/src/$name"
  tool=$(go list tool)
  echo "## compiling $name ($(go list -deps tool | wc -l) packages)"
  go build -v -trimpath -ldflags "-s -w" -o "/out/$name" "$tool"
done
echo "## done"
