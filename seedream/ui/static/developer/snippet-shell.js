// A request as a program for bash and curl; Python reads the JSON, which no shell can.

import { json } from "./visible-json.js";
import { t } from "../lib/texts.js";

export function curl({ request, baseUrl, modelId }) {
  return `#!/usr/bin/env bash
set -euo pipefail

api='${baseUrl}'
model='${modelId}'
authorization="Authorization: Bearer $RUNCOMFY_TOKEN"

request() {
  cat <<'JSON'
${json(request, 2)}
JSON
}

# ${t("developer.comment_field")}
field() {
  python3 -c '
import json, sys

def texts(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for each in value for text in texts(each)]
    return [] if value is None else [str(value)]

print("\\n".join(dict.fromkeys(texts(json.load(sys.stdin).get(sys.argv[1])))))
' "$1"
}

# ${t("developer.comment_once")}
answer=$(request | curl -sS --max-time 90 "$api/v1/models/$model" \\
  -H "$authorization" -H 'Content-Type: application/json' --data-binary @-)
request_id=$(field request_id <<<"$answer")
if [ -z "$request_id" ]; then
  echo "$answer" >&2
  exit 1
fi
echo "request ID: $request_id"

# ${t("developer.comment_again")}
for _ in $(seq 900); do
  sleep 2
  answer=$(curl -fsS --retry 5 --retry-connrefused --max-time 30 -H "$authorization" \\
    "$api/v1/requests/$request_id/result")
  case $(field status <<<"$answer") in
    completed | succeeded) break ;;
    failed | cancelled | canceled | '')
      echo "$answer" >&2
      exit 1
      ;;
  esac
done

# ${t("developer.comment_files")}
urls=$(field output <<<"$answer" | grep '^http') || {
  echo "$answer" >&2
  exit 1
}
number=0
while IFS= read -r url; do
  number=$((number + 1))
  name="$request_id-$number"
  curl -gfsSL --retry 5 --retry-connrefused --output "$name.part" "$url"
  case $(head -c 3 "$name.part" | od -An -tx1 | tr -d ' \\n') in
    89504e) ending=png ;;
    ffd8ff) ending=jpg ;;
    524946) ending=webp ;;
    1a45df) ending=webm ;;
    *) ending=mp4 ;;
  esac
  mv "$name.part" "$name.$ending"
  echo "$name.$ending"
done <<<"$urls"
`;
}
