#!/bin/sh
# Makes the images of the system tests without any registry: this machine's static busybox for the server and the shell,
# and its curl with the libraries it needs, since static busybox cannot resolve names. Usage: build.sh NAME VERSION
set -eu
name=$1
version=$2
busybox=$(command -v busybox) || { echo "busybox is missing (apt-get install busybox-static)" >&2; exit 1; }
curl=$(command -v curl) || { echo "curl is missing (apt-get install curl)" >&2; exit 1; }
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/bin" "$root/etc" "$root/tmp" "$root/www" "$root/proc" "$root/sys" "$root/dev"
chmod 1777 "$root/tmp"
cp "$busybox" "$root/bin/busybox"
for applet in sh cat echo env ls ps sleep httpd nc kill test touch rm id hostname head tail grep sed stty tty; do
    ln -s busybox "$root/bin/$applet"
done
cp "$curl" "$root/bin/curl"
# In glibc the resolver is part of libc, but older ones load it by name.
for library in $(ldd "$curl" "$busybox" 2>/dev/null | grep -o '/[^ )]*' | sort -u) \
    $(ls /lib/x86_64-linux-gnu/libnss_dns.so.2 /lib/x86_64-linux-gnu/libnss_files.so.2 /lib/x86_64-linux-gnu/libresolv.so.2 2>/dev/null); do
    case $library in *.so*) mkdir -p "$root$(dirname "$library")" && cp -L "$library" "$root$library" ;; esac
done
printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"
printf 'root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n' >"$root/etc/passwd"
printf '%s\n' "$version" >"$root/www/index.html"
tar -C "$root" -c . | docker import \
    --change 'ENV PATH=/bin' --change 'CMD ["httpd","-f","-p","80","-h","/www"]' - "$name:$version" >/dev/null
echo "$name:$version"
