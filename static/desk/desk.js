// The desk's forms. Everything here is a convenience; without it the server still keeps every rule.
"use strict";

const SENDING = 30000; // milliseconds in which a second click is one too many; the first may have been stopped

// Leaving with words that are kept nowhere asks first. Typing in the rich-text editor bubbles here as
// "input" too; autosave.js tells when the server has all that stands in the form.
function guardUnsaved(form) {
  // Refused as sent, or put back: the words in it are not saved. A saved draft that only shows what is
  // missing (?missing=1) has lists of errors too, but no note of them, and no POST behind it.
  let dirty = form.querySelector(".errornote, [data-unsaved]") !== null;
  let kept = false;
  let sent = false;
  const touch = () => {
    dirty = true;
    kept = false;
  };
  form.addEventListener("input", touch);
  form.addEventListener("change", touch);
  form.addEventListener("autosave:kept", () => {
    kept = true;
  });
  form.addEventListener("submit", (event) => {
    if (sent && !opensBeside(event)) {
      event.preventDefault(); // a second click must not save a second time
      return;
    }
    if (!isAgreed(event.submitter, dirty)) event.preventDefault();
  });
  // On the document, so after everybody who may have stopped it.
  document.addEventListener("submit", (event) => {
    if (event.target !== form || event.defaultPrevented || opensBeside(event)) return;
    sent = true;
    setTimeout(() => {
      sent = false;
    }, SENDING);
  });
  window.addEventListener("beforeunload", (event) => {
    if (dirty && !kept && !sent) event.preventDefault();
  });
  // Back from the next page: the browser shows this one as it was left, ready to be sent again.
  window.addEventListener("pageshow", () => {
    sent = false;
  });
}

// Asks what is to be asked before a button does its work. The server asks by a page of its own what was
// not answered here.
function isAgreed(button, dirty) {
  const copiesOldText = button?.name === "_copy" && dirty;
  const question = copiesOldText ? "还有修改没有保存，复制的是上次保存的内容。继续吗？" : button?.dataset.question;
  if (!question) return true;
  if (!window.confirm(question)) return false;
  button.value = "confirmed";
  return true;
}

// Whether the answer opens in another tab, such as a preview: this form stays, and goes on.
function opensBeside(event) {
  return event.submitter?.formTarget === "_blank";
}

// 发布 reads 定时发布 as soon as a time ahead is typed: when the page, or a change of it, goes live.
// Times in the form are Beijing time.
function namePublishButton(form) {
  const button = form.querySelector('button[name="_publish"]');
  if (!button) return;
  const isAhead = (name) => {
    const day = form.querySelector(`[name="${name}_0"]`)?.value;
    if (!day) return false;
    const [y, m, d] = day.split(/\D+/).map(Number); // 2026/1/5 as well as 2026-01-05
    const [hours = 0, minutes = 0] = form.querySelector(`[name="${name}_1"]`).value.split(":").map(Number);
    return Date.UTC(y, m - 1, d, hours - 8, minutes) > Date.now();
  };
  const rename = () => {
    button.textContent = isAhead("go_live_at") || isAhead("apply_at") ? "定时发布" : "发布";
  };
  form.addEventListener("input", rename);
  // The calendar and the clock set values without an event; the button is looked at before it is pressed.
  button.addEventListener("pointerenter", rename);
  button.addEventListener("focus", rename);
}

const IS_MAC = /Mac|iPhone|iPad/.test(navigator.platform);
const SHORTCUTS = [
  { keys: "S", key: "s", verbs: ["_save"] },
  { keys: "回车", key: "enter", verbs: ["_publish", "_submit"], asks: true },
  { keys: "Shift+P", key: "p", shift: true, verbs: ["_preview"] },
];

// Ctrl+S and the like press the form's buttons, wherever the cursor is: in the editor, too.
function addShortcuts(form) {
  const offered = [];
  for (const shortcut of SHORTCUTS) {
    const button = form.querySelector(shortcut.verbs.map((verb) => `button[name="${verb}"]`).join());
    if (!button) continue;
    shortcut.label = `${IS_MAC ? "⌘" : "Ctrl"}+${shortcut.keys}`;
    shortcut.button = button;
    button.title = shortcut.label;
    offered.push(shortcut);
  }
  // Captured: the editor would take Ctrl+Enter for a new line.
  document.addEventListener("keydown", (event) => press(event, form), { capture: true });
  if (offered.length) form.querySelector(".verbs-rest").append(...shortcutHelp(offered));
}

function press(event, form) {
  const modified = IS_MAC ? event.metaKey : event.ctrlKey;
  if (!modified || event.altKey || event.isComposing) return;
  const typed = event.key.toLowerCase();
  const shortcut = SHORTCUTS.find(({ key, shift = false }) => key === typed && shift === event.shiftKey);
  if (!shortcut) return;
  event.preventDefault(); // nobody wants this page as a file on the desktop, or on paper
  event.stopPropagation();
  const { button, asks } = shortcut;
  if (!button || event.repeat || document.querySelector("dialog[open]")) return;
  if (asks && !window.confirm(`确定要${button.textContent}吗？`)) return;
  form.requestSubmit(button);
}

// A small button, and the list it opens.
function shortcutHelp(offered) {
  const dialog = document.createElement("dialog");
  dialog.className = "shortcut-help";
  dialog.setAttribute("aria-label", "表单快捷键");
  const list = document.createElement("dl");
  for (const { label, button } of offered) {
    const keys = document.createElement("dt");
    const what = document.createElement("dd");
    keys.append(Object.assign(document.createElement("kbd"), { textContent: label }));
    what.textContent = button.textContent;
    list.append(keys, what);
  }
  const close = Object.assign(document.createElement("button"), { type: "button", textContent: "关闭" });
  close.className = "button";
  close.addEventListener("click", () => dialog.close());
  dialog.append(list, close);
  const open = Object.assign(document.createElement("button"), { type: "button", textContent: "表单快捷键" });
  open.className = "shortcut-button";
  open.addEventListener("click", () => dialog.showModal());
  return [open, dialog];
}

document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector(".publishable-form #content-main > form");
  if (form) {
    guardUnsaved(form);
    namePublishButton(form);
    addShortcuts(form);
  }
});
