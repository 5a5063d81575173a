// Conveniences of the preview; without them everything works, by one click more.
"use strict";

// On a phone the page is first shown as on a phone.
function chooseWidth(page) {
  const phone = page.querySelector('input[name="width"][value="phone"]');
  if (window.matchMedia("(max-width: 767px)").matches) phone.checked = true;
}

function offerCopy(button) {
  const link = document.getElementById(button.dataset.copy);
  const label = button.textContent;
  link.addEventListener("focus", () => link.select());
  button.hidden = false;
  button.addEventListener("click", async () => {
    link.select();
    try {
      await navigator.clipboard.writeText(link.value);
    } catch {
      // Browsers hand out the clipboard on secure pages only; an office's own server may be none.
      document.execCommand("copy");
    }
    button.textContent = "已复制";
    setTimeout(() => {
      button.textContent = label;
    }, 2000);
  });
}

// The form is still open in the tab this one came from, with what has not been saved: go back there.
function backToForm(link) {
  const note = document.querySelector(".preview-note");
  link.addEventListener("click", (event) => {
    if (!note.hidden) return; // the second click: open the form here
    event.preventDefault();
    window.close();
    // Browsers refuse to close a tab in which more than one page has been shown.
    setTimeout(() => {
      note.hidden = false;
    }, 200);
  });
}

// In the form: taken back where it stands. Without this the answer opens in a tab of its own.
function revokeInPlace(list) {
  list.addEventListener("click", async (event) => {
    const button = event.target.closest("button[formaction]");
    if (!button) return;
    event.preventDefault();
    if (!window.confirm("撤销后，拿到这个链接的人就打不开了。继续吗？")) return;
    const token = button.form.elements.csrfmiddlewaretoken.value;
    const headers = { "X-CSRFToken": token };
    button.disabled = true;
    try {
      const response = await fetch(button.formAction, { method: "POST", headers });
      // 404: it had been revoked, or had expired, already.
      if (!response.ok && response.status !== 404) throw new Error(String(response.status));
      const said = document.createElement("span");
      said.setAttribute("role", "status");
      said.textContent = "已撤销。";
      button.closest("li").replaceChildren(said);
    } catch {
      button.disabled = false;
      window.alert("没有撤销成功，请检查网络后再试一次。");
    }
  });
}

document.addEventListener("DOMContentLoaded", () => {
  const page = document.querySelector(".preview-page");
  if (page) {
    chooseWidth(page);
    page.querySelectorAll("[data-copy]").forEach(offerCopy);
    backToForm(page.querySelector(".preview-back"));
  }
  const list = document.querySelector(".shared-previews");
  if (list) revokeInPlace(list);
});
