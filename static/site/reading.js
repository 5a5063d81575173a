// Comfort for readers, none of it needed for reading: the size of the text, and the page's address to
// hand on. Runs in the head, before anything is painted: a text that grows afterwards would jump.
(() => {
  "use strict";
  const KEY = "text-size";
  const root = document.documentElement;

  const setSize = (size) => {
    if (size) root.dataset.textSize = size;
    else delete root.dataset.textSize;
  };

  try {
    setSize(localStorage.getItem(KEY));
  } catch {
    // Storage is switched off: the size lasts as long as the page.
  }

  // The style sheet shows the button for it, or keeps no room.
  if (navigator.share) root.dataset.canShare = "";

  const offerSizes = (group) => {
    const show = () => {
      for (const button of group.querySelectorAll("button")) {
        button.setAttribute("aria-pressed", String(button.value === (root.dataset.textSize ?? "")));
      }
    };
    group.addEventListener("click", ({ target }) => {
      if (target.localName !== "button") return;
      setSize(target.value);
      show();
      try {
        localStorage.setItem(KEY, target.value);
      } catch {
        // As above.
      }
    });
    show();
  };

  const copied = async (link) => {
    try {
      await navigator.clipboard.writeText(link.textContent);
      return true;
    } catch {
      // Not over https, or not allowed: the way of before, which also leaves the address marked.
      getSelection().selectAllChildren(link);
      return document.execCommand("copy");
    }
  };

  const offerSharing = (section) => {
    const link = section.querySelector("a");
    const copy = section.querySelector("[data-copy]");
    const share = section.querySelector("[data-share]");
    const status = section.querySelector("[role=status]");
    copy.addEventListener("click", async () => {
      const done = await copied(link);
      status.textContent = done ? "链接已复制" : "没能复制，请长按或右键网址复制";
      copy.textContent = done ? "已复制" : "请手动复制";
    });
    share.addEventListener("click", () => {
      const title = document.querySelector("h1").textContent;
      // Rejected also when the reader thinks better of it.
      navigator.share({ title, url: link.textContent }).catch(() => {});
    });
  };

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll(".text-size").forEach(offerSizes);
    document.querySelectorAll(".share").forEach(offerSharing);
  });
})();
