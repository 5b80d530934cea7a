#!/bin/sh
# Makes the tree that debootstrap left like the one in Debian's slim image: slim.sh DIR
set -eu
cd "${1:?usage: slim.sh DIR}"
rm -rf debootstrap usr/share/doc/* usr/share/man/* usr/share/info/* usr/share/locale/* usr/share/groff usr/share/lintian \
  var/lib/apt/lists/* var/cache/apt/* var/cache/debconf/*-old var/cache/ldconfig/* var/log/* tmp/* var/tmp/*
# the machine's own facts: Docker, or whoever runs the image, writes these
rm -f etc/hostname etc/resolv.conf
: >etc/machine-id
# packages that are installed later stay slim too
cat >etc/dpkg/dpkg.cfg.d/docker <<'EOF'
force-unsafe-io
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/man/*
path-exclude /usr/share/info/*
path-exclude /usr/share/locale/*
path-exclude /usr/share/groff/*
path-exclude /usr/share/lintian/*
EOF
cat >etc/apt/apt.conf.d/docker <<'EOF'
Acquire::Languages "none";
Apt::AutoRemove::SuggestsImportant "false";
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };
APT::Update::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
EOF
# no service starts while an image is built
printf '#!/bin/sh\nexit 101\n' >usr/sbin/policy-rc.d
chmod 755 usr/sbin/policy-rc.d
