// Checks while writing: some time after the last key the form goes to the server, as it stands, and
// the panel shows what was found. Without this file the panel says what was found in the saved text.
"use strict";

const CHECK_AFTER = 2000; // milliseconds after the last key
const MOST_SENT = 2000000; // signs; more are pictures on their way into the library

function watchFindings(form, panel) {
  let timer;
  let request;

  const check = async () => {
    request?.abort();
    request = new AbortController();
    const typed = new FormData(form);
    let size = 0;
    for (const [name, value] of [...typed]) {
      if (value instanceof File) typed.delete(name);
      else size += value.length;
    }
    if (size > MOST_SENT) return;
    try {
      // Signed out meanwhile, the answer is a redirect: nothing to show.
      const sent = { method: "POST", body: typed, redirect: "error", signal: request.signal };
      const response = await fetch(panel.dataset.check, sent);
      if (response.ok) showFindings(panel, await response.text());
    } catch {
      // Offline, or a later check has begun: the next one tells.
    }
  };
  const wait = (event) => {
    if (panel.contains(event.target)) return; // a reason is no part of the text
    clearTimeout(timer);
    timer = setTimeout(check, CHECK_AFTER);
  };
  form.addEventListener("input", wait);
  form.addEventListener("change", wait);
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    request?.abort();
  });
  panel.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-words]");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    goTo(field, link.dataset.words);
  });
}

// Part by part: the reason somebody is typing, and where they are in it, stays as it is.
function showFindings(panel, html) {
  const answer = new DOMParser().parseFromString(html, "text/html");
  const part = (root, name) => root.querySelector(`[data-part="${name}"]`);
  const summary = part(panel, "summary");
  const said = part(answer, "summary").textContent;
  if (summary.textContent !== said) summary.textContent = said; // it is read out
  const open = [...panel.querySelectorAll("details[open]")].map((group) => group.dataset.group);
  part(panel, "list").replaceChildren(...part(answer, "list").childNodes);
  for (const group of panel.querySelectorAll("details")) {
    group.open = open.includes(group.dataset.group);
  }
  part(panel, "reason").hidden = part(answer, "reason").hidden;
}

// Put the cursor where the matter is: in an input, or in the rich-text editor that stands for one.
function goTo(field, words) {
  field.closest("details")?.setAttribute("open", "");
  const editor = field.closest(".form-row")?.querySelector('[contenteditable="true"]');
  if (field.offsetParent === null && editor) {
    editor.focus();
    const place = words && find(editor, words);
    if (place) document.getSelection().setBaseAndExtent(...place);
    (place ? place[0].parentElement : editor).scrollIntoView({ block: "center" });
    return;
  }
  field.focus();
  field.scrollIntoView({ block: "center" });
  const at = words && "selectionStart" in field ? field.value.indexOf(words) : -1;
  if (at >= 0) field.setSelectionRange(at, at + words.length);
}

// Where the words stand within one run of text: node and place, twice. Null where a mark cuts them.
function find(root, words) {
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const at = texts.currentNode.data.indexOf(words);
    if (at >= 0) return [texts.currentNode, at, texts.currentNode, at + words.length];
  }
  return null;
}

document.addEventListener("DOMContentLoaded", () => {
  const panel = document.querySelector("form .findings");
  if (panel) watchFindings(panel.closest("form"), panel);
});
