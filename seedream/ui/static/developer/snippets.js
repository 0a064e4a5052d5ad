// A request as a whole program in four languages: submit once, ask at a civil pace, save the pictures.
//
// None of them holds a token: each reads it from the environment. The prompt goes in as a JSON literal, which
// Python and JavaScript read as their own, and which bash hands on from a quoted here-document untouched.

import { javascript } from "./snippet-javascript.js";
import { gradioClient, python } from "./snippet-python.js";
import { curl } from "./snippet-shell.js";

/** The programs' names, the files to save them as, and what runs them. */
export const PROGRAMS = [
  { name: "curl", file: "seedream.sh", command: "bash seedream.sh", write: curl },
  { name: "Python", file: "seedream.py", command: "pip install requests && python seedream.py", write: python },
  { name: "JavaScript", file: "seedream.mjs", command: "node seedream.mjs", write: javascript },
  {
    name: "gradio_client",
    file: "seedream_page.py",
    command: "pip install gradio_client && python seedream_page.py",
    write: gradioClient,
    asksPage: true,
  },
];
