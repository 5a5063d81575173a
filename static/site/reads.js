// Tells the server that an article is being read: once per article and browser session, and only
// when somebody can see it (a page opened in a background tab or prerendered is not read yet).
(() => {
  "use strict";
  const url = document.querySelector("[data-read-url]")?.dataset.readUrl;
  if (!url || !navigator.sendBeacon) return;

  const told = () => {
    try {
      if (sessionStorage.getItem(`read:${url}`)) return true;
      sessionStorage.setItem(`read:${url}`, "1");
    } catch {
      // Storage is switched off: this visit is told each time it is loaded.
    }
    return false;
  };

  const tell = () => {
    if (document.visibilityState !== "visible" || document.prerendering) return;
    document.removeEventListener("visibilitychange", tell);
    document.removeEventListener("prerenderingchange", tell);
    if (!told()) navigator.sendBeacon(url);
  };

  document.addEventListener("visibilitychange", tell);
  document.addEventListener("prerenderingchange", tell);
  tell();
})();
