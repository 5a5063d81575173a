// On every page, what is counted without a cookie or a word about the person: that an article is read,
// and that somebody taps on one of our telephone numbers. And it remembers, for this window alone, how
// a visitor came to us, so that a form can say so.
(() => {
  "use strict";
  const { callsUrl } = document.currentScript.dataset;
  const readUrl = document.querySelector("[data-read-url]")?.dataset.readUrl;
  const { pathname: page } = location;

  /** Return what `use` makes of this window's storage; where that is switched off, nothing. */
  const stored = (use) => {
    try {
      return use(sessionStorage);
    } catch {
      // A read is told each time the page is loaded then, and a form comes without how one came.
    }
  };
  /** Return whether something was noted before, and note it. */
  const noted = (key, value) =>
    stored((storage) => storage.getItem(key) || storage.setItem(key, value));

  const from = document.referrer && new URL(document.referrer).host;
  const host = from && from !== location.host ? from : "";
  noted("came", JSON.stringify({ landing_page: page, referrer_host: host }));
  const words = page === "/search/" && new URLSearchParams(location.search).get("q");
  if (words) stored((storage) => storage.setItem("searched", words.slice(0, 40)));

  if (!navigator.sendBeacon) return;

  // A page opened in a background tab or prerendered is not read yet; and each is read once.
  const read = () => {
    if (document.visibilityState !== "visible" || document.prerendering) return;
    document.removeEventListener("visibilitychange", read);
    document.removeEventListener("prerenderingchange", read);
    if (!noted(`read:${readUrl}`, "1")) navigator.sendBeacon(readUrl);
  };
  if (readUrl) {
    document.addEventListener("visibilitychange", read);
    document.addEventListener("prerenderingchange", read);
    read();
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="tel:"]');
    // Our own numbers stand in the footer; those of authorities are no calls to us.
    const ours = [...document.querySelectorAll(".foot-call")].map((one) => one.href);
    if (!link || !ours.includes(link.href)) return;
    navigator.sendBeacon(callsUrl, new URLSearchParams({ page }));
  });
})();
