#!/bin/sh
# Requests a stream through a party's REST API, waits until it is active, and revokes it.
#
# EKO_API         address of the party's API, as http://127.0.0.1:PORT
# EKO_TOKEN_FILE  file with its token; `npm start` prints both
set -eu

# The token goes in by a pipe, so that it stands in no list of processes.
api() {
  method=$1 path=$2
  shift 2
  printf 'authorization: Bearer %s' "$(head -n 1 "$EKO_TOKEN_FILE")" |
    curl --silent --show-error --fail-with-body --request "$method" --header @- \
      --header 'content-type: application/json' --write-out '\n' "$@" "$EKO_API$path"
}

# Our own name for the request: sent twice, it still makes one stream.
bundle=$(node --print 'crypto.randomUUID()')

api POST /v1/streams --data '{
  "bundleId": "'"$bundle"'",
  "policy": {
    "provider": "provider",
    "durationSeconds": 600,
    "witnesses": { "count": 3, "quorum": 2, "witnessesCanVerify": false, "maxPerOrg": 1 },
    "dealers": 2,
    "onLedgerLoss": "close"
  },
  "requests": [{ "dataType": "file", "permissions": ["read"] }]
}'

while :; do
  stream=$(api GET "/v1/streams/$bundle/0") || { echo "no answer to wait for: $stream" >&2 && exit 1; }
  case $stream in
    *'"state":"active"'*) break ;;
    *'"state":"ended"'*) echo "the stream ended before it was active: $stream" >&2 && exit 1 ;;
  esac
  sleep 1
done
echo "$stream"

api POST "/v1/streams/$bundle/0/revoke" --data '{ "note": "that was all" }'
