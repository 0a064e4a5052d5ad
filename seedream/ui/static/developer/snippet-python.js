// A request as a program in Python: of the API with requests, and of this page with gradio_client.

import { json } from "./visible-json.js";
import { t } from "../lib/texts.js";

export function python({ request, baseUrl, modelId }) {
  return `import os
import sys
import time
from pathlib import Path

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

API = ${json(baseUrl)}
MODEL = ${json(modelId)}
REQUEST = ${json(request, 4)}

HEADERS = {"Authorization": "Bearer " + os.environ["RUNCOMFY_TOKEN"]}
ENDINGS = {"89504e": "png", "ffd8ff": "jpg", "524946": "webp", "1a45df": "webm"}


def urls(output):
    if isinstance(output, dict):
        output = list(output.values())
    if isinstance(output, list):
        return [url for each in output for url in urls(each)]
    return [output] if str(output).startswith("http") else []


# ${t("developer.comment_again")}
retries = HTTPAdapter(max_retries=Retry(5, backoff_factor=1, status_forcelist=[429, 500, 502, 503, 504]))
session = requests.Session()
session.mount("https://", retries)
session.mount("http://", retries)

# ${t("developer.comment_once")}
answer = requests.post(f"{API}/v1/models/{MODEL}", json=REQUEST, headers=HEADERS, timeout=90)
if not answer.ok or "request_id" not in answer.json():
    sys.exit(answer.text)
request_id = answer.json()["request_id"]
print("request ID:", request_id)

for _ in range(900):
    time.sleep(2)
    answer = session.get(f"{API}/v1/requests/{request_id}/result", headers=HEADERS, timeout=30)
    status = answer.json().get("status")
    if status in ("completed", "succeeded"):
        break
    if status in ("failed", "cancelled", "canceled", None):
        sys.exit(answer.text)

# ${t("developer.comment_files")}
pictures = dict.fromkeys(urls(answer.json().get("output")))
if not pictures:
    sys.exit(answer.text)
for number, url in enumerate(pictures, start=1):
    picture = session.get(url, timeout=60)
    picture.raise_for_status()
    ending = ENDINGS.get(picture.content[:3].hex(), "mp4")
    name = f"{request_id}-{number}.{ending}"
    Path(name).write_bytes(picture.content)
    print(name)
`;
}

/** `own`: the visitor's own account paid, so it pays again. `login`: the page lets in who has a password. */
export function gradioClient({ request, page, own, login, endpoint }) {
  const options = [
    own ? 'headers={"X-RunComfy-Token": os.environ["RUNCOMFY_TOKEN"]}' : null,
    login ? 'auth=(os.environ["SEEDREAM_USER"], os.environ["SEEDREAM_PASSWORD"])' : null,
  ].filter(Boolean);
  const fields = Object.entries(request).map(([name, value]) => `    ${name}=${json(value)},\n`);
  return `${options.length ? "import os\n" : ""}import shutil
from pathlib import Path

from gradio_client import Client

client = Client(${[json(page), ...options].join(", ")})
gallery, record = client.predict(
${fields.join("")}    api_name=${json(endpoint)},
)
print("request ID:", record["request_id"])

for number, item in enumerate(gallery, start=1):
    file = Path(item.get("image") or item["video"])
    name = f"{record['request_id']}-{number}{file.suffix}"
    shutil.copy(file, name)
    print(name)
`;
}
