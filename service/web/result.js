// What a job came to: players, files, the picture of the score and the cue sheet.

import { call, hasKey, reachable } from "./api.js";
import { byId, make, size } from "./dom.js";

let copies = [];

/** Show a finished job; `isCurrent` says whether it is still the one to show. */
export async function showResult(job, isCurrent) {
  letGo();
  const warnings = job.warnings.map((text) => make("li", { textContent: text }));
  byId("warnings").replaceChildren(...warnings);
  byId("facts").textContent = facts(job);
  byId("takes-made").replaceChildren();
  byId("outputs").replaceChildren(...job.outputs.map(link));
  byId("score-box").hidden = true;
  const sheet = await cueSheet(job);
  if (!isCurrent()) return;
  byId("cues-box").hidden = sheet === null;
  byId("cues").value = sheet === null ? "" : JSON.stringify(sheet, null, 2);
  const players = await Promise.all(job.outputs.filter((output) => ["video", "audio"].includes(output.kind)).map(player));
  const picture = job.outputs.find((output) => output.kind === "picture");
  const drawn = picture ? await address(picture) : null;
  if (!isCurrent()) return;
  byId("takes-made").replaceChildren(...players);
  if (drawn) byId("score").src = drawn;
  byId("score-box").hidden = !drawn;
}

function facts(job) {
  const [report] = job.reports;
  if (!report) return "";
  const { plan } = report;
  return [
    `${report.duration_s.toFixed(2)} s`, plan.style, plan.key, plan.metre, `${Math.round(plan.tempo_bpm)} bpm`,
    ...(report.cuts.length ? [`${report.cuts.filter((cut) => cut.accent_s !== null).length} of ${report.cuts.length} cuts met`] : []),
    `${report.real_time_factor.toFixed(1)} × real time`,
  ].join(" · ");
}

async function cueSheet(job) {
  if (job.cue_sheet) return job.cue_sheet;
  const output = job.outputs.find((one) => one.kind === "cue_sheet");
  return output ? (await call(output.content_url)).json() : null;
}

async function player(output) {
  const media = make(output.kind === "video" ? "video" : "audio", { controls: true, preload: "metadata", src: await address(output) });
  media.setAttribute("aria-label", `Take ${output.take}`);
  if (output.kind === "video") media.playsInline = true;
  return make("div", {}, make("h3", { textContent: `Take ${output.take}` }), media);
}

async function address(output) {
  const where = await reachable(output.content_url);
  if (where.startsWith("blob:")) copies.push(where);
  return where;
}

function link(output) {
  const anchor = make("a", { href: output.content_url, download: output.name }, `${output.name} `, make("small", { textContent: size(output.n_bytes) }));
  anchor.addEventListener("click", async (event) => {
    if (!hasKey() || anchor.href.startsWith("blob:")) return;
    event.preventDefault();
    anchor.href = await address(output); // a plain link cannot carry the key
    anchor.click();
  });
  return make("li", {}, anchor);
}

function letGo() {
  for (const url of copies) URL.revokeObjectURL(url);
  copies = [];
}
