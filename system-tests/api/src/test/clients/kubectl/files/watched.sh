#!/bin/bash
# watched.sh WATCH LINES CHANGE LINES: starts WATCH, makes CHANGE once WATCH has printed the first number of lines, and
# ends WATCH once it has printed the second.
shown=$(mktemp)
bash -c "exec $1" > "$shown" 2>&1 &
watch=$!
until_lines() {
    for _ in $(seq 600); do
        [ "$(wc -l < "$shown")" -ge "$1" ] && return
        sleep 0.05
    done
}
until_lines "$2"
bash -c "$3" > /dev/null 2>&1
until_lines "$4"
kill $watch
wait $watch 2> /dev/null
cat "$shown"
rm "$shown"
