#!/bin/sh
# Score a video with a running service: sh examples/client/score_video.sh clip.mp4 scored.mp4
# Needs curl, and python3 to read JSON. Address and API key: TONEREEL_URL, TONEREEL_API_KEY.
set -eu
if [ $# -ne 2 ]; then echo "usage: $0 VIDEO SCORED.mp4" >&2; exit 2; fi
url=${TONEREEL_URL:-http://127.0.0.1:3000}

# The key goes in by stdin, where no list of processes shows it.
call() {
    printf 'header = "Authorization: Bearer %s"\n' "${TONEREEL_API_KEY:-none}" |
        curl --silent --show-error --retry 4 --config - "$@"
}
# Prints the answer; of a refusal, the problem that the service tells.
api() {
    answer=$(call --fail-with-body "$@") || { printf '%s\n' "$answer" >&2; exit 1; }
    printf '%s\n' "$answer"
}
# A value of an answer, as Python finds it.
value() { printf '%s\n' "$1" | python3 -c "import json, sys; answer = json.load(sys.stdin); print($2)"; }

# 1. Upload the file.
upload=$(api --request POST --header 'Content-Type: application/octet-stream' --upload-file "$1" "$url/v1/uploads")
upload=$(value "$upload" 'answer["id"]')

# 2. Ask for music. With an Idempotency-Key a repeated request makes one job only.
job=$(api --header 'Content-Type: application/json' --header "Idempotency-Key: $upload" \
    --data "{\"sources\": [{\"kind\": \"video\", \"upload\": \"$upload\"}], \"format\": \"mp4\", \"seed\": 7}" \
    "$url/v1/soundtracks")
id=$(value "$job" 'answer["id"]')
echo "$id" >&2

# 3. Poll. Each answer is held back until the job has ended, for 20 seconds at most.
status=queued
while [ "$status" = queued ] || [ "$status" = running ]; do
    job=$(api "$url/v1/soundtracks/$id?wait=20")
    status=$(value "$job" 'answer["status"]')
    echo "$status" >&2
done
if [ "$status" != succeeded ]; then printf '%s\n' "$job" >&2; exit 1; fi

# 4. Download.
content=$(value "$job" 'next(o["content_url"] for o in answer["outputs"] if o["kind"] == "video")')
call --fail --output "$2" "$url$content"
echo "$2"
