// On the pages of forms: says how the visitor came to us (see counting.js), says of a file that it is too
// large before it is sent, and lets nobody send twice in a row by pressing twice. The server does without:
// it refuses what is too large, and folds what is sent twice; this only spares the wait.
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

  // The server reads nothing of what is too large, so all that was typed would have to be typed again.
  const file = form.querySelector('[type="file"]');
  file?.addEventListener("change", () => {
    const large = file.files[0]?.size > 5 * 1024 * 1024;
    file.parentElement.querySelector(".errorlist")?.remove();
    if (!large) return;
    file.value = "";
    const words = document.createElement("p");
    words.className = "errorlist";
    words.role = "alert";
    words.textContent = "文件超过 5 MB，没有选上。请压缩或截图后再选；其他内容都还在。";
    file.after(words);
  });

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
    // A photo takes its time: who pressed again meanwhile would begin anew.
    setTimeout(ready, file?.value ? 180_000 : 10_000);
  });
  // Back from the next page, the browser may show this one as it was left.
  addEventListener("pageshow", ready);
})();
