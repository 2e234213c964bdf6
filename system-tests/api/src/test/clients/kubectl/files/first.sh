#!/bin/bash
# first.sh WATCH CHANGE LINES: starts WATCH, which shows only what changes, makes CHANGE (it may count with $n) until that
# was shown, and prints the first LINES of it.
shown=$(mktemp)
bash -c "exec $1" > "$shown" 2>&1 &
watch=$!
for n in $(seq 300); do
    [ "$(wc -l < "$shown")" -ge "$3" ] && break
    n=$n bash -c "$2" > /dev/null 2>&1
    sleep 0.1
done
kill $watch
wait $watch 2> /dev/null
head -n "$3" "$shown"
rm "$shown"
