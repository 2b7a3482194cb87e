// The request: files, words and choices of the form.

import { byId, make, size } from "./dom.js";

const TEXTS = { story: "story", caption: "caption", style: "style", duration: "duration_s", format: "format", tempo: "tempo_bpm", key: "key", lufs: "lufs", takes: "takes", seed: "seed", cuts: "cuts" };
const FLAGS = ["loop", "duck", "picture", "midi", "stems"];
const VIDEO_ONLY = new Set(["mp4", "mov"]);
let chosen = [];

/** What kind of source a file is: video, image or audio. */
function kindOf(file) {
  const [kind] = file.type.split("/");
  if (kind === "image" || kind === "audio") return kind;
  if (kind === "video") return kind;
  if (/\.(png|jpe?g|webp)$/i.test(file.name)) return "image";
  return /\.(wav|flac|mp3|ogg|opus|m4a)$/i.test(file.name) ? "audio" : "video";
}

/** Let files be dropped, chosen and removed. */
export function watchFiles() {
  const drop = byId("drop");
  byId("file").addEventListener("change", (event) => {
    add([...event.target.files]);
    event.target.value = "";
  });
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    add([...event.dataTransfer.files]);
  });
  draw();
}

function add(files) {
  for (const file of files) {
    const kind = kindOf(file);
    if (kind !== "image") chosen = chosen.filter((other) => other.kind !== kind); // one video, one reference
    chosen.push({ file, kind, url: kind === "audio" ? null : URL.createObjectURL(file) });
  }
  draw();
}

function remove(entry) {
  chosen = chosen.filter((other) => other !== entry);
  if (entry.url) URL.revokeObjectURL(entry.url);
  draw();
  byId("file").focus();
}

function draw() {
  byId("files").replaceChildren(...chosen.map((entry) => {
    const name = make("span", { className: "name", textContent: `${entry.file.name} ` }, make("span", { className: "hint", textContent: size(entry.file.size) }));
    const button = make("button", { type: "button", className: "small", textContent: "Remove", ariaLabel: `Remove ${entry.file.name}` });
    button.addEventListener("click", () => remove(entry));
    return make("li", {}, ...thumb(entry), name, button);
  }));
  const hasVideo = chosen.some((entry) => entry.kind === "video");
  byId("duck").disabled = !hasVideo;
  if (!hasVideo) byId("duck").checked = false;
  const format = byId("format");
  for (const option of format.options) option.disabled = VIDEO_ONLY.has(option.value) && !hasVideo;
  if (format.selectedOptions[0]?.disabled) format.value = "";
}

function thumb(entry) {
  if (entry.kind === "image") return [make("img", { className: "thumb", src: entry.url, alt: "" })];
  if (entry.kind === "video") return [make("video", { className: "thumb", src: entry.url, muted: true, preload: "metadata" })];
  return [];
}

/** The form as the service takes it, or null when there is nothing to score yet. */
export function read() {
  const form = new FormData();
  for (const [id, name] of Object.entries(TEXTS)) {
    const value = byId(id).value.trim();
    if (value !== "") form.append(name, value);
  }
  for (const id of FLAGS) if (byId(id).checked) form.append(id, "true");
  for (const { file, kind } of chosen) form.append(kind, file, file.name);
  return chosen.length || form.has("story") || form.has("caption") ? form : null;
}
