// 发表意见 sends the comment alone and shows the answer in place: the form around it stays as it is.
"use strict";

const ANSWER_WITHIN = 15000; // milliseconds

function letComment(panel) {
  const button = panel.querySelector("button[formaction]");
  const box = panel.querySelector("textarea");
  const status = panel.querySelector("[role=status]");

  async function send() {
    const token = box.form.elements.csrfmiddlewaretoken.value;
    const body = new URLSearchParams({ csrfmiddlewaretoken: token, review_note: box.value });
    const signal = AbortSignal.timeout(ANSWER_WITHIN);
    const answer = await fetch(button.formAction, { method: "POST", body, signal });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const comments = page.getElementById("review-comments");
    // Signed out meanwhile, or no longer allowed: another page came back.
    if (!answer.ok || !comments) throw new Error(`answered ${answer.status}`);
    panel.querySelector("#review-comments").replaceWith(comments);
  }

  button.addEventListener("click", async (event) => {
    event.preventDefault();
    if (!box.value.trim()) {
      status.textContent = "请先写下意见。";
      box.focus();
      return;
    }
    if (button.disabled) return;
    button.disabled = box.readOnly = true;
    status.textContent = "正在发表……";
    try {
      await send();
      box.value = "";
      box.dispatchEvent(new Event("input", { bubbles: true })); // for autosave.js
      status.textContent = "意见已发表，相关同事会收到通知。";
    } catch {
      status.textContent = "没有发出去，意见还在框里。请检查网络，或在新标签页重新登录后再试。";
    }
    button.disabled = box.readOnly = false;
    box.focus();
  });
}

document.addEventListener("DOMContentLoaded", () => {
  const panel = document.getElementById("review");
  if (panel) letComment(panel);
});
