#!/bin/sh
# Runs a program of an unpacked image as a cluster would run it: as user 10001 without rights, over a root that cannot be written,
# with /proc, and a /tmp of its own in which only FOLDER of this machine is seen. Needs root. The program keeps this process's id.
# Usage: in_image.sh ROOT FOLDER PROGRAM [ARGUMENT...]      (FOLDER is below /tmp)
set -eu
if [ "${IN_IMAGE_NAMESPACE:-}" != yes ]; then
  IN_IMAGE_NAMESPACE=yes exec unshare --mount "$0" "$@"
fi
root=$1
folder=$2
shift 2
mount --bind "$root" "$root"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mkdir -p "$root$folder"
mount --bind "$folder" "$root$folder"
mount --bind /dev/null "$root/dev/null"
mount --bind /proc "$root/proc"
mount -o remount,bind,ro "$root"
exec chroot "$root" /usr/bin/setpriv --reuid=10001 --regid=10001 --clear-groups --bounding-set=-all --inh-caps=-all \
  --no-new-privs --pdeathsig=KILL "$@"
