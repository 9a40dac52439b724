# Common functions of the servers' scripts, for `source`. The scripts set DIR and NAME.
# shellcheck shell=bash
die() { echo "$NAME: $*" >&2; exit 1; }
running() { [ -s "$DIR/pid" ] && kill -0 "$(<"$DIR/pid")" 2>/dev/null; }
port() {
  local p
  while :; do
    p=$((20000 + (RANDOM<<4 ^ RANDOM) % 12000))
    (: <"/dev/tcp/127.0.0.1/$p") 2>/dev/null || { echo $p; return; }
  done
}
accepts() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

stop() {
  local p
  # first the watcher: otherwise it could later kill another process with the same PID
  if [ -s "$DIR/watch.pid" ]; then kill -- "-$(<"$DIR/watch.pid")" 2>/dev/null || :; rm -f "$DIR/watch.pid"; fi
  if running; then
    p=$(<"$DIR/pid")
    kill "$p" 2>/dev/null || :
    for _ in {1..100}; do kill -0 "$p" 2>/dev/null || break; sleep 0.05; done
    # the master's children exit when they notice its end, even if it was killed
    kill -9 "$p" 2>/dev/null || :
  fi
  rm -f "$DIR/pid"
}

# watch OWNER PID: ends PID when OWNER ends, even a PID that a test has frozen. It has its own session, so that one
# signal ends all of it. It waits by reading a pipe that nobody writes to: some forty watches run at once, and a process
# for each wait took a third of the machine.
watch() {
  # shellcheck disable=SC2016
  setsid bash -c 'exec 9<> <(:)
    while kill -0 "$1" && kill -0 "$2"; do read -rt 1 -u 9; done; kill "$2"; kill -CONT "$2"' watch "$1" "$2" \
    </dev/null >/dev/null 2>&1 &
  echo $! >"$DIR/watch.pid"
}

# passable FOLDER USER: a server drops its rights and must still reach FOLDER. mktemp creates folders that only their
# owner may enter: allow traversing the folders above (not reading), but only within the folder for temporary files.
passable() {
  local d=$1 tmp; tmp=$(cd "${TMPDIR:-/tmp}" && pwd)
  while d=$(dirname "$d"); [ "$d" != / ]; do
    [[ $(stat -c %A "$d") == *[xt] ]] && continue
    [[ $d == "$tmp"/* || $d == "$DIR" ]] ||
      die "$1 is out of reach for the user $2: $d may not be passed. Use a folder in ${tmp}."
    chmod o+x "$d"
  done
}

certificate() {                                    # DIR/tls.crt and tls.key, for 127.0.0.1 and localhost
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -days 30 \
    -keyout "$DIR/tls.key" -out "$DIR/tls.crt" 2>"$DIR/openssl.log" || die "openssl: $(tail -n 1 "$DIR/openssl.log")"
}
