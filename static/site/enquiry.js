// On the pages of forms: says how the visitor came to us (see calls.js), and lets nobody send twice in a
// row by pressing twice. The server folds what is sent twice; this only spares the wait.
(() => {
  "use strict";
  const form = document.querySelector('form.form[method="post"]');
  if (!form) return;

  try {
    const came = JSON.parse(sessionStorage.getItem("came") || "{}");
    const told = { ...came, search_words: sessionStorage.getItem("searched") };
    for (const [name, value] of Object.entries(told)) {
      const box = form.elements.namedItem(name);
      if (box && value) box.value = value;
    }
  } catch {
    // Storage is switched off: nothing to tell.
  }

  const button = form.querySelector('button[type="submit"]');
  if (!button) return;
  const words = button.textContent;
  const ready = () => {
    button.disabled = false;
    button.textContent = words;
  };
  form.addEventListener("submit", () => {
    setTimeout(() => {
      button.disabled = true;
      button.textContent = "正在提交…";
    });
    // Stopped, or the line was lost: nobody tells us, and it must be possible to try again.
    setTimeout(ready, 10_000);
  });
  // Back from the next page, the browser may show this one as it was left.
  addEventListener("pageshow", ready);
})();
