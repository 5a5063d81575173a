// The search result under the fields for engines follows what is typed. Its rules are those of
// portal/cms/engines/titles.py and descriptions.py; without this file it shows what is stored.
"use strict";

const COUNTED =
  /[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{3ffff}]|[A-Za-z0-9]+(?:[.'’@_-][A-Za-z0-9]+)*/gu;
const LONGEST_TITLE = 30;
const MOST = 80;
const LEAST = 50;
const SHORT = 40;
const MOST_SIGNS = 160;
const READ = 2 * MOST_SIGNS;
const ENDS = "。！？";
const PAUSES = "；，、";
// As in portal/cms/richtext/render.py: elements within a line.
const INLINE = new Set(["A", "STRONG", "EM", "U", "S", "IMG"]);
const SETTLED = 150; // milliseconds after the last key

const lengthOf = (text) => [...text.matchAll(COUNTED)].length;
const oneLine = (text) => text.split(/\s+/u).filter(Boolean).join(" ");
// Signs are counted as Python counts them: one beyond U+FFFF is one.
const first = (text, count) => [...text].slice(0, count).join("");
const signs = (text) => [...text].length;

function composed(subject, section, brand) {
  const parts = [subject, section, subject.includes(brand) ? "" : brand].filter(Boolean);
  const length = () => parts.reduce((sum, part) => sum + lengthOf(part), 0);
  while (parts.length > 1 && length() > LONGEST_TITLE) parts.pop();
  return parts.join("_");
}

function described(written, summary, text) {
  if (oneLine(written)) return oneLine(written);
  let words = oneLine(summary);
  if (lengthOf(words) < SHORT) {
    const beginning = signs(text) <= READ ? text : `${first(text, READ - 1).trimEnd()}…`;
    if (!words || beginning.startsWith(words.replace(/[。！？…]+$/u, ""))) words = beginning || words;
    else if (beginning) words += `${"。！？；，、：…".includes(words.at(-1)) ? "" : "。"}${beginning}`;
  }
  return cut(words);
}

function cut(words) {
  const shown = words.slice(0, endOf(words));
  if (shown === words) return words;
  for (const [places, rest] of [
    [ENDS, 1],
    [PAUSES, 0],
  ]) {
    const place = Math.max(...[...places].map((sign) => shown.lastIndexOf(sign)));
    if (lengthOf(shown.slice(0, place + 1)) >= LEAST) {
      return shown.slice(0, place + rest) + (rest ? "" : "…");
    }
  }
  return `${first(shown, MOST_SIGNS - 1).trimEnd()}…`;
}

function endOf(words) {
  const most = first(words, MOST_SIGNS).length;
  const beyond = [...words.matchAll(COUNTED)][MOST];
  return beyond ? Math.min(beyond.index, most) : most;
}

// The words of the text, captions left out.
function plain(html) {
  const words = [];
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) words.push(node.data);
    if (node.nodeType !== Node.ELEMENT_NODE || node.tagName === "FIGCAPTION") return;
    const between = INLINE.has(node.tagName) ? "" : " ";
    words.push(between);
    for (const child of node.childNodes) walk(child);
    words.push(between);
  };
  walk(new DOMParser().parseFromString(html, "text/html").body);
  return oneLine(words.join(""));
}

function notes(title, description) {
  const words = lengthOf(title);
  const said = lengthOf(description);
  const long = words > LONGEST_TITLE ? `，超过 ${LONGEST_TITLE} 字，后面的可能显示不出来` : "";
  let mind = "";
  if (said < LEAST) mind = `，不到 ${LEAST} 字，可以多写一点`;
  else if (said > MOST) mind = `，超过 ${MOST} 字，后面的可能显示不出来`;
  return [`标题 ${words} 字${long}。`, `描述 ${said} 字${mind}。`];
}

function follow(snippet) {
  const form = snippet.closest("form");
  // Whoever may only look has no fields to follow.
  if (!form || !form.elements.seo_title) return;
  const { brand, fallback, section, sectionOf } = snippet.dataset;
  const part = (name) => snippet.querySelector(`[data-part="${name}"]`);
  const value = (name) => (name && form.elements[name]?.value) || "";

  const show = () => {
    const select = sectionOf && form.elements[sectionOf];
    const chosen = select?.value ? select.selectedOptions[0].textContent.trim() : section;
    const subject = oneLine(value("seo_title")) || oneLine(value(snippet.dataset.title));
    const title = composed(subject, chosen, brand);
    const description =
      described(
        value(snippet.dataset.description),
        value(snippet.dataset.summary),
        plain(value(snippet.dataset.text)),
      ) || fallback;
    part("title").textContent = title;
    part("description").textContent = description;
    part("notes").replaceChildren(
      ...notes(title, description).map((note) => {
        const line = document.createElement("li");
        line.textContent = note;
        return line;
      }),
    );
    const box = form.elements.indexable;
    part("alone").hidden = !box || box.checked;
  };

  let timer;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(show, SETTLED);
  };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll(".snippet").forEach(follow);
});
