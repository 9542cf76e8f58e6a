#!/bin/sh
# Builds the image where no image registry can be reached: the two base images
# are made from Debian's package archive, and a Docker engine is started for
# the occasion if none answers. Needs root, and apt on Debian 12.
#
#   deploy/local-image.sh [up|build|test|down]
#
# up starts the engine and makes the bases, build (the default) does that and
# builds the image, test runs `make image-test` with it, down ends the engine
# that up started. Everything is kept in LOCAL_IMAGE_DIR; delete the folder to
# start afresh.
set -eu

dir=${LOCAL_IMAGE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/tributary/image}
suite=bookworm
mirror=http://deb.debian.org/debian
root=$dir/engine
sock=$dir/docker.sock
here=$(cd "$(dirname "$0")/.." && pwd)
PATH=$PATH:$root/usr/sbin:$root/usr/bin # the host's own tools first

say() { echo "local-image: $*" >&2; }

# Debian's packages, unpacked and not installed: the host stays as it was.
fetch() {
	[ -x "$root/usr/sbin/dockerd" ] && return
	say "fetching the engine from Debian"
	mkdir -p "$dir/debs" "$root"
	(cd "$dir/debs" && apt-get download docker.io containerd runc tini debootstrap libdevmapper1.02.1 >/dev/null 2>&1)
	for deb in "$dir"/debs/*.deb; do dpkg -x "$deb" "$root"; done
}

engine() {
	if [ -z "${DOCKER_HOST:-}" ] && [ ! -S "$sock" ] && docker info >/dev/null 2>&1; then
		return # the host's own
	fi
	export DOCKER_HOST="${DOCKER_HOST:-unix://$sock}"
	docker info >/dev/null 2>&1 && return
	say "starting an engine, log in $dir/dockerd.log"
	# No bridge, no iptables: containers use the host's network.
	nohup dockerd --iptables=false --ip6tables=false --bridge=none \
		--host "unix://$sock" --data-root "$dir/data" --exec-root "$dir/exec" --pidfile "$dir/dockerd.pid" \
		>"$dir/dockerd.log" 2>&1 &
	for _ in $(seq 60); do
		docker info >/dev/null 2>&1 && return
		sleep 1
	done
	tail -5 "$dir/dockerd.log" >&2
	say "the engine did not start"
	exit 1
}

bases() {
	if ! docker image inspect tributary-base:run >/dev/null 2>&1; then
		say "making the base image (debootstrap)"
		rm -rf "$dir/base"
		DEBOOTSTRAP_DIR=$root/usr/share/debootstrap "$root/usr/sbin/debootstrap" --variant=minbase \
			--include=ca-certificates,tzdata $suite "$dir/base" $mirror >"$dir/debootstrap.log"
		rm -rf "$dir"/base/var/cache/apt/archives/*.deb "$dir"/base/var/lib/apt/lists/*
		tar -C "$dir/base" -c . | docker import - tributary-base:run >/dev/null
	fi
	if ! docker image inspect tributary-base:build >/dev/null 2>&1; then
		say "making the image to build in, with this host's Go and modules"
		(cd "$here" && go mod download)
		rm -rf "$dir/toolchain" && mkdir "$dir/toolchain"
		cp -a "$(go env GOROOT)" "$dir/toolchain/go"
		cp -a "$(go env GOMODCACHE)/cache/download" "$dir/toolchain/modules"
		cat >"$dir/toolchain/Dockerfile" <<-'DOCKERFILE'
			FROM tributary-base:run
			RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev
			COPY go /usr/local/go
			COPY modules /modules
			ENV PATH=/usr/local/go/bin:/usr/bin:/bin:/usr/sbin:/sbin GOPATH=/go GOPROXY=file:///modules
		DOCKERFILE
		DOCKER_BUILDKIT=0 docker build -q --network host -t tributary-base:build "$dir/toolchain"
		rm -rf "$dir/toolchain"
	fi
}

case ${1:-build} in
up) fetch && engine && bases && echo "DOCKER_HOST=${DOCKER_HOST:-}" ;;
build)
	fetch && engine && bases
	make -C "$here" image DOCKER_BUILDKIT=0 \
		IMAGE_ARGS="--network host --build-arg BUILD_IMAGE=tributary-base:build --build-arg RUN_IMAGE=tributary-base:run ${IMAGE_ARGS:-}"
	;;
test) fetch && engine && make -C "$here" image-test ;;
down)
	[ ! -f "$dir/dockerd.pid" ] || kill "$(cat "$dir/dockerd.pid")"
	;;
*)
	sed -n '2,12s/^# \{0,1\}//p' "$0" >&2
	exit 2
	;;
esac
