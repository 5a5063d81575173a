// The desk's forms. Everything here is a convenience; without it the server still keeps every rule.
"use strict";

// Leaving with unsaved words asks first. Typing in the rich-text editor bubbles here as "input" too.
function guardUnsaved(form) {
  // Refused as sent: the words in it are stored nowhere. A saved draft that only shows what is missing
  // (?missing=1) has lists of errors too, but no note of them.
  let dirty = form.querySelector(".errornote") !== null;
  let sent = false;
  const touch = () => {
    dirty = true;
  };
  form.addEventListener("input", touch);
  form.addEventListener("change", touch);
  form.addEventListener("submit", (event) => {
    const copying = event.submitter?.name === "_copy";
    if (copying && dirty && !window.confirm("还有修改没有保存，复制的是上次保存的内容。继续吗？")) {
      event.preventDefault();
      return;
    }
    if (sent) {
      event.preventDefault(); // a second click must not save a second time
      return;
    }
    sent = true;
  });
  window.addEventListener("beforeunload", (event) => {
    if (dirty && !sent) event.preventDefault();
  });
  // Back from the next page: the browser shows this one as it was left, ready to be sent again.
  window.addEventListener("pageshow", () => {
    sent = false;
  });
}

// 发布 reads 定时发布 as soon as a time ahead is typed. Times in the form are Beijing time.
function namePublishButton(form) {
  const button = form.querySelector('button[name="_publish"]');
  const day = form.querySelector('[name="go_live_at_0"]');
  const time = form.querySelector('[name="go_live_at_1"]');
  if (!button || !day || !time) return;
  const rename = () => {
    const [y, m, d] = day.value.split(/\D+/).map(Number); // 2026/1/5 as well as 2026-01-05
    const [hours = 0, minutes = 0] = time.value.split(":").map(Number);
    const at = Date.UTC(y, m - 1, d, hours - 8, minutes);
    button.textContent = at > Date.now() ? "定时发布" : "发布";
  };
  form.addEventListener("input", rename);
  // The calendar and the clock set values without an event; the button is looked at before it is pressed.
  button.addEventListener("pointerenter", rename);
  button.addEventListener("focus", rename);
}

document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector(".publishable-form #content-main > form");
  if (form) {
    guardUnsaved(form);
    namePublishButton(form);
  }
});
