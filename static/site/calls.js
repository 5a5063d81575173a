// On every page: remembers, for this window alone, how a visitor came to us, so that a form can say so;
// and tells the server when somebody taps on a telephone number. No cookie, nothing about the person.
(() => {
  "use strict";
  const room = location.pathname;

  try {
    if (!sessionStorage.getItem("came")) {
      const from = document.referrer && new URL(document.referrer).host;
      const host = from && from !== location.host ? from : "";
      sessionStorage.setItem("came", JSON.stringify({ landing_page: room, referrer_host: host }));
    }
    const words = room === "/search/" && new URLSearchParams(location.search).get("q");
    if (words) sessionStorage.setItem("searched", words.slice(0, 40));
  } catch {
    // Storage is switched off: the form comes without it.
  }

  if (!navigator.sendBeacon) return;
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.('a[href^="tel:"]')) return;
    navigator.sendBeacon("/enquiry/calls/", new URLSearchParams({ page: room }));
  });
})();
